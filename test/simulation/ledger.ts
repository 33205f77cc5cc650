// What the engine was given and what is on disk of it: the inputs in the order in which they were decided, life by life.
import type { UnitOfWork } from '../../src/core/store.ts';
import type { Input } from '../../src/pump.ts';

/** One input, with the rules of that moment. */
export type Decided = { life: number; generation: number; input: Input };

export type Ledger = {
  /** Only what was stored. What a life decided and did not live to store was never decided. */
  decided: Decided[];
  openLife(life: number): LifeLedger;
};

export type LifeLedger = {
  /** The engine of this life was given that. */
  given(input: Input, generation: number): void;
  /** A unit goes to the store, perhaps again: what was given since the one before belongs to it. Call the result once it is on disk. */
  committing(unit: UnitOfWork): () => void;
};

export function createLedger(): Ledger {
  const decided: Decided[] = [];
  return {
    decided,
    openLife(life) {
      let since: Decided[] = [];
      const byUnit = new WeakMap<UnitOfWork, Decided[]>();
      return {
        given: (input, generation) => void since.push({ life, generation, input }),
        committing(unit) {
          const mine = byUnit.get(unit) ?? since;
          if (mine === since) since = [];
          byUnit.set(unit, mine);
          return () => void decided.push(...mine);
        },
      };
    },
  };
}
