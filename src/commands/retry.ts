// `hookswitch retry`: sends deliveries again that ended without success.
import type { Command } from 'commander';
import { type Ask, accepted, asking } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, type Register, say, sayJson, withPlaces } from './io.ts';

export type WhichOptions = { all?: boolean; to?: string };
type Options = PlaceOptions & WhichOptions & { json?: boolean };
type Retried = { retried: string[]; unchanged: string[]; more: boolean };

export const register: Register = (program, io, finish) => {
  withPlaces(program.command('retry').description('send dead, expired and cancelled deliveries again'))
    .argument('[id...]', 'ids of deliveries, as `hookswitch deliveries` shows them')
    .option('--all', 'all that are dead or expired')
    .option('--to <connection>', 'all that are dead or expired of this connection')
    .option('--json', 'one JSON object instead of text')
    .action(async (ids: string[], options: Options, command: Command) => {
      const which = whichOf(ids, options, command);
      finish(await asking(io, options, 'store', (ask, live) => retry(ask, live, which, options, io)));
    });
};

/** Which deliveries a command line means, as the control API is asked. */
export function whichOf(ids: string[], { all, to }: WhichOptions, command: Command): object {
  const some = all === true || to !== undefined;
  if (ids.length > 0 === some) command.error('error: give ids of deliveries, or --all, or --to <connection>');
  return some ? { all: true, ...(to === undefined ? {} : { to }) } : { ids };
}

async function retry(ask: Ask, live: boolean, which: object, options: Options, io: CommandIo): Promise<number> {
  const { retried, unchanged, more } = accepted<Retried>(await ask('POST', '/retry', which));
  if (options.json === true) sayJson(io.out, { retried, unchanged, more });
  else {
    const when = live ? '' : ' when a daemon runs';
    say(io.out, `${retried.length} ${retried.length === 1 ? 'delivery goes' : 'deliveries go'} out again${when}`);
    for (const id of unchanged)
      say(io.err, `${id}: there is no such delivery, or it is neither dead nor expired nor cancelled`);
    if (more) say(io.err, 'there are more; ask again');
  }
  return unchanged.length === 0 ? EXIT.ok : EXIT.failed;
}
