// Announcer: keeps the discovery messages on the broker as they must be, one device at a time.
// wanted ≠ held ──▶ topics that must go are cleared, or components that must go are named once more without content
//               ──▶ 2 s ──▶ the new message; of a phone that is gone: what else the broker holds of it is cleared
import { createHash } from 'node:crypto';
import type { Cancel, Clock } from '../../../core/ports.ts';
import type { Publish } from '../packet.ts';
import { type Announcement, type DiscoveryContext, deviceMessages } from './discovery.ts';
import { APART_MS, type Entry, type Ledger } from './ledger.ts';
import type { Outgoing } from './outgoing.ts';

export type Announcer = {
  /** Brings that device up to date when its turn comes; `anew`: also if nothing changed. */
  announce(id: string, anew?: boolean): void;
  /** The same after a while; an earlier moment that is set already stays. */
  announceLater(id: string, delayMs: number): void;
  /** Ends all that was to happen later. */
  rest(): void;
};

export type AnnouncerOptions = {
  clock: Clock;
  context: DiscoveryContext;
  ledger: Ledger;
  outgoing: Outgoing;
  /** What is to be announced under that id; undefined: nothing, it is gone or nobody wants it announced. */
  wanted(id: string): Announcement | undefined;
  /** Whether there is such a device still; if not, nothing is left of it. */
  exists(id: string): boolean;
};

/** A retained message of the Home Assistant tree; an empty payload clears the topic. */
export const retained = (topic: string, payload: string): Publish => ({
  id: payload === '' ? 'ha/clear' : 'ha/retained',
  topic,
  payload,
  json: payload.startsWith('{') || payload.startsWith('['),
  qos: 1,
  retain: true,
});

const hashOf = (messages: { topic: string; payload: string }[]): string =>
  createHash('sha256').update(JSON.stringify(messages)).digest('base64');

const NOTHING_SAID = '';

/** Components of the last message that the next one has not. */
const droppedOf = (entry: Entry, { components }: Announcement): Map<string, string> =>
  new Map([...entry.components].filter(([key]) => !Object.hasOwn(components, key)));

const platformsOf = ({ components }: Announcement): Map<string, string> =>
  new Map(Object.entries(components).map(([key, { platform }]) => [key, platform]));

export function createAnnouncer(options: AnnouncerOptions): Announcer {
  const { clock, ledger, outgoing, context } = options;
  const moments = createMoments(clock, announce);
  const anewIds = new Set<string>();

  function announce(id: string, anew = false): void {
    if (anew) anewIds.add(id);
    outgoing.push({ kind: 'kept', key: `device ${id}`, make: () => make(id, anewIds.delete(id)) });
  }

  function make(id: string, anew: boolean): Publish[] {
    const wanted = options.wanted(id);
    const entry = ledger.of(id);
    const dropped = wanted === undefined ? new Map() : droppedOf(entry, wanted);
    const messages = wanted === undefined ? [] : deviceMessages(wanted, context, dropped);
    const topics = new Set(messages.map(({ topic }) => topic));
    const cleared = [...entry.configs].filter((topic) => !topics.has(topic));
    if (cleared.length > 0) return clear(id, entry, cleared);
    if (wanted === undefined) return options.exists(id) ? [] : finish(id, entry);
    const said = hashOf(messages);
    if (said === entry.said && !anew) return [];
    const waitMs = ledger.waitMs(entry, said);
    if (waitMs > 0) {
      moments.set(id, waitMs);
      return [];
    }
    ledger.say(entry, said);
    entry.configs = topics;
    entry.components = platformsOf(wanted);
    // The message that names what was dropped is not to stay: nobody should read about it next year.
    if (dropped.size > 0) moments.set(id, APART_MS);
    return messages.map(({ topic, payload }) => retained(topic, payload));
  }

  function clear(id: string, entry: Entry, topics: string[]): Publish[] {
    for (const topic of topics) entry.configs.delete(topic);
    if (topics.includes(context.topics.device(id))) entry.components.clear();
    ledger.say(entry, NOTHING_SAID);
    moments.set(id, APART_MS);
    return topics.map((topic) => retained(topic, ''));
  }

  function finish(id: string, entry: Entry): Publish[] {
    const waitMs = ledger.waitMs(entry, 'the end');
    if (waitMs > 0) {
      moments.set(id, waitMs);
      return [];
    }
    ledger.forget(id);
    return [...entry.leaves].map((topic) => retained(topic, ''));
  }

  return { announce, announceLater: moments.set, rest: moments.clear };
}

/** Moments at which something is to be done about a device; one each, the earliest that was asked for. */
function createMoments(clock: Clock, task: (id: string) => void) {
  const moments = new Map<string, { atMs: number; cancel: Cancel }>();
  return {
    set(id: string, delayMs: number): void {
      const atMs = clock.monotonicMs() + delayMs;
      const before = moments.get(id);
      if (before !== undefined && before.atMs <= atMs) return;
      before?.cancel();
      const cancel = clock.after(delayMs, () => {
        moments.delete(id);
        task(id);
      });
      moments.set(id, { atMs, cancel });
    },
    clear(): void {
      for (const { cancel } of moments.values()) cancel();
      moments.clear();
    },
  };
}
