// Retained: finds on the broker what an earlier run of ours left there. MQTT has no end mark for retained messages, so the end
// is silence.
import type { Clock } from '../../../core/ports.ts';
import type { Incoming, Link } from '../link.ts';
import { ORIGIN_NAME } from './discovery.ts';
import { BRIDGE_ENTITIES, PHONE_ENTITIES, TRIGGER_PLATFORM } from './keys.ts';
import type { Topics } from './topics.ts';

const QUIET_MS_MIN = 100;
const QUIET_MS_MAX = 2_000;
const QUIET_STEPS = 4;
const SEARCH_MS_MAX = 15_000;

/** One retained message of ours. */
export type Found =
  | { kind: 'config'; id: string; topic: string; mode: 'device' | 'component'; components: Map<string, string> }
  | { kind: 'leaf'; id: string; topic: string; leaf: string }
  /** Which instance says that the tree is its own. */
  | { kind: 'owner'; instance: string };

/** `refused`: the broker does not let us subscribe. `ended`: the link was lost. `endless`: it did not end in time. */
export type SearchEnd = 'done' | 'refused' | 'ended' | 'endless';

export type Search = {
  /** Any message that came in; true if it was one of those looked for. */
  take(message: Incoming): boolean;
  end: Promise<SearchEnd>;
};

/** What was published about phones, and their announcements as one message each. */
export const plainFilters = (topics: Topics): string[] => [
  topics.bridge('info'),
  `${topics.phones}+/+`,
  `${topics.prefix}/device/+/config`,
];

/** Announcements as one message a component; by key, so that other people's are not sent to us. */
export function componentFilters({ prefix }: Topics): string[] {
  const entities = Object.entries({ ...PHONE_ENTITIES, ...BRIDGE_ENTITIES });
  return [
    ...entities.map(([key, platform]) => `${prefix}/${platform}/+/${key}/config`),
    `${prefix}/${TRIGGER_PLATFORM}/+/+/config`,
  ];
}

/** Subscribes to the filters, hands over what is retained there and is ours, and unsubscribes when nothing more comes. */
export function searchRetained(
  link: Pick<Link, 'subscribe' | 'unsubscribe'>,
  filters: readonly string[],
  { clock, topics, found }: { clock: Clock; topics: Topics; found(found: Found): void },
): Search {
  const startedAtMs = clock.monotonicMs();
  let taken = 0;

  async function run(): Promise<SearchEnd> {
    // Quality of service 0: brokers queue only so many of the others for one client.
    const codes = await link.subscribe(filters, 0);
    if (codes === undefined) return 'ended';
    const refused = codes.some((code) => code >= 128);
    const roundTripMs = clock.monotonicMs() - startedAtMs;
    const quietMs = Math.min(QUIET_MS_MAX, Math.max(QUIET_MS_MIN, roundTripMs * 3));
    const silent = await silence(quietMs);
    await link.unsubscribe(filters);
    if (!silent) return 'endless';
    return refused ? 'refused' : 'done';
  }

  /** In steps: when the process itself was held up, one step is over at once, and what came in meanwhile is read before the next. */
  async function silence(quietMs: number): Promise<boolean> {
    let quiet = 0;
    while (quiet < QUIET_STEPS) {
      if (clock.monotonicMs() - startedAtMs > SEARCH_MS_MAX) return false;
      const before = taken;
      await new Promise<void>((resolve) => clock.after(quietMs / QUIET_STEPS, resolve));
      quiet = taken === before ? quiet + 1 : 0;
    }
    return true;
  }

  return {
    take(message) {
      const ours = read(message, topics);
      if (ours === undefined) return false;
      // What is published just now, by us too, is not what was kept.
      if (!message.retain) return true;
      taken += 1;
      if (ours !== 'foreign' && message.payload.length > 0) found(ours);
      return true;
    },
    end: run(),
  };
}

/** What a message is; `foreign` where it is somebody else's announcement. */
function read({ topic, payload }: Incoming, topics: Topics): Found | 'foreign' | undefined {
  if (topic === topics.bridge('info')) {
    const { instance } = objectOf(parsed(payload));
    return typeof instance === 'string' ? { kind: 'owner', instance } : 'foreign';
  }
  if (topic.startsWith(topics.phones)) {
    const [id, leaf, ...more] = topic.slice(topics.phones.length).split('/');
    if (id === undefined || leaf === undefined || more.length > 0) return undefined;
    return { kind: 'leaf', id, leaf, topic };
  }
  if (!topic.startsWith(`${topics.prefix}/`) || !topic.endsWith('/config')) return undefined;
  const [platform, node = '', ...more] = topic.slice(topics.prefix.length + 1).split('/');
  const mode = platform === 'device' ? 'device' : 'component';
  if (more.length !== (mode === 'device' ? 1 : 2) || !node.startsWith(topics.node(''))) return 'foreign';
  const components = componentsOf(payload, topics);
  return components === undefined
    ? 'foreign'
    : { kind: 'config', id: node.slice(topics.node('').length), topic, mode, components };
}

/** Key → platform of an announcement that this instance made; undefined if it is another's. */
function componentsOf(payload: Buffer, topics: Topics): Map<string, string> | undefined {
  const message = objectOf(parsed(payload));
  const { device, origin, components } = {
    device: objectOf(message.device),
    origin: objectOf(message.origin),
    components: objectOf(message.components),
  };
  const { identifiers, via_device } = device;
  const mine =
    via_device === topics.bridgeNode || (Array.isArray(identifiers) && identifiers.includes(topics.bridgeNode));
  if (origin.name !== ORIGIN_NAME || !mine) return undefined;
  const named = Object.entries(components).flatMap(([key, value]) => {
    const { platform, ...content } = objectOf(value);
    return typeof platform === 'string' && Object.keys(content).length > 0 ? [[key, platform] as const] : [];
  });
  return new Map(named);
}

type Loose = Record<string, unknown>;

const objectOf = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
}
