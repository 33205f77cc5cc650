// `hookswitch retry`: sends dead and expired deliveries again.
import { type Ask, accepted, asking } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, type Register, say, sayJson, withPlaces } from './io.ts';

type Options = PlaceOptions & { all?: boolean; to?: string; json?: boolean };
type Retried = { retried: string[]; unchanged: string[]; more: boolean };

export const register: Register = (program, io, finish) => {
  withPlaces(program.command('retry').description('send dead and expired deliveries again'))
    .argument('[id...]', 'ids of deliveries, as `hookswitch deliveries` shows them')
    .option('--all', 'all of them')
    .option('--to <connection>', 'with --all: only those to this connection')
    .option('--json', 'one JSON object instead of text')
    .action(async (ids: string[], options: Options, command) => {
      if (ids.length > 0 === (options.all === true)) command.error('error: give ids of deliveries, or --all');
      if (options.to !== undefined && options.all !== true) command.error('error: --to goes with --all');
      finish(await asking(io, options, 'store', (ask, live) => retry(ask, live, ids, options, io)));
    });
};

async function retry(ask: Ask, live: boolean, ids: string[], options: Options, io: CommandIo): Promise<number> {
  const body = options.all === true ? { all: true, ...(options.to === undefined ? {} : { to: options.to }) } : { ids };
  const { retried, unchanged, more } = accepted<Retried>(await ask('POST', '/retry', body));
  if (options.json === true) sayJson(io.out, { retried, unchanged, more });
  else {
    const when = live ? '' : ' when a daemon runs';
    say(io.out, `${retried.length} ${retried.length === 1 ? 'delivery goes' : 'deliveries go'} out again${when}`);
    for (const id of unchanged) say(io.err, `${id}: there is no such delivery, or it is neither dead nor expired`);
    if (more) say(io.err, 'there are more; ask again');
  }
  return unchanged.length === 0 ? EXIT.ok : EXIT.failed;
}
