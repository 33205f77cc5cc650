// Bridge: what Hookswitch tells about itself and about its phones as a list. No callers in it, no secrets.
import type { Json } from '../../../core/delivery.ts';
import type { PhoneFeed, PhoneView } from '../../../core/phone-view.ts';
import type { Clock } from '../../../core/ports.ts';
import type { Version } from '../packet.ts';
import { PAYLOAD_BYTES_MAX } from '../settings.ts';
import type { Outgoing } from './outgoing.ts';
import type { HomeAssistantSettings } from './settings.ts';
import { labelOrNull, line } from './text.ts';

export type Bridge = {
  info(version: Version): Json;
  /** Phones that do not fit into one message are left out, and `left_out` of the health says how many. */
  phones(): Json;
  health(): { [key: string]: Json };
  /** What went wrong last, in words without secrets. */
  noteError(text: string): void;
};

export type BridgeOptions = {
  settings: HomeAssistantSettings;
  /** Address of the broker; holds no credentials. */
  server: string;
  feed: PhoneFeed;
  clock: Clock;
  phones(): readonly PhoneView[];
  outgoing: Outgoing;
};

const ERROR_CHARACTERS_MAX = 200;
/** Room for what stands around a list: a response's own keys. */
const LIST_BYTES_MAX = PAYLOAD_BYTES_MAX - 1_024;

const iso = (ms: number): string => new Date(ms).toISOString().replace('Z', '+00:00');

export function createBridge(options: BridgeOptions): Bridge {
  const { settings, feed, clock, outgoing } = options;
  let lastError: string | null = null;
  let leftOut = 0;

  return {
    info(version) {
      const { discovery, mode, prefix, callerData, triggers, eventTtlSeconds, exclude } = settings;
      const { version: ours, startedAtMs } = feed.health();
      return {
        version: ours,
        instance: settings.instance,
        started_at: iso(startedAtMs),
        server: options.server,
        protocol: version === 5 ? '5' : '3.1.1',
        discovery: { enabled: discovery, mode, prefix },
        phones: options.phones().length,
        config: { caller_data: callerData, triggers, event_ttl_seconds: eventTtlSeconds, exclude: [...exclude] },
      };
    },
    phones() {
      const all = options.phones();
      const list: Json[] = [];
      let bytes = 2;
      for (const phone of all) {
        const entry = listed(phone);
        bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
        if (bytes > LIST_BYTES_MAX) break;
        list.push(entry);
      }
      leftOut = all.length - list.length;
      return list;
    },
    health() {
      const { version, startedAtMs, events, dropped } = feed.health();
      const { waiting, dropped: unsent } = outgoing.figures();
      const never = Object.values(unsent).reduce((sum, count) => sum + count, 0);
      return {
        at: iso(clock.wallMs()),
        version,
        uptime_seconds: Math.max(0, Math.round((clock.wallMs() - startedAtMs) / 1_000)),
        memory_bytes: process.memoryUsage().rss,
        phones: options.phones().length,
        left_out: leftOut,
        events_received: events,
        events_dropped: dropped + never,
        hits_dropped: dropped,
        unpublished: { ...unsent },
        waiting,
        last_error: lastError,
      };
    },
    noteError(text) {
      lastError = line(text, ERROR_CHARACTERS_MAX);
    },
  };
}

const listed = ({ state }: PhoneView): Json => ({
  id: state.id,
  name: labelOrNull(state.name) ?? state.id,
  model: labelOrNull(state.model),
  firmware: labelOrNull(state.firmware),
  ip: labelOrNull(state.ip),
  registered: state.registered,
  call_state: state.call_state,
  last_seen: state.last_seen,
  known: true,
});
