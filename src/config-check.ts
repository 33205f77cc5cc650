// The second look at a config: connections with their secrets, tokens, and what refers to what across the file.
import type { ZodType } from 'zod';
import { CONNECTION_NAME, CONNECTION_SHARED_KEYS, connectionBase } from './config-schema.ts';
import type { CallerData } from './core/caller-data.ts';
import type { Destination } from './core/destination.ts';
import type { PhoneCard } from './core/phone-card.ts';
import { normaliseMac } from './core/phone-card.ts';
import { didYouMean, type Path } from './core/problems.ts';
import { checkWith } from './core/schema-problems.ts';
import { Secret } from './core/secret.ts';
import { embeddedBrokerProblems, embeddedBrokerSettings } from './destinations/mqtt/broker.ts';
import type { DeliverySettings } from './outbox/settings.ts';
import { hashToken, isStrongToken, readSecrets, type SecretFindings, type SecretSource } from './secrets.ts';

/** One place where deliveries can go. `settings` is what the destination's schema made of the rest; its secrets are values. */
export type ConnectionSettings = {
  name: string;
  type: string;
  dryRun: boolean;
  /** How much of a caller its messages may show. */
  callerData: CallerData;
  delivery: Partial<DeliverySettings>;
  /** How many messages one rule may make within a minute; the destination's own number unless set. */
  budget?: number;
  /** The largest message, as JSON. */
  bytesMax?: number;
  /** How long a delivery may wait; the house's own span unless set. */
  expiresMs?: number;
  settings: unknown;
};

/** `tokenHash`: SHA-256 of the token as 64 lower-case hex digits. */
export type SiteSettings = {
  id: string;
  country?: string;
  internalDigitsMax?: number;
  tokenHash?: string;
  allowFrom?: string[];
};
/** `number`: as a person wrote it. */
export type PhoneSettings = PhoneCard & { number?: string; tokenHash?: string; allowFrom?: string[] };

export type BrokerSettings = { host: string; port: number; username?: string; password?: Secret };

type Raw = Record<string, unknown>;
const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The connections that are right; the problems of the others go into `findings`. `known` also names those that are not. */
export async function checkConnections(
  raw: unknown,
  destinations: readonly Destination[],
  source: SecretSource,
  findings: SecretFindings,
): Promise<{ right: ConnectionSettings[]; known: Record<string, { type: string; settings: unknown }> }> {
  const right: ConnectionSettings[] = [];
  const known: Record<string, { type: string; settings: unknown }> = {};
  for (const [name, value] of Object.entries(isRaw(raw) ? raw : {})) {
    const path = ['connections', name];
    if (!CONNECTION_NAME.test(name))
      findings.problems.push({ path, message: 'this name is not allowed', hint: 'use letters, digits, _ and -' });
    const base = checkWith(connectionBase(destinations.map((d) => d.type)), value, path);
    if ('problems' in base) findings.problems.push(...base.problems);
    const type = isRaw(value) ? value.type : undefined;
    const destination = destinations.find((d) => d.type === type);
    if (destination === undefined || !isRaw(value)) continue;
    known[name] = { type: destination.type, settings: undefined };
    const settings = await checkSettings(value, path, destination, source, findings);
    if (settings === undefined) continue;
    known[name] = { type: destination.type, settings: settings.value };
    if ('problems' in base) continue;
    const { dryRun, callerData, delivery = {} } = base.value;
    const outbox = inOutboxTerms(delivery);
    right.push({
      name,
      type: destination.type,
      dryRun,
      callerData,
      delivery: outbox,
      ...given({ expiresMs: outbox.horizonMs, budget: delivery.budget, bytesMax: delivery.maxBytes }),
      settings: settings.value,
    });
  }
  return { right, known };
}

async function checkSettings(
  value: Raw,
  path: Path,
  destination: Destination,
  source: SecretSource,
  findings: SecretFindings,
): Promise<{ value: unknown } | undefined> {
  const own = Object.fromEntries(Object.entries(value).filter(([key]) => !CONNECTION_SHARED_KEYS.includes(key)));
  const before = findings.unread.length;
  const read = await readSecrets(own, path, source, value.dryRun === true, findings);
  const checked = checkWith(destination.settings as ZodType<unknown>, read, path, CONNECTION_SHARED_KEYS);
  if (!('problems' in checked)) return checked;
  // What stands for an unread secret is empty; nobody should hear that it is too short as well.
  const unread = findings.unread.slice(before);
  const problems = checked.problems.filter((p) => !unread.some((a) => a.every((step, i) => step === p.path[i])));
  findings.problems.push(...problems);
  return problems.length === 0 ? { value: read } : undefined;
}

type RawDelivery = {
  [key in 'expires' | 'retryBase' | 'retryMax' | 'concurrency' | 'timeout' | 'queue']?: number | undefined;
} & {
  ordering?: 'strict' | 'none' | undefined;
  rate?: { max: number; per: number } | undefined;
};

function inOutboxTerms(delivery: RawDelivery): Partial<DeliverySettings> {
  const { rate } = delivery;
  return given({
    horizonMs: delivery.expires,
    ordering: delivery.ordering,
    backoffMs: delivery.retryBase,
    backoffMsMax: delivery.retryMax,
    concurrency: delivery.concurrency,
    timeoutMs: delivery.timeout,
    rate: rate === undefined ? undefined : { max: rate.max, perMs: rate.per },
    queueMax: delivery.queue,
  });
}

/** Without the keys that have no value: absent is not the same as undefined. */
const given = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

/** The embedded broker's settings, or undefined (with problems in `findings`) if they are wrong. */
export async function checkBroker(
  raw: unknown,
  source: SecretSource,
  findings: SecretFindings,
): Promise<BrokerSettings | undefined> {
  const read = await readSecrets(raw ?? {}, ['broker'], source, false, findings);
  const checked = checkWith(embeddedBrokerSettings, read, ['broker']);
  if ('problems' in checked) {
    findings.problems.push(...checked.problems);
    return undefined;
  }
  const problems = embeddedBrokerProblems(checked.value);
  findings.problems.push(...problems.map((problem) => ({ ...problem, path: ['broker', ...problem.path] })));
  const { host, port, username, password } = checked.value;
  return {
    host,
    port,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

/** Hashes of the tokens that the config brings along, by their holder: `sites.default`, `phones.0`. */
export function checkTokens(
  holders: readonly { path: Path; token: unknown }[],
  findings: SecretFindings,
): Map<string, string> {
  const hashes = new Map<string, string>();
  const first = new Map<string, Path>();
  for (const { path, token } of holders) {
    const hash = tokenHash(token, path, findings);
    if (hash === undefined) continue;
    if (first.has(hash)) {
      const hint = 'give each its own, so that it is known who speaks';
      findings.problems.push({
        path: [...path, 'token'],
        message: 'this token belongs to another site or phone too',
        hint,
      });
    }
    first.set(hash, path);
    hashes.set(path.join('.'), hash);
  }
  return hashes;
}

function tokenHash(token: unknown, path: Path, findings: SecretFindings): string | undefined {
  if (isRaw(token) && typeof token.sha256 === 'string') return token.sha256.toLowerCase();
  if (!(token instanceof Secret) || token.reveal() === '') return undefined;
  if (isStrongToken(token.reveal())) return hashToken(token.reveal());
  const hint = '22 to 128 of the characters A-Z a-z 0-9 _ -, made at random';
  findings.problems.push({ path: [...path, 'token'], message: 'this token is too weak, or no URL can carry it', hint });
  return undefined;
}

/** What refers to what: sites and groups of phones, and what must be there only once. Works on the raw text, so that it speaks up
 * even where something else is wrong. */
export function checkReferences(raw: unknown, findings: SecretFindings): void {
  if (!isRaw(raw) || !Array.isArray(raw.phones)) return;
  const sites = ['default', ...Object.keys(isRaw(raw.sites) ? raw.sites : {})];
  const groups = isRaw(raw.groups) ? Object.keys(raw.groups) : undefined;
  const known = (what: string, name: string, names: readonly string[], path: Path): void => {
    if (names.includes(name)) return;
    const hint = didYouMean(name, names);
    const message = `there is no ${what} ${JSON.stringify(name.slice(0, 64))}`;
    findings.problems.push({ path, message, ...(hint === undefined ? {} : { hint }) });
  };
  const seen = new Map<string, number>();
  const once = (what: string, value: string, index: number): void => {
    const before = seen.get(`${what} ${value}`);
    if (before === undefined) seen.set(`${what} ${value}`, index);
    else {
      const path = ['phones', index, what];
      findings.problems.push({
        path,
        message: `phones[${before}] has the same ${what}`,
        hint: 'each phone has its own',
      });
    }
  };
  for (const [index, phone] of raw.phones.entries()) {
    if (!isRaw(phone)) continue;
    if (typeof phone.id === 'string') once('id', phone.id, index);
    const mac = typeof phone.mac === 'string' ? normaliseMac(phone.mac) : undefined;
    if (mac !== undefined) once('mac', mac, index);
    if (typeof phone.site === 'string') known('site', phone.site, sites, ['phones', index, 'site']);
    if (groups === undefined || !Array.isArray(phone.groups)) continue;
    for (const [n, group] of phone.groups.entries())
      if (typeof group === 'string') known('group', group, groups, ['phones', index, 'groups', n]);
  }
}
