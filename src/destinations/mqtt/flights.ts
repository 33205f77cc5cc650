// Flights: the messages of one connection that wait for their turn or for the broker's acknowledgement.
import type { Outcome } from '../../core/delivery.ts';
import type { Publish } from './packet.ts';
import { DELIVERED, outcomeOf } from './reasons.ts';

/** Messages in flight at most; a broker may ask for fewer (Receive Maximum, MQTT 5.0, 3.2.2.3.3). */
export const IN_FLIGHT_MAX = 256;
/** Looks at all messages at once, where a timer and a listener for each would cost more than the message itself. */
export const SWEEP_MS = 100;
/** A message that waits longer than this for its acknowledgement shows that the connection is dead. */
export const STALL_MS = 8_000;

type Flight = {
  publish: Publish;
  signal: AbortSignal | undefined;
  wanted: (() => boolean) | undefined;
  resolve(outcome: Outcome): void;
  /** Count of sweeps when it was written. */
  sweep: number;
};

export type Flights = {
  /** Writes the message if the window is open, else keeps it until an acknowledgement opens it, if it is `wanted` by then. */
  take(publish: Publish, signal: AbortSignal | undefined, wanted?: () => boolean): Promise<Outcome>;
  /** Whether that packet id is in flight. */
  has(packetId: number): boolean;
  /** The broker's answer to one message. Ids that are not in flight are ignored. */
  settle(packetId: number, code: number): void;
  /** `most` messages in flight from now on. `careful`: begins with one and doubles with each acknowledgement. */
  open(most: number, careful: boolean): void;
  /** Call every SWEEP_MS. `stalled`: a message was written and its attempt is over, so the connection must go. */
  sweep(): 'idle' | 'busy' | 'stalled';
  inFlight(): number;
  /** Ends all: those written may have arrived (`retry`), the others were not tried (`unavailable`). */
  fail(error: string, code: string): void;
};

/** Keeps the messages of one connection; `write` puts one on the wire. Packet ids run from 1 to IN_FLIGHT_MAX.
 * `unsentMax` messages wait for the window at most. */
export function createFlights(write: (publish: Publish, packetId: number) => void, unsentMax = IN_FLIGHT_MAX): Flights {
  const written: (Flight | undefined)[] = new Array(IN_FLIGHT_MAX + 1).fill(undefined);
  const freeIds = Array.from({ length: IN_FLIGHT_MAX }, (_, index) => IN_FLIGHT_MAX - index);
  const unsent: Flight[] = [];
  let windowMax = 0;
  let window = 0;
  let sweeps = 0;

  const inFlight = (): number => IN_FLIGHT_MAX - freeIds.length;

  function start(flight: Flight): void {
    const id = freeIds.pop() ?? 0;
    flight.sweep = sweeps;
    written[id] = flight;
    write(flight.publish, id);
  }

  return {
    inFlight,
    has: (packetId) => written[packetId] !== undefined,
    take: (publish, signal, wanted) =>
      new Promise((resolve) => {
        const flight: Flight = { publish, signal, wanted, resolve, sweep: sweeps };
        if (unsent.length === 0 && inFlight() < window) start(flight);
        else if (unsent.length < unsentMax) unsent.push(flight);
        else resolve({ kind: 'unavailable', error: 'too many messages wait for the broker' });
      }),
    settle(packetId, code) {
      const flight = written[packetId];
      if (flight === undefined) return;
      written[packetId] = undefined;
      freeIds.push(packetId);
      if (window < windowMax) window = Math.min(windowMax, window * 2);
      flight.resolve(code === 0 ? DELIVERED : outcomeOf(code));
      while (inFlight() < window) {
        const next = unsent.shift();
        if (next === undefined) break;
        if (next.wanted?.() === false) next.resolve({ kind: 'unavailable', error: 'too old when its turn came' });
        else start(next);
      }
    },
    open(most, careful) {
      windowMax = Math.max(1, Math.min(IN_FLIGHT_MAX, most));
      window = careful ? 1 : windowMax;
    },
    sweep() {
      sweeps += 1;
      for (let index = unsent.length - 1; index >= 0; index--) {
        if (unsent[index]?.signal?.aborted !== true) continue;
        unsent.splice(index, 1)[0]?.resolve({ kind: 'unavailable', error: 'the attempt ended before its turn came' });
      }
      const over = (flight: Flight | undefined): boolean =>
        flight !== undefined && (flight.signal?.aborted === true || (sweeps - flight.sweep) * SWEEP_MS >= STALL_MS);
      if (written.some(over)) return 'stalled';
      return inFlight() + unsent.length > 0 ? 'busy' : 'idle';
    },
    fail(error, code) {
      for (const flight of written) flight?.resolve({ kind: 'retry', error, code });
      for (const flight of unsent.splice(0)) flight.resolve({ kind: 'unavailable', error, code });
      windowMax = 0;
      window = 0;
    },
  };
}
