// Words of problems: names as they are quoted, and hints that are worth giving.
import { didYouMean } from '../../core/problems.ts';

/** A name between quotation marks, cut where it is no name any more. */
export const quoted = (name: string): string => JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name);

/** `did you mean "x"?`, or undefined where nothing is near. */
export function near(word: string, known: readonly string[]): string | undefined {
  const hint = didYouMean(word, known);
  return hint?.startsWith('did') === true ? hint : undefined;
}
