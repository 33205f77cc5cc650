// The catalogue as rules see it: which names there are, which come later, and how their values are read.
import type { Event } from '../../core/events.ts';
import { FIELDS, FIELDS_NOT_YET, type Field, type FieldType, type FieldValue, type Known } from '../../core/fields.ts';
import { normaliseMac } from '../../core/phone-card.ts';
import { didYouMean } from '../../core/problems.ts';
import type { Readable } from '../match/condition-tree.ts';
import { canonicalAddress } from './address.ts';

export type Read = (event: Event, known: Known) => FieldValue;

export type Catalogue = {
  names: readonly string[];
  find(name: string): Field | undefined;
  /** One raw variable, whatever its name. */
  variable(name: string): Field;
  /** `event`, `phone`, `remote`, …: the first parts of names that have more than one. */
  roots: ReadonlySet<string>;
  /** A number as a person wrote it, in the spelling in which the numbers of events are compared. */
  numberOf(text: string): string;
  /** Gives everyone who asks for `name` (where it is about something, of that) the object that was made for the first of them. */
  shared<T extends object>(name: string, make: () => T, about?: object): T;
};

/** Without a phone book: what people put between digits is left out. */
const bareNumber = (text: string): string => {
  const bare = text.replace(/[()\-./ ]/g, '');
  return /^\+?\d+$/.test(bare) ? bare.replace(/^00(?=[1-9])/, '+') : text;
};

export function createCatalogue(fields: readonly Field[] = FIELDS, numberOf = bareNumber): Catalogue {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const names = [...byName.keys()];
  const roots = new Set(names.map((name) => name.split('.')[0] ?? name));
  return { names, find: (name) => byName.get(name), variable: variableField, roots, numberOf, shared: createShared() };
}

function createShared(): Catalogue['shared'] {
  const all = new WeakMap<object, Map<string, object>>();
  return <T extends object>(name: string, make: () => T, about: object = all): T => {
    const made = all.get(about) ?? new Map<string, object>();
    all.set(about, made);
    const one = (made.get(name) as T | undefined) ?? make();
    made.set(name, one);
    return one;
  };
}

/** The same catalogue for one rule: the names of the fields that the rule asks for come into `reads`. */
export function noting(catalogue: Catalogue, reads: Set<string>): Catalogue {
  const noted = <T extends Field | undefined>(field: T): T => {
    if (field !== undefined) reads.add(field.name);
    return field;
  };
  return {
    ...catalogue,
    find: (name) => noted(catalogue.find(name)),
    variable: (name) => noted(catalogue.variable(name)),
  };
}

const VARS = 'vars.';

/** One raw variable of the event, whatever its name; null where the phone did not send it. */
export const variableField = (name: string): Field => ({
  name: `${VARS}${name}`,
  type: 'string',
  meaning: 'a variable as the phone sent it',
  example: '""',
  read: (event) => ('vars' in event && Object.hasOwn(event.vars, name) ? (event.vars[name] ?? null) : null),
});

/** The field of that name, `vars.<name>` included. */
export const fieldOf = (catalogue: Catalogue, name: string): Field | undefined =>
  name.startsWith(VARS) && name.length > VARS.length
    ? catalogue.variable(name.slice(VARS.length))
    : catalogue.find(name);

/** The sentence for a name that is no field: it comes later, it is a misspelling, or it is only the beginning of one. */
export function unknownField(catalogue: Catalogue, name: string): { message: string; hint?: string } {
  if (FIELDS_NOT_YET.some((later) => name === later || name.startsWith(`${later}.`)))
    return { message: `${JSON.stringify(name)} is not built yet in this version` };
  const under = catalogue.names.filter((known) => known.startsWith(`${name}.`));
  if (under.length > 0) return { message: `${JSON.stringify(name)} is not a field`, hint: `write ${under.join(', ')}` };
  const hint = didYouMean(name, catalogue.names);
  return { message: `unknown field ${JSON.stringify(name)}`, ...(hint === undefined ? {} : { hint }) };
}

export const TYPE_NAMES: Record<FieldType, string> = {
  string: 'a text',
  time: 'a time',
  number: 'a number',
  address: 'an address',
  list: 'a list',
};

/** Brings the text of a field, as a person wrote it, into the one form in which it is compared. Total. */
export function normaliserOf(
  field: Field,
  { numberOf }: Pick<Catalogue, 'numberOf'>,
): ((text: string) => string) | undefined {
  if (field.normalise === 'mac') return (text) => normaliseMac(text) ?? text;
  if (field.normalise === 'number') return numberOf;
  if (field.type === 'address') return (text) => canonicalAddress(text) ?? text;
  return undefined;
}

/** The field's value as it is compared. Numbers are in their one spelling already: events carry it. */
export function readerOf(field: Field): Read {
  const normalise = normaliserOf(field, { numberOf: (text) => text });
  if (normalise === undefined || field.normalise === 'number') return field.read;
  return (event, known) => {
    const value = field.read(event, known);
    if (typeof value === 'string') return normalise(value);
    return value === null || typeof value === 'number' ? value : value.map(normalise);
  };
}

/** The field as conditions read it: one object for all rules of the catalogue. */
export const readableOf = (field: Field, { shared }: Pick<Catalogue, 'shared'>): Readable =>
  shared(`field ${field.name}`, () => ({ name: field.name, read: readerOf(field) }));
