// A site for tests of the fleet: phones say things on virtual time, rows are kept, and what is made of many phones is written down.
import type { Event, NoteEvent, PhoneEvent } from '../../src/core/events.ts';
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
import { eventOf } from './fixture.ts';

export const BEGIN_MS = Date.UTC(2026, 10, 24, 9);
const FLEET_TYPES = ['site.restarted', 'phone.silent', 'phone.flapping'];
export const HOUR_MS = 3_600_000;
export const flapping = { changes: 6, withinMs: 600_000 };

export type Said = { atMs: number; phone: string; says: string };

export const ids = Array.from({ length: 60 }, (_, n) => `p${n + 1}`);

export function programWith(fleet: FleetSettings, rules: CompiledRules = [], known: readonly string[] = ids): Program {
  const phones = known.map((id) => ({ id, site: 'default', groups: [] }));
  return createProgram({ rules, phones, connections: new Map(), fleet });
}

/** A daemon's life on virtual time; its rows are kept, so that another one can take them up. */
export function fleetSite(fleet: FleetSettings = { flapping }, known = ids) {
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
