// `hookswitch replay`: the recorded events through the present rules or changed ones; sends nothing, shows what would differ.
import { resolve } from 'node:path';
import { type Config, readConfig } from '../config.ts';
import { findConfig } from '../config-path.ts';
import type { CompiledRules } from '../engine/index.ts';
import { programOf } from '../program-of.ts';
import {
  createReplay,
  type Decided,
  type Difference,
  type Figures,
  type Period,
  type Replay,
  type Told,
} from '../replay.ts';
import { asking, CommandEnd, withAdoptedOf } from './daemon.ts';
import { momentIn } from './events.ts';
import { EXIT } from './exit.ts';
import { deliveriesSince, type History, historyOf, journal, namesBefore } from './history.ts';
import {
  type CommandIo,
  cut,
  type PlaceOptions,
  type Register,
  say,
  sayJson,
  sayProblems,
  sayTable,
  withPlaces,
} from './io.ts';

/** Moments in ms since 1970, as text. */
type Options = PlaceOptions & { since?: string; from?: string; to?: string; rules?: string; json?: boolean };

const DAY_MS = 86_400_000;
const SINCE_MS = 7 * DAY_MS;
/** Read before the period, so that calls, waits and limits are as they were, and after it, so that what waits can end. */
const MARGIN_MS = DAY_MS;

const DIFFERENCES: readonly Difference[] = ['same', 'changed', 'added', 'missing'];

export const register: Register = (program, io, finish) => {
  withPlaces(
    program
      .command('replay')
      .description(
        'run what phones said through the rules again, and show what would be sent otherwise; sends nothing',
      ),
  )
    .option(
      '--since <time>',
      'from then on: a span like 1h, or a time like 2026-11-24T09:00:00Z (default: 7d)',
      momentIn(io),
    )
    .option('--from <time>', 'from then on, and with --to up to a moment', momentIn(io))
    .option('--to <time>', 'up to then (default: now)', momentIn(io))
    .option('--rules <path>', 'a folder of rules or a rule file, instead of those of the config')
    .option('--json', 'one JSON delivery a line, each with what is different about it')
    .action(async (options: Options, command) => {
      if (options.since !== undefined && options.from !== undefined)
        command.error('error: give --since or --from, not both');
      if (options.to !== undefined && options.from === undefined) command.error('error: --to goes with --from');
      const period = periodOf(options, io.clock.wallMs());
      if (period.fromMs > period.toMs) command.error('error: --from must not be after --to');
      finish(
        await asking(io, options, 'store', (ask, _live, archive) =>
          replay(historyOf(ask, archive), options, period, io),
        ),
      );
    });
};

function periodOf({ since, from, to }: Options, nowMs: number): Period {
  const fromMs = Number(since ?? from ?? nowMs - SINCE_MS);
  return { fromMs, toMs: to === undefined ? nowMs : Number(to) };
}

async function replay(history: History, options: Options, period: Period, io: CommandIo): Promise<number> {
  const config = await configFor(options, io);
  const { deliveredMs } = config.store.keep;
  if (period.fromMs < io.clock.wallMs() - deliveredMs)
    say(io.err, 'deliveries are kept for a shorter time than that (store.keep.delivered): older ones show as added');
  const replayed = createReplay(programOf(config), period);
  for await (const delivery of deliveriesSince(history, period.fromMs)) replayed.remember(delivery);
  const seen = await run(history, replayed, period, io, (told) => {
    if (options.json === true) for (const each of told) sayJson(io.out, plain(each));
  });
  if (options.json !== true) tell(replayed.figures(), seen, io);
  return EXIT.ok;
}

/** The config, with the rules of `--rules` where it is given. Rejects with a CommandEnd after saying every problem. */
export async function configFor(
  options: PlaceOptions & { rules?: string },
  io: CommandIo,
): Promise<Config<CompiledRules>> {
  const places = await findConfig(options, io);
  const rulesPath = options.rules === undefined ? undefined : resolve(io.folder, options.rules);
  if (rulesPath !== undefined && (await io.files.state(rulesPath)) === undefined)
    throw new CommandEnd(EXIT.config, `there is no folder or file ${rulesPath}`);
  const { env, files, parts, folder } = io;
  const result = await readConfig({ ...places, rulesPath, env, files, parts, folder });
  if ('config' in result) return withAdoptedOf(result.config as Config<CompiledRules>, io);
  sayProblems(io.err, result.problems);
  throw new CommandEnd(EXIT.config, 'the config is not right');
}

/** The events that were within the period: how many, the first and the last. */
type Seen = { events: number; first?: string; last?: string };

async function run(
  history: History,
  replayed: Replay,
  { fromMs, toMs }: Period,
  io: CommandIo,
  show: (told: Told[]) => void,
): Promise<Seen> {
  const seen: Seen = { events: 0 };
  const around = { fromMs: fromMs - MARGIN_MS, toMs: toMs + MARGIN_MS };
  for await (const note of namesBefore(history, around.fromMs)) show(replayed.take(note));
  for await (const event of journal(history, around)) {
    if (io.stopped.aborted) throw new CommandEnd(EXIT.failed, 'stopped before the end');
    show(replayed.take(event));
    const atMs = Date.parse(event.at);
    if (atMs < fromMs || atMs > toMs) continue;
    seen.events += 1;
    seen.first ??= event.at;
    seen.last = event.at;
  }
  show(replayed.end(Math.min(around.toMs, Math.max(toMs, io.clock.wallMs()))));
  return seen;
}

const plain = ({ difference, delivery }: Told) => {
  const { madeAtMs, ...rest } = delivery;
  return { difference, at: new Date(madeAtMs).toISOString(), ...rest };
};

function tell(figures: readonly Figures[], { events, first, last }: Seen, io: CommandIo): void {
  if (events === 0) {
    say(io.err, 'no events in that time');
    if (figures.length === 0) return;
  } else say(io.out, `${events} ${events === 1 ? 'event' : 'events'}, ${first} to ${last}`);
  const rows = figures.map(({ rule, to, type, counts }) => [
    rule,
    `${to} (${type})`,
    ...DIFFERENCES.map((difference) => String(counts[difference])),
  ]);
  if (rows.length > 0) sayTable(io.out, ['RULE', 'TO', ...DIFFERENCES.map((each) => each.toUpperCase())], rows);
  for (const each of figures) tellExamples(each, io);
  const sums = DIFFERENCES.map((difference) => figures.reduce((sum, { counts }) => sum + counts[difference], 0));
  say(
    io.out,
    DIFFERENCES.map((difference, n) => `${sums[n]} ${difference === 'same' ? 'the same' : difference}`).join(', '),
  );
}

function tellExamples({ rule, to, counts, examples }: Figures, io: CommandIo): void {
  for (const difference of DIFFERENCES) {
    const shown = examples.filter((example) => example.difference === difference);
    if (shown.length === 0) continue;
    const more = counts[difference] > shown.length ? `, the first ${shown.length} of them` : '';
    say(io.out, `${rule} → ${to}: ${counts[difference]} ${difference}${more}`);
    for (const { delivery } of shown)
      say(io.out, `  ${new Date(delivery.madeAtMs).toISOString()}  ${delivery.id}  ${textOf(delivery)}`);
  }
}

/** The message's text, else its first field. */
const textOf = ({ message }: Decided): string =>
  cut(JSON.stringify(message.text ?? Object.values(message)[0] ?? null), 100);
