// What is remembered of a site's phones as a fleet: who came back when, who is watched for silence, who waits in quarantine.
import type { Json } from '../../core/delivery.ts';
import type { StateChange } from '../../core/store.ts';
import type { Quarantined } from './quarantine.ts';

/** Of one phone; part of its state, so that it is stored with it. */
export type PhoneFleet = {
  /** It said that it has no registration, and has not said otherwise since. */
  lost: boolean;
  /** When it last came back: started anew, or registered after that; ms since 1970. */
  backMs: number | null;
  /** When its registration last came or went; the newest last. */
  flips: number[];
  flappingToldMs: number | null;
  /** It was told that this phone is silent. */
  silent: boolean;
};

export const newPhoneFleet = (): PhoneFleet => ({
  lost: false,
  backMs: null,
  flips: [],
  flappingToldMs: null,
  silent: false,
});

/** Phones that came back together. `sinceMs` is null while they are too few to be told. */
export type Storm = { sinceMs: number | null; lastMs: number; toldMs: number };

export type Fleet = {
  /** By phone: when it came back, where that was not told yet; the oldest first. */
  back: Map<string, number>;
  storm: Storm;
  /** Phones whose silence is waited for. */
  watched: Set<string>;
  /** What silence was reckoned by; another value, and everything is reckoned anew. */
  silentAfterMs: number | undefined;
  /** When this process began to listen, ms since 1970. */
  listeningMs: number;
  /** The one that was heard longest ago first. */
  quarantine: Map<string, Quarantined>;
  /** What was restored has been put in order. */
  settled: boolean;
};

const FLEET = 'fleet';
const STORM_KEY = 'storm';
const QUARANTINE = 'quarantine';
/** What is due under these names is the fleet's. */
export const FLEET_DUE = 'fleet ';
export const STORM_DUE = `${FLEET_DUE}storm`;
export const SILENT_DUE = `${FLEET_DUE}silent `;

export const createFleet = (): Fleet => ({
  back: new Map(),
  storm: { sinceMs: null, lastMs: 0, toldMs: 0 },
  watched: new Set(),
  silentAfterMs: undefined,
  listeningMs: 0,
  quarantine: new Map(),
  settled: false,
});

export const stormRow = ({ storm }: Fleet): StateChange => ({
  kind: FLEET,
  key: STORM_KEY,
  value: storm as unknown as Json,
});

export const quarantineRow = (key: string, row: Quarantined | null): StateChange => ({
  kind: QUARANTINE,
  key,
  value: row as unknown as Json | null,
});

/** Takes a stored row back in; false for rows that are not the fleet's. Rows of one kind come in no particular order. */
export function restoreFleet(fleet: Fleet, { kind, key, value }: StateChange): boolean {
  if (kind === FLEET && key === STORM_KEY) fleet.storm = value as unknown as Storm;
  else if (kind === QUARANTINE) fleet.quarantine.set(key, value as unknown as Quarantined);
  else return false;
  return true;
}
