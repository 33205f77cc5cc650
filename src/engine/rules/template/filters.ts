// Filters: the ones that templates may use, how many values each takes, and nothing else that the library offers.
import { didYouMean } from '../../../core/problems.ts';
import { formatProblem, zoneProblem } from './time.ts';
import type { Complain, FilterCall } from './tree.ts';

/** The least and the most values behind the colon. */
const ARITY: Readonly<Record<string, readonly [number, number]>> = {
  default: [1, 1],
  upcase: [0, 0],
  downcase: [0, 0],
  capitalize: [0, 0],
  strip: [0, 0],
  lstrip: [0, 0],
  rstrip: [0, 0],
  append: [1, 1],
  prepend: [1, 1],
  replace: [2, 2],
  replace_first: [2, 2],
  remove: [1, 1],
  truncate: [0, 2],
  truncatewords: [0, 2],
  split: [1, 1],
  join: [0, 1],
  first: [0, 0],
  last: [0, 0],
  size: [0, 0],
  slice: [1, 2],
  date: [1, 2],
  plus: [1, 1],
  minus: [1, 1],
  times: [1, 1],
  divided_by: [1, 1],
  round: [0, 1],
};

/** Every filter that a template may use. */
export const FILTERS: readonly string[] = Object.keys(ARITY);

/** Says what is wrong with one call of a filter. */
export function checkFilter({ name, args }: FilterCall, complain: Complain): void {
  const arity = Object.hasOwn(ARITY, name) ? ARITY[name] : undefined;
  if (arity === undefined) {
    complain(
      `the filter ${JSON.stringify(name.slice(0, 40))} is not available`,
      didYouMean(name, FILTERS) ?? `known: ${FILTERS.join(', ')}`,
    );
    return;
  }
  const [least, most] = arity;
  if (args.length < least || args.length > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    complain(`the filter "${name}" takes ${wanted === '0' ? 'no' : wanted} values, not ${args.length}`);
  } else if (name === 'date') checkDate(args, complain);
}

/** Constants, so that a mistake in them shows when the rules are read and not when a phone rings. */
function checkDate([format, zone]: FilterCall['args'], complain: Complain): void {
  if (format?.kind !== 'text' || format.escaped || (zone !== undefined && zone.kind !== 'text')) {
    complain('the filter "date" takes texts in quotes', 'like date: "%H:%M", "Europe/Berlin"');
    return;
  }
  const problem = formatProblem(format.text) ?? (zone?.kind === 'text' ? zoneProblem(zone.text) : undefined);
  if (problem !== undefined) complain(problem.message, problem.hint);
}
