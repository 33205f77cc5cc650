// How the readers of the rule language tell what is wrong, and what they call the values they find.
import type { Path, Problem } from '../../core/problems.ts';

export type Report = (path: Path, message: string, hint?: string) => void;

const PROBLEMS_MAX = 1_000;

/** Problems of one file, gathered; beyond 1,000 nobody reads on. */
export function gather(file: string, problems: Problem[]): Report {
  return (path, message, hint) => {
    if (problems.length < PROBLEMS_MAX) problems.push({ file, path, message, ...(hint === undefined ? {} : { hint }) });
  };
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a value is, without repeating what it says. */
export function sayKind(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'text' : 'an object';
}
