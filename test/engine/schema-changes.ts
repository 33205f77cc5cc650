// Small changes to a JSON value, for properties about files that are almost right.
import type { Json } from '../../src/core/delivery.ts';

/** Every place of a value. */
export function placesOf(value: Json, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries: [string | number, Json][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([step, inner]) => placesOf(inner, [...path, step]))];
}

/** A copy with something else at that place, or nothing; the same where there is no such place. */
export function changed(value: Json, path: readonly (string | number)[], other: Json | undefined): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return other;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return value;
  const copy = structuredClone(value) as Record<string | number, Json>;
  const inner = changed(copy[step] ?? null, rest, other);
  if (inner !== undefined) copy[step] = inner;
  else if (Array.isArray(copy)) copy.splice(Number(step), 1);
  else delete copy[step];
  return copy as Json;
}
