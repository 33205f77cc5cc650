// Claims: somebody says that they take care of a call. While it rings, long after it ended, over restarts; and what waits for it.
import { describe, expect, test } from 'vitest';
import type { CallEvent, Event, NoteEvent, PhoneEvent } from '../../src/core/events.ts';
import type { StateChange } from '../../src/core/store.ts';
import {
  createState,
  knowsCall,
  type Program,
  restore,
  type State,
  type Stepped,
  step,
} from '../../src/engine/index.ts';
import { eventOf, programOf } from './fixture.ts';

const START_MS = Date.parse('2026-11-24T09:15:00.000Z');
const HOUR_MS = 3_600_000;
const isoOf = (afterMs: number): string => new Date(START_MS + afterMs).toISOString();

const QUIET = programOf({ rules: [] });

/** One site whose rows are written as a store would keep them. */
function site(program: Program = QUIET) {
  const rows = new Map<string, StateChange>();
  let state: State = createState();
  let notes = 0;
  const take = (input: Parameters<typeof step>[1]): Stepped => {
    const stepped = step(state, input, program);
    for (const change of stepped.changes) {
      const key = `${change.kind} ${change.key}`;
      if (change.value === null) rows.delete(key);
      else rows.set(key, structuredClone(change));
    }
    return stepped;
  };
  return {
    rows,
    hit: (id: string, slug: string, afterMs: number, more: Partial<PhoneEvent> = {}) =>
      take({ event: eventOf({ id, type: `phone.${slug}` as PhoneEvent['type'], at: isoOf(afterMs), ...more }) }),
    claim(call: string, by: string, afterMs: number) {
      notes += 1;
      const event: NoteEvent = {
        id: `note-${notes}`,
        at: isoOf(afterMs),
        site: 'default',
        type: 'note.claimed',
        claim: { call, by },
      };
      return take({ event });
    },
    pass: (afterMs: number) => take({ now: isoOf(afterMs) }),
    knows: (call: string) => knowsCall(state, call),
    restart() {
      state = createState();
      // The order of rows is the store's business.
      for (const row of [...rows.values()].reverse()) restore(state, structuredClone(row));
    },
  };
}

const callEvents = ({ events }: { events: Event[] }): CallEvent[] =>
  events.filter((event): event is CallEvent => event.type.startsWith('call.'));
const short = (stepped: Stepped) => callEvents(stepped).map(({ id, call }) => [id, call.claimedBy, call.claimedAt]);

describe('call.claimed', () => {
  test('while the phone rings; every later event of the call carries it', () => {
    const { hit, claim, pass } = site();
    hit('call', 'incoming_call', 0);
    expect(short(claim('call', 'Kim', 4_000))).toEqual([['call-claimed', 'Kim', isoOf(4_000)]]);
    hit('end', 'missed_call', 9_000);
    expect(short(pass(20_000))).toEqual([['call-missed', 'Kim', isoOf(4_000)]]);
    expect(short(hit('back', 'outgoing_call', 60_000)).filter(([, by]) => by !== undefined)).toEqual([]);
    const returned = callEvents(hit('talk', 'established', 65_000)).find(({ type }) => type === 'call.returned');
    expect(returned?.call).toMatchObject({
      key: 'call',
      claimedBy: 'Kim',
      returnedBy: 'front',
      returnedAt: isoOf(65_000),
    });
  });

  test('the same person twice makes nothing; another one makes another event, and so does the first one again', () => {
    const { hit, claim } = site();
    hit('call', 'incoming_call', 0);
    const said = ['Kim', 'Kim', 'Robin', 'Robin', 'Kim'].flatMap((by, n) => short(claim('call', by, 1_000 * (n + 1))));
    expect(said).toEqual([
      ['call-claimed', 'Kim', isoOf(1_000)],
      ['call-claimed-2', 'Robin', isoOf(3_000)],
      ['call-claimed-3', 'Kim', isoOf(5_000)],
    ]);
  });

  test('of a call that nobody knows, nothing', () => {
    const { claim, rows } = site();
    expect(claim('call', 'Kim', 0).events).toEqual([]);
    expect(rows.size).toBe(0);
  });

  test('a claim changes no verdict: a word that comes late still corrects it', () => {
    const { hit, claim, pass } = site();
    hit('call', 'incoming_call', 0);
    hit('end', 'missed_call', 5_000);
    pass(10_000);
    claim('call', 'Kim', 11_000);
    const late = hit('late', 'established', 12_000, { phone: { id: 'back', vendor: 'x' } });
    expect(callEvents(late).map(({ id, call }) => [id, call.claimedBy])).toContainEqual(['call-corrected-1', 'Kim']);
  });

  const withheld: Partial<PhoneEvent> = { remote: {} };
  describe.each([
    ['missed, of a number', 'missed_call', {}],
    ['missed, withheld', 'missed_call', withheld],
    ['answered', 'terminated', {}],
    ['rejected', 'reject_incoming_call', withheld],
  ] as const)('of a call that is over: %s', (_what, slug, more) => {
    function over() {
      const world = site();
      world.hit('call', 'incoming_call', 0, more);
      if (slug === 'terminated') world.hit('talk', 'established', 2_000, more);
      world.hit('end', slug, 5_000, more);
      world.pass(30_000);
      return world;
    }

    test.each([
      ['while it can be corrected', 40_000, false],
      ['an hour later', HOUR_MS, false],
      ['23 hours later', 23 * HOUR_MS, false],
      ['while it can be corrected, after a restart', 40_000, true],
      ['23 hours later, after a restart', 23 * HOUR_MS, true],
    ] as const)('%s', (_when, afterMs, restarts) => {
      const { claim, knows, restart } = over();
      if (restarts) restart();
      expect(knows('call')).toBe(true);
      const told = callEvents(claim('call', 'Kim', afterMs)).filter(({ type }) => type === 'call.claimed');
      expect(told).toMatchObject([
        { id: 'call-claimed', call: { key: 'call', claimedBy: 'Kim', phones: [{ id: 'front' }] } },
      ]);
    });

    test('not for ever: a day later nothing is left of it, in memory or in rows', () => {
      const { claim, knows, pass, rows } = over();
      claim('call', 'Kim', HOUR_MS);
      pass(25 * HOUR_MS);
      expect(knows('call')).toBe(false);
      expect(claim('call', 'Robin', 25 * HOUR_MS).events).toEqual([]);
      expect([...rows.keys()].filter((key) => /^(?:call|missed) /.test(key))).toEqual([]);
    });

    test('nor after a restart that took a day', () => {
      const { knows, pass, restart, rows } = over();
      restart();
      pass(25 * HOUR_MS);
      expect(knows('call')).toBe(false);
      expect([...rows.keys()].filter((key) => /^(?:call|missed) /.test(key))).toEqual([]);
    });
  });

  test('who claimed it is still known after two restarts, when the caller is reached', () => {
    const { hit, claim, pass, restart } = site();
    hit('call', 'incoming_call', 0);
    hit('end', 'missed_call', 5_000);
    pass(30_000);
    restart();
    claim('call', 'Kim', HOUR_MS);
    restart();
    hit('back', 'outgoing_call', 2 * HOUR_MS);
    const returned = callEvents(hit('talk', 'established', 2 * HOUR_MS + 5_000)).find(
      ({ type }) => type === 'call.returned',
    );
    expect(returned?.call).toMatchObject({ key: 'call', claimedBy: 'Kim', claimedAt: isoOf(HOUR_MS) });
    expect(callEvents(claim('call', 'Robin', 3 * HOUR_MS))).toMatchObject([
      {
        id: 'call-claimed-2',
        call: { claimedBy: 'Robin', returnedBy: 'front', returnedAt: isoOf(2 * HOUR_MS + 5_000) },
      },
    ]);
  });

  test('the end of a call costs no row more than before: what is past stays as it was stored', () => {
    const { hit, pass } = site();
    hit('call', 'incoming_call', 0);
    hit('end', 'missed_call', 5_000);
    pass(30_000);
    expect(pass(10 * 60_000).changes).toEqual([]);
  });

  test('ten thousand past calls are kept, and then the oldest makes room', () => {
    const { hit, knows, pass } = site();
    for (let n = 0; n < 10_003; n++) {
      const remote = { number: `+4930${100_000 + n}` };
      hit(`call-${n}`, 'incoming_call', n * 1_000, { remote });
      hit(`end-${n}`, 'reject_incoming_call', n * 1_000 + 500, { remote });
    }
    pass(10_003_000 + 120_000);
    expect([0, 1, 2, 3, 10_002].map((n) => knows(`call-${n}`))).toEqual([false, false, false, true, true]);
  });
});

describe('what a rule does with it', () => {
  const desk = (text: string) => [{ note: { to: 'desk', text } }];

  test('it is an event like others, with a field for who it was', () => {
    const program = programOf({
      rules: [
        {
          id: 'r',
          on: 'call.claimed',
          when: { 'call.claimedBy': { prefix: 'K' } },
          do: desk('{{ call.claimedBy }} takes {{ remote.number }}'),
        },
      ],
    });
    const { hit, claim } = site(program);
    hit('call', 'incoming_call', 0);
    expect(claim('call', 'Kim', 1_000).deliveries.map(({ message }) => message.text)).toEqual([
      '‹Kim› takes ‹+493012345›',
    ]);
    expect(claim('call', 'Robin', 2_000).deliveries).toEqual([]);
  });

  describe.each([
    ['by default', { by: ['remote.number'] }, {}],
    ['by the key of the call', {}, { same: ['call.key'] }],
  ] as const)('it cancels a wait, %s', (_what, wait, unless) => {
    const rule = {
      id: 'r',
      on: 'call.missed',
      wait: { for: '30m', ...wait, unless: { on: 'call.claimed', ...unless } },
      do: desk('nobody took care'),
    };

    test.each([
      ['while it waits', 10 * 60_000, false, 0],
      ['while it waits, over a restart', 10 * 60_000, true, 0],
      ['before it began', 1_000, false, 0],
      ['never', undefined, false, 1],
      ['too late', 40 * 60_000, false, 1],
    ] as const)('%s', (_when, claimMs, restarts, deliveries) => {
      const { hit, claim, pass, restart } = site(programOf({ rules: [rule] }));
      let made = 0;
      const gather = (stepped: Stepped): void => {
        made += stepped.deliveries.length;
      };
      gather(hit('call', 'incoming_call', 0));
      if (claimMs === 1_000) gather(claim('call', 'Kim', claimMs));
      gather(hit('end', 'missed_call', 5_000));
      gather(pass(60_000));
      if (restarts) restart();
      if (claimMs !== undefined && claimMs > 60_000) gather(claim('call', 'Kim', claimMs));
      gather(pass(2 * HOUR_MS));
      expect(made).toBe(deliveries);
    });

    test('of another caller it cancels nothing', () => {
      const { hit, claim, pass } = site(programOf({ rules: [rule] }));
      const other = { remote: { number: '+4989555' } };
      hit('call', 'incoming_call', 0);
      hit('other', 'incoming_call', 100, other);
      hit('end', 'missed_call', 5_000);
      hit('end-other', 'missed_call', 5_100, other);
      pass(60_000);
      claim('other', 'Kim', 70_000);
      expect(pass(2 * HOUR_MS).deliveries.map(({ event }) => event)).toEqual(['call-missed']);
    });
  });
});
