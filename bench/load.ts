// The load generator: a process of its own, told by messages what to send; raw sockets, so that it costs little beside the servers.
import net from 'node:net';
import { request } from './hits.ts';

/** `closed`: each of `connections` sends its next hit when it has the answer. `open`: hits leave by the clock, whatever comes back. */
export type LoadOrder =
  | { kind: 'closed'; port: number; connections: number; keepAlive: boolean; spanMs: number; firstSequence: number }
  | { kind: 'open'; port: number; perSecond: number; spanMs: number; firstSequence: number };

export type LoadResult = {
  /** Hits answered with 2xx within the span. */
  answered: number;
  /** Hits answered with another status, and hits without an answer. */
  refused: number;
  failed: number;
  nextSequence: number;
  spanMs: number;
  /** Share of one core that this process used: near 1 means that it was the bottleneck. */
  busy: number;
  /** `open` only: by hit, when the connect began, on the machine's monotonic clock. */
  startedMs: number[];
};

/** Milliseconds of the machine's monotonic clock: the same in every process. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;

const ANSWER_MS_MAX = 10_000;
const END = Buffer.from('\r\n\r\n');
const buffer = Buffer.allocUnsafe(65_536);
const state = { answered: 0, refused: 0, failed: 0, sequence: 0, open: 0 };

function count(received: number): boolean {
  // Both servers answer without a body, so an answer is whole when its head is.
  if (received < 16 || !END.equals(buffer.subarray(received - 4, received))) return false;
  if (buffer[9] === 0x32) state.answered += 1;
  else state.refused += 1;
  return true;
}

/** Opens a connection and sends one hit; `next` says after a whole answer whether the same connection sends another one. */
function hit(port: number, keepAlive: boolean, next: () => boolean, closed: () => void): void {
  const sequence = state.sequence++;
  state.open += 1;
  let done = false;
  const finish = (): void => {
    if (done) return;
    done = true;
    state.open -= 1;
    socket.destroy();
    closed();
  };
  const callback = (received: number): boolean => {
    if (done) return true;
    if (!count(received)) {
      state.failed += 1;
      finish();
    } else if (keepAlive && next()) socket.write(request(state.sequence++, true), 'latin1');
    else finish();
    return true;
  };
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: keepAlive, onread: { buffer, callback } });
  const lost = (): void => {
    if (done) return;
    state.failed += 1;
    finish();
  };
  socket.on('error', lost).on('close', lost);
  if (!keepAlive) socket.setTimeout(ANSWER_MS_MAX, lost);
  socket.write(request(sequence, keepAlive), 'latin1');
}

async function closedLoop(order: LoadOrder & { kind: 'closed' }, running: { now: boolean }): Promise<void> {
  await new Promise<void>((resolve) => {
    let lanes = order.connections;
    const lane = (): void => {
      if (running.now) hit(order.port, order.keepAlive, () => running.now, lane);
      else if (--lanes === 0) resolve();
    };
    for (let n = lanes; n > 0; n--) lane();
  });
}

async function openLoop(order: LoadOrder & { kind: 'open' }, startedMs: number[]): Promise<void> {
  const total = Math.round((order.perSecond * order.spanMs) / 1000);
  const beganMs = machineMs();
  await new Promise<void>((resolve) => {
    const finished = (): void => {
      if (startedMs.length === total && state.open === 0) resolve();
    };
    const tick = (): void => {
      const due = Math.min(total, Math.floor(((machineMs() - beganMs) * order.perSecond) / 1000) + 1);
      while (startedMs.length < due) {
        startedMs.push(machineMs());
        hit(order.port, false, () => false, finished);
      }
      if (startedMs.length < total) setTimeout(tick, 1);
    };
    tick();
  });
}

async function run(order: LoadOrder): Promise<LoadResult> {
  Object.assign(state, { answered: 0, refused: 0, failed: 0, sequence: order.firstSequence, open: 0 });
  const startedMs: number[] = [];
  const cpu = process.cpuUsage();
  const beganMs = machineMs();
  if (order.kind === 'open') await openLoop(order, startedMs);
  else {
    const running = { now: true };
    const stop = setTimeout(() => (running.now = false), order.spanMs);
    await closedLoop(order, running);
    clearTimeout(stop);
  }
  const spanMs = machineMs() - beganMs;
  const { user, system } = process.cpuUsage(cpu);
  const { answered, refused, failed, sequence } = state;
  return {
    answered,
    refused,
    failed,
    nextSequence: sequence,
    spanMs,
    busy: (user + system) / 1000 / spanMs,
    startedMs,
  };
}

if (process.send) process.on('message', (order: LoadOrder) => void run(order).then((result) => process.send?.(result)));
