// A site for tests of phones and calls: phones say things at moments of a virtual day, and everything that follows is written down.
import type { CallDetails, CallEvent, Event, PhoneEvent, Slug } from '../../src/core/events.ts';
import type { PhoneCard } from '../../src/core/phone-card.ts';
import type { PhoneSnapshot } from '../../src/core/phone-view.ts';
import {
  CALL_SETTINGS,
  type CallSettings,
  createProgram,
  createState,
  newPhone,
  type Program,
  restore,
  type State,
  type Stepped,
  snapshotOf,
  step,
} from '../../src/engine/index.ts';
import { compiledOf } from './fixture.ts';

export const BEGIN_MS = Date.UTC(2026, 10, 24, 9);

/** One hit: `atMs` after the beginning. `number: null`: withheld; missing: the hit names nobody. */
export type Hit = {
  atMs: number;
  phone: string;
  says: Slug;
  number?: string | null;
  local?: string;
  name?: string;
  callId?: string;
  account?: string;
};

export type Told = { atMs: number; type: string; call: CallDetails };

export type SiteScript = {
  state: State;
  program: Program;
  steps: Stepped[];
  say(hit: Hit): Stepped;
  /** Lets time pass in one go: each thing is due at its own moment all the same. */
  until(atMs: number): void;
  /** Another daemon takes the stored rows up; it was away until `atMs`. */
  restart(atMs: number): void;
  calls(): Told[];
  /** `call.ringing` and the like, in their order. */
  types(): string[];
  snapshot(phone: string): PhoneSnapshot;
  /** The rows as they are stored. */
  rows: Map<string, string>;
};

/** Groups by phone; phones that are not named belong to none, and are known by no card unless `cards` names them. */
export function siteScript(
  options: {
    groups?: Record<string, string[]>;
    settings?: Partial<CallSettings>;
    settle?: Record<string, number>;
    rules?: unknown[];
  } = {},
): SiteScript {
  const phones: PhoneCard[] = Object.entries(options.groups ?? {}).map(([id, groups]) => ({
    id,
    site: 'default',
    groups,
  }));
  const program = createProgram({
    rules: compiledOf({ rules: options.rules ?? [] }),
    phones,
    connections: new Map(),
    calls: { ...CALL_SETTINGS, ...options.settings },
    groups: new Map(Object.entries(options.settle ?? {}).map(([name, settleMs]) => [name, { settleMs }])),
  });
  let n = 0;
  const rows = new Map<string, string>();
  const steps: Stepped[] = [];
  const take = (stepped: Stepped): Stepped => {
    steps.push(stepped);
    for (const { kind, key, value } of stepped.changes) {
      if (value === null) rows.delete(`${kind}\n${key}`);
      else rows.set(`${kind}\n${key}`, JSON.stringify(value));
    }
    return stepped;
  };
  const script: SiteScript = {
    state: createState(),
    program,
    steps,
    rows,
    say(hit) {
      script.until(hit.atMs - 1);
      n += 1;
      return take(step(script.state, { event: phoneEventOf(hit, n) }, program));
    },
    until(atMs) {
      const due = steps.at(-1)?.nextDueMs;
      if (due !== undefined && due <= BEGIN_MS + atMs)
        take(step(script.state, { now: new Date(BEGIN_MS + atMs).toISOString() }, program));
    },
    restart(atMs) {
      script.state = createState();
      for (const [row, value] of rows) {
        const [kind = '', key = ''] = row.split('\n');
        restore(script.state, { kind, key, value: JSON.parse(value) as never });
      }
      take(step(script.state, { now: new Date(BEGIN_MS + atMs).toISOString(), started: true }, program));
    },
    calls: () => steps.flatMap(({ events }) => events.filter(isCall).map(toldOf)),
    types: () => script.calls().map(({ type }) => type),
    snapshot: (phone) => snapshotOf(script.state.phones.get(phone) ?? newPhone(phone, 'sangoma'), phone),
  };
  return script;
}

const isCall = (event: Event): event is CallEvent => event.type.startsWith('call.');
const toldOf = ({ at, type, call }: CallEvent): Told => ({ atMs: Date.parse(at) - BEGIN_MS, type, call });

function phoneEventOf({ atMs, phone, says, number, local, name, callId, account }: Hit, n: number): PhoneEvent {
  return {
    id: `019ab000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    type: `phone.${says}`,
    at: new Date(BEGIN_MS + atMs).toISOString(),
    site: 'default',
    phone: { id: phone, vendor: 'sangoma' },
    line: account === undefined ? {} : { user: account },
    local: local === undefined ? {} : { number: local },
    remote: {
      ...(number === undefined || number === null ? {} : { number }),
      ...(name === undefined ? {} : { name }),
    },
    ...(callId === undefined ? {} : { callId }),
    vars: Object.create(null),
    suspect: [],
  };
}

/** Plays hits in the order of their moments, and then lets a day pass. */
export function play(hits: readonly Hit[], options: Parameters<typeof siteScript>[0] = {}): SiteScript {
  const script = siteScript(options);
  for (const hit of [...hits].sort((a, b) => a.atMs - b.atMs)) script.say(hit);
  script.until(2 * 86_400_000);
  return script;
}
