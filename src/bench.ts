// Bench: what every rule would do about one event or a composed one, over virtual time. Nothing is sent, nothing is stored.
import { composedEvents } from './bench-events.ts';
import { journal, namesBefore } from './commands/history.ts';
import type { Config } from './config.ts';
import type { BenchDesk, BenchEnd, BenchOrder, BenchRun, Refused } from './console/index.ts';
import { recordedOf } from './console-explain.ts';
import { PHONE_EVENT_TYPES } from './core/events.ts';
import type { History } from './core/history.ts';
import type { Clock, Random } from './core/ports.ts';
import { compileEdited } from './edited-rules.ts';
import type { CompiledRules, Program } from './engine/index.ts';
import { createExplain, type Explain, type Explanation, targetOf } from './explain.ts';
import { programOf } from './program-of.ts';
import { SCENARIOS } from './simulator/index.ts';
import { createSlices, type Slices, WorkEnd } from './slices.ts';

export type BenchOptions = {
  clock: Clock;
  random: Pick<Random, 'bytes'>;
  history: Pick<History, 'events' | 'deliveries'>;
  running(): { config: Config<CompiledRules>; program: Program };
};

const DEADLINE_MS = 20_000;
const DAY_MS = 86_400_000;
/** Read before a past event, so that calls, waits and limits are as they were, and after it, so that what cancels can come. */
const MARGIN_MS = DAY_MS;
/** How long after the last event a run goes on. */
const SPAN_MS = 60 * DAY_MS;
const MOMENTS_MAX = 5_000;
/** Far more than is told. */
const KEPT = { verdictsMax: 200_000, deliveriesMax: 5_000 };
const EVENTS_TOLD_MAX = 200;
const VERDICTS_TOLD_MAX = 100;
const DELIVERIES_TOLD_MAX = 500;
/** So many runs can still be looked at; each holds at most so many characters of messages. */
const RUNS_KEPT = 4;
const MESSAGE_UNITS_MAX = 2_000_000;

/** Nobody has tried anything yet. */
export function createBench(options: BenchOptions): BenchDesk {
  const { clock, random } = options;
  const runs: BenchRun[] = [];
  let busy = false;
  return {
    async run(order) {
      if (busy)
        return { refused: 'somebody else tries something at this moment; do it again in a few seconds', status: 409 };
      busy = true;
      try {
        const slices = createSlices(clock, { deadlineMs: DEADLINE_MS });
        const played = await play(order, options, slices);
        if (!('explanation' in played)) return played;
        const id = Buffer.from(random.bytes(9)).toString('base64url');
        const run = toldOf(id, played);
        runs.unshift(run);
        runs.length = Math.min(runs.length, RUNS_KEPT);
        return { run };
      } catch (error) {
        if (!(error instanceof WorkEnd)) throw error;
        return { problems: [{ problem: { path: [], ...WHY[error.code] } }] };
      } finally {
        busy = false;
      }
    },
    made: (id, n) => runs.find((run) => run.id === id)?.story.flatMap(({ deliveries }) => deliveries)[n],
    events: PHONE_EVENT_TYPES,
    scenarios: SCENARIOS.map(({ name, summary }) => ({ name, summary })),
  };
}

const WHY: Readonly<Record<WorkEnd['code'], { message: string; hint: string }>> = {
  late: { message: 'this takes too long to be tried here', hint: 'use "hookswitch replay" or "hookswitch explain"' },
  heavy: { message: 'one event alone takes these rules too long', hint: 'make them fewer or simpler' },
  cancelled: { message: 'it was called off', hint: 'do it again' },
};

type Played = { explanation: Explanation; end: BenchEnd; lastMs: number };

async function play(order: BenchOrder, options: BenchOptions, slices: Slices): Promise<Played | Refused> {
  const { config, program: inUse } = options.running();
  const edited = order.edited === undefined ? undefined : await compileEdited(order.edited, config, slices);
  if (edited !== undefined && 'problems' in edited) return edited;
  const program = slices.guarded(
    edited === undefined ? inUse : slices.step(() => programOf(config, { rules: edited.rules, book: inUse.book })),
  );
  await slices.breathe();
  if (order.composed !== undefined) {
    const composed = composedEvents(order.composed, config, options.clock.wallMs());
    if ('problems' in composed) return { problems: composed.problems.map((problem) => ({ problem })) };
    const explaining = createExplain(program, undefined, KEPT);
    const end = await goOn(explaining, composed.events, slices);
    return finish(explaining, end, slices);
  }
  return playPast(order.past ?? 'last-missed', program, options, slices);
}

async function playPast(
  wanted: string,
  program: Program,
  { history }: BenchOptions,
  slices: Slices,
): Promise<Played | Refused> {
  const id = wanted === 'last-missed' ? await lastMissed(history) : wanted;
  if (id === undefined) return { refused: 'no missed call is recorded', status: 404 };
  const [target] = await history.events({ id: targetOf(id).hit, limit: 1, raw: false });
  if (target === undefined) return { refused: 'that event is in no journal (any more)', status: 404 };
  const atMs = Date.parse(target.event.at);
  const around = { fromMs: atMs - MARGIN_MS, toMs: atMs + MARGIN_MS };
  const explaining = createExplain(program, id, KEPT);
  const recorded = recordedOf(history);
  for await (const note of namesBefore(recorded, around.fromMs)) {
    slices.step(() => explaining.take(note));
    await slices.breathe();
  }
  const end = await goOn(explaining, journal(recorded, around), slices, atMs);
  return finish(explaining, end, slices);
}

async function lastMissed(history: Pick<History, 'events'>): Promise<string | undefined> {
  const [missed] = await history.events({ type: 'call.missed', newestFirst: true, limit: 1, raw: false });
  return missed?.event.id;
}

type Ended = { end: BenchEnd; lastMs: number };

/** All events, then whatever is due after them. */
async function goOn(
  explaining: Explain,
  events: Iterable<Parameters<Explain['take']>[0]> | AsyncIterable<Parameters<Explain['take']>[0]>,
  slices: Slices,
  fromMs = 0,
): Promise<Ended> {
  let lastMs = fromMs;
  let moments = 0;
  for await (const event of events) {
    slices.step(() => explaining.take(event));
    lastMs = Math.max(lastMs, Date.parse(event.at));
    await slices.breathe();
  }
  const untilMs = lastMs + SPAN_MS;
  const passing = explaining.pass(untilMs);
  for (;;) {
    const next = slices.step(() => passing.next());
    if (next.done) return { end: explaining.isDue() ? 'span' : 'quiet', lastMs };
    lastMs = next.value.atMs;
    if (++moments > MOMENTS_MAX) return { end: 'many', lastMs };
    await slices.breathe();
  }
}

function finish(explaining: Explain, { end, lastMs }: Ended, slices: Slices): Played | Refused {
  const explanation = slices.step(() => explaining.end(lastMs));
  if (explanation === undefined) return { refused: 'that event is in no journal (any more)', status: 404 };
  return { explanation, end, lastMs };
}

/** As much of it as a person can look at. */
function toldOf(id: string, { explanation: { story, quarantined }, end, lastMs }: Played): BenchRun {
  let deliveriesLeft = DELIVERIES_TOLD_MAX;
  let unitsLeft = MESSAGE_UNITS_MAX;
  const told = story.slice(0, EVENTS_TOLD_MAX).map(({ event, verdicts, deliveries, logs }) => {
    const saysYes = ({ stages }: (typeof verdicts)[number]): boolean => stages.every(({ ok }) => ok);
    const sorted = [...verdicts.filter(saysYes), ...verdicts.filter((each) => !saysYes(each))];
    const shown = deliveries.filter((delivery) => {
      unitsLeft -= JSON.stringify(delivery.message).length;
      return --deliveriesLeft >= 0 && unitsLeft >= 0;
    });
    return {
      event,
      verdicts: sorted.slice(0, VERDICTS_TOLD_MAX),
      verdictsLeft: Math.max(0, verdicts.length - VERDICTS_TOLD_MAX),
      deliveries: shown,
      logs: logs.slice(0, VERDICTS_TOLD_MAX).map(({ rule, level, text }) => ({ rule, level, text })),
    };
  });
  const all = story.reduce((sum, { made }) => sum + made, 0);
  const shown = told.reduce((sum, { deliveries }) => sum + deliveries.length, 0);
  return {
    id,
    story: told,
    eventsLeft: Math.max(0, story.length - EVENTS_TOLD_MAX),
    deliveriesLeft: all - shown,
    quarantined,
    end,
    lastMs,
  };
}
