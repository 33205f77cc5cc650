// The sites: of each one its engine's state and its pump; and how notes get into its journal.
import type { Delivery, Settlement } from './core/delivery.ts';
import type { NoteEvent } from './core/events.ts';
import type { Ports } from './core/ports.ts';
import type { AppendResult, JournalEntry, Store } from './core/store.ts';
import { createState, type Program, pinOf, restore, type State, type Stepped, step } from './engine/index.ts';
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
  onFatal(error: unknown): void;
  /** What to do once a step is durable, if anything; called right after the step, while its state is as the step left it. */
  stepped(site: string, stepped: Stepped): (() => void) | undefined;
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
  /** Stores outcomes of deliveries; of which site is of no account, for all share one store and one epoch. */
  settle(settlements: Settlement[]): Promise<void>;
  swap(program: Program): void;
  /** Events that are not decided yet. */
  backlog(): number;
  idle(): Promise<void>;
  /** No timer runs any more. */
  close(): void;
};

const EMPTY = new Uint8Array();

/** No sites yet. */
export function createSites(options: SitesOptions): Sites {
  const { ports, store, arrivals, add, onFatal } = options;
  const sites = new Map<string, { state: State; pump: Pump<Program>; started: boolean }>();
  const { clock, random } = ports;

  const pumpOf = (site: string): Pump<Program> => {
    const found = sites.get(site);
    if (found === undefined) throw new Error('unknown site');
    return found.pump;
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
        restore: (change) => restore(state, change),
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
      const atMs = arrivals.next(site, clock.wallMs());
      const event: NoteEvent = { ...note, id: random.uuid7(atMs), at: new Date(atMs).toISOString(), site };
      await pumpOf(site).accept([{ event, raw: EMPTY }]);
    },
    async settle(settlements) {
      const [first] = sites.values();
      if (first === undefined) throw new Error('no site');
      await first.pump.settle(settlements);
    },
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

function decide(state: State, program: Program, input: Input, { ports, stepped }: SitesOptions): PumpStepped {
  const result = step(state, input, program);
  if (result.dropped > 0) ports.count('waits_dropped', {}, result.dropped);
  for (const { rule, level, text } of result.logs) ports.log[level]('rule_says', { rule, text });
  const whenStored = stepped(state.site, result);
  return whenStored === undefined ? result : { ...result, whenStored };
}
