// What happens in one run, drawn from its seed before it begins: who speaks when, and what goes wrong when.
import type { Slug } from '../../src/core/events.ts';
import type { StoreErrorCode } from '../../src/core/store.ts';
import { type Course, drawCourse } from './courses.ts';
import { createDice, type Dice, several } from './dice.ts';

export const SINKS = ['house', 'team', 'lead'] as const;
export type SinkName = (typeof SINKS)[number];

/** Rules exist in that many generations; a reload goes on to the next. */
export const GENERATIONS = 4;

export const SITE = 'default';
export const PHONES: readonly string[] = Array.from({ length: 9 }, (_, n) => `phone-${n + 1}`);

export type Speech = { atMs: number; phone: string; slug: Slug; number: string; mac: string };

/**
 * `down`: the client knows that it has no connection. `refusing`: attempts fail. `hanging`: they end only when aborted.
 * `stuck`: not even then. `throttled`: the peer says when to come back. `queueing`: now and then a lane is told to wait for its
 * turn. `gone`: the peer says that it is gone for good; at the end of it a person sends everything again.
 */
export type Trouble = {
  sink: SinkName;
  fromMs: number;
  toMs: number;
  how: 'down' | 'refusing' | 'hanging' | 'stuck' | 'throttled' | 'queueing' | 'gone';
};

export type StoreTrouble = { fromMs: number; toMs: number; code: StoreErrorCode };

export type Reload =
  | { atMs: number; what: 'rules' }
  | { atMs: number; what: 'replace'; sink: SinkName }
  | { atMs: number; what: 'remove'; sink: SinkName; backAtMs: number };

export type Scenario = {
  seed: number;
  /** From then on nothing goes wrong any more. */
  calmAtMs: number;
  speeches: Speech[];
  /** Calls; their words are not among `speeches`. */
  courses: Course[];
  /** Whether at the end the phones say that they are idle, or nobody says anything any more. */
  endsIdle: boolean;
  troubles: Trouble[];
  storeTroubles: StoreTrouble[];
  reloads: Reload[];
  jumps: { atMs: number; byMs: number }[];
  /** Crashes at a moment, and at the n-th step of the run (a step: anything that crosses the edge of the process). */
  crashAtMs: number[];
  crashAtStep: Set<number>;
  /** Share of taken messages whose acknowledgement is lost. */
  lostAcks: number;
  /** Share of the calls of the store that take long. */
  slowWrites: number;
  /** Whether a connection says when it is ready again. */
  announces: boolean;
  residentMax: number;
};

const HOUR_MS = 3_600_000;
const SLUGS_SPOKEN: readonly Slug[] = ['incoming_call', 'off_hook', 'on_hook', 'missed_call', 'dnd_on'];

/** The scenario of a seed. Each kind of trouble is there in some seeds and missing in others, so that they meet in all mixes. */
export function drawScenario(seed: number): Scenario {
  const dice = createDice(seed);
  const calmAtMs = dice.whole(20, 90) * 1_000;
  const moment = (): number => dice.whole(0, calmAtMs - 1);
  const span = (msMax: number): { fromMs: number; toMs: number } => {
    const fromMs = moment();
    return { fromMs, toMs: Math.min(calmAtMs, fromMs + dice.whole(1, msMax)) };
  };
  const some = (share: number, max: number): number => (dice.chance(share) ? dice.whole(1, max) : 0);
  const speeches = drawSpeeches(dice, calmAtMs);
  const scenario: Scenario = {
    seed,
    calmAtMs,
    speeches,
    troubles: dice.chance(0.15)
      ? drawSwizzle(dice, calmAtMs)
      : several(some(0.7, 6), () => ({
          sink: dice.pick(SINKS),
          how: dice.pick(['down', 'refusing', 'hanging', 'stuck', 'throttled'] as const),
          ...span(40_000),
        })),
    // Often while a delivery is under way, so that its outcome meets a store that refuses.
    storeTroubles: several(some(0.3, 3), () => {
      const fromMs = dice.chance(0.5) ? dice.pick(speeches).atMs + dice.whole(1, 60) : moment();
      const toMs = Math.min(calmAtMs, fromMs + dice.whole(1, 10_000));
      return { code: dice.pick(['full', 'busy'] as const), fromMs, toMs };
    }),
    reloads: several(some(0.6, 4), () => drawReload(dice, moment)).sort((a, b) => a.atMs - b.atMs),
    jumps: several(some(0.3, 3), () => ({
      atMs: moment(),
      byMs: dice.pick([-2 * HOUR_MS, 2 * HOUR_MS, -30_000, 30_000, -HOUR_MS]),
    })),
    crashAtMs: several(some(0.4, 4), moment),
    crashAtStep: new Set(several(some(0.4, 4), () => dice.whole(1, 900))),
    lostAcks: dice.chance(0.3) ? 0.1 : 0,
    slowWrites: dice.chance(0.3) ? 0.2 : 0,
    announces: dice.chance(0.5),
    residentMax: dice.pick([3, 20, 20_000]),
    courses: several(some(0.8, 3), (n) => drawCourse(dice, n, calmAtMs)),
    endsIdle: dice.chance(0.5),
  };
  if (dice.chance(0.12)) addOutage(scenario, dice);
  // Drawn last, so that the scenarios of all other seeds stay as they are.
  if (dice.chance(0.25)) scenario.troubles.push({ sink: dice.pick(SINKS), how: 'queueing', ...span(30_000) });
  if (dice.chance(0.12)) scenario.troubles.push({ sink: dice.pick(SINKS), how: 'gone', ...span(8_000) });
  return scenario;
}

/** A sink fails, meanwhile the clock is set back, and then the process ends: what was to be tried again soon still is. */
function addOutage({ calmAtMs, speeches, troubles, jumps, crashAtMs }: Scenario, dice: Dice): void {
  const fromMs = dice.pick(speeches).atMs;
  const jumpMs = fromMs + dice.whole(1_000, 10_000);
  const crashMs = jumpMs + dice.whole(1, 2_000);
  troubles.push({ sink: dice.pick(SINKS), how: 'refusing', fromMs, toMs: Math.min(calmAtMs, crashMs + 500) });
  jumps.push({ atMs: jumpMs, byMs: -2 * HOUR_MS });
  if (crashMs < calmAtMs) crashAtMs.push(crashMs);
}

/** Phones in bursts and pauses. Some numbers are poison (engine.ts), and some phones change their MAC. */
function drawSpeeches(dice: Dice, calmAtMs: number): Speech[] {
  const phones = several(dice.whole(1, 5), () => dice.pick(PHONES));
  const poison = dice.chance(0.5) ? 0.1 : 0;
  const speeches: Speech[] = [];
  let atMs = dice.whole(0, 500);
  for (let left = dice.whole(10, 60); left > 0 && atMs < calmAtMs; left--) {
    const number = dice.chance(poison) ? dice.pick(['666', '13']) : `49${dice.whole(100, 999)}`;
    const mac = `00505800000${dice.whole(1, 3)}`;
    speeches.push({ atMs, phone: dice.pick(phones), slug: dice.pick(SLUGS_SPOKEN), number, mac });
    atMs += dice.chance(0.6) ? dice.whole(0, 20) : dice.whole(0, 4_000);
  }
  return speeches;
}

/** Sinks are blocked one by one and freed one by one in another order. */
function drawSwizzle(dice: Dice, calmAtMs: number): Trouble[] {
  const froms = several(SINKS.length, () => dice.whole(0, calmAtMs / 2));
  return SINKS.map((sink, n) => ({
    sink,
    fromMs: froms[n] ?? 0,
    toMs: dice.whole(calmAtMs / 2 + 1, calmAtMs),
    how: dice.pick(['down', 'refusing', 'hanging'] as const),
  }));
}

function drawReload(dice: Dice, moment: () => number): Reload {
  const atMs = moment();
  if (dice.chance(0.5)) return { atMs, what: 'rules' };
  const sink = dice.pick(SINKS);
  if (dice.chance(0.5)) return { atMs, what: 'replace', sink };
  return { atMs, what: 'remove', sink, backAtMs: atMs + dice.whole(1, 20_000) };
}
