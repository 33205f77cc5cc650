// Timers: what one connection will do later, each thing once at a time.
import type { Cancel, Clock } from '../../../core/ports.ts';

type Name = 'birth' | 'list' | 'health' | 'throttled';

export type Timers = {
  /** Runs the task after a while; a time of that name that runs already goes on instead. */
  later(name: Name, delayMs: number, task: () => void): void;
  every(name: Name, delayMs: number, task: () => void): void;
  stop(): void;
};

export function createTimers(clock: Clock): Timers {
  const running = new Map<Name, Cancel>();

  function later(name: Name, delayMs: number, task: () => void): void {
    if (running.has(name)) return;
    const run = (): void => {
      running.delete(name);
      task();
    };
    running.set(name, clock.after(delayMs, run));
  }

  function every(name: Name, delayMs: number, task: () => void): void {
    later(name, delayMs, () => {
      every(name, delayMs, task);
      task();
    });
  }

  return {
    later,
    every,
    stop() {
      for (const cancel of running.values()) cancel();
      running.clear();
    },
  };
}
