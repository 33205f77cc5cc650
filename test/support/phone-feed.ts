// A PhoneFeed in memory: phones that say what a test lets them say, and orders that a test can read.
import type { CallState, Slug } from '../../src/core/events.ts';
import type {
  LastCallerView,
  LastMissedView,
  PhoneCommand,
  PhoneEventView,
  PhoneFeed,
  PhoneNews,
  PhoneSnapshot,
  PhoneView,
} from '../../src/core/phone-view.ts';

export type Said = {
  event: Slug;
  /** Of the event; by default the moment of the system's clock. */
  atMs?: number;
  remote?: { number?: string; name?: string };
  state?: Partial<PhoneSnapshot>;
  lastCaller?: Partial<LastCallerView>;
  lastMissed?: Partial<LastMissedView>;
};

export type TestFeed = PhoneFeed & {
  orders: { phone: string; command: PhoneCommand }[];
  listeners(): number;
  view(id: string): PhoneView;
  /** The phone says something: its state changes, and the news is told. */
  say(id: string, said: Said): void;
  notice(type: (PhoneNews & { kind: 'notice' })['type'], data: { [key: string]: string }): void;
  add(...phones: (Partial<PhoneSnapshot> & { id: string })[]): void;
  rename(id: string, name: string): void;
  remove(id: string): void;
};

export const iso = (ms: number): string => new Date(ms).toISOString().replace('Z', '+00:00');

/** A phone that has never spoken. */
export const quietSnapshot = (id: string, more: Partial<PhoneSnapshot> = {}): PhoneSnapshot => ({
  id,
  name: id,
  call_state: null,
  in_use: null,
  ringing: null,
  off_hook: null,
  on_hold: null,
  muted: null,
  dnd: null,
  forward: { always: null, busy: null, no_answer: null },
  registered: null,
  call: {
    direction: null,
    remote_number: null,
    remote_name: null,
    account: null,
    started_at: null,
    answered_at: null,
    calls: 0,
    waiting: 0,
    uncertain: false,
    stale: false,
  },
  calls: [],
  missed_calls: 0,
  missed_since: null,
  ip: null,
  model: null,
  firmware: null,
  last_event: null,
  last_seen: null,
  seq: 0,
  schema: 1,
  ...more,
});

export const viewOf = (state: PhoneSnapshot, more: Partial<PhoneView> = {}): PhoneView => ({
  id: state.id,
  site: 'default',
  mac: /^[0-9a-f]{12}$/.test(state.id) ? state.id : null,
  manufacturer: 'Sangoma',
  area: null,
  groups: [],
  state,
  lastCaller: null,
  lastMissed: null,
  ...more,
});

/** What a phone shows with a call of that state. */
function talking(before: PhoneSnapshot, said: Said, at: string): PhoneSnapshot {
  const to: CallState | null = said.state?.call_state ?? before.call_state;
  const inCall = to !== null && to !== 'idle';
  const number = said.remote?.number ?? null;
  const name = said.remote?.name ?? null;
  const call = { remote_number: number, remote_name: name, account: '201' };
  return {
    ...before,
    in_use: inCall,
    ringing: to === 'ringing',
    call: inCall ? { ...before.call, ...call, direction: 'in', started_at: at, calls: 1 } : quietSnapshot('').call,
    calls: inCall ? [{ key: `201|${number ?? ''}`, phase: 'active', direction: 'in', ...call, since: at }] : [],
    last_event: said.event,
    last_seen: at,
    seq: before.seq + 1,
    ...said.state,
  };
}

/** The phone afterwards, and its event. */
function spoken(before: PhoneView, said: Said): { view: PhoneView; event: PhoneEventView } {
  const at = iso(said.atMs ?? Date.now());
  const state = talking(before.state, said, at);
  const remote = { remote_number: said.remote?.number ?? null, remote_name: said.remote?.name ?? null };
  const about = { ...remote, account: '201', at };
  const display = said.remote?.name ?? said.remote?.number ?? 'Anonymous';
  const { lastCaller, lastMissed } = before;
  const view: PhoneView = {
    ...before,
    state,
    lastCaller: said.lastCaller ? { display, ...about, outcome: 'ringing', ...said.lastCaller } : lastCaller,
    lastMissed: said.lastMissed ? { ...about, rang_seconds: 9, reason: 'missed_call', ...said.lastMissed } : lastMissed,
  };
  const event: PhoneEventView = {
    event_type: said.event,
    direction: 'in',
    ...about,
    call_key: `201|${said.remote?.number ?? ''}`,
    call_state: state.call_state,
    previous_call_state: before.state.call_state,
    seq: state.seq,
  };
  return { view, event };
}

export function createTestFeed(...phones: PhoneView[]): TestFeed {
  let list = phones;
  const listeners = new Set<(news: PhoneNews) => void>();
  const orders: TestFeed['orders'] = [];
  const tell = (news: PhoneNews): void => {
    for (const listener of listeners) listener(news);
  };
  const find = (id: string): PhoneView => {
    const view = list.find((each) => each.id === id);
    if (view === undefined) throw new Error(`no phone ${id}`);
    return view;
  };
  const replace = (view: PhoneView): void => {
    list = list.map((each) => (each.id === view.id ? view : each));
  };
  return {
    orders,
    listeners: () => listeners.size,
    all: () => list,
    view: find,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async command(phone, command) {
      if (!list.some(({ id }) => id === phone)) return false;
      orders.push({ phone, command });
      return true;
    },
    health: () => ({ version: '0.1.0', startedAtMs: Date.UTC(2026, 10, 24, 8), events: 7, dropped: 2 }),
    say(id, said) {
      const told = spoken(find(id), said);
      replace(told.view);
      tell({ kind: 'phone', ...told });
    },
    notice: (type, data) => tell({ kind: 'notice', type, data }),
    add(...added) {
      list = [...list, ...added.map((more) => viewOf(quietSnapshot(more.id, more)))];
      tell({ kind: 'phones' });
    },
    rename(id, name) {
      const view = find(id);
      replace({ ...view, state: { ...view.state, name } });
      tell({ kind: 'phones' });
    },
    remove(id) {
      list = list.filter((each) => each.id !== id);
      tell({ kind: 'phones' });
    },
  };
}
