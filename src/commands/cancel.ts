// `hookswitch cancel`: calls off deliveries that wait.
import type { Command } from 'commander';
import { type Ask, accepted, asking } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, type Register, say, sayJson, withPlaces } from './io.ts';
import { type WhichOptions, whichOf } from './retry.ts';

type Options = PlaceOptions & WhichOptions & { json?: boolean };
type CalledOff = { cancelled: string[]; inFlight: string[]; unchanged: string[]; more: boolean };

export const register: Register = (program, io, finish) => {
  withPlaces(
    program.command('cancel').description('call off deliveries that wait; `retry` with their ids takes it back'),
  )
    .argument('[id...]', 'ids of deliveries, as `hookswitch deliveries --state waiting` shows them')
    .option('--all', 'all that wait')
    .option('--to <connection>', 'all that wait for this connection')
    .option('--json', 'one JSON object instead of text')
    .action(async (ids: string[], options: Options, command: Command) => {
      const which = whichOf(ids, options, command);
      finish(await asking(io, options, 'store', (ask) => cancel(ask, which, options, io)));
    });
};

async function cancel(ask: Ask, which: object, options: Options, io: CommandIo): Promise<number> {
  const answer = accepted<CalledOff>(await ask('POST', '/cancel', which));
  const { cancelled, inFlight, unchanged, more } = answer;
  if (options.json === true) sayJson(io.out, answer);
  else {
    say(io.out, `${cancelled.length} ${cancelled.length === 1 ? 'delivery is' : 'deliveries are'} called off`);
    for (const id of inFlight) say(io.err, `${id}: is being sent at the moment, which cannot be called back`);
    for (const id of unchanged) say(io.err, `${id}: there is no such delivery, or it does not wait`);
    if (more) say(io.err, 'there are more; ask again');
  }
  return inFlight.length + unchanged.length === 0 ? EXIT.ok : EXIT.failed;
}
