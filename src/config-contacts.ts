// Who calls, as the config says it: contact files read, and the service that is asked for other numbers checked.
import { type LookupSettings, lookupSettings } from './caller-lookup-settings.ts';
import { readContacts } from './contacts/index.ts';
import type { Path, Problem } from './core/problems.ts';
import { checkWith } from './core/schema-problems.ts';
import { DOCUMENT_BYTES_MAX, readDocument } from './document.ts';
import { COUNTRIES, readNumber } from './engine/phone-book/index.ts';
import { readSecrets, type SecretFindings, type SecretSource } from './secrets.ts';

/** How numbers that people wrote are read: as at the default site. */
export type NumberPlan = { country?: string; internalDigitsMax?: number };

/** `problems` and `warnings` with a line stand in a contact file; `warnings` all name their file. */
export type CheckedContacts = {
  contacts: ReadonlyMap<string, string>;
  lookup?: LookupSettings;
  problems: Problem[];
  warnings: Problem[];
};

type Raw = Record<string, unknown>;
const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
const inside = (raw: unknown, ...keys: string[]): unknown =>
  keys.reduce((here, key) => (isRaw(here) && Object.hasOwn(here, key) ? here[key] : undefined), raw);

/** From the raw config, so that contact files are read even where something else is wrong. */
export function numberPlan(raw: unknown): NumberPlan {
  const site = inside(raw, 'sites', 'default');
  const [country, digits] = [inside(site, 'country'), inside(site, 'internalDigits')];
  return {
    ...(typeof country === 'string' && COUNTRIES.includes(country) ? { country } : {}),
    ...(typeof digits === 'number' ? { internalDigitsMax: digits } : {}),
  };
}

/** Contact files in JSON are read as configs are. */
export const CONTACT_DOCUMENTS = { bytesMax: DOCUMENT_BYTES_MAX, read: readDocument };

/** Reads what stands under `contacts`. What the schema finds wrong there is not said again. */
export async function checkContacts(
  raw: unknown,
  source: SecretSource & { shownAs(path: string): string },
  findings: SecretFindings,
): Promise<CheckedContacts> {
  const written = inside(raw, 'contacts');
  const own = inside(written, 'country');
  const plan = { ...numberPlan(raw), ...(typeof own === 'string' ? { country: own } : {}) };
  const read = await readContacts(entriesOf(written), {
    folder: source.folder,
    files: source.files,
    documents: CONTACT_DOCUMENTS,
    shownAs: source.shownAs,
    readNumber: (text) => readNumber(text, plan),
    hasCountry: plan.country !== undefined,
  });
  const lookup = await checkLookup(inside(written, 'lookup'), source, findings);
  return { ...read, ...(lookup === undefined ? {} : { lookup }) };
}

function entriesOf(written: unknown): { entry: string; path: Path }[] {
  const [files, path] = isRaw(written) ? [written.files, ['contacts', 'files']] : [written, ['contacts']];
  if (typeof files === 'string' && files !== '') return [{ entry: files, path }];
  if (!Array.isArray(files)) return [];
  return files.flatMap((entry: unknown, index) =>
    typeof entry === 'string' && entry !== '' ? [{ entry, path: [...path, index] }] : [],
  );
}

async function checkLookup(
  written: unknown,
  source: SecretSource,
  findings: SecretFindings,
): Promise<LookupSettings | undefined> {
  if (written === undefined) return undefined;
  const path = ['contacts', 'lookup'];
  const before = findings.unread.length;
  const read = await readSecrets(written, path, source, false, findings);
  const checked = checkWith(lookupSettings, read, path);
  if (!('problems' in checked)) return checked.value;
  // A secret that could not be read has its own problem already.
  const unread = findings.unread.slice(before);
  findings.problems.push(
    ...checked.problems.filter((problem) => !unread.some((at) => at.every((step, i) => step === problem.path[i]))),
  );
  return undefined;
}
