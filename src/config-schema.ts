// What may stand in the config file, key by key: the one place where its keys are named and described.
import { z } from 'zod';
import { country } from './config-country.ts';
import { CALLER_DATA } from './core/caller-data.ts';
import { normaliseMac } from './core/phone-card.ts';
import { didYouMean } from './core/problems.ts';
import { Secret } from './core/secret.ts';
import { duration, size } from './durations.ts';
import { cidr } from './receiver/address.ts';
import { pathEntries } from './receiver/path-entry.ts';
import { receiverSettings } from './receiver/settings.ts';
import { vendorNames } from './vendors/index.ts';

const MB = 2 ** 20;
const DAY_MS = 86_400_000;

/** Ids of phones and sites: topics, state and metrics hang on them. */
const id = () => z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of the characters A-Z a-z 0-9 _ -');
/** Names that people read: one line, no control characters. */
const title = () => z.string().regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u, 'must be 1 to 128 characters in one line');

const allowFrom = () =>
  z.array(cidr).min(1).describe('Addresses and networks that may speak with this token; without it, all.');

type Token = Secret | { sha256: string };

const isToken = (value: unknown): value is Token =>
  value instanceof Secret ||
  (typeof value === 'object' &&
    value !== null &&
    Object.keys(value).join() === 'sha256' &&
    /^[0-9a-f]{64}$/i.test(String((value as { sha256: unknown }).sha256)));

const token = () =>
  z
    .custom<Token>(
      isToken,
      'must be { "sha256": "<64 hex digits>" }, { "env": "NAME" } or { "file": "path" }; `hookswitch token` makes a token without the config',
    )
    .describe('The token that the URLs of this site or phone carry: its SHA-256, or where it is kept.');

const ADOPT = ['ask', 'auto'] as const;

const siteSettings = z.strictObject({
  country: country().describe('Country of the site, for reading numbers without a country code.').optional(),
  internalDigits: z
    .int()
    .min(2)
    .max(9)
    .describe('Numbers of up to that many digits are extensions of the house; 5 unless set.')
    .optional(),
  token: token().optional(),
  allowFrom: allowFrom().optional(),
  adopt: z
    .enum(ADOPT)
    .describe(
      'What becomes of phones that nobody made known. ask: they wait until somebody adopts them (hookswitch phones). auto: they are adopted when they are first heard. Unless set: ask, but auto while the config lists no phones.',
    )
    .optional(),
});

const phoneSettings = z.strictObject({
  id: id().describe('The identity of the phone: permanent, topics and history hang on it.'),
  site: id().default('default').describe('The site it belongs to.'),
  mac: z
    .string()
    .transform((text, context) => {
      const mac = normaliseMac(text);
      if (mac === undefined) context.addIssue('must be a MAC address like "00:50:58:a1:b2:c3"');
      return mac ?? z.NEVER;
    })
    .describe('Its MAC address, in any usual spelling.')
    .optional(),
  name: title().describe('What people call it.').optional(),
  groups: z.array(title()).default([]).describe('Ring groups and departments it belongs to.'),
  area: title().describe('Where it stands.').optional(),
  number: z
    .string()
    .regex(
      /^(?=.{1,32}$)(?=.*[0-9])\+?[0-9*#()./ -]+$/,
      'must be an extension or a number, like "201" or "+49 30 1234567"',
    )
    .describe('Its own number, extension or with country code: calls from there are internal.')
    .optional(),
  vendor: z.enum(vendorNames).default('sangoma').describe('Its maker: which dialect it speaks.'),
  token: token().optional(),
  allowFrom: allowFrom().optional(),
});

const deliverySettings = z
  .strictObject({
    expires: duration('72h', { minMs: 1_000 })
      .describe('How long a delivery may wait before it is given up.')
      .optional(),
    ordering: z
      .enum(['strict', 'none'])
      .describe('strict: what waits holds back what came later from the same phone. none: later ones pass.')
      .optional(),
    retryBase: duration('1s', { minMs: 10 })
      .describe('Longest wait after the first failure; doubles each time.')
      .optional(),
    retryMax: duration('5m', { minMs: 10 }).describe('Longest wait between two attempts.').optional(),
    concurrency: z.int().min(1).max(1_000).describe('Attempts at the same time.').optional(),
    timeout: duration('10s', { minMs: 100, maxMs: 600_000 }).describe('How long one attempt may take.').optional(),
    rate: z
      .strictObject({
        max: z.int().min(1).max(100_000).describe('How many.'),
        per: duration('1s', { minMs: 100, maxMs: DAY_MS }).describe('In how much time.'),
      })
      .describe('How many messages may leave in a time; the others wait for their turn.')
      .optional(),
    queue: z
      .int()
      .min(1)
      .max(10_000_000)
      .describe('How many deliveries may wait at most; what comes on top is given up at once.')
      .optional(),
    budget: z
      .int()
      .min(1)
      .max(1_000_000)
      .describe(
        'How many messages one rule may make for this connection within a minute; what comes on top is not sent, for it looks like a loop.',
      )
      .optional(),
    maxBytes: size('64KB', { minBytes: 1_024 })
      .describe('The largest message, as JSON; a larger one is not sent.')
      .optional(),
  })
  .refine((d) => d.retryBase === undefined || d.retryMax === undefined || d.retryBase <= d.retryMax, {
    path: ['retryMax'],
    error: 'must not be shorter than retryBase',
  });

/** The keys that every connection has; the others belong to its type and are checked by the destination. */
export const connectionBase = (types: readonly string[]) =>
  z.looseObject({
    type: z.enum(types).describe('What kind of place this is.'),
    dryRun: z.boolean().default(false).describe('true: nothing is sent; deliveries are made and shown all the same.'),
    callerData: z
      .enum(CALLER_DATA)
      .default('full')
      .describe(
        'How much of a caller messages of rules may show. full: all. masked: parts of the number, initials of names. none: nothing.',
      ),
    delivery: deliverySettings.describe('Retries, order and limits.').optional(),
  });

export const CONNECTION_SHARED_KEYS: readonly string[] = ['type', 'dryRun', 'callerData', 'delivery'];

export const CONNECTION_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

const keep = z.strictObject({
  events: duration('30d', { minMs: 60_000 })
    .default(30 * DAY_MS)
    .describe('What phones said.'),
  delivered: duration('7d', { minMs: 60_000 })
    .default(7 * DAY_MS)
    .describe('Deliveries that arrived.'),
  dead: duration('30d', { minMs: 60_000 })
    .default(30 * DAY_MS)
    .describe('Deliveries that were given up.'),
  raw: duration('24h', { minMs: 0 }).default(DAY_MS).describe('Requests byte by byte, for questions about a phone.'),
});

const storeSettings = z.strictObject({
  maxBytes: size('1GB', { minBytes: 16 * MB })
    .default(1024 * MB)
    .describe('How large the store may grow on disk.'),
  keep: keep.prefault({}).describe('How long things are kept.'),
});

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

const publicUrl = z
  .url({ protocol: /^https?$/, error: 'must be a URL like "http://192.168.1.10:8484"' })
  .max(150)
  .refine((url) => !/[?#]/.test(url), 'must not hold ? or #')
  .describe('How phones reach Hookswitch, where that is not its own address: the URLs for phones begin with it.');

export const TIMEZONES: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone')];

const timezone = z.string().superRefine((text, context) => {
  if (TIMEZONES.includes(text)) return;
  const hint = didYouMean(text, TIMEZONES) ?? 'write it like "Europe/Berlin"';
  context.addIssue(`there is no time zone ${JSON.stringify(text.slice(0, 64))}; ${hint}`);
});

const groupSettings = z.strictObject({
  settle: duration('10s', { maxMs: 600_000 })
    .describe('Instead of calls.settle, where the phones of the group ring one after the other.')
    .optional(),
  description: title().describe('What the group is for.').optional(),
});

const callSettings = z.strictObject({
  settle: duration('3s', { maxMs: 600_000 })
    .default(3_000)
    .describe('How long the verdict on a call waits, after the last phone stopped, for what other phones say.'),
  ring: duration('3m', { minMs: 10_000, maxMs: 3_600_000 })
    .default(180_000)
    .describe('How long a phone can ring or dial at most; what goes on longer has ended unheard.'),
  talk: duration('12h', { minMs: 60_000, maxMs: 7 * DAY_MS })
    .default(DAY_MS / 2)
    .describe('How long a conversation can last at most.'),
  returned: duration('24h', { minMs: 60_000, maxMs: 30 * DAY_MS })
    .default(DAY_MS)
    .describe('How long a missed call waits to be called back.'),
  inferMissed: z
    .boolean()
    .default(false)
    .describe('true: a call that stopped ringing is missed even if no phone says so.'),
});

const fleetSettings = z.strictObject({
  silentAfter: duration('7d', { minMs: 60_000, maxMs: 90 * DAY_MS })
    .describe('A known phone that is not heard for that long makes phone.silent; without it, none does.')
    .optional(),
  flapping: z
    .strictObject({
      changes: z
        .int()
        .min(2)
        .max(100)
        .default(6)
        .describe('So many times the registration of one phone comes or goes …'),
      within: duration('10m', { minMs: 10_000, maxMs: DAY_MS })
        .default(600_000)
        .describe('… within this time, and it makes phone.flapping.'),
    })
    .prefault({})
    .describe('When a registration that comes and goes is worth a word.'),
});

const contactFile = z.string().min(1);
const contactFiles = () => z.array(contactFile).max(100);

const contactSettings = z.strictObject({
  files: z
    .union([contactFile, contactFiles()])
    .describe('Files .csv, .vcf or .json; from where the config stands.')
    .optional(),
  country: country().describe("Country of the files' numbers, instead of the default site's.").optional(),
  lookup: z.unknown().describe('A service that is asked for the names of numbers that stand in no file.').optional(),
});

const receiver = receiverSettings.omit({ paths: true }).extend({ publicUrl: publicUrl.optional() });

/** The whole config file; connections and broker are left to a second look, once their secrets are read. */
export const configSchema = z.strictObject({
  $schema: z.string().describe('For editors.').optional(),
  rules: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .default('./rules')
    .describe('Folder of rule files, or a list of folders and files; from where the config stands.'),
  data: z
    .string()
    .min(1)
    .default('./data')
    .describe('Folder for everything that must be kept; from where the config stands.'),
  receiver: receiver.prefault({}).describe('Where phones reach Hookswitch.'),
  sites: z.record(id(), siteSettings).default({}).describe('Places with phones; "default" is always there.'),
  groups: z
    .record(title(), groupSettings)
    .describe('Groups of phones; when this is given, phones can be in no others.')
    .optional(),
  phones: z.array(phoneSettings).default([]).describe('The phones that are known by name.'),
  paths: pathEntries.default([]).describe('Other URL shapes: which event they are, what their variables mean.'),
  contacts: z
    .union([contactFile, contactFiles(), contactSettings])
    .default([])
    .describe('Who calls: contact files, or an object with files and a service to ask.'),
  calls: callSettings.prefault({}).describe('How what phones say becomes calls.'),
  fleet: fleetSettings.prefault({}).describe('What is said of phones as a fleet.'),
  connections: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Where deliveries can go, by name; rules say "to": "<name>".'),
  broker: z
    .unknown()
    .describe('The embedded MQTT broker; it starts when a connection says "broker": "embedded".')
    .optional(),
  console: z
    .unknown()
    .describe(
      'The console: a web page and an API for those who run the phones; on this machine only unless told otherwise.',
    )
    .optional(),
  timezone: timezone.optional().describe('Of schedules and times in messages that name none; UTC unless set.'),
  store: storeSettings.prefault({}).describe('The store in the data folder.'),
  log: z
    .strictObject({
      level: z.enum(LOG_LEVELS).default('info').describe('The least important lines that are written.'),
    })
    .prefault({})
    .describe('The log.'),
});
