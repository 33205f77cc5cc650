// Facts about the fleet: restarts of a site, flapping registrations, silence, quarantine; for any order, loss, and restart of ours.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Event, MAC_MISMATCH, type NoteEvent, type PhoneEvent, UNKNOWN_PHONE } from '../../src/core/events.ts';
import { QUARANTINED_MAX } from '../../src/engine/fleet/quarantine.ts';
import {
  type CompiledRules,
  createProgram,
  createState,
  type FleetSettings,
  type Program,
  restore,
  type State,
  step,
} from '../../src/engine/index.ts';
import { compiledOf, eventOf } from './fixture.ts';

const BEGIN_MS = Date.UTC(2026, 10, 24, 9);
const FLEET_TYPES = ['site.restarted', 'phone.silent', 'phone.flapping'];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const flapping = { changes: 6, withinMs: 600_000 };

type Said = { atMs: number; phone: string; says: string };

const ids = Array.from({ length: 60 }, (_, n) => `p${n + 1}`);

function programWith(fleet: FleetSettings, rules: CompiledRules = [], known: readonly string[] = ids): Program {
  const phones = known.map((id) => ({ id, site: 'default', groups: [] }));
  return createProgram({ rules, phones, connections: new Map(), fleet });
}

/** A daemon's life on virtual time; its rows are kept, so that another one can take them up. */
function site(fleet: FleetSettings = { flapping }, known = ids) {
  const program = programWith(fleet, [], known);
  const rows = new Map<string, { kind: string; key: string; value: string }>();
  const made: Event[] = [];
  let state: State = createState();
  let n = 0;
  const take = (input: Parameters<typeof step>[1]) => {
    const stepped = step(state, input, program);
    for (const { kind, key, value } of stepped.changes) {
      if (value === null) rows.delete(`${kind}\n${key}`);
      else rows.set(`${kind}\n${key}`, { kind, key, value: JSON.stringify(value) });
    }
    made.push(...stepped.events.filter(({ type }) => FLEET_TYPES.includes(type)));
    return stepped;
  };
  const site = {
    made,
    rows,
    state: () => state,
    say: ({ atMs, phone, says }: Said, more: Partial<PhoneEvent> = {}) =>
      take({
        event: eventOf({
          id: `e${++n}-${phone}`,
          type: `phone.${says}` as PhoneEvent['type'],
          at: new Date(BEGIN_MS + atMs).toISOString(),
          phone: { id: phone, vendor: 'sangoma' },
          remote: {},
          ...more,
        }),
      }),
    note: (atMs: number, type: 'note.repin' | 'note.forget', phone: string) =>
      take({
        event: {
          id: `n${++n}`,
          at: new Date(BEGIN_MS + atMs).toISOString(),
          site: 'default',
          type,
          phone: { id: phone },
        } as NoteEvent,
      }),
    until: (atMs: number) => take({ now: new Date(BEGIN_MS + atMs).toISOString() }),
    restart(atMs: number | undefined) {
      state = createState();
      for (const { kind, key, value } of [...rows.values()].reverse())
        restore(state, { kind, key, value: JSON.parse(value) });
      if (atMs !== undefined) take({ now: new Date(BEGIN_MS + atMs).toISOString(), started: true });
    },
    told: () =>
      made.map((event) => [
        event.type,
        Date.parse(event.at) - BEGIN_MS,
        'fleet' in event ? event.fleet.phones.length : 0,
      ]),
  };
  return site;
}

describe('the restart of a site', () => {
  test('sixty phones within a minute are one event, half a minute after the last', () => {
    const one = site();
    for (const [n, phone] of ids.entries()) {
      one.say({ atMs: n * 1_000, phone, says: 'setup_completed' });
      one.say({ atMs: n * 1_000 + 500, phone, says: 'registered' });
    }
    one.until(HOUR_MS);
    expect(one.told()).toEqual([['site.restarted', 89_000, 60]]);
    expect(one.made[0]).toMatchObject({ id: `default-restarted-${BEGIN_MS + 89_000}`, site: 'default' });
    expect(one.made[0]).toHaveProperty('fleet.since', '2026-11-24T09:00:00.000Z');
  });

  test('four phones, or five that take longer than two minutes, are none', () => {
    const one = site();
    for (const n of [0, 1, 2, 3]) one.say({ atMs: n * 1_000, phone: `p${n + 1}`, says: 'setup_completed' });
    one.until(HOUR_MS);
    for (const n of [0, 1, 2, 3, 4])
      one.say({ atMs: 2 * HOUR_MS + n * 31_000, phone: `p${n + 1}`, says: 'setup_completed' });
    one.until(3 * HOUR_MS);
    expect(one.told()).toEqual([]);
  });

  test('phones that lost their registration and have it back count, those that only register again do not', () => {
    const one = site();
    for (const phone of ids.slice(0, 10)) one.say({ atMs: 0, phone, says: 'registered' });
    one.until(HOUR_MS);
    expect(one.told()).toEqual([]);
    for (const [n, phone] of ids.slice(0, 10).entries()) {
      one.say({ atMs: HOUR_MS + n, phone, says: n % 2 === 0 ? 'unregistered' : 'register_failed' });
      one.say({ atMs: HOUR_MS + 60_000 + n, phone, says: 'registered' });
    }
    one.until(2 * HOUR_MS);
    expect(one.told()).toEqual([['site.restarted', HOUR_MS + 90_009, 10]]);
  });

  test('a restart that does not end is told after five minutes, and once more for the rest', () => {
    const one = site();
    for (const [n, phone] of ids.entries()) one.say({ atMs: n * 10_000, phone, says: 'setup_completed' });
    one.until(HOUR_MS);
    expect(one.told()).toEqual([
      ['site.restarted', 300_000, 30],
      ['site.restarted', 600_000, 30],
    ]);
  });

  const courses = fc.array(
    fc.record({
      atMs: fc.integer({ min: 0, max: 200_000 }),
      phone: fc.constantFrom(...ids.slice(0, 12)),
      says: fc.constantFrom('setup_completed', 'registered', 'unregistered', 'register_failed', 'missed_call'),
    }),
    { maxLength: 80 },
  );

  test('any course of any phones: the same with a restart of ours anywhere, however time is let pass, and never a message per phone', () => {
    fc.assert(
      fc.property(
        courses,
        fc.nat(80),
        fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 10 }),
        (course, at, looks) => {
          const ordered = [...course]
            .sort((a, b) => a.atMs - b.atMs)
            .map((said, n) => ({ ...said, atMs: said.atMs + n }));
          const [plain, broken] = [site(), site()];
          for (const [n, said] of ordered.entries()) {
            plain.say(said);
            if (n === at) broken.restart(undefined);
            for (const look of looks) if (look <= said.atMs && look >= (ordered[n - 1]?.atMs ?? 0)) broken.until(look);
            broken.say(said);
          }
          broken.restart(undefined);
          for (const one of [plain, broken]) one.until(HOUR_MS);
          const restarts = plain.made.filter(({ type }) => type === 'site.restarted');
          expect(broken.made.filter(({ type }) => type === 'site.restarted')).toEqual(restarts);
          expect(restarts.length).toBeLessThanOrEqual(2);
          for (const event of restarts)
            expect('fleet' in event ? new Set(event.fleet.phones).size : 0).toBeGreaterThanOrEqual(5);
          expect(plain.told()).toEqual(broken.told());
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a registration that comes and goes', () => {
  test('six changes within ten minutes are told once, and once more after an hour', () => {
    const one = site();
    for (let n = 0; n < 240; n++)
      one.say({ atMs: n * 30_000, phone: 'p1', says: n % 2 === 0 ? 'unregistered' : 'registered' });
    expect(one.told()).toEqual([
      ['phone.flapping', 150_000, 1],
      ['phone.flapping', 150_000 + HOUR_MS, 1],
    ]);
    expect(one.made[0]).toMatchObject({ phone: { id: 'p1' }, fleet: { since: '2026-11-24T09:00:00.000Z' } });
  });

  test('a phone that fails again and again does not flap, nor one that takes its time', () => {
    const one = site();
    for (let n = 0; n < 100; n++) one.say({ atMs: n * 30_000, phone: 'p1', says: 'register_failed' });
    for (let n = 0; n < 20; n++)
      one.say({ atMs: HOUR_MS + n * 130_000, phone: 'p2', says: n % 2 === 0 ? 'unregistered' : 'registered' });
    expect(one.told()).toEqual([]);
  });
});

describe('silence', () => {
  const fleet = { silentAfterMs: 7 * DAY_MS, flapping };

  test('a known phone is told once, seven days after its last word; and again when it spoke in between', () => {
    const one = site(fleet);
    one.say({ atMs: 0, phone: 'p1', says: 'dnd_on' });
    one.say({ atMs: 3 * DAY_MS, phone: 'p1', says: 'dnd_off' });
    one.until(60 * DAY_MS);
    expect(one.told()).toEqual([['phone.silent', 10 * DAY_MS, 1]]);
    expect(one.made[0]).toHaveProperty('fleet.since', new Date(BEGIN_MS + 3 * DAY_MS).toISOString());
    one.say({ atMs: 61 * DAY_MS, phone: 'p1', says: 'dnd_on' });
    one.until(90 * DAY_MS);
    expect(one.told().slice(1)).toEqual([['phone.silent', 68 * DAY_MS, 1]]);
  });

  test('not where nobody asked, not a phone that nobody knows, not one that was forgotten', () => {
    const quiet = site();
    quiet.say({ atMs: 0, phone: 'p1', says: 'dnd_on' });
    quiet.until(90 * DAY_MS);
    const one = site(fleet, ['p2']);
    one.say({ atMs: 0, phone: 'stranger', says: 'dnd_on' });
    one.say({ atMs: 1, phone: 'p2', says: 'dnd_on' });
    one.note(2, 'note.forget', 'p2');
    one.until(90 * DAY_MS);
    expect([quiet.told(), one.told()]).toEqual([[], []]);
    expect([...one.rows.keys()].filter((key) => key.endsWith('\np2'))).toEqual([]);
  });

  test('after a start every phone has an hour to speak, for nobody listened before', () => {
    const one = site(fleet);
    for (const phone of ['p1', 'p2']) one.say({ atMs: 0, phone, says: 'dnd_on' });
    one.restart(30 * DAY_MS);
    one.say({ atMs: 30 * DAY_MS + 60_000, phone: 'p2', says: 'dnd_off' });
    one.until(31 * DAY_MS);
    expect(one.told()).toEqual([['phone.silent', 30 * DAY_MS + HOUR_MS, 1]]);
    one.restart(32 * DAY_MS);
    one.until(33 * DAY_MS);
    expect(one.told()).toHaveLength(1);
  });
});

describe('quarantine', () => {
  const unknown = (mac: string, more: object = {}): Partial<PhoneEvent> => ({
    phone: { id: mac, mac, vendor: 'sangoma', model: 's505', ...more },
    suspect: [UNKNOWN_PHONE],
  });
  const stranger = { atMs: 0, phone: '', says: 'setup_completed' };

  test('who is unknown, or has another MAC, meets no rule and no call; it is counted and announced once', () => {
    const rules = compiledOf({ rules: [{ id: 'r', on: '*', do: [{ log: { text: 'x' } }] }] });
    const program = programWith({ flapping }, rules);
    const state = createState();
    const event = eventOf({ type: 'phone.incoming_call', ...unknown('005058000009') });
    const first = step(state, { event }, program);
    expect(first).toMatchObject({
      quarantined: true,
      matched: [],
      events: [],
      touched: [{ phone: '005058000009', discovered: true }],
    });
    const second = step(state, { event: { ...event, at: '2026-11-24T09:20:00.000Z' } }, program);
    expect(second).toMatchObject({ quarantined: true, touched: [], kept: { hits: 2, model: 's505', why: 'unknown' } });
    expect([state.phones.size, state.calls.all.size]).toEqual([0, 0]);
  });

  test('survives a restart of ours, and ends when the phone is known', () => {
    const one = site();
    for (const atMs of [0, 1, 2]) one.say({ ...stranger, atMs }, unknown('005058000001'));
    one.say({ ...stranger, atMs: 3 }, { ...unknown('005058000002'), suspect: [MAC_MISMATCH] });
    one.restart(10);
    expect([...one.state().fleet.quarantine.values()].map(({ hits, why }) => [hits, why])).toEqual([
      [3, 'unknown'],
      [1, 'mac-mismatch'],
    ]);
    one.say({ ...stranger, atMs: 20 }, { phone: { id: 'lobby', mac: '005058000001', vendor: 'sangoma' } });
    one.note(21, 'note.repin', '005058000002');
    expect(one.state().fleet.quarantine.size).toBe(0);
    expect([...one.rows.keys()].some((key) => key.startsWith('quarantine'))).toBe(false);
  });

  test('remembers the ten thousand that were heard last', () => {
    const one = site();
    const macOf = (n: number): string => n.toString(16).padStart(12, '0');
    for (let n = 0; n < QUARANTINED_MAX; n++) one.say({ ...stranger, atMs: n }, unknown(macOf(n)));
    one.restart(undefined);
    one.say({ ...stranger, atMs: 20_000 }, unknown(macOf(0)));
    one.say({ ...stranger, atMs: 20_001 }, unknown(macOf(QUARANTINED_MAX)));
    const { quarantine } = one.state().fleet;
    expect([quarantine.size, quarantine.has(macOf(0)), quarantine.has(macOf(1))]).toEqual([
      QUARANTINED_MAX,
      true,
      false,
    ]);
    expect([...one.rows.keys()].filter((key) => key.startsWith('quarantine'))).toHaveLength(QUARANTINED_MAX);
  });
});

describe('rules', () => {
  test('take such an event by its name only, and see its fields', () => {
    const rules = compiledOf({
      rules: [
        { id: 'all', on: '*', do: [{ log: { text: 'all' } }] },
        { id: 'phones', on: 'phone.*', do: [{ log: { text: 'phones' } }] },
        {
          id: 'named',
          on: 'site.restarted',
          do: [{ note: { to: 'desk', text: '{{ count }} {{ fleet.phones | join: "," }}' } }],
        },
      ],
    });
    const program = programWith({ flapping }, rules);
    const state = createState();
    for (const n of [1, 2, 3, 4, 5])
      step(
        state,
        { event: eventOf({ id: `e${n}`, type: 'phone.setup_completed', phone: { id: `p${n}`, vendor: 'x' } }) },
        program,
      );
    const stepped = step(state, { now: '2026-11-24T10:00:00.000Z' }, program);
    expect(stepped.matched).toEqual(['named']);
    expect(stepped.deliveries[0]).toMatchObject({
      message: { text: '‹5› ‹p1,p2,p3,p4,p5›' },
      order: 'desk|site:default',
    });
  });
});
