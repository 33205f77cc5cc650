// The schema of the config: it takes what Hookswitch takes, refuses what people get wrong, and says what every key means.
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkBroker, checkConnections } from '../../src/config-check.ts';
import { configSchema } from '../../src/config-schema.ts';
import type { Json } from '../../src/core/delivery.ts';
import { Secret } from '../../src/core/secret.ts';
import { DESTINATIONS } from '../../src/destinations/index.ts';
import { systemFiles } from '../../src/files.ts';
import { configFileSchema } from '../../src/reference-config-schema.ts';
import { noFindings } from '../../src/secrets.ts';
import { changed, placesOf } from '../engine/schema-changes.ts';
import { editorWith, keysOf } from '../engine/schema-editor.ts';

type Raw = { [key: string]: Json };

const SCHEMA = configFileSchema(DESTINATIONS);
const editor = editorWith(SCHEMA);
const marksOf = (config: unknown) => editor.marks(JSON.stringify(config));
const example = JSON.parse(readFileSync(new URL('../../config.example.json', import.meta.url), 'utf8')) as Raw;

test('the config that comes with the program is right', async () => expect(await marksOf(example)).toEqual([]));

test('an empty config is right', async () => expect(await marksOf({})).toEqual([]));

const slack = { type: 'slack', token: { env: 'SLACK_TOKEN' }, channel: '#sales' };

describe('what people get wrong is marked where it stands', () => {
  test.each<[what: string, config: unknown, marked: string]>([
    ['a misspelled key', { recever: {} }, '"recever"'],
    ['a port in quotes', { receiver: { port: '8484' } }, '"8484"'],
    ['a port that no machine has', { receiver: { port: 84_840 } }, '84840'],
    ['a URL without its beginning', { receiver: { publicUrl: '192.168.1.10' } }, '"192.168.1.10"'],
    ['a phone without an id', { phones: [{ name: 'Front desk' }] }, '{'],
    ['an id with a blank', { phones: [{ id: 'front desk' }] }, '"front desk"'],
    ['half a MAC address', { phones: [{ id: 'a', mac: '00:50:58' }] }, '"00:50:58"'],
    ['a maker that nobody knows', { phones: [{ id: 'a', vendor: 'snomm' }] }, '"snomm"'],
    ['a token as a text', { sites: { default: { token: 'secret' } } }, '"secret"'],
    ['half a hash', { sites: { default: { token: { sha256: 'abc' } } } }, '"abc"'],
    ['a connection without a type', { connections: { team: { channel: '#x' } } }, '"team"'],
    ['a type that does not exist', { connections: { team: { type: 'teams' } } }, '"teams"'],
    ['a secret as a text', { connections: { team: { ...slack, token: 'xoxb-1' } } }, '"xoxb-1"'],
    ['a key of another type', { connections: { team: { ...slack, broker: 'embedded' } } }, '"broker"'],
    ['a channel without #', { connections: { team: { ...slack, channel: 'sales' } } }, '"sales"'],
    ['a mail without a sender', { connections: { a: { type: 'email', host: 'x', recipients: ['a@b.c'] } } }, '"a"'],
    ['a span as a number', { connections: { team: { ...slack, delivery: { expires: 24 } } } }, '24'],
    ['a span without a unit', { store: { keep: { events: '30' } } }, '"30"'],
    ['a size without a unit', { store: { maxBytes: '1000000' } }, '"1000000"'],
    ['a level that does not exist', { log: { level: 'verbose' } }, '"verbose"'],
    ['a password of the broker', { broker: { username: 'a', password: 'b' } }, '"b"'],
    ['an event that phones do not have', { paths: [{ path: '/x', event: 'missed' }] }, '"missed"'],
  ])('%s', async (_what, config, marked) => {
    const marks = await marksOf(config);
    expect(marks.map(({ text }) => text.slice(0, marked.length))).toContain(marked);
  });
});

/** Whether Hookswitch takes the config, were all its secrets there; of the parts that the schema is about. */
async function isRight(config: Raw): Promise<boolean> {
  // Null stands for nothing there, which nobody means to write.
  if (config.broker === null) return false;
  const findings = noFindings();
  const env = new Proxy({}, { get: () => `whsec_${Buffer.alloc(32, 1).toString('base64')}` });
  const source = { env, files: systemFiles, folder: '/' };
  await checkConnections(config.connections, DESTINATIONS, source, findings);
  await checkBroker(config.broker, source, findings);
  const withToken = JSON.parse(JSON.stringify(config), (name, value: unknown) =>
    name === 'token' && typeof value === 'object' && value !== null && 'env' in value ? new Secret('x') : value,
  );
  return configSchema.safeParse(withToken).success && findings.problems.length === 0;
}

test('whatever Hookswitch accepts, an editor does not mark', async () => {
  const values = [undefined, null, '', 'x', 'strict', '1h', '5GB', 0, 1, 7, true, [], {}, ['x'], 'embedded', 'a@b.c'];
  const change = fc.tuple(fc.constantFrom(...placesOf(example).slice(1)), fc.constantFrom<Json | undefined>(...values));
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
      const config = changes.reduce<Raw>((whole, [path, other]) => changed(whole, path, other) as Raw, example);
      if (!(await isRight(config))) return;
      accepted += 1;
      expect(await marksOf(config)).toEqual([]);
    }),
    { numRuns: 700 },
  );
  expect(accepted).toBeGreaterThan(40);
});

describe('what every key says of itself', () => {
  const keys = keysOf(SCHEMA);

  test('a meaning and an example, at every key', () => {
    expect(keys.length).toBeGreaterThan(120);
    const bare = keys.filter(({ schema }) => !schema.description?.trim() || (schema.examples ?? []).length === 0);
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  test('no key takes anything at all', () => {
    const open = keys.filter(({ schema }) => schema.type === undefined && schema.anyOf === undefined);
    expect(open.map(({ path }) => path)).toEqual([]);
  });

  test('every example is one that the schema takes, and so does Hookswitch', async () => {
    for (const { path, schema } of keys) {
      const alone = editorWith(schema);
      for (const example of schema.examples ?? [])
        expect({ path, marks: await alone.marks(JSON.stringify(example)) }).toEqual({ path, marks: [] });
    }
    const whole = Object.entries(SCHEMA.properties ?? {}).map(([name, { examples = [] }]) => [name, examples[0]]);
    expect(await isRight(Object.fromEntries(whole))).toBe(true);
  });

  test('defaults are written as people write them', () => {
    const keep = SCHEMA.properties?.store?.properties?.keep?.properties;
    expect([keep?.events?.default, keep?.raw?.default]).toEqual(['30d', '1d']);
    expect(SCHEMA.properties?.store?.properties?.maxBytes?.default).toBe('1GB');
  });
});
