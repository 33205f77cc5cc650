// Leftovers: what earlier runs of ours left on the broker and nobody wants any more. Looked for once a run, before anything is
// announced; announcements as one message a component are many, so they are looked for afterwards, key by key.
import type { PhoneView } from '../../../core/phone-view.ts';
import type { Clock, Log } from '../../../core/ports.ts';
import type { Incoming, Link } from '../link.ts';
import { type Announcer, retained } from './announcer.ts';
import type { Ledger } from './ledger.ts';
import type { Outgoing } from './outgoing.ts';
import { componentFilters, type Found, plainFilters, type Search, type SearchEnd, searchRetained } from './retained.ts';
import type { HomeAssistantSettings } from './settings.ts';
import type { Shown } from './shown.ts';
import { LEAVES, type Leaf, type Topics } from './topics.ts';

/** A broker that ends the connection instead of refusing is asked so often. */
const LOSSES_MAX = 2;
/** Brokers queue only so many messages for one client; what is more is lost. Source: mosquitto.conf(5), max_queued_messages. */
const MESSAGES_AT_ONCE = 500;

export type Leftovers = {
  /** Whether a search must come before the first announcement. */
  isDue(): boolean;
  /** Takes down in the ledger what was found. */
  search(link: Link, isUp: () => boolean): Promise<void>;
  /** Looks through the single-component announcements, where there may be some, and announces what must change. */
  searchDeeper(link: Link, isUp: () => boolean): Promise<void>;
  take(message: Incoming): boolean;
  /** The link was lost. */
  lost(code: string | number): void;
  /** Something could not be cleared: search again after the next connect. */
  again(): void;
};

export type LeftoversOptions = {
  settings: HomeAssistantSettings;
  topics: Topics;
  clock: Clock;
  log: Log;
  connection: string;
  ledger: Ledger;
  outgoing: Outgoing;
  announcer: Announcer;
  shown: Shown;
};

export function createLeftovers(options: LeftoversOptions): Leftovers {
  const { settings, topics, clock, log, connection, outgoing, announcer } = options;
  const componentsAreOurs = settings.discovery && settings.mode === 'component';
  let due = true;
  let deeperDue = componentsAreOurs;
  let running: Search | undefined;
  let losses = 0;

  async function run(link: Link, filters: readonly string[]): Promise<{ end: SearchEnd; found: Found[] }> {
    const found: Found[] = [];
    const search = searchRetained(link, filters, { clock, topics, found: (each) => found.push(each) });
    running = search;
    const end = await search.end;
    if (running === search) running = undefined;
    if (end === 'refused' || end === 'endless')
      log.warn('ha.leftovers-not-searched', { connection, reason: end, filters: filters.length });
    return { end, found };
  }

  return {
    isDue: () => due,
    async search(link, isUp) {
      const filters = [...plainFilters(topics), ...(componentsAreOurs ? [] : componentFilters(topics))];
      const { end, found } = await run(link, filters);
      if (end === 'ended' || !isUp()) return;
      due = false;
      absorb(options, found);
      deeperDue ||= found.some((each) => each.kind === 'config' && each.mode === 'component');
    },
    async searchDeeper(link, isUp) {
      if (!deeperDue) return;
      await outgoing.idle();
      const filters = componentFilters(topics);
      const atOnce = Math.max(1, Math.floor(MESSAGES_AT_ONCE / (options.shown.all().length + 1)));
      for (let at = 0; at < filters.length; at += atOnce) {
        if (!isUp()) return;
        const { end, found } = await run(link, filters.slice(at, at + atOnce));
        if (end === 'ended' || !isUp()) return;
        for (const id of absorb(options, found)) announcer.announce(id);
        await outgoing.idle();
      }
      deeperDue = false;
    },
    take: (message) => running?.take(message) === true,
    lost(code) {
      if (running === undefined) return;
      running = undefined;
      losses += 1;
      if (losses < LOSSES_MAX && code !== 'packet-size') return;
      due = false;
      deeperDue = false;
      log.warn('ha.leftovers-not-searched', { connection, reason: String(code) });
    },
    again() {
      due = true;
      deeperDue = componentsAreOurs;
    },
  };
}

/** Takes down what was found; returns the devices that it is about. */
function absorb({ topics, settings, ledger, shown, outgoing, log, connection }: LeftoversOptions, found: Found[]) {
  const ids = new Set<string>();
  const owner = found.find((each) => each.kind === 'owner' && each.instance !== settings.instance);
  if (owner !== undefined) log.warn('ha.base-in-use', { connection, base: topics.base });
  for (const each of found) {
    if (each.kind === 'config') {
      const entry = ledger.of(each.id);
      entry.configs.add(each.topic);
      if (each.mode === 'device' && entry.said === undefined) entry.components = each.components;
      ids.add(each.id);
    } else if (each.kind === 'leaf' && owner === undefined) {
      const view = shown.get(each.id);
      if (view === undefined || isWanted(each.leaf)) ledger.of(each.id).leaves.add(each.topic);
      if (view === undefined) ids.add(each.id);
      else {
        const unwanted = (): boolean => !isWanted(each.leaf) || hasNothing(shown.get(each.id), each.leaf);
        const make = () => (unwanted() ? [retained(each.topic, '')] : []);
        outgoing.push({ kind: 'kept', key: `clear ${each.topic}`, make });
      }
    }
  }
  return ids;
}

const isWanted = (leaf: string): leaf is Leaf => (LEAVES as readonly string[]).includes(leaf);

const hasNothing = (view: PhoneView | undefined, leaf: Leaf): boolean =>
  (leaf === 'last_caller' && view?.lastCaller === null) || (leaf === 'last_missed' && view?.lastMissed === null);
