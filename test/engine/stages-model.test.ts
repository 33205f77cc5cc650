// Stages against the naive model: random rules, random events, restarts through the rows, other rules, moments of looking.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventOf } from './fixture.ts';
import {
  AFTER,
  type By,
  type NaiveStages,
  naivePass,
  naivePending,
  naiveReload,
  naiveSay,
  naiveStages,
  type Plan,
  type Said,
  UNLESS,
} from './stages-naive.ts';
import { BEGIN_MS, programWith, stageScript } from './stages-script.ts';

const LATE_MS_MAX = 32_000;

const by = fc.constantFrom<By>(['number'], ['phone'], ['number', 'phone']);
/** Whole steps, so that things often meet at the very same moment. */
const STEP_MS = 4_000;
const steps = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max }).map((n) => n * STEP_MS);
const span = steps(1, 12);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** What is undefined is left out. */
const without = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;

const unless = fc.record({ beforeMs: maybe(steps(0, 3)), same: maybe(by) }).map(without);
const wait = fc
  .record({
    forMs: span,
    by: fc.option(by, { nil: undefined, freq: 3 }),
    extend: fc.boolean(),
    maxMs: maybe(steps(0, 20)),
    unless: maybe(unless),
  })
  .map(({ maxMs, extend, ...rest }) => {
    const extends_ = extend && rest.by !== undefined;
    return without({
      ...rest,
      extend: extends_,
      maxMs: extends_ && maxMs !== undefined ? rest.forMs + maxMs : undefined,
    });
  });

const planOf = (id: string): fc.Arbitrary<Plan> =>
  fc
    .record({
      on: fc.constantFrom(['phone.dnd_on'], ['phone.dnd_on', UNLESS], [AFTER, 'phone.dnd_on']),
      after: seldom(fc.record({ withinMs: span, same: by })),
      count: seldom(fc.record({ min: fc.integer({ min: 2, max: 3 }), withinMs: span, by: maybe(by) }).map(without)),
      wait: fc.option(wait, { nil: undefined, freq: 8 }),
      limit: seldom(fc.record({ max: fc.integer({ min: 1, max: 2 }), perMs: span, by: maybe(by) }).map(without)),
    })
    .map((plan) => without({ id, ...plan, after: plan.after }) as Plan);

const NAMES = { number: 'remote.number', phone: 'phone.id' };
const fields = (names: By | undefined): string[] | undefined => names?.map((name) => NAMES[name]);

/** The rule as a person would write it. */
function ruleOfPlan({ id, on, after, count, wait: held, limit }: Plan, text: string): object {
  const cancels = held?.unless;
  return without({
    id,
    on,
    after: after && { on: AFTER, same: fields(after.same), within: `${after.withinMs}ms` },
    count: count && without({ min: count.min, within: `${count.withinMs}ms`, by: fields(count.by) }),
    wait:
      held &&
      without({
        for: `${held.forMs}ms`,
        by: fields(held.by),
        extend: held.extend,
        max: held.maxMs === undefined ? undefined : `${held.maxMs}ms`,
        unless:
          cancels &&
          without({
            on: UNLESS,
            same: fields(cancels.same),
            before: cancels.beforeMs === undefined ? undefined : `${cancels.beforeMs}ms`,
          }),
      }),
    limit: limit && without({ max: limit.max, per: `${limit.perMs}ms`, by: fields(limit.by) }),
    do: [
      {
        note: {
          to: 'desk',
          text: `{{ event.id }} x{{ count }} +{{ suppressed }} l{{ late }} {{ callers | join: "," }}${text}`,
        },
      },
    ],
  });
}

type Act =
  | { kind: 'say'; afterMs: number; type: string; number: string | null; phone: string }
  | { kind: 'look' | 'restart'; afterMs: number }
  | { kind: 'reload'; plans: Plan[] | undefined };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('say' as const),
      afterMs: steps(1, 4),
      type: fc.constantFrom('phone.dnd_on', 'phone.dnd_on', UNLESS, AFTER),
      number: fc.constantFrom('1', '2', null),
      phone: fc.constantFrom('front', 'back'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('look' as const, 'restart' as const), afterMs: steps(0, 16) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('reload' as const), plans: maybe(fc.tuple(planOf('a'), planOf('b'))) }),
  },
);

/** Plays the same to both, and returns them. */
function playBoth(first: Plan[], acts: readonly Act[]): { model: NaiveStages; script: ReturnType<typeof stageScript> } {
  let plans = first;
  let atMs = 0;
  let texts = 0;
  const programFor = (text: string) =>
    programWith(
      plans.map((plan) => ruleOfPlan(plan, text)),
      { lateMsMax: LATE_MS_MAX },
    );
  const model = naiveStages(plans, LATE_MS_MAX);
  const script = stageScript(programFor(''));
  for (const [n, one] of acts.entries()) {
    if (one.kind === 'reload') {
      const before = plans;
      plans = one.plans ?? plans;
      texts += 1;
      const same = plans
        .filter((plan, place) => JSON.stringify(plan) === JSON.stringify(before[place]))
        .map(({ id }) => id);
      naiveReload(model, plans, new Set(same));
      // Another text is no other memory.
      script.swap(programFor(' '.repeat(texts)));
      continue;
    }
    atMs += one.afterMs;
    if (one.kind === 'say') {
      const { type, number, phone } = one;
      const said: Said = { id: `e${n}`, atMs, type, number, phone };
      naiveSay(model, said);
      script.event(
        eventOf({
          id: said.id,
          type: type as 'phone.dnd_on',
          at: new Date(BEGIN_MS + atMs).toISOString(),
          phone: { id: phone, vendor: 'sangoma' },
          remote: number === null ? {} : { number },
        }),
      );
    } else if (one.kind === 'look') {
      naivePass(model, atMs);
      script.until(atMs);
    } else {
      naivePass(model, atMs, atMs);
      script.restart(atMs);
    }
  }
  naivePass(model, atMs + 3_600_000);
  script.until(atMs + 3_600_000);
  return { model, script };
}

test('the same is told at the same moments, and every wait is told once, cancelled, or dropped aloud', () => {
  const seen = { fired: 0, cancelled: 0, dropped: 0 };
  fc.assert(
    fc.property(
      fc.tuple(planOf('a'), planOf('b')),
      fc.array(act, { minLength: 10, maxLength: 60, size: 'max' }),
      (plans, acts) => {
        const { model, script } = playBoth(plans, acts);
        expect(script.fired.map(({ atMs, rule, text }) => ({ atMs, rule, text: text.trimEnd() }))).toEqual(
          model.told.map((each) => ({ ...each, text: each.text.trimEnd() })),
        );
        expect(script.dropped()).toBe(model.counts.dropped);
        expect(naivePending(model)).toBe(0);
        const { opened, fired, cancelled, dropped } = model.counts;
        expect(fired + cancelled + dropped).toBe(opened);
        expect([...script.rows.keys()].filter((row) => row.startsWith('rule-wait'))).toEqual([]);
        expect(new Set(script.fired.map(({ id }) => id)).size).toBe(script.fired.length);
        seen.fired += fired;
        seen.cancelled += cancelled;
        seen.dropped += dropped;
      },
    ),
    { numRuns: 400 },
  );
  // A run in which nothing waited would prove nothing.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(200);
});
