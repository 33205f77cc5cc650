// `hookswitch purge`: removes everything that is stored or remembered of a number.
import type { Purged } from '../console/index.ts';
import { type Ask, accepted, asking } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, type Register, say, sayJson, withPlaces } from './io.ts';

type Options = PlaceOptions & { number: string; json?: boolean };
type Answer = Purged & { note: string };

export const register: Register = (program, io, finish) => {
  withPlaces(
    program
      .command('purge')
      .description(
        'remove everything that holds a number, in any spelling, from database and memory; it cannot be undone',
      ),
  )
    .requiredOption('--number <number>', 'with its country, like +49301234567, or as the default site writes numbers')
    .option('--json', 'one JSON object instead of text')
    .action(async (options: Options) => {
      finish(await asking(io, options, 'config', (ask) => purge(ask, options, io)));
    });
};

async function purge(ask: Ask, options: Options, io: CommandIo): Promise<number> {
  const done = accepted<Answer>(await ask('POST', '/purge', { number: options.number }));
  const { events, deliveries, calls, state, audit, inFlight, rewritten, remains, note } = done;
  if (options.json === true) sayJson(io.out, done);
  else {
    say(
      io.out,
      `removed: ${events} events, ${calls} calls, ${deliveries} deliveries, ${state} rows of state, ${audit} entries of the audit log emptied`,
    );
    if (rewritten) say(io.out, 'the database was written anew, because traces were left between its rows');
    for (const id of inFlight) say(io.err, `${id}: was being sent at that moment, which cannot be called back`);
    if (remains)
      say(io.err, 'the number stands in the database all the same: it came in again meanwhile; purge it once more');
    say(io.out, note);
  }
  return remains ? EXIT.failed : EXIT.ok;
}
