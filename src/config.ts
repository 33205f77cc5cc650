// Reads the config file, its secrets and its rules into one checked whole, or says every problem of it at once.
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { z } from 'zod';
import type { LookupSettings } from './caller-lookup-settings.ts';
import {
  type BrokerSettings,
  type ConnectionSettings,
  checkBroker,
  checkConnections,
  checkReferences,
  checkTokens,
  type PhoneSettings,
  type SiteSettings,
} from './config-check.ts';
import { type ConsoleSettings, checkConsole } from './config-console.ts';
import { checkContacts, numberPlan } from './config-contacts.ts';
import { type FleetConfig, fleetOf } from './config-fleet.ts';
import { fieldOf, listOf, namesOf, ruleEntries, timezoneOf, tokenHolders } from './config-raw.ts';
import { placeRuleProblems, type RuleFile, type RuleFiles, readRuleFiles } from './config-rules.ts';
import { configSchema } from './config-schema.ts';
import type { Destination } from './core/destination.ts';
import { FileError, type Files, fileErrorText } from './core/files.ts';
import type { Path, Problem } from './core/problems.ts';
import { checkWith } from './core/schema-problems.ts';
import type { Secret } from './core/secret.ts';
import { DOCUMENT_BYTES_MAX, type Document, placed, readDocument } from './document.ts';
import { readNumber } from './engine/phone-book/index.ts';
import type { ReceiverSettings } from './receiver/settings.ts';
import { noFindings, readSecrets, type SecretFindings, type SecretSource } from './secrets.ts';
import { recording, type Stamps } from './stamps.ts';

type Written = z.output<typeof configSchema>;

/** Everything a daemon needs to know, checked. Paths are absolute, spans in ms, sizes in bytes. */
export type Config<Rules = unknown> = FleetConfig & {
  file: string;
  dataPath: string;
  receiver: ReceiverSettings & { publicUrl?: string };
  /** By id; `default` is always there. */
  sites: Map<string, SiteSettings>;
  phones: PhoneSettings[];
  /** Those that the config lists, by name; phones are in others only where it lists none. */
  groups: ReadonlyMap<string, { settleMs?: number }>;
  /** Names by number, from the contact files, in the phone book's spelling. */
  contacts: ReadonlyMap<string, string>;
  /** Who else is asked for names. */
  lookup?: LookupSettings;
  /** Of schedules, tests and times that name none. */
  timezone: string;
  calls: { settleMs: number; ringMsMax: number; talkMsMax: number; returnMs: number; inferMissed: boolean };
  /** By name, in the order of the file. */
  connections: Map<string, ConnectionSettings>;
  broker: BrokerSettings;
  console: ConsoleSettings;
  store: { bytesMax: number; keep: { eventsMs: number; deliveredMs: number; deadMs: number; rawMs: number } };
  log: Written['log'];
  rules: Rules;
  /** Texts of the iCalendar files that the rules name, by their names as written. */
  calendars: ReadonlyMap<string, string>;
};

/** What the rooms bring along for reading a config. */
export type ConfigParts<Rules> = {
  destinations: readonly Destination[];
  /** `settings` is undefined for a connection that is wrong itself: then only its type is known. */
  compileRules(
    files: RuleFile[],
    context: {
      destinations: readonly Destination[];
      connections: Record<string, { type: string; settings: unknown }>;
      /** Phones and sites by id, as far as they can be read: what tests of rules may name. */
      phones: readonly { id: string; site: string }[];
      sites: readonly string[];
      calendars: ReadonlyMap<string, string>;
      /** Of schedules and dates that name none. */
      timezone: string;
      /** A number in a rule, in the spelling in which numbers are compared. */
      numberOf(text: string): string;
    },
  ): { rules: Rules } | { problems: Problem[] };
};

export type ReadOptions<Rules> = {
  configPath: string;
  /** Instead of `data` in the config. */
  dataPath?: string | undefined;
  /** A folder of rules or a rule file, instead of `rules` in the config. */
  rulesPath?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  files: Files;
  parts: ConfigParts<Rules>;
  /** The folder that the person works in: names of files are shown from here. */
  folder: string;
  /** The config that comes with the program: whoever may write it may write the program too. */
  bundled?: boolean;
};

/** `stamps`: every file that was looked at. `secrets`: every one that was read, for the log to hide. */
export type ReadResult<Rules> = { warnings: Problem[]; secrets: Secret[]; stamps: Stamps } & (
  | { config: Config<Rules>; ruleFiles: RuleFiles }
  | { problems: Problem[] }
);

/** Reads and checks everything; nothing is used unless all of it is right. Rejects only if the program itself is wrong. */
export async function readConfig<Rules>(options: ReadOptions<Rules>): Promise<ReadResult<Rules>> {
  const stamps: Stamps = new Map();
  const files = recording(options.files, stamps);
  const configPath = resolve(options.folder, options.configPath);
  const shownAs = (path: string): string => shown(path, options.folder);
  const findings = noFindings();
  const refuse = (problems: Problem[]): ReadResult<Rules> => ({
    problems,
    warnings: [],
    secrets: findings.secrets,
    stamps,
  });

  const read = await readText(configPath, shownAs(configPath), files, options.bundled === true);
  if (read.document === undefined || read.document.broken)
    return refuse([...read.problems, ...(read.document?.problems ?? [])]);
  const { document } = read;
  const source: SecretSource = { env: options.env, files, folder: dirname(configPath) };
  const raw = await withTokens(document.value, source, findings);
  const checked = checkWith(configSchema, raw);
  if ('problems' in checked) findings.problems.push(...checked.problems);
  const connections = await checkConnections(fieldOf(raw, 'connections'), options.parts.destinations, source, findings);
  const broker = await checkBroker(fieldOf(raw, 'broker'), source, findings);
  const console = await checkConsole(fieldOf(raw, 'console'), source, findings);
  const hashes = checkTokens(tokenHolders(raw), findings);
  checkReferences(raw, findings);
  const { contacts, lookup, ...ofContacts } = await checkContacts(raw, { ...source, shownAs }, findings);

  const entries = options.rulesPath === undefined ? ruleEntries(raw) : [{ entry: options.rulesPath, path: ['rules'] }];
  const rules = await readRuleFiles(entries, dirname(configPath), files, shownAs);
  const { destinations } = options.parts;
  const plan = numberPlan(raw);
  const compiled = options.parts.compileRules(rules.files, {
    destinations,
    connections: connections.known,
    ...namesOf(raw),
    numberOf: (text) => readNumber(text, plan) ?? text,
    calendars: rules.calendars,
    timezone: timezoneOf(raw),
  });
  const here = (problem: Problem): Problem => placed(problem, document, shownAs(configPath));
  const problems = [
    ...read.problems,
    ...[...document.problems, ...findings.problems, ...ofContacts.problems].map(here).sort(byPlace),
  ];
  problems.push(...ruleProblems(rules, 'problems' in compiled ? compiled.problems : [], here));
  if (problems.length > 0 || 'problems' in checked || 'problems' in compiled || !broker || !console)
    return refuse(problems);

  const config = assemble(checked.value, {
    file: configPath,
    dataPath: resolveData(options, checked.value.data),
    hashes,
    connections: connections.right,
    broker,
    console,
    contacts,
    ...defined('lookup', lookup),
    rules: compiled.rules,
    calendars: rules.calendars,
  });
  const warnings = [...findings.warnings.map(here), ...ofContacts.warnings];
  return { config, ruleFiles: rules, warnings, secrets: findings.secrets, stamps };
}

const shown = (path: string, folder: string): string => {
  const near = relative(folder, path);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
};

const resolveData = (
  options: { configPath: string; dataPath?: string | undefined; folder: string },
  data: string,
): string =>
  options.dataPath === undefined
    ? resolve(options.folder, dirname(options.configPath), data)
    : resolve(options.folder, options.dataPath);

type Text = { document?: Document; problems: Problem[] };

async function readText(path: string, shownPath: string, files: Pick<Files, 'read'>, bundled: boolean): Promise<Text> {
  try {
    const { text, state } = await files.read(path, DOCUMENT_BYTES_MAX);
    const open = !bundled && (state.mode & 0o022) !== 0;
    const problem = {
      path: [],
      file: shownPath,
      message: 'other accounts can change this file',
      hint: `chmod 600 ${shownPath}`,
    };
    return { document: readDocument(text, shownPath), problems: open ? [problem] : [] };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return { problems: [{ path: [], file: shownPath, ...fileErrorText(error) }] };
  }
}

/** The raw config with Secrets where tokens refer to an environment variable or a file. */
async function withTokens(raw: unknown, source: SecretSource, findings: SecretFindings): Promise<unknown> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw;
  const copy = { ...(raw as Record<string, unknown>) };
  for (const key of ['sites', 'phones']) {
    const holders = listOf(copy[key]);
    const read: typeof holders = [];
    for (const [index, holder] of holders) {
      const written = fieldOf(holder, 'token');
      const token = await readSecrets(written, [key, index, 'token'], source, false, findings);
      read.push([index, written === undefined ? holder : { ...(holder as object), token }]);
    }
    if (read.length > 0)
      copy[key] = Array.isArray(copy[key]) ? read.map(([, holder]) => holder) : Object.fromEntries(read);
  }
  return copy;
}

/** Problems with a file of their own stay where they are; the others are about the config's `rules` key. */
function ruleProblems(rules: RuleFiles, compiled: readonly Problem[], here: (problem: Problem) => Problem): Problem[] {
  const all = placeRuleProblems([...rules.problems, ...compiled], rules.documents);
  return [
    ...all.filter((p) => p.file === undefined).map(here),
    ...all.filter((p) => p.file !== undefined).sort(byPlace),
  ];
}

const byPlace = (a: Problem, b: Problem): number =>
  (a.file ?? '') < (b.file ?? '')
    ? -1
    : (a.file ?? '') > (b.file ?? '')
      ? 1
      : (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

type Checked<Rules> = Pick<
  Config<Rules>,
  'file' | 'dataPath' | 'broker' | 'console' | 'rules' | 'calendars' | 'contacts' | 'lookup'
> & {
  hashes: Map<string, string>;
  connections: ConnectionSettings[];
};

function assemble<Rules>(written: Written, checked: Checked<Rules>): Config<Rules> {
  const { hashes, connections, ...rest } = checked;
  const { publicUrl, ...receiver } = written.receiver;
  const extras = (path: Path, holder: { allowFrom?: string[] | undefined }) => ({
    ...defined('tokenHash', hashes.get(path.join('.'))),
    ...defined('allowFrom', holder.allowFrom),
  });
  const sites = new Map<string, SiteSettings>([['default', { id: 'default' }]]);
  for (const [id, site] of Object.entries(written.sites))
    sites.set(id, {
      id,
      ...defined('country', site.country),
      ...defined('internalDigitsMax', site.internalDigits),
      ...extras(['sites', id], site),
    });
  const phones = written.phones.map((phone, index) => {
    const { token: _, allowFrom: __, mac, name, area, number, ...known } = phone;
    const card = { ...known, ...defined('mac', mac), ...defined('name', name), ...defined('area', area) };
    return { ...card, ...defined('number', number), ...extras(['phones', index], phone) };
  });
  const { events, delivered, dead, raw } = written.store.keep;
  const { settle, ring, talk, returned, inferMissed } = written.calls;
  return {
    ...rest,
    receiver: { ...receiver, paths: written.paths, ...defined('publicUrl', publicUrl?.replace(/\/+$/, '')) },
    sites,
    phones,
    ...fleetOf(written),
    groups: groupsOf(written),
    calls: { settleMs: settle, ringMsMax: ring, talkMsMax: talk, returnMs: returned, inferMissed },
    connections: new Map(connections.map((connection) => [connection.name, connection])),
    store: {
      bytesMax: written.store.maxBytes,
      keep: { eventsMs: events, deliveredMs: delivered, deadMs: dead, rawMs: raw },
    },
    timezone: written.timezone ?? 'UTC',
    log: written.log,
  };
}

const groupsOf = ({ groups }: Written): Config['groups'] =>
  new Map(Object.entries(groups ?? {}).map(([name, { settle }]) => [name, defined('settleMs', settle)]));

/** A key with its value, or no key: absent is not the same as undefined. */
const defined = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
