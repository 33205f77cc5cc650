// What counts as silent, as flapping and as the restart of a site. Spans in ms.

export type FleetSettings = {
  /** A known phone that is not heard for that long is silent; undefined: none ever is. */
  silentAfterMs?: number | undefined;
  /** So many times within that span the registration came or went. */
  flapping: { changes: number; withinMs: number };
};

export const FLEET_SETTINGS: FleetSettings = { flapping: { changes: 6, withinMs: 10 * 60_000 } };

/** So many phones of a site within this time are a restart. */
export const STORM_PHONES = 5;
export const STORM_WITHIN_MS = 120_000;
/** It is told when no phone came back for that long, but not later than this after the first. */
export const STORM_QUIET_MS = 30_000;
export const STORM_MS_MAX = 300_000;
/** Flapping is told that often at most. */
export const FLAPPING_AGAIN_MS = 3_600_000;
/** After a start every phone gets that long to speak, for nobody listened before. */
export const LISTENED_MS_MIN = 3_600_000;
