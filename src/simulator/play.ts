// Plays a course of hits in real time or faster: each at its moment, those of one phone one after the other, and counts what came back.
import type { Clock } from '../core/ports.ts';
import type { SimulatedHit } from '../core/simulation.ts';

/** A status, why there is none, or that phones of this maker do not say such a thing. */
export type Answered = { status: number } | { failed: string } | 'unsaid';

export type Playing = {
  clock: Clock;
  /** How many times faster than in life. */
  speed: number;
  /** Most requests on the way at once. */
  parallelMax: number;
  send(hit: SimulatedHit): Promise<Answered>;
  /** Of each hit when its answer is there: `atMs` from the beginning of the course, as it was meant; `tookMs` the answer's time. */
  told(hit: SimulatedHit, answered: Answered, atMs: number, tookMs: number): void;
  stopped: AbortSignal;
};

export type Played = {
  sent: number;
  stored: number;
  /** Events that phones of this maker do not have. */
  unsaid: number;
  /** How often each other answer came, by its status or its error. */
  others: Map<string, number>;
  slowestMs: number;
  /** How much later than meant the latest hit went out, in ms of real time. */
  behindMs: number;
  tookMs: number;
};

/** Resolves when all hits are answered, or when it was stopped and those under way are. `hits` in the order of time. */
export async function play(hits: readonly SimulatedHit[], playing: Playing): Promise<Played> {
  const { clock, speed, parallelMax, stopped } = playing;
  const played: Played = { sent: 0, stored: 0, unsaid: 0, others: new Map(), slowestMs: 0, behindMs: 0, tookMs: 0 };
  const firstMs = hits[0]?.atMs ?? 0;
  const beganMs = clock.monotonicMs();
  const phones = new Map<string, Promise<void>>();
  const under = new Set<Promise<void>>();
  for (const hit of hits) {
    const dueMs = (hit.atMs - firstMs) / speed;
    const waitMs = dueMs - (clock.monotonicMs() - beganMs);
    if (waitMs > 0) await passed(clock, waitMs, stopped);
    while (under.size >= parallelMax) await Promise.race(under);
    if (stopped.aborted) break;
    const before = phones.get(hit.phone) ?? Promise.resolve();
    const mine = before.then(async () => {
      const sentMs = clock.monotonicMs();
      played.behindMs = Math.max(played.behindMs, sentMs - beganMs - dueMs);
      const answered = await playing.send(hit);
      const tookMs = clock.monotonicMs() - sentMs;
      note(played, answered, tookMs);
      playing.told(hit, answered, hit.atMs - firstMs, tookMs);
    });
    phones.set(hit.phone, mine);
    under.add(mine);
    void mine.finally(() => under.delete(mine));
  }
  await Promise.all(under);
  played.tookMs = clock.monotonicMs() - beganMs;
  return played;
}

function note(played: Played, answered: Answered, tookMs: number): void {
  if (answered === 'unsaid') {
    played.unsaid++;
    return;
  }
  played.sent++;
  if ('status' in answered) played.slowestMs = Math.max(played.slowestMs, tookMs);
  if ('status' in answered && answered.status === 200) {
    played.stored++;
    return;
  }
  const what = 'status' in answered ? `HTTP ${answered.status}` : answered.failed;
  played.others.set(what, (played.others.get(what) ?? 0) + 1);
}

/** A while of real time; less if it is stopped. */
function passed(clock: Clock, ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      stopped.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    stopped.addEventListener('abort', done);
    if (stopped.aborted) done();
  });
}
