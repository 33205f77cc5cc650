// Subscriptions: what one connection asked the broker for, until it has answered.
import type { Clock } from '../../core/ports.ts';
import { IN_FLIGHT_MAX, STALL_MS } from './flights.ts';
import { type Qos, subscribeBytes, unsubscribeBytes, type Version } from './packet.ts';

/** Filters in one packet; some services take no more. */
const FILTERS_MAX = 8;
const PACKET_ID_MAX = 65_535;

export type Subscriptions = {
  /** The broker's code for each filter (128 and more: refused); undefined if the connection ended before. */
  subscribe(filters: readonly string[], qos: Qos): Promise<readonly number[] | undefined>;
  unsubscribe(filters: readonly string[]): Promise<void>;
  /** SUBACK or UNSUBACK. An id that nobody waits for is ignored. */
  answer(packetId: number, codes: readonly number[]): void;
  /** Ends all that wait. */
  fail(): void;
};

export type SubscriptionsOptions = {
  version: Version;
  clock: Clock;
  write(bytes: Buffer): void;
  /** The broker left a question unanswered: the connection is dead. */
  onSilence(): void;
};

/** Packet ids begin above those of messages in flight, which they must differ from (MQTT 5.0, 2.2.1). */
export function createSubscriptions({ version, clock, write, onSilence }: SubscriptionsOptions): Subscriptions {
  const pending = new Map<number, (codes: readonly number[] | undefined) => void>();
  let lastId = IN_FLIGHT_MAX;

  function ask(bytesOf: (packetId: number) => Buffer): Promise<readonly number[] | undefined> {
    lastId = lastId === PACKET_ID_MAX ? IN_FLIGHT_MAX + 1 : lastId + 1;
    const packetId = lastId;
    return new Promise((resolve) => {
      const cancel = clock.after(STALL_MS, onSilence);
      pending.set(packetId, (codes) => {
        cancel();
        resolve(codes);
      });
      write(bytesOf(packetId));
    });
  }

  return {
    async subscribe(filters, qos) {
      const answers = await Promise.all(
        inPieces(filters).map((piece) => ask((packetId) => subscribeBytes(packetId, piece, qos, version))),
      );
      return answers.some((codes) => codes === undefined) ? undefined : answers.flatMap((codes) => codes ?? []);
    },
    async unsubscribe(filters) {
      await Promise.all(inPieces(filters).map((piece) => ask((id) => unsubscribeBytes(id, piece, version))));
    },
    answer(packetId, codes) {
      const resolve = pending.get(packetId);
      pending.delete(packetId);
      resolve?.(codes);
    },
    fail() {
      for (const resolve of pending.values()) resolve(undefined);
      pending.clear();
    },
  };
}

function inPieces(filters: readonly string[]): string[][] {
  const pieces: string[][] = [];
  for (let at = 0; at < filters.length; at += FILTERS_MAX) pieces.push(filters.slice(at, at + FILTERS_MAX));
  return pieces;
}
