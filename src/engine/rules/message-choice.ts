// Choices: a constant of a message that depends on a schedule, such as who is on duty; the first entry that holds counts.
import type { Json } from '../../core/delivery.ts';
import type { Destination } from '../../core/destination.ts';
import { didYouMean, type Path, type Problem } from '../../core/problems.ts';
import { checkWith } from '../../core/schema-problems.ts';
import type { Schedule } from '../schedule/index.ts';
import { readScheduleName } from '../stages/read-values.ts';
import { type FieldOf, type JsonOf, TemplateFailure } from './compiled.ts';
import type { FieldContext } from './message-field.ts';
import { isObject, kindOf, type Raw } from './tree.ts';

/** One entry. `place`: where it stands in the list, from 0. `schedule` undefined: it always holds. */
export type Choice = { place: number; schedule: Schedule | undefined; open: boolean; use: unknown };

/** By field: its entries, where the author wrote a list of them. */
export type Choices = ReadonlyMap<string, readonly Choice[]>;

const KEYS = ['during', 'outside', 'use'];
const EXAMPLE = 'like [{ "during": "office", "use": … }, { "use": … }]';

/** A list of addresses is a constant, a list of entries is a choice. */
const isChoice = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.some((entry) => isObject(entry) && KEYS.some((key) => Object.hasOwn(entry, key)));

/** Reads the fields that a schedule decides about; problems are reported. */
export function readChoices(message: Raw, path: Path, { templates }: Destination, context: FieldContext): Choices {
  const choices = new Map<string, Choice[]>();
  for (const [name, value] of Object.entries(message))
    if (Object.hasOwn(templates, name) && templates[name]?.as === 'choice' && isChoice(value))
      choices.set(name, readList(value, [...path, name], context));
  return choices;
}

function readList(list: readonly unknown[], path: Path, context: FieldContext): Choice[] {
  return list.flatMap((entry, place) => {
    const choice = readEntry(entry, [...path, place], context);
    if (choice !== undefined && choice.always && place < list.length - 1)
      context.report([...path, place], 'always holds, so that no entry behind it counts', 'put it last');
    return choice === undefined ? [] : [{ ...choice, place }];
  });
}

function readEntry(entry: unknown, path: Path, { schedules, report }: FieldContext) {
  if (!isObject(entry)) {
    report(path, `must be an object { … }, not ${kindOf(entry)}`, EXAMPLE);
    return undefined;
  }
  for (const key of Object.keys(entry))
    if (!KEYS.includes(key)) report([...path, key], 'unknown key', didYouMean(key, KEYS));
  const { during, outside, use } = entry;
  if (during !== undefined && outside !== undefined)
    report(path, 'has both "during" and "outside"', 'write one of the two');
  const key = during !== undefined ? 'during' : 'outside';
  const name = during ?? outside;
  const schedule = name === undefined ? undefined : readScheduleName(name, [...path, key], schedules, report);
  if (use === undefined) {
    report([...path, 'use'], 'is missing', 'it says what goes into the message');
    return undefined;
  }
  return { schedule, open: during !== undefined, use, always: name === undefined };
}

/** The first entry that holds at the moment at which the rule acts. */
export const renderChoice =
  (choices: readonly Choice[], uses: readonly JsonOf[]): FieldOf =>
  (event, known, atMs) => {
    for (const [n, { schedule, open }] of choices.entries())
      if (schedule === undefined || schedule.isOpen(atMs) === open) return uses[n]?.(event, known);
    throw new TemplateFailure('no entry of the list holds at this time; a last one with "use" alone always does');
  };

/** Of a message that was checked with one entry of each choice put in: where those entries stand. */
type Places = ReadonlyMap<string, number>;

export type Variants = {
  /** As the schema understands them; the first is that of the first entries. */
  values: { value: Record<string, Json>; places: Places }[];
  /** The entries with their constants as the schema understands them. */
  chosen: Choices;
  problems: Problem[];
};

/** Checks a message once for every entry of its choices. Paths begin with `base` and lead to the entry. */
export function checkVariants(destination: Destination, message: Raw, choices: Choices, base: Path): Variants {
  const result: Variants = { values: [], chosen: new Map(), problems: [] };
  const told = new Set<string>();
  const chosen = new Map<string, Choice[]>([...choices.keys()].map((name) => [name, []]));
  for (const { written, entries } of variantsOf(message, choices)) {
    const places = new Map(entries.map(([name, { place }]) => [name, place]));
    const checked = checkWith(destination.message, written, [], ['to']);
    if ('problems' in checked)
      for (const problem of checked.problems) {
        const path = [...base, ...chosenAt(problem.path, places)];
        // That nothing of a choice could be read has been said.
        const isEmpty = choices.get(String(problem.path[0]))?.length === 0;
        const key = JSON.stringify([path, problem.message]);
        if (!isEmpty && !told.has(key)) result.problems.push({ ...problem, path });
        told.add(key);
      }
    else {
      result.values.push({ value: checked.value, places });
      for (const [name, choice] of entries) {
        const known = chosen.get(name) ?? [];
        if (known.some(({ place }) => place === choice.place)) continue;
        chosen.set(name, [...known, { ...choice, use: checked.value[name] }]);
      }
    }
  }
  result.chosen = chosen;
  return result;
}

type Variant = { written: Raw; entries: [name: string, choice: Choice][] };

/** All first entries; then for each field each further entry, beside the first ones of the others. */
function variantsOf(message: Raw, choices: Choices): Variant[] {
  const firsts = [...choices].flatMap(([name, [first]]): Variant['entries'] => (first ? [[name, first]] : []));
  const all = [firsts];
  for (const [name, [, ...others]] of choices)
    for (const other of others) all.push([...firsts.filter(([field]) => field !== name), [name, other]]);
  return all.map((entries) => {
    // Zod's own objects have a prototype; so that a destination's schema sees what it would see elsewhere, this one has it too.
    const written: Raw = { ...message };
    for (const name of choices.keys()) delete written[name];
    for (const [name, { use }] of entries) written[name] = use;
    return { written, entries };
  });
}

/** The path of a problem in a message with entries put in, as a path in what the author wrote. */
export function chosenAt(path: Path, places: Places): Path {
  const [name, ...rest] = path;
  const place = typeof name === 'string' ? places.get(name) : undefined;
  return place === undefined ? path : [name as string, place, 'use', ...rest];
}
