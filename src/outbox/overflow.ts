// Deliveries of which only id and order are in memory: their bodies come from the store shortly before they are sent.
import type { Delivery } from '../core/delivery.ts';
import type { Entry, Lane } from './lane.ts';
import { forget, nowOf, promote, type Queue } from './queue.ts';

const RETRY_MS = 1_000;

/** Asks for a lane whose head is not in memory; `onRoom` is called when something became ready. */
export function want(queue: Queue, lane: Lane, onRoom: () => void): void {
  lane.state = 'fetching';
  queue.wanted.push(lane);
  if (queue.fetching) return;
  queue.fetching = true;
  // A microtask later, so that all lanes that run dry together are asked for together.
  Promise.resolve().then(() => refill(queue, onRoom));
}

function refill(queue: Queue, onRoom: () => void): void {
  const { fetch, limits } = queue;
  if (fetch === undefined) return;
  const lanes = queue.wanted.splice(0, limits.fetchMax);
  const share = Math.max(1, Math.floor(limits.fetchMax / Math.max(1, lanes.length)));
  const asked = lanes.flatMap((lane) => missing(lane, share));
  if (asked.length === 0) {
    filled(queue, lanes, onRoom);
    return;
  }
  fetch(asked.map((entry) => entry.id)).then(
    (rows) => {
      fill(queue, asked, rows);
      filled(queue, lanes, onRoom);
    },
    () => {
      queue.ports.count('outbox_fetch_failures', { to: queue.name });
      queue.wanted.push(...lanes);
      queue.ports.clock.after(RETRY_MS, () => refill(queue, onRoom));
    },
  );
}

function missing(lane: Lane, countMax: number): Entry[] {
  const entries: Entry[] = [];
  for (let entry = lane.head; entry !== undefined && entries.length < countMax; entry = entry.after)
    if (entry.delivery === undefined) entries.push(entry);
  return entries;
}

function fill(queue: Queue, asked: Entry[], rows: Delivery[]): void {
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const entry of asked) {
    if (queue.known.get(entry.id) !== entry || entry.delivery !== undefined) continue;
    const row = byId.get(entry.id);
    if (row?.state === 'waiting') {
      entry.delivery = row;
      queue.resident += 1;
    } else {
      // Somebody removed or settled it by hand: there is nothing left to send.
      forget(queue, entry);
      queue.ports.count('outbox_vanished', { to: queue.name });
      queue.ports.log.warn('delivery_vanished', { connection: queue.name, delivery: entry.id });
    }
  }
}

function filled(queue: Queue, lanes: Lane[], onRoom: () => void): void {
  const nowMs = nowOf(queue);
  for (const lane of lanes) promote(queue, lane, nowMs);
  queue.fetching = queue.wanted.length > 0;
  if (queue.fetching) refill(queue, onRoom);
  onRoom();
}
