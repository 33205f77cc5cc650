// Facts about the fleet: restarts of a site, flapping registrations, silence; for any course, and a restart of ours anywhere.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BEGIN_MS, flapping, fleetSite, HOUR_MS, ids } from './fleet-site.ts';

const DAY_MS = 24 * HOUR_MS;

describe('the restart of a site', () => {
  test('sixty phones within a minute are one event, half a minute after the last', () => {
    const one = fleetSite();
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
    const one = fleetSite();
    for (const n of [0, 1, 2, 3]) one.say({ atMs: n * 1_000, phone: `p${n + 1}`, says: 'setup_completed' });
    one.until(HOUR_MS);
    for (const n of [0, 1, 2, 3, 4])
      one.say({ atMs: 2 * HOUR_MS + n * 31_000, phone: `p${n + 1}`, says: 'setup_completed' });
    one.until(3 * HOUR_MS);
    expect(one.told()).toEqual([]);
  });

  test('phones that lost their registration and have it back count, those that only register again do not', () => {
    const one = fleetSite();
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
    const one = fleetSite();
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
          const [plain, broken] = [fleetSite(), fleetSite()];
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
    const one = fleetSite();
    for (let n = 0; n < 240; n++)
      one.say({ atMs: n * 30_000, phone: 'p1', says: n % 2 === 0 ? 'unregistered' : 'registered' });
    expect(one.told()).toEqual([
      ['phone.flapping', 150_000, 1],
      ['phone.flapping', 150_000 + HOUR_MS, 1],
    ]);
    expect(one.made[0]).toMatchObject({ phone: { id: 'p1' }, fleet: { since: '2026-11-24T09:00:00.000Z' } });
  });

  test('a phone that fails again and again does not flap, nor one that takes its time', () => {
    const one = fleetSite();
    for (let n = 0; n < 100; n++) one.say({ atMs: n * 30_000, phone: 'p1', says: 'register_failed' });
    for (let n = 0; n < 20; n++)
      one.say({ atMs: HOUR_MS + n * 130_000, phone: 'p2', says: n % 2 === 0 ? 'unregistered' : 'registered' });
    expect(one.told()).toEqual([]);
  });
});

describe('silence', () => {
  const fleet = { silentAfterMs: 7 * DAY_MS, flapping };

  test('a known phone is told once, seven days after its last word; and again when it spoke in between', () => {
    const one = fleetSite(fleet);
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
    const quiet = fleetSite();
    quiet.say({ atMs: 0, phone: 'p1', says: 'dnd_on' });
    quiet.until(90 * DAY_MS);
    const one = fleetSite(fleet, ['p2']);
    one.say({ atMs: 0, phone: 'stranger', says: 'dnd_on' });
    one.say({ atMs: 1, phone: 'p2', says: 'dnd_on' });
    one.note(2, 'note.forget', 'p2');
    one.until(90 * DAY_MS);
    expect([quiet.told(), one.told()]).toEqual([[], []]);
    expect([...one.rows.keys()].filter((key) => key.endsWith('\np2'))).toEqual([]);
  });

  test('after a start every phone has an hour to speak, for nobody listened before', () => {
    const one = fleetSite(fleet);
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
