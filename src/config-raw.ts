// What can be told of a config before it is checked, so that problems elsewhere are told all the same.
import { TIMEZONES } from './config-schema.ts';
import type { Path } from './core/problems.ts';

/** A key of an object; undefined where there is none. */
export const fieldOf = (raw: unknown, key: string): unknown =>
  typeof raw === 'object' && raw !== null && Object.hasOwn(raw, key)
    ? (raw as Record<string, unknown>)[key]
    : undefined;

/** The entries of a list or an object; none of anything else. */
export const listOf = (raw: unknown): [string | number, unknown][] =>
  Array.isArray(raw) ? [...raw.entries()] : typeof raw === 'object' && raw !== null ? Object.entries(raw) : [];

export function namesOf(raw: unknown): { phones: { id: string; site: string }[]; sites: string[] } {
  const phones = listOf(fieldOf(raw, 'phones')).flatMap(([, phone]) => {
    const [id, site] = [fieldOf(phone, 'id'), fieldOf(phone, 'site') ?? 'default'];
    return typeof id === 'string' && typeof site === 'string' ? [{ id, site }] : [];
  });
  return { phones, sites: ['default', ...listOf(fieldOf(raw, 'sites')).map(([id]) => String(id))] };
}

/** The time zone of the config; UTC where it names none that there is. */
export function timezoneOf(raw: unknown): string {
  const written = fieldOf(raw, 'timezone');
  return typeof written === 'string' && TIMEZONES.includes(written) ? written : 'UTC';
}

/** Whoever may have a token: sites and phones, with their places. */
export const tokenHolders = (raw: unknown): { path: Path; token: unknown }[] =>
  ['sites', 'phones'].flatMap((key) =>
    listOf(fieldOf(raw, key)).map(([index, holder]) => ({ path: [key, index], token: fieldOf(holder, 'token') })),
  );

/** The folders and files of rules, as they are written. */
export function ruleEntries(raw: unknown): { entry: string; path: Path }[] {
  const written = fieldOf(raw, 'rules') ?? './rules';
  if (typeof written === 'string') return [{ entry: written, path: ['rules'] }];
  return listOf(written).flatMap(([index, entry]) =>
    typeof entry === 'string' ? [{ entry, path: ['rules', index] }] : [],
  );
}
