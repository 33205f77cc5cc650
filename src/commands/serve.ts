// `hookswitch serve`: runs the daemon.
import { Option } from 'commander';
import { findConfig } from '../config-path.ts';
import { type PlaceOptions, type Register, withPlaces } from './io.ts';

type Options = PlaceOptions & { log?: 'json' | 'pretty' };

export const register: Register = (program, io, finish) => {
  withPlaces(program.command('serve').description('run the daemon until it is told to stop'))
    .addOption(
      new Option('--log <form>', 'how log lines look (default: pretty on a terminal, else json)').choices([
        'json',
        'pretty',
      ]),
    )
    .action(async (options: Options) => {
      const places = await findConfig(options, io);
      finish(await io.serve({ ...places, logForm: options.log ?? (io.terminal ? 'pretty' : 'json') }));
    });
};
