// Chance that can be repeated: the same seed draws the same numbers.

/** Draws in [0, 1): steps of the golden ratio, well mixed. For simulations, never for secrets. */
export function seededDraw(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** No chance at all: every moment is the one that the scenario's line names. */
export const evenDraw = (): number => 0.5;
