// Filters: the ones that templates may use, how many values each takes, and nothing else that the library offers.
import { didYouMean } from '../../../core/problems.ts';
import { formatProblem, zoneProblem } from './time.ts';
import type { Complain, FilterCall } from './tree.ts';

/** What people read about a filter or a tag; `gives` is what the example becomes with the examples of the fields. */
export type TemplatePart = { meaning: string; example: string; gives: string };

/** `values`: the least and the most values behind the colon. */
export type FilterEntry = TemplatePart & { values: readonly [number, number] };

/** Every filter that a template may use, in the order in which they are documented. */
export const FILTER_ENTRIES: Readonly<Record<string, FilterEntry>> = {
  default: {
    values: [1, 1],
    meaning: 'Another value, where there is none.',
    example: '{{ vars.queue | default: "none" }}',
    gives: 'none',
  },
  upcase: {
    values: [0, 0],
    meaning: 'In capital letters.',
    example: '{{ remote.name | upcase }}',
    gives: 'ERIKA MUSTERMANN',
  },
  downcase: {
    values: [0, 0],
    meaning: 'In small letters.',
    example: '{{ remote.name | downcase }}',
    gives: 'erika mustermann',
  },
  capitalize: {
    values: [0, 0],
    meaning: 'With a capital letter at the beginning; the others become small.',
    example: '{{ phone.area | capitalize }}',
    gives: 'Ground floor',
  },
  strip: { values: [0, 0], meaning: 'Without the spaces around it.', example: '{{ " 201 " | strip }}', gives: '201' },
  lstrip: { values: [0, 0], meaning: 'Without the spaces before it.', example: '{{ " 201" | lstrip }}', gives: '201' },
  rstrip: { values: [0, 0], meaning: 'Without the spaces behind it.', example: '{{ "201 " | rstrip }}', gives: '201' },
  append: {
    values: [1, 1],
    meaning: 'With a text behind it.',
    example: '{{ phone.id | append: "/state" }}',
    gives: 'front-desk/state',
  },
  prepend: {
    values: [1, 1],
    meaning: 'With a text before it.',
    example: '{{ local.number | prepend: "ext. " }}',
    gives: 'ext. 201',
  },
  replace: {
    values: [2, 2],
    meaning: 'With every such text replaced by another.',
    example: '{{ remote.number | replace: "+49", "0" }}',
    gives: '03023125100',
  },
  replace_first: {
    values: [2, 2],
    meaning: 'With the first such text replaced by another.',
    example: '{{ phone.id | replace_first: "-", " " }}',
    gives: 'front desk',
  },
  remove: {
    values: [1, 1],
    meaning: 'Without every such text.',
    example: '{{ remote.number | remove: "+" }}',
    gives: '493023125100',
  },
  truncate: {
    values: [0, 2],
    meaning: 'At most so many characters (50 unless given); a second value is the ending, which counts too.',
    example: '{{ remote.name | truncate: 8, "…" }}',
    gives: 'Erika M…',
  },
  truncatewords: {
    values: [0, 2],
    meaning: 'At most so many words (15 unless given); a second value is the ending.',
    example: '{{ remote.contact | truncatewords: 1, "…" }}',
    gives: 'Mustermann…',
  },
  split: {
    values: [1, 1],
    meaning: 'A list: the text taken apart wherever this stands.',
    example: '{{ remote.name | split: " " | last }}',
    gives: 'Mustermann',
  },
  join: {
    values: [0, 1],
    meaning: 'A text: the members of a list with this between them (a space unless given).',
    example: '{{ call.phones | join: ", " }}',
    gives: 'front-desk, sales-1',
  },
  first: {
    values: [0, 0],
    meaning: 'The first member of a list.',
    example: '{{ call.phones | first }}',
    gives: 'front-desk',
  },
  last: {
    values: [0, 0],
    meaning: 'The last member of a list.',
    example: '{{ call.phones | last }}',
    gives: 'sales-1',
  },
  size: {
    values: [0, 0],
    meaning: 'How many members a list has, or characters a text.',
    example: '{{ call.phones | size }}',
    gives: '2',
  },
  slice: {
    values: [1, 2],
    meaning: 'A piece: from this place on (0 is the first, -1 the last), so many characters (1 unless given).',
    example: '{{ remote.number | slice: -4, 4 }}',
    gives: '5100',
  },
  date: {
    values: [1, 2],
    meaning: 'A time in a format of your own, and in a time zone (UTC unless given).',
    example: '{{ event.at | date: "%d.%m.%Y %H:%M", "Europe/Berlin" }}',
    gives: '24.11.2026 10:15',
  },
  plus: {
    values: [1, 1],
    meaning: 'Plus a number.',
    example: '{{ call.ringSeconds | plus: call.talkSeconds }}',
    gives: '107',
  },
  minus: { values: [1, 1], meaning: 'Minus a number.', example: '{{ call.talkSeconds | minus: 5 }}', gives: '90' },
  times: { values: [1, 1], meaning: 'Times a number.', example: '{{ call.ringSeconds | times: 2 }}', gives: '24' },
  divided_by: {
    values: [1, 1],
    meaning: 'Divided by a number.',
    example: '{{ call.talkSeconds | divided_by: 10 }}',
    gives: '9.5',
  },
  round: {
    values: [0, 1],
    meaning: 'Rounded, to so many places behind the point (0 unless given).',
    example: '{{ call.talkSeconds | divided_by: 60 | round: 1 }}',
    gives: '1.6',
  },
};

/** Their names. */
export const FILTERS: readonly string[] = Object.keys(FILTER_ENTRIES);

/** Says what is wrong with one call of a filter. */
export function checkFilter({ name, args }: FilterCall, complain: Complain): void {
  const arity = Object.hasOwn(FILTER_ENTRIES, name) ? FILTER_ENTRIES[name]?.values : undefined;
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
