// From hits to events: the receiver's own reading, moments that go on, ids that stay.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hitText } from '../../src/commands/hit.ts';
import type { PhoneCard } from '../../src/core/phone-card.ts';
import type { SimulatedHit } from '../../src/core/simulation.ts';
import { readQuery } from '../../src/receiver/target.ts';
import { hitEvents, SCENARIOS, seededDraw, virtualPhone } from '../../src/simulator/index.ts';
import { vendorVariables } from '../../src/vendors/index.ts';
import { readVars } from '../../src/virtual-hits.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';

const START_MS = Date.UTC(2026, 10, 24, 10);
const hit = (more: Partial<SimulatedHit> = {}): SimulatedHit => ({
  atMs: START_MS,
  phone: 'desk',
  slug: 'missed_call',
  vars: { remote: 'sip:+4930999@pbx', display_remote: 'Smith & Sons' },
  ...more,
});

/** What the receiver reads of a request that a phone writes with these values, percent-encoded as a careful phone does it. */
function received(vars: Record<string, string>) {
  const values = Object.entries(vars).map(([name, value]) => [name, encodeURIComponent(value)] as const);
  const [line = ''] = hitText(new URL('http://h'), 'token', 'missed_call', values).split('\r\n');
  const query = line.slice(line.indexOf('?') + 1, line.lastIndexOf(' HTTP/'));
  const { vars: read, local, remote, mac, suspect } = readQuery(query, vendorVariables);
  return { vars: read, local, remote, suspect: [...suspect], ...(mac === undefined ? {} : { mac }) };
}

describe('variables are read as the receiver reads them', () => {
  test.each([
    [{ remote: 'sip:+4930999@pbx' }],
    [{ remote: '"Erika" <sip:+4930999@pbx;user=phone>', local: '201' }],
    [{ remote: 'anonymous', display_remote: '"Erika" <sip:+4930999@pbx>' }],
    [{ mac: '00:50:58:A1:B2:C3', ip: '10.0.0.1' }],
    [{ mac: 'no mac' }],
    [{ call_id: '', remote: '$remote', display_remote: '$display_remote' }],
    [{ remote: '+49 (30) 12-34', display_remote: 'a+b % %41' }],
  ])('%j', (vars) =>
    expect(readVars(vars as Record<string, string>)).toEqual(received(vars as Record<string, string>)),
  );
  test('any text, hostile ones among them', () => {
    const text = fc.oneof(fc.constantFrom(...HOSTILE_STRINGS), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(text, text, (remote, name) => {
        const vars = { remote: remote.toWellFormed(), display_remote: name.toWellFormed() };
        expect(readVars(vars)).toEqual(received(vars));
      }),
    );
  });
  test('a lone surrogate throws nothing', () =>
    expect(readVars({ remote: '\ud800' }).remote).toEqual({ number: '\ufffd' }));
});

describe('the event of a hit', () => {
  const cards = new Map<string, PhoneCard>([
    ['desk', { id: 'desk', site: 'default', groups: [], mac: '005058a1b2c3', vendor: 'snom' }],
  ]);
  test('has the shape that the receiver gives', () => {
    const [event] = hitEvents(
      [hit({ vars: { remote: '201', user: '202', host: 'pbx', url: 'sip:202@pbx', call_id: 'x' } })],
      'berlin',
      readVars,
    );
    const self = virtualPhone('desk');
    expect(event).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      type: 'phone.missed_call',
      at: '2026-11-24T10:00:00.000Z',
      site: 'berlin',
      phone: { id: 'desk', vendor: 'sangoma', ...self },
      line: { user: '202', host: 'pbx', uri: 'sip:202@pbx' },
      local: {},
      remote: { number: '201' },
      callId: 'x',
      vars: { ...self, remote: '201', user: '202', host: 'pbx', url: 'sip:202@pbx', call_id: 'x' },
      suspect: [],
    });
    expect(Object.getPrototypeOf(event?.vars)).toBeNull();
  });
  test('a phone of the config keeps its MAC and its make; a virtual one has a MAC that no real phone has', () => {
    const [known] = hitEvents([hit()], 'default', readVars, (id) => cards.get(id));
    expect(known?.phone).toMatchObject({ mac: '005058a1b2c3', vendor: 'snom' });
    const macs = Array.from({ length: 500 }, (_, n) => virtualPhone(`virtual-${n}`).mac);
    expect(new Set(macs).size).toBe(500);
    for (const mac of macs) expect(mac).toMatch(/^02[0-9a-f]{10}$/);
  });
  test('what a hit says of itself counts', () => {
    const [event] = hitEvents([hit({ vars: { mac: '00-50-58-00-00-01', ip: '10.9.8.7' } })], 'default', readVars);
    expect(event?.phone).toMatchObject({ mac: '005058000001', ip: '10.9.8.7' });
  });
});

test('moments go on by at least a millisecond, ids are sorted by time, unique over sites, and always the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...SCENARIOS), fc.integer()), { minLength: 1, maxLength: 4 }),
      (courses) => {
        const phones = ['a', 'b', 'c'];
        const hits = courses.flatMap(([scenario, seed]) =>
          scenario.play({ phones, number: '+4930', startMs: START_MS, draw: seededDraw(seed) }),
        );
        const events = hitEvents(hits, 'default', readVars);
        expect(events).toHaveLength(hits.length);
        expect(hitEvents(hits, 'default', readVars)).toEqual(events);
        for (const [n, { at, id }] of events.entries()) {
          const before = events[n - 1];
          if (before === undefined) continue;
          expect(at > before.at).toBe(true);
          expect(id > before.id).toBe(true);
        }
        const elsewhere = hitEvents(hits, 'berlin', readVars);
        expect(new Set([...events, ...elsewhere].map(({ id }) => id)).size).toBe(2 * hits.length);
      },
    ),
    { numRuns: 30 },
  );
});
