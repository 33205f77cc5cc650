// Places that misbehave by plan. What they took survives every crash of the process; they are the judges of order and copies.
import type { Delivery, Outcome } from '../../src/core/delivery.ts';
import type { Connection, SendMeta } from '../../src/core/destination.ts';
import type { VirtualTime } from '../support/virtual-clock.ts';
import { POISON } from './engine.ts';
import { type Life, never } from './life.ts';
import type { Scenario, SinkName, Trouble } from './scenario.ts';
import type { Trace } from './trace.ts';

/** One message as it arrived. `acknowledged`: the process was told, before it or its client ended. */
export type Receipt = { id: string; atMs: number; life: number; acknowledged: boolean };

/** One call of `send`. `counted`: it uses up an attempt, unless we came to say that it does not. */
export type Try = { id: string; life: number; counted: boolean; answer?: Outcome['kind'] };

export type Sink = {
  name: SinkName;
  receipts: Receipt[];
  tries: Try[];
  /** What it saw that must never happen. */
  offences: string[];
  /** A connection of that life. */
  open(life: Life): Connection;
  /** The end of a trouble: connections that announce say so. */
  announce(): void;
  /** That it is gone is taken back by a person, in that life. */
  believe(life: Life): void;
};

export type SinkWorld = {
  time: VirtualTime;
  trace: Trace;
  scenario: Scenario;
  /** Whether that delivery is on disk. */
  isStored: (id: string) => boolean;
  /** Whether a newer delivery of its slot is on disk. */
  isOvertaken: (id: string) => boolean;
};

/** The longest wait that the settings grant a peer. */
export const GRANTED_MS_MAX = 20_000;

type Flight = { id: string; lane: string; life: number; over: boolean; receipt?: Receipt };

type State = SinkWorld & {
  sink: Sink;
  flying: Set<Flight>;
  ready: { life: Life; callback: () => void }[];
  /** By life: not to be tried before. */
  askedUntil: Map<number, number>;
  /** Lives that were told that it is gone. */
  gone: Set<number>;
};

export function createSink(name: SinkName, world: SinkWorld): Sink {
  const sink: Sink = {
    name,
    receipts: [],
    tries: [],
    offences: [],
    open: (life) => open(state, life),
    believe: (life) => void state.gone.delete(life.number),
    announce() {
      for (const { life, callback } of state.ready) if (!life.over) callback();
    },
  };
  const state: State = { ...world, sink, flying: new Set(), ready: [], askedUntil: new Map(), gone: new Set() };
  return sink;
}

function open(state: State, life: Life): Connection {
  const { sink, trace } = state;
  let closed = false;
  const mine = new Set<Flight>();
  trace.say(`open ${sink.name}`);
  return {
    send(message, meta) {
      if (life.over) return never();
      if (closed) sink.offences.push(`${meta.id} was sent through a closed connection`);
      return attempt(state, life, mine, message, meta);
    },
    onReady: (callback) => void state.ready.push({ life, callback }),
    async close() {
      if (life.over) return never();
      closed = true;
      state.askedUntil.delete(life.number);
      trace.say(`close ${sink.name}`);
      // Its client is destroyed: what it had in flight reaches nobody any more.
      for (const flight of mine) land(state, flight);
    },
  };
}

function land(state: State, flight: Flight): void {
  flight.over = true;
  state.flying.delete(flight);
}

function attempt(
  state: State,
  life: Life,
  mine: Set<Flight>,
  message: Delivery['message'],
  meta: SendMeta,
): Promise<Outcome> {
  const { sink, time, trace, scenario } = state;
  const nowMs = time.nowMs();
  const lane = String(message.lane);
  const flight: Flight = { id: meta.id, lane, life: life.number, over: false };
  watch(state, flight, nowMs);
  trace.say(`send ${sink.name} ${meta.id} attempt ${meta.attempt}`);
  const tried: Try = { id: meta.id, life: life.number, counted: true };
  sink.tries.push(tried);
  if (!life.step(`send ${sink.name}`)) return never();
  state.flying.add(flight);
  mine.add(flight);
  const tookMs = 1 + Math.floor(time.draw() * 40);
  const trouble = scenario.troubles.find((t) => t.sink === sink.name && t.fromMs <= nowMs && nowMs < t.toMs);
  const { promise, end } = ending(state, life, mine, flight, tried);
  if (trouble !== undefined) misbehave(state, trouble, flight, tookMs, meta, end);
  else if (sink.name === 'team' && message.number === POISON)
    life.ports.clock.after(tookMs, () => end({ kind: 'dead', error: 'no such thing', code: 'invalid' }));
  else {
    const lost = nowMs < scenario.calmAtMs && time.draw() < scenario.lostAcks;
    const receive = take(state, flight);
    // On the world's clock: a packet that has left arrives whether or not its sender lives.
    time.clock.after(Math.floor(tookMs / 2), receive);
    life.ports.clock.after(tookMs, () =>
      end(lost ? { kind: 'retry', error: 'connection reset' } : { kind: 'delivered', code: '200' }),
    );
  }
  return promise;
}

/** The promise of an attempt, and how it ends: once, in this life, with a step at which the process may crash. */
function ending(state: State, life: Life, mine: Set<Flight>, flight: Flight, tried: Try) {
  let resolve: (outcome: Outcome) => void = () => {};
  const promise = new Promise<Outcome>((done) => {
    resolve = done;
  });
  const end = (outcome: Outcome): void => {
    if (life.over || flight.over) return;
    land(state, flight);
    mine.delete(flight);
    tried.answer = outcome.kind;
    tried.counted = outcome.kind !== 'unavailable' && outcome.kind !== 'later';
    if (!life.step(`answer of ${state.sink.name}`)) return;
    if (outcome.kind === 'delivered' && flight.receipt !== undefined) flight.receipt.acknowledged = true;
    if (outcome.kind === 'gone') state.gone.add(life.number);
    resolve(outcome);
  };
  return { promise, end };
}

/** Never two attempts of one delivery or of one lane at a time in one life, never before the moment that was asked for. */
function watch(state: State, flight: Flight, nowMs: number): void {
  const { sink } = state;
  if (state.gone.has(flight.life)) sink.offences.push(`${flight.id} was sent to a peer that is gone for good`);
  if (state.isOvertaken(flight.id)) sink.offences.push(`${flight.id} was sent although a newer one of its slot waited`);
  if (!state.isStored(flight.id)) sink.offences.push(`${flight.id} was sent before it was stored`);
  for (const other of state.flying) {
    if (other.life !== flight.life) continue;
    if (other.id === flight.id) sink.offences.push(`${flight.id} is under way twice`);
    else if (other.lane === flight.lane) sink.offences.push(`${flight.id} overtakes ${other.id}`);
  }
  const until = state.askedUntil.get(flight.life) ?? 0;
  if (nowMs < until) sink.offences.push(`${flight.id} was sent at ${nowMs}, asked for was ${until}`);
}

function take(state: State, flight: Flight): () => void {
  return () => {
    if (flight.over) return;
    const { sink, time, trace } = state;
    flight.receipt = { id: flight.id, atMs: time.nowMs(), life: flight.life, acknowledged: false };
    sink.receipts.push(flight.receipt);
    trace.say(`took ${sink.name} ${flight.id}`);
  };
}

function misbehave(
  state: State,
  trouble: Trouble,
  flight: Flight,
  tookMs: number,
  meta: SendMeta,
  end: (outcome: Outcome) => void,
): void {
  const { time } = state;
  const after = (outcome: Outcome): void => void time.clock.after(tookMs, () => end(outcome));
  switch (trouble.how) {
    case 'queueing': {
      const afterMs = 1 + Math.floor(time.draw() * 3_000);
      const isTurn = time.draw() < 0.5;
      if (isTurn) time.clock.after(Math.floor(tookMs / 2), take(state, flight));
      after(isTurn ? { kind: 'delivered', code: '200' } : { kind: 'later', error: 'not your turn', afterMs });
      return;
    }
    case 'gone':
      after({ kind: 'gone', error: 'gone for good', code: '410' });
      return;
    case 'down':
      after({ kind: 'unavailable', error: 'not connected' });
      return;
    case 'refusing':
      after({ kind: 'retry', error: 'status 502', code: '502' });
      return;
    case 'throttled': {
      // Now and then a peer asks for a month.
      const afterMs = time.draw() < 0.1 ? 30 * 86_400_000 : 1 + Math.floor(time.draw() * 5_000);
      const counted = time.draw() < 0.5;
      time.clock.after(tookMs, () => {
        if (!flight.over) state.askedUntil.set(flight.life, time.nowMs() + Math.min(GRANTED_MS_MAX, afterMs));
        end({ kind: counted ? 'retry' : 'unavailable', error: 'slow down', code: '429', afterMs });
      });
      return;
    }
    case 'hanging':
      if (time.draw() < 0.5) time.clock.after(tookMs, take(state, flight));
      meta.signal.addEventListener('abort', () => end({ kind: 'retry', error: 'timeout' }));
      return;
    case 'stuck':
      if (time.draw() < 0.5) time.clock.after(tookMs, take(state, flight));
      return;
  }
}
