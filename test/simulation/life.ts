// One life of the process, from start to crash: its clock, its randomness, and the steps at which it can end.
import type { Clock, Ports, Random } from '../../src/core/ports.ts';
import type { VirtualTime } from '../support/virtual-clock.ts';
import type { Trace } from './trace.ts';

/** Thrown away with a crash: nothing of it runs any more, and whatever it still awaits never comes. */
export type Life = {
  number: number;
  over: boolean;
  ports: Ports;
  /** Crosses the edge of the process; the process may end here. False: it has ended, do nothing. */
  step(name: string): boolean;
  crash(why: string): void;
};

export type Steps = { taken: number; crashAt: Set<number>; mayCrash: () => boolean };

/** What a dead process waits for. */
export const never = <T>(): Promise<T> => new Promise<T>(() => {});

export type LifeOptions = {
  number: number;
  time: VirtualTime;
  trace: Trace;
  steps: Steps;
  onCrash: () => void;
};

/** A process that starts now. Its monotonic clock starts anew, so that no reading means anything to the next life. */
export function beginLife({ number, time, trace, steps, onCrash }: LifeOptions): Life {
  const { clock: inner, kill } = time.spawn();
  const bootMs = time.nowMs() - Math.floor(time.draw() * 100_000);
  const clock: Clock = {
    wallMs: inner.wallMs,
    monotonicMs: () => inner.monotonicMs() - bootMs,
    after: inner.after,
  };
  const random: Random = time.random;
  const say = (event: string): void => {
    if (!life.over) trace.say(`log ${event}`);
  };
  const life: Life = {
    number,
    over: false,
    ports: { clock, random, count: () => {}, log: { debug() {}, info: say, warn: say, error: say } },
    step(name) {
      if (life.over) return false;
      steps.taken += 1;
      if (steps.crashAt.has(steps.taken) && steps.mayCrash()) life.crash(`at step ${steps.taken}, ${name}`);
      return !life.over;
    },
    crash(why) {
      if (life.over) return;
      life.over = true;
      trace.say(`CRASH ${why}`);
      kill();
      onCrash();
    },
  };
  return life;
}
