// Replay job: the recorded events of a span through the rules in use or edited ones, page by page, while phones are answered.
import { deliveriesSince, journal, namesBefore } from './commands/history.ts';
import type { Config } from './config.ts';
import type { Refused, ReplayDesk, ReplayOrder, ReplayState } from './console/index.ts';
import { recordedOf } from './console-explain.ts';
import type { History } from './core/history.ts';
import type { Clock, Log, Random } from './core/ports.ts';
import { compileEdited } from './edited-rules.ts';
import type { CompiledRules, Program } from './engine/index.ts';
import { localMs } from './engine/proof/index.ts';
import { programOf } from './program-of.ts';
import { createReplay, type Figures, type Replay } from './replay.ts';
import { createSlices, type Slices, WorkEnd } from './slices.ts';

export type ReplayJobOptions = {
  clock: Clock;
  log: Log;
  random: Pick<Random, 'bytes'>;
  history: Pick<History, 'events' | 'deliveries'>;
  running(): { config: Config<CompiledRules>; program: Program };
};

const COMPILE_MS_MAX = 20_000;
const DEADLINE_MS = 30 * 60_000;
const DAY_MS = 86_400_000;
/** Read before the span, so that calls, waits and limits are as they were, and after it, so that what waits can end. */
const MARGIN_MS = DAY_MS;
/** Each is kept as a text until the replay makes it again. */
const DECIDED_MAX = 200_000;
const FIGURES_MAX = 500;
const TEXT_SHOWN = 160;

type Job = { state: ReplayState; cancelled: boolean; replay: Replay; slices: Slices };

/** No job has run yet. */
export function createReplayJobs(options: ReplayJobOptions): ReplayDesk {
  const { clock, random } = options;
  let job: Job | undefined;
  let starting = false;
  const busy = (): boolean => starting || job?.state.state === 'running';
  return {
    async start(order, who) {
      if (order.fromMs > order.toMs)
        return { problems: [{ problem: { path: ['from'], message: 'is after the end', hint: 'exchange the two' } }] };
      if (busy()) return { refused: 'a replay is running already; wait for it, or call it off', status: 409 };
      starting = true;
      try {
        const program = await programFor(order, options);
        if (!('match' in program)) return program;
        const id = Buffer.from(random.bytes(9)).toString('base64url');
        const slices = createSlices(clock, { deadlineMs: DEADLINE_MS, cancelled: () => started.cancelled });
        const replay = createReplay(slices.guarded(program), order);
        const started: Job = { state: begun(id, order, who, clock.wallMs()), cancelled: false, replay, slices };
        job = started;
        void work(started, options);
        return { id };
      } finally {
        starting = false;
      }
    },
    momentOf: (text) => localMs(text, options.running().config.timezone),
    state: () => (job === undefined ? undefined : { ...job.state, figures: figuresOf(job.replay.figures()) }),
    cancel(id) {
      if (job?.state.id !== id || job.state.state !== 'running') return false;
      job.cancelled = true;
      return true;
    },
  };
}

const begun = (id: string, { fromMs, toMs, edited }: ReplayOrder, who: string, startedAtMs: number): ReplayState => ({
  id,
  who,
  state: 'running',
  startedAtMs,
  endedAtMs: null,
  fromMs,
  toMs,
  ...(edited === undefined ? {} : { edited: edited.file }),
  share: 0,
  events: 0,
  decided: 0,
  figures: [],
});

async function programFor({ edited }: ReplayOrder, options: ReplayJobOptions): Promise<Program | Refused> {
  const { config, program } = options.running();
  if (edited === undefined) return program;
  const slices = createSlices(options.clock, { deadlineMs: COMPILE_MS_MAX });
  try {
    const compiled = await compileEdited(edited, config, slices);
    return 'problems' in compiled ? compiled : programOf(config, { rules: compiled.rules, book: program.book });
  } catch (error) {
    if (!(error instanceof WorkEnd)) throw error;
    return { problems: [{ problem: { path: [], message: 'these rules take too long to be read' } }] };
  }
}

const WHY: Readonly<Record<WorkEnd['code'], string>> = {
  late: 'it took longer than half an hour; choose a shorter span',
  heavy: 'one event alone takes these rules too long; make them fewer or simpler',
  cancelled: '',
};

async function work(job: Job, options: ReplayJobOptions): Promise<void> {
  const { clock, log } = options;
  const { state } = job;
  try {
    const why = await run(job, options);
    Object.assign(state, why === undefined ? { state: 'done', share: 1 } : { state: 'failed', why });
  } catch (error) {
    const code = error instanceof WorkEnd ? error.code : undefined;
    if (code === 'cancelled') state.state = 'cancelled';
    else {
      const name = error instanceof Error ? error.name : 'unknown';
      if (code === undefined) log.warn('replay_failed', { error: name });
      Object.assign(state, { state: 'failed', why: code === undefined ? `it could not go on (${name})` : WHY[code] });
    }
  } finally {
    state.endedAtMs = clock.wallMs();
  }
}

/** Resolves with why it cannot be done, if it cannot. Rejects with a WorkEnd or the store's error. */
async function run({ state, replay, slices }: Job, { clock, history }: ReplayJobOptions): Promise<string | undefined> {
  const { fromMs, toMs } = state;
  const recorded = recordedOf(history);
  for await (const delivery of deliveriesSince(recorded, fromMs)) {
    if (delivery.madeAtMs <= toMs && ++state.decided > DECIDED_MAX)
      return `more than ${DECIDED_MAX} deliveries were decided then; choose a shorter span`;
    replay.remember(delivery);
    await slices.breathe();
  }
  const around = { fromMs: fromMs - MARGIN_MS, toMs: toMs + MARGIN_MS };
  const endMs = Math.max(fromMs, Math.min(around.toMs, clock.wallMs()));
  const take = async (event: Parameters<Replay['take']>[0]): Promise<void> => {
    slices.step(() => replay.take(event));
    await slices.breathe();
  };
  for await (const note of namesBefore(recorded, around.fromMs)) await take(note);
  for await (const event of journal(recorded, around)) {
    await take(event);
    const atMs = Date.parse(event.at);
    if (atMs >= fromMs && atMs <= toMs) state.events += 1;
    state.share = Math.min(0.99, Math.max(0, (atMs - around.fromMs) / Math.max(1, endMs - around.fromMs)));
  }
  await slices.all(replay.ending(Math.min(around.toMs, Math.max(toMs, clock.wallMs()))));
  return undefined;
}

const figuresOf = (figures: readonly Figures[]): ReplayState['figures'] =>
  figures.slice(0, FIGURES_MAX).map(({ rule, to, type, counts, examples }) => ({
    rule,
    to,
    type,
    counts: { ...counts },
    examples: examples.map(({ difference, delivery: { id, event, madeAtMs, message } }) => {
      const text = JSON.stringify(message.text ?? Object.values(message)[0] ?? null);
      return {
        difference,
        id,
        event,
        atMs: madeAtMs,
        text: text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}…` : text,
      };
    }),
  }));
