// Front: takes connections, holds the limits per address and in all, and hands requests on as bytes.
import type { Socket } from 'node:net';
import type { Clock, Count } from '../core/ports.ts';
import { canonicalAddress, inRanges, peerAddress, type Ranges } from './address.ts';
import { type Connection, type ConnectionRules, endIfIdle, headOverdue, openConnection } from './connection.ts';
import { type Head, headerValue } from './head.ts';
import type { Hit } from './hit.ts';
import { createDeadlines, createSlots } from './limits.ts';
import type { ReceiverLimits } from './settings.ts';

export type FrontOptions = {
  limits: ReceiverLimits;
  proxies: Ranges;
  clock: Clock;
  count: Count;
  /** See ConnectionRules. */
  bodyBytesMax(head: Head): number;
  answer(hit: Hit): Response | Promise<Response>;
};

export type Front = {
  /** Takes a new socket, made with `allowHalfOpen`. Over a limit it is reset and counted. */
  accept(socket: Socket): void;
  /** Resolves when no connection is left, at the latest after `graceMs` (ms); idle ones of proxies end at once. */
  drain(graceMs: number): Promise<void>;
  /** Ends all connections and timers now. */
  close(): void;
};

/** The address that a proxy says it speaks for: its own, last entry; what stands before it was written by the client. */
const forwardedFor = (headers: string): string | undefined => {
  const list = headerValue(headers, 'x-forwarded-for');
  return list === undefined ? undefined : canonicalAddress(list.slice(list.lastIndexOf(',') + 1));
};

/** The open connections and their deadlines: time for a head, time between two requests of a proxy, time after the answer. */
function createWatch(limits: ReceiverLimits, clock: Clock, rules: () => ConnectionRules) {
  const open = new Set<Connection>();
  const heads = createDeadlines<Connection>(clock, limits.headMsMax, (connection) => headOverdue(connection, rules()));
  const idles = createDeadlines<Connection>(clock, limits.keepAliveMsMax, (connection) =>
    endIfIdle(connection, rules()),
  );
  const lingers = createDeadlines<Connection>(clock, limits.lingerMsMax, ({ socket }) => socket.destroy());
  const forget = (connection: Connection): void => {
    heads.remove(connection);
    if (connection.proxy) idles.remove(connection);
  };
  return {
    open,
    add(connection: Connection): void {
      open.add(connection);
      heads.add(connection);
    },
    wait(connection: Connection, begun: boolean): void {
      forget(connection);
      (begun ? heads : idles).add(connection);
    },
    forget,
    linger(connection: Connection): void {
      forget(connection);
      lingers.add(connection);
    },
    remove(connection: Connection): void {
      open.delete(connection);
      forget(connection);
      lingers.remove(connection);
    },
    close(): void {
      for (const { socket } of open) socket.destroy();
      for (const deadlines of [heads, idles, lingers]) deadlines.stop();
    },
  };
}

/**
 * Reads requests by our own rules and not by an HTTP parser's, because phones paste names into the request line as they are.
 * Nothing here knows what a hit means; `answer` does.
 */
export function createFront({ limits, proxies, clock, count, bodyBytesMax, answer }: FrontOptions): Front {
  const slots = createSlots<Socket>(limits.connectionsPerAddressMax, limits.connectionsMax);
  const drained: { draining: boolean; done?: () => void } = { draining: false };
  const refused = (reason: string): void => count('hits_refused', { reason });
  const rules: ConnectionRules = {
    limits,
    bodyBytesMax,
    answer,
    forwardedFor,
    refused,
    keepsOpen: () => !drained.draining,
    waiting: (connection, begun) => watch.wait(connection, begun),
    answering: (connection) => watch.forget(connection),
    ending(connection) {
      slots.give(connection.socket);
      watch.linger(connection);
    },
    closed(connection) {
      slots.give(connection.socket);
      watch.remove(connection);
      if (watch.open.size === 0) drained.done?.();
    },
  };
  const watch = createWatch(limits, clock, () => rules);

  return {
    accept(socket) {
      const address = peerAddress(socket.remoteAddress);
      const proxy = inRanges(proxies, address);
      const full = slots.take(socket, address, proxy);
      if (full === undefined) {
        watch.add(openConnection(socket, address, proxy, rules));
        return;
      }
      refused(full);
      socket.on('error', () => {});
      socket.resetAndDestroy();
    },
    drain(graceMs) {
      drained.draining = true;
      for (const connection of watch.open) endIfIdle(connection, rules);
      if (watch.open.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const cancel = clock.after(graceMs, watch.close);
        drained.done = () => {
          cancel();
          resolve();
        };
      });
    },
    close: watch.close,
  };
}
