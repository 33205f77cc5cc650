// `hookswitch export`: shows everything that is stored or remembered of a number, as one JSON object.
import { type Ask, accepted, asking } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, type Register, sayJson, withPlaces } from './io.ts';

type Options = PlaceOptions & { number: string };

export const register: Register = (program, io, finish) => {
  withPlaces(
    program.command('export').description('show everything that holds a number, in any spelling, as one JSON object'),
  )
    .requiredOption('--number <number>', 'with its country, like +49301234567, or as the default site writes numbers')
    .action(async (options: Options) => {
      finish(await asking(io, options, 'config', (ask) => show(ask, options, io)));
    });
};

async function show(ask: Ask, { number }: Options, io: CommandIo): Promise<number> {
  sayJson(io.out, accepted<object>(await ask('GET', `/export?number=${encodeURIComponent(number)}`)));
  return EXIT.ok;
}
