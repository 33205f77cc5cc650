// The raw tree: a rule file's value as data that nothing later can stumble over, however it was built.
import type { Path } from '../../core/problems.ts';
import type { Report } from './compiled.ts';

/** An object of the raw tree. It has no prototype. */
export type Raw = { [key: string]: unknown };

/** Levels of lists and objects, as in the reader of documents. */
const DEPTH_MAX = 64;

/** Names through which a careless program reaches the prototype of all objects. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * A copy without prototypes, without the keys that reach one, and no deeper than 64 levels (so that everything that follows
 * may descend by recursion); what was left out is reported.
 */
export function safeTree(value: unknown, report: Report): unknown {
  return copy(value, [], report);
}

function copy(value: unknown, path: Path, report: Report): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (path.length >= DEPTH_MAX) {
    report(path, 'nested too deep', `at most ${DEPTH_MAX} levels`);
    return null;
  }
  if (Array.isArray(value)) return value.map((entry, index) => copy(entry, [...path, index], report));
  const result: Raw = Object.create(null);
  for (const [key, entry] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.has(key)) report([...path, key], 'this name is not allowed as a key', 'choose another name');
    else result[key] = copy(entry, [...path, key], report);
  }
  return result;
}

export const isObject = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a value is, for a sentence such as "must be text, not a list". */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'object') return 'an object';
  return String(value);
}
