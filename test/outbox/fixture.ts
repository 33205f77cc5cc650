// An outbox on a virtual clock with scripted destinations; what every outbox test starts from.
import type { Delivery, Json, Outcome, Settlement } from '../../src/core/delivery.ts';
import type { Connection, SendMeta } from '../../src/core/destination.ts';
import type { LogFields, Ports } from '../../src/core/ports.ts';
import { createOutbox, type DeliverySettings, type Outbox, type OutboxOptions } from '../../src/outbox/index.ts';
import { createVirtualTime, type VirtualTime } from '../support/virtual-clock.ts';

export type Sent = { id: string; attempt: number; atMs: number };

/** A place that does what `answer` says, after `tookMs` of virtual time; `hang` never answers unless aborted. */
export type Place = {
  connection: Connection;
  /** Every attempt that reached it, in order. */
  sent: Sent[];
  /** Ids it took, in order. */
  taken: string[];
  answer: (sent: Sent) => Outcome | 'hang' | 'hang for ever';
  tookMs: number;
  closed: boolean;
  /** What it was given with the last attempt. */
  meta: SendMeta | undefined;
  ready(): void;
  /** Most attempts at once, overall and of one lane. */
  atOnceMax: number;
};

export function createPlace(time: VirtualTime, answer: Place['answer'] = () => ({ kind: 'delivered' })): Place {
  let atOnce = 0;
  const callbacks: (() => void)[] = [];
  const place: Place = {
    sent: [],
    taken: [],
    answer,
    tookMs: 5,
    closed: false,
    meta: undefined,
    atOnceMax: 0,
    ready: () => {
      for (const callback of callbacks) callback();
    },
    connection: {
      send: (_message, meta) => attempt(meta),
      onReady: (callback) => void callbacks.push(callback),
      async close() {
        place.closed = true;
      },
    },
  };
  const attempt = (meta: SendMeta): Promise<Outcome> => {
    const sent = { id: meta.id, attempt: meta.attempt, atMs: time.nowMs() };
    place.sent.push(sent);
    place.meta = meta;
    atOnce += 1;
    place.atOnceMax = Math.max(place.atOnceMax, atOnce);
    const answer = place.answer(sent);
    return new Promise((resolve) => {
      const end = (outcome: Outcome): void => {
        atOnce -= 1;
        if (outcome.kind === 'delivered') place.taken.push(meta.id);
        resolve(outcome);
      };
      if (answer === 'hang for ever') return;
      if (answer === 'hang') meta.signal.addEventListener('abort', () => end({ kind: 'retry', error: 'timeout' }));
      else time.clock.after(place.tookMs, () => end(answer));
    });
  };
  return place;
}

export type Bench = {
  time: VirtualTime;
  outbox: Outbox;
  settlements: Settlement[];
  /** Rows of state that were stored, by `kind key`; null where one was removed. */
  rows: Map<string, Json>;
  /** The last settlement of a delivery. */
  last(id: string): Settlement | undefined;
  counts: Map<string, number>;
  logs: { level: string; event: string; fields: LogFields | undefined }[];
  place(
    name: string,
    answer?: Place['answer'],
    settings?: Partial<DeliverySettings>,
    fingerprint?: string,
  ): Promise<Place>;
  delivery(id: string, to: string, extra?: Partial<Delivery>): Delivery;
  ports: Ports;
};

/** `settle` is kept in `settlements` unless the options say otherwise. */
export function createBench(options: { seed?: number } & Partial<Omit<OutboxOptions, 'ports'>> = {}): Bench {
  const { seed, ...rest } = options;
  const time = createVirtualTime({ seed: seed ?? 1 });
  const settlements: Settlement[] = [];
  const rows: Bench['rows'] = new Map();
  const counts = new Map<string, number>();
  const logs: Bench['logs'] = [];
  const line = (level: string) => (event: string, fields?: LogFields) => void logs.push({ level, event, fields });
  const ports: Ports = {
    clock: time.clock,
    random: time.random,
    log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    count: (name, labels, by = 1) => {
      for (const key of [name, `${name} ${labels?.to ?? ''}`]) counts.set(key, (counts.get(key) ?? 0) + by);
    },
  };
  const settle: OutboxOptions['settle'] = async (batch, changes) => {
    settlements.push(...batch);
    for (const { kind, key, value } of changes) rows.set(`${kind} ${key}`, value);
  };
  const outbox = createOutbox({ ports, settle, ...rest });
  return {
    time,
    outbox,
    settlements,
    rows,
    counts,
    logs,
    ports,
    last: (id) => settlements.findLast((settlement) => settlement.id === id),
    async place(name, answer, settings = {}, fingerprint = 'as it is') {
      const place = createPlace(time, answer);
      const destination = { type: 'test', concurrency: 4, timeoutMs: 10_000 };
      await outbox.connect(name, { destination, connection: place.connection, settings, fingerprint });
      return place;
    },
    delivery(id, to, extra = {}) {
      const madeAtMs = time.clock.wallMs();
      return {
        id,
        event: id,
        site: 'default',
        rule: 'r',
        to,
        type: 'test',
        message: { text: id },
        order: `${to}|phone`,
        state: 'waiting',
        attempts: 0,
        madeAtMs,
        dueAtMs: madeAtMs,
        expiresAtMs: madeAtMs + 72 * 3_600_000,
        ...extra,
      };
    },
  };
}
