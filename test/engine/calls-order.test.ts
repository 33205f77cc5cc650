// Ring groups: whatever the order in which phones get through, one call has one verdict.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CALL_SETTINGS } from '../../src/engine/index.ts';
import { type Hit, play } from './site-script.ts';

const NUMBER = '+493012345';
const PHONES = Array.from({ length: 10 }, (_, n) => `phone-${n}`);
const GROUPS = Object.fromEntries(PHONES.map((id) => [id, ['sales']]));
const SETTLE_MS = CALL_SETTINGS.settleMs;

/** One moment for each of the thirty hits, below the settle time. */
const jitter = fc.array(fc.integer({ min: 0, max: SETTLE_MS - 1 }), { minLength: 30, maxLength: 30 });
const answering = fc.integer({ min: 0, max: 9 });
/** All thirty at once, or a call that rings for a while: `[ring, verdict, end]` in ms. */
const course = fc.constantFrom<number[]>([0, 0, 0], [0, 6_000, 6_000], [0, 6_000, 9_000], [0, 25_000, 25_100]);
/** With a group in the config or without one. */
const grouped = fc.boolean();

type Course = { jitters: number[]; bases: number[]; answered: number | undefined; number?: string | null };

function hitsOf({ jitters, bases, answered, number = NUMBER }: Course): Hit[] {
  return PHONES.flatMap((phone, p) =>
    (['incoming_call', p === answered ? 'established' : 'missed_call', 'terminated'] as const).map(
      (says, n): Hit => ({ atMs: 1_000 + (bases[n] ?? 0) + (jitters[3 * p + n] ?? 0), phone, says, number }),
    ),
  );
}

test('one of ten answers: no missed call, one answered, one ended, for any order of arrival', () => {
  fc.assert(
    fc.property(jitter, course, answering, grouped, (jitters, bases, answered, withGroup) => {
      const script = play(hitsOf({ jitters, bases, answered }), withGroup ? { groups: GROUPS } : {});
      const calls = script.calls();
      expect(calls.map(({ type }) => type)).toEqual(['call.ringing', 'call.answered', 'call.ended']);
      expect(calls[1]?.call.answeredBy).toBe(`phone-${answered}`);
      expect(calls[2]?.call).toMatchObject({ outcome: 'answered', answeredBy: `phone-${answered}` });
      expect(new Set(calls.map(({ call }) => call.key)).size).toBe(1);
      for (const phone of PHONES) expect(script.snapshot(phone).missed_calls).toBe(0);
    }),
    { numRuns: 12_000 },
  );
}, 120_000);

test('nobody answers: exactly one missed call, at all ten phones', () => {
  fc.assert(
    fc.property(jitter, course, grouped, (jitters, bases, withGroup) => {
      const script = play(hitsOf({ jitters, bases, answered: undefined }), withGroup ? { groups: GROUPS } : {});
      expect(script.types()).toEqual(['call.ringing', 'call.missed']);
      expect(script.calls()[1]?.call.phones.length).toBe(10);
      for (const phone of PHONES) expect(script.snapshot(phone).missed_calls).toBe(1);
    }),
    { numRuns: 8_000 },
  );
}, 120_000);

test('a withheld number folds inside a configured group, and only there', () => {
  fc.assert(
    fc.property(jitter, fc.option(answering, { nil: undefined }), (jitters, answered) => {
      const bases = [0, 6_000, 9_000];
      const hits = hitsOf({ jitters, bases, answered, number: null });
      const ended = answered === undefined ? ['call.missed'] : ['call.answered', 'call.ended'];
      expect(play(hits, { groups: GROUPS }).types()).toEqual(['call.ringing', ...ended]);
      const apart = play(hits).types();
      expect(apart.filter((type) => type === 'call.missed').length).toBe(answered === undefined ? 10 : 9);
    }),
    { numRuns: 500 },
  );
}, 60_000);

/** Any hit of the day may get lost, and any may come twice. */
test('whatever gets lost or comes twice: nothing rings or talks beyond its age, and the next call is told right', () => {
  const fate = fc.array(fc.constantFrom<0 | 1 | 2>(0, 1, 1, 1, 2), { minLength: 30, maxLength: 30 });
  fc.assert(
    fc.property(jitter, course, fc.option(answering, { nil: undefined }), fate, (jitters, bases, answered, fates) => {
      const hits = hitsOf({ jitters, bases, answered }).flatMap((hit, n) =>
        Array.from({ length: fates[n] ?? 1 }, (_, copy) => ({ ...hit, atMs: hit.atMs + 40 * copy })),
      );
      const script = play(hits, { groups: GROUPS });
      const types = script.types();
      for (const type of ['call.ringing', 'call.answered', 'call.missed', 'call.ended'])
        expect(types.filter((each) => each === type).length).toBeLessThanOrEqual(1);
      // Nobody talks for longer than twelve hours: all has been told by then.
      if (types.length > 0) expect(['call.missed', 'call.ended']).toContain(types.at(-1));
      for (const phone of PHONES) expect(['idle', null]).toContain(script.snapshot(phone).call_state);
    }),
    { numRuns: 3_000 },
  );
}, 120_000);
