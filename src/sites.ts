// The sites: of each one its engine's state and its pump; and how notes get into its journal.
import { cleanLine } from './core/caller-text.ts';
import type { Delivery, Settlement } from './core/delivery.ts';
import type { CallClaim } from './core/destination.ts';
import type { NoteEvent } from './core/events.ts';
import type { Trace } from './core/number-trace.ts';
import type { Ports } from './core/ports.ts';
import { type AppendResult, type JournalEntry, STATE_OF_OUTBOX, type StateChange, type Store } from './core/store.ts';
import {
  createState,
  forget,
  knowsCall,
  type Program,
  pinOf,
  restore,
  type State,
  type Stepped,
  step,
  testDeliveryOf,
} from './engine/index.ts';
import { createPump, type Input, type Pump, type Stepped as PumpStepped } from './pump.ts';
import type { Arrivals } from './receiver/index.ts';

/** A note without what the journal gives it. */
export type Note = NoteEvent extends infer One
  ? One extends NoteEvent
    ? Omit<One, 'id' | 'at' | 'site'>
    : never
  : never;

export type SitesOptions = {
  ports: Ports;
  store: Pick<Store, 'append' | 'commit' | 'load'>;
  arrivals: Arrivals;
  add(deliveries: readonly Delivery[]): void;
  /** A row of state that is the outbox's. */
  restore(change: StateChange): void;
  onFatal(error: unknown): void;
  /** What to do once a step is durable, if anything; called right after the step, while its state is as the step left it. */
  stepped(site: string, stepped: Pick<Stepped, 'touched' | 'unnamed'>): (() => void) | undefined;
};

export type Sites = {
  /** A site that is not there yet; its pump has not started. */
  open(site: string, program: Program): void;
  /** Takes up what was left of every site that has not started yet. */
  start(): Promise<void>;
  has(site: string): boolean;
  stateOf(site: string): State | undefined;
  /** The MAC that was pinned for a phone of the config, at whichever site. */
  pinOf(phone: string): string | undefined;
  /** Entries of one site. Rejects with the store's error. */
  accept(entries: JournalEntry[]): Promise<AppendResult[]>;
  /** Puts a note into a site's journal; resolves when it is durable. */
  note(site: string, note: Note): Promise<void>;
  /** Puts down that somebody takes care of a call; false if the call is not known (any more), or nobody is named. */
  claim(claim: CallClaim): Promise<boolean>;
  /** Asks for a test message over a connection; resolves with the id of its delivery, which is still to be made. */
  test(to: string): Promise<string>;
  /**
   * Stores outcomes of deliveries, and the outbox's rows; of which site is of no account for outcomes, for all share one store
   * and one epoch. The rows belong to the first site.
   */
  settle(settlements: Settlement[], changes: readonly StateChange[]): Promise<void>;
  /** Every engine forgets a number; resolves when that is durable. */
  forget(holds: Trace): Promise<void>;
  swap(program: Program): void;
  /** Events that are not decided yet. */
  backlog(): number;
  idle(): Promise<void>;
  /** No timer runs any more. */
  close(): void;
};

const EMPTY = new Uint8Array();
/** A name is no letter. */
const CLAIMED_BY_MAX = 128;
const DEFAULT_SITE = 'default';

/** No sites yet. */
export function createSites(options: SitesOptions): Sites {
  const { ports, store, arrivals, add, onFatal } = options;
  const sites = new Map<string, { state: State; pump: Pump<Program>; started: boolean }>();
  const rows = createRows(options.restore);
  const { clock, random } = ports;

  const pumpOf = (site: string): Pump<Program> => {
    const found = sites.get(site);
    if (found === undefined) throw new Error('unknown site');
    return found.pump;
  };

  /** Resolves with the note's id once it is durable. */
  const put = async (site: string, note: Note): Promise<string> => {
    const atMs = arrivals.next(site, clock.wallMs());
    const event: NoteEvent = { ...note, id: random.uuid7(atMs), at: new Date(atMs).toISOString(), site };
    await pumpOf(site).accept([{ event, raw: EMPTY }]);
    return event.id;
  };

  return {
    open(site, program) {
      const state = createState(site);
      const pump = createPump<Program>({
        site,
        epoch: 1,
        store,
        ports,
        program,
        restore: (change) => (rows.take(pump, change) ? undefined : restore(state, change)),
        step: (by, input) => decide(state, by, input, options),
        add,
        onFatal,
      });
      sites.set(site, { state, pump, started: false });
    },
    async start() {
      for (const site of sites.values()) {
        if (site.started) continue;
        site.started = true;
        await site.pump.start();
      }
      const [home] = sites.values();
      if (home !== undefined) rows.bringHome(home.pump);
    },
    has: (site) => sites.has(site),
    stateOf: (site) => sites.get(site)?.state,
    pinOf(phone) {
      for (const { state } of sites.values()) {
        const pinned = pinOf(state, phone);
        if (pinned !== undefined) return pinned;
      }
      return undefined;
    },
    async accept(entries) {
      return pumpOf(entries[0]?.event.site ?? '').accept(entries);
    },
    async note(site, note) {
      await put(site, note);
    },
    async claim({ site, call, by }) {
      const state = sites.get(site)?.state;
      const name = cleanLine(by, CLAIMED_BY_MAX).trim();
      if (state === undefined || name === '' || !knowsCall(state, call)) return false;
      await put(site, { type: 'note.claimed', claim: { call, by: name } });
      return true;
    },
    async test(to) {
      return testDeliveryOf(await put(DEFAULT_SITE, { type: 'note.test', to }));
    },
    async settle(settlements, changes) {
      const [first] = sites.values();
      if (first === undefined) throw new Error('no site');
      await first.pump.settle(settlements, changes);
    },
    forget: (holds) => forgetAt([...sites.values()], holds, options.stepped),
    swap(program) {
      for (const { pump } of sites.values()) pump.swap(program);
    },
    backlog: () => [...sites.values()].reduce((sum, { pump }) => sum + pump.backlog(), 0),
    async idle() {
      await Promise.all([...sites.values()].map(({ pump }) => pump.idle()));
    },
    close() {
      for (const { pump } of sites.values()) pump.close();
    },
  };
}

async function forgetAt(
  sites: readonly { state: State; pump: Pump<Program> }[],
  holds: Trace,
  stepped: SitesOptions['stepped'],
): Promise<void> {
  for (const { state, pump } of sites) {
    // Between two steps: nothing is folded into what is half forgotten.
    const { changes, touched } = forget(state, holds);
    const whenStored = stepped(state.site, { touched, unnamed: [] });
    if (changes.length > 0) await pump.settle([], changes);
    whenStored?.();
  }
}

const OF_OUTBOX: ReadonlySet<string> = new Set(Object.values(STATE_OF_OUTBOX));

/**
 * The outbox's rows as they are loaded. They belong to the first site; where the config's order of sites changed since, they
 * lie at another one, and are brought home: a row that is removed later must not be there a second time.
 */
function createRows(tell: (change: StateChange) => void) {
  const loaded: { pump: Pump<Program>; change: StateChange }[] = [];
  const nameOf = ({ kind, key }: StateChange): string => `${kind}\n${key}`;
  return {
    /** False: the row is not the outbox's. */
    take(pump: Pump<Program>, change: StateChange): boolean {
      if (!OF_OUTBOX.has(change.kind)) return false;
      loaded.push({ pump, change });
      tell(change);
      return true;
    },
    bringHome(home: Pump<Program>): void {
      const rows = loaded.splice(0);
      const at = new Set(rows.filter(({ pump }) => pump === home).map(({ change }) => nameOf(change)));
      for (const { pump, change } of rows) {
        if (pump === home) continue;
        // At home first: a crash in between leaves two rows, of which the one at home counts.
        const brought = at.has(nameOf(change)) ? Promise.resolve() : home.settle([], [change]);
        void brought.then(() => pump.settle([], [{ ...change, value: null }]));
      }
    },
  };
}

function decide(state: State, program: Program, input: Input, { ports, stepped }: SitesOptions): PumpStepped {
  const result = step(state, input, program);
  if (result.quarantined) ports.count('events_quarantined', { reason: 'mac-mismatch' });
  if (result.dropped > 0) ports.count('waits_dropped', {}, result.dropped);
  if (result.overBudget > 0) ports.count('rule_over_budget', {}, result.overBudget);
  for (const { rule, level, text } of result.logs) ports.log[level]('rule_says', { rule, text });
  const whenStored = stepped(state.site, result);
  return whenStored === undefined ? result : { ...result, whenStored };
}
