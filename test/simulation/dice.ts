// What a seed decides: chances, numbers and choices, always the same for the same seed.
import { createDraw } from '../support/virtual-clock.ts';

export type Dice = {
  chance(share: number): boolean;
  /** Both ends included. */
  whole(from: number, to: number): number;
  pick<T>(from: readonly T[]): T;
  /** At least one of them, in their order. */
  some<T>(from: readonly T[]): T[];
};

export function createDice(seed: number): Dice {
  const draw = createDraw(seed);
  const whole = (from: number, to: number): number => from + Math.floor(draw() * (to - from + 1));
  const pick = <T>(from: readonly T[]): T => from[whole(0, from.length - 1)] as never;
  return {
    chance: (share) => draw() < share,
    whole,
    pick,
    some(from) {
      const certain = pick(from);
      return from.filter((one) => one === certain || draw() < 0.7);
    },
  };
}

export const several = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
