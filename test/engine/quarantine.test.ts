// Quarantine: who is unknown, or has another MAC, is counted and nothing else; and how rules take what is made of the fleet.
import { describe, expect, test } from 'vitest';
import { MAC_MISMATCH, type PhoneEvent, UNKNOWN_PHONE } from '../../src/core/events.ts';
import { QUARANTINED_MAX } from '../../src/engine/fleet/quarantine.ts';
import { createState, step } from '../../src/engine/index.ts';
import { compiledOf, eventOf } from './fixture.ts';
import { flapping, fleetSite, programWith } from './fleet-site.ts';

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
    const one = fleetSite();
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
    const one = fleetSite();
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
