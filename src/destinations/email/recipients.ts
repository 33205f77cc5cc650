// Recipients: who gets a mail. Addresses come from the config only; a message may choose one of the config's lists by its name.
import { z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import { didYouMean } from '../../core/problems.ts';

/** ASCII only, no quoted local part: these have led mail astray (RFC 5321 calls them discouraged), and nobody misses them. */
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
export const VISIBLE_LINE = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/;

const PEOPLE_MAX = 50;
const LISTS_MAX = 50;
/** The list for messages that name none. */
const DEFAULT = 'default';

const address = z.string().regex(ADDRESS, 'must be an address such as "team@example.net"');
const displayName = z.string().min(1).max(100).regex(VISIBLE_LINE, 'must be one line without control characters');
export const person = z.strictObject({
  name: displayName.optional().describe('The name that a mail program shows.'),
  address: address.describe('The address.'),
});
export const recipient = z.union([address, person], {
  error: 'must be an address such as "team@example.net", or { "name": …, "address": … }',
});

export type Person = { name?: string | undefined; address: string };
export type Recipient = string | Person;
export type Recipients = Recipient[] | Record<string, Recipient[]>;

const listName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be a name of letters, digits, "-" and "_", such as "night"');
const people = z.array(recipient).min(1).max(PEOPLE_MAX);

/** The setting: one list, or lists by name. */
export const recipients = z.union([
  people,
  z
    .record(listName, people)
    .refine((lists) => Object.keys(lists).length > 0, 'needs at least one list')
    .refine((lists) => Object.keys(lists).length <= LISTS_MAX, `must have at most ${LISTS_MAX} lists`),
]);

/** The field of a message: the name of a list. */
export const chosenList = listName;

type Finding = { path: (string | number)[]; message: string; hint?: string };

/** Problems of the list that a message chooses, given those of its connection. */
export function choiceProblems(chosen: string | undefined, setting: Recipients): Finding[] {
  const problem = (message: string, hint: string | undefined): Finding[] => [
    { path: ['recipients'], message, ...(hint === undefined ? {} : { hint }) },
  ];
  if (Array.isArray(setting)) {
    if (chosen === undefined) return [];
    const hint = 'remove it, or write lists by name: "recipients": { "day": […], "night": […] }';
    return problem('names a list, but the connection has one without a name', hint);
  }
  const names = Object.keys(setting);
  if (names.includes(chosen ?? DEFAULT)) return [];
  if (chosen !== undefined)
    return problem(`the connection has no list ${JSON.stringify(chosen)}`, didYouMean(chosen, names));
  const hint = `name one of: ${names.join(', ')}; or call one of them "${DEFAULT}"`;
  return problem('is missing: the connection has several lists', hint);
}

/** The people of a rendered message and the name of their list (empty where there is one list); undefined: no such list. */
export function chosenPeople(
  chosen: Json | undefined,
  setting: Recipients,
): { list: string; people: Recipient[] } | undefined {
  if (Array.isArray(setting)) return chosen === undefined ? { list: '', people: setting } : undefined;
  const list = chosen === undefined ? DEFAULT : chosen;
  if (typeof list !== 'string' || !Object.hasOwn(setting, list)) return undefined;
  const found = setting[list];
  return found === undefined ? undefined : { list, people: found };
}

/** What a test message names: the default list, or the first one. */
export function trialList(setting: Recipients): { recipients?: string } {
  if (Array.isArray(setting) || Object.hasOwn(setting, DEFAULT)) return {};
  const [first] = Object.keys(setting);
  return first === undefined ? {} : { recipients: first };
}

/** An object, never a text that somebody would have to take apart again; the domain in lower case, as the library tells of it. */
export function addressOf(one: Recipient): { name: string; address: string } {
  const { name = '', address } = typeof one === 'string' ? { address: one } : one;
  const domainAt = address.lastIndexOf('@') + 1;
  return { name, address: address.slice(0, domainAt) + address.slice(domainAt).toLowerCase() };
}
