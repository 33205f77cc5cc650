// Facts about the fleet, made of the same hits: who came back, whose registration flaps, who is silent. All on the engine's time.
import type { FleetEvent, PhoneEvent, PhoneFactEvent, SiteEvent } from '../../core/events.ts';
import type { StateChange } from '../../core/store.ts';
import type { Due } from '../due.ts';
import type { PhoneState } from '../phones/state.ts';
import {
  FLAPPING_AGAIN_MS,
  type FleetSettings,
  LISTENED_MS_MIN,
  STORM_MS_MAX,
  STORM_PHONES,
  STORM_QUIET_MS,
  STORM_WITHIN_MS,
} from './settings.ts';
import { type Fleet, newPhoneFleet, type PhoneFleet, SILENT_DUE, STORM_DUE, stormRow } from './state.ts';

/** The part of the engine's state that is about the fleet. */
export type FleetState = { site: string; fleet: Fleet; phones: Map<string, PhoneState>; due: Due };

const iso = (ms: number): string => new Date(ms).toISOString();

/** Folds a hit of a phone that may be spoken of, in place; its phone has heard it already. What follows is returned. */
export function foldFleet(
  state: FleetState,
  phone: PhoneState,
  event: PhoneEvent,
  settings: FleetSettings,
  changes: StateChange[],
): FleetEvent[] {
  const atMs = Date.parse(event.at);
  if (phone.fleet?.silent === true) phone.fleet.silent = false;
  watch(state, phone, settings);
  switch (event.type) {
    case 'phone.setup_completed':
      comeBack(state, phone, atMs, changes);
      return turn(state, phone, false, event, settings);
    case 'phone.registered':
      if (phone.fleet?.lost === true) comeBack(state, phone, atMs, changes);
      return turn(state, phone, false, event, settings);
    case 'phone.unregistered':
    case 'phone.register_failed':
      return turn(state, phone, true, event, settings);
    default:
      return [];
  }
}

const fleetOf = (phone: PhoneState): PhoneFleet => {
  phone.fleet ??= newPhoneFleet();
  return phone.fleet;
};

/** The registration came or went, or is said once more. */
function turn(
  { site }: FleetState,
  phone: PhoneState,
  lost: boolean,
  event: PhoneEvent,
  { flapping }: FleetSettings,
): FleetEvent[] {
  const mine = fleetOf(phone);
  if (mine.lost === lost) return [];
  const atMs = Date.parse(event.at);
  mine.lost = lost;
  mine.flips = [...mine.flips.filter((at) => at > atMs - flapping.withinMs), atMs].slice(-flapping.changes);
  if (mine.flips.length < flapping.changes) return [];
  if (mine.flappingToldMs !== null && atMs - mine.flappingToldMs < FLAPPING_AGAIN_MS) return [];
  mine.flappingToldMs = atMs;
  return [factOf(site, phone, 'phone.flapping', `${event.id}-flapping`, atMs, mine.flips[0] ?? atMs)];
}

/** A phone started anew, or has its registration again. */
function comeBack({ fleet, due }: FleetState, phone: PhoneState, atMs: number, changes: StateChange[]): void {
  const { back, storm } = fleet;
  fleetOf(phone).backMs = atMs;
  back.delete(phone.id);
  if (storm.sinceMs === null)
    for (const [id, sinceMs] of back) {
      if (sinceMs > atMs - STORM_WITHIN_MS) break;
      back.delete(id);
    }
  back.set(phone.id, atMs);
  if (storm.sinceMs === null) {
    if (back.size < STORM_PHONES) return;
    const [firstMs] = back.values();
    storm.sinceMs = firstMs ?? atMs;
  }
  storm.lastMs = atMs;
  due.set(STORM_DUE, Math.min(atMs + STORM_QUIET_MS, storm.sinceMs + STORM_MS_MAX));
  changes.push(stormRow(fleet));
}

/** No phone came back any more, or it went on for long enough: it is told, and what comes now is another time. */
export function tellStorm({ site, fleet }: FleetState, atMs: number, changes: StateChange[]): SiteEvent[] {
  const { storm, back } = fleet;
  if (storm.sinceMs === null) return [];
  const since = iso(storm.sinceMs);
  const phones = [...back.keys()].sort();
  fleet.storm = { sinceMs: null, lastMs: storm.lastMs, toldMs: atMs };
  back.clear();
  changes.push(stormRow(fleet));
  return [{ id: `${site}-restarted-${atMs}`, type: 'site.restarted', at: iso(atMs), site, fleet: { phones, since } }];
}

/** A stored phone is back: part of a restart that was not told yet. */
export function rejoin({ fleet }: FleetState, phone: PhoneState): void {
  const backMs = phone.fleet?.backMs ?? null;
  if (backMs !== null) fleet.back.set(phone.id, backMs);
}

/** Before each step: puts in order what was restored, and reckons silence anew where that has become another matter.
 * `startedMs`: nobody listened until then, ms since 1970. */
export function prepareFleet(state: FleetState, settings: FleetSettings, startedMs: number | undefined): void {
  const { fleet } = state;
  if (!fleet.settled) settle(state);
  if (startedMs !== undefined) fleet.listeningMs = startedMs;
  if (startedMs !== undefined || fleet.silentAfterMs !== settings.silentAfterMs) rewatch(state, settings);
}

function settle({ fleet, due }: FleetState): void {
  const { sinceMs, lastMs, toldMs } = fleet.storm;
  const back = [...fleet.back].filter(([, atMs]) => (sinceMs === null ? atMs > toldMs : atMs >= sinceMs));
  fleet.back = new Map(back.sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)));
  if (sinceMs !== null) due.set(STORM_DUE, Math.min(lastMs + STORM_QUIET_MS, sinceMs + STORM_MS_MAX));
  fleet.quarantine = new Map([...fleet.quarantine].sort((a, b) => a[1].lastMs - b[1].lastMs));
  fleet.settled = true;
}

/** Every phone that has ever spoken is waited for, as these settings say. */
function rewatch(state: FleetState, settings: FleetSettings): void {
  const { fleet, phones, due } = state;
  for (const id of fleet.watched) due.set(SILENT_DUE + id, undefined);
  fleet.watched.clear();
  fleet.silentAfterMs = settings.silentAfterMs;
  for (const phone of phones.values()) watch(state, phone, settings);
}

function silentAtMs({ fleet }: FleetState, { lastSeenMs }: PhoneState, silentAfterMs: number): number {
  return Math.max(lastSeenMs + silentAfterMs, fleet.listeningMs + Math.min(silentAfterMs, LISTENED_MS_MIN));
}

/** One entry a phone among what is due, however often it speaks: when that comes, it is seen whether the phone spoke. */
function watch(state: FleetState, phone: PhoneState, { silentAfterMs }: FleetSettings): void {
  const { fleet, due } = state;
  if (silentAfterMs === undefined || fleet.watched.has(phone.id)) return;
  if (phone.lastSeenMs === 0 || phone.fleet?.silent === true) return;
  fleet.watched.add(phone.id);
  due.set(SILENT_DUE + phone.id, silentAtMs(state, phone, silentAfterMs));
}

/** The time of a phone is over: it is told, once, unless it spoke meanwhile or nobody knows it any more. */
export function tellSilent(
  state: FleetState,
  id: string,
  isKnown: boolean,
  { silentAfterMs }: FleetSettings,
  atMs: number,
): PhoneFactEvent[] {
  const { fleet, phones, due, site } = state;
  fleet.watched.delete(id);
  const phone = phones.get(id);
  if (phone === undefined || silentAfterMs === undefined || !isKnown) return [];
  const dueMs = silentAtMs(state, phone, silentAfterMs);
  if (dueMs > atMs) {
    fleet.watched.add(id);
    due.set(SILENT_DUE + id, dueMs);
    return [];
  }
  fleetOf(phone).silent = true;
  return [factOf(site, phone, 'phone.silent', `${id}-silent-${atMs}`, atMs, phone.lastSeenMs)];
}

function factOf(
  site: string,
  phone: PhoneState,
  type: PhoneFactEvent['type'],
  id: string,
  atMs: number,
  sinceMs: number,
): PhoneFactEvent {
  const { ip, model, firmware, vendor } = phone;
  return {
    id,
    type,
    at: iso(atMs),
    site,
    phone: {
      id: phone.id,
      vendor,
      ...(ip === null ? {} : { ip }),
      ...(model === null ? {} : { model }),
      ...(firmware === null ? {} : { firmware }),
    },
    line: {},
    local: {},
    remote: {},
    vars: Object.create(null) as Record<string, string>,
    suspect: [],
    fleet: { phones: [phone.id], since: iso(sinceMs) },
  };
}
