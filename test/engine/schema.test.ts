// The schema of rule files: it takes the whole language, refuses what people get wrong, and says what every key means.
import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/delivery.ts';
import { EVENT_TYPES } from '../../src/core/fields.ts';
import { DESTINATIONS } from '../../src/destinations/index.ts';
import { compileRules } from '../../src/engine/index.ts';
import { readTests } from '../../src/engine/proof/index.ts';
import type { JsonSchema } from '../../src/engine/schema/index.ts';
import { SCENARIOS } from '../../src/simulator/index.ts';
import { type File, MISTAKES, WHOLE, withRule } from './schema-cases.ts';
import { changed, placesOf } from './schema-changes.ts';
import { CONNECTIONS, editorWith, keysOf, RULES } from './schema-editor.ts';

const editor = editorWith(RULES);
const marksOf = (file: unknown) => editor.marks(JSON.stringify(file));

const connections = Object.fromEntries(
  Object.entries(CONNECTIONS).map(([name, { type }]) => [name, { type, settings: undefined }]),
);
const calendars = new Map([['holidays.ics', 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n']]);

/** What Hookswitch itself says of a file. */
function problemsOf(value: unknown): string[] {
  const files = [{ file: 'a.json', value }];
  const compiled = compileRules(files, { destinations: DESTINATIONS, connections, calendars });
  const tests = readTests(files, {
    connections: Object.keys(CONNECTIONS),
    phones: [{ id: 'front-desk', site: 'default' }],
    sites: ['default'],
    scenarios: SCENARIOS,
  });
  return [...('problems' in compiled ? compiled.problems : []), ...tests.problems].map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
}

describe('what is right', () => {
  const folder = new URL('../../rules/', import.meta.url);
  test.each(readdirSync(folder).filter((name) => name.endsWith('.jsonc')))('%s', async (name) => {
    expect(await editor.marks(readFileSync(new URL(name, folder), 'utf8'))).toEqual([]);
  });

  test('a file in which every key of the language stands, for the schema as for the engine', async () => {
    expect(problemsOf(WHOLE)).toEqual([]);
    expect(await marksOf(WHOLE)).toEqual([]);
  });

  test('that file leaves no key of the schema out', () => {
    const written = new Set<string>();
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [name, inner] of Object.entries(value)) {
        if (!Array.isArray(value)) written.add(name);
        visit(inner);
      }
    };
    visit(WHOLE);
    // Which fields there are says the catalogue.
    const keys = keysOf(RULES).filter(({ path }) => !path.startsWith('#condition'));
    const names = new Set(keys.map(({ path }) => /\.([^.]+)$/.exec(path)?.[1] ?? ''));
    expect(names.size).toBeGreaterThan(80);
    expect([...names].filter((name) => !written.has(name))).toEqual([]);
  });

  test.each(['*', 'phone.*', 'call.*', 'phone.forward_*', 'phone.d*', 'p*', 'custom.*', ...EVENT_TYPES])(
    'on: %s',
    async (on) => expect(await marksOf(withRule({ on }))).toEqual([]),
  );
});

describe('what people get wrong is marked where it stands, and Hookswitch refuses it too', () => {
  test.each(MISTAKES)('%s', async (_what, file, marked) => {
    const marks = await marksOf(file);
    expect(marks.map(({ text }) => text.slice(0, marked.length))).toContain(marked);
    expect(problemsOf(file)).not.toEqual([]);
  });

  test('there are forty and more, each of its own', () => {
    expect(new Set(MISTAKES.map(([, file]) => JSON.stringify(file))).size).toBeGreaterThan(40);
  });
});

test('whatever Hookswitch accepts, an editor does not mark', async () => {
  const values = [undefined, null, '', 'x', 'office', '08:00', '15m', 0, 1, 7, true, [], {}, ['*'], ['x'], 'phone.*'];
  const { $schema: _, ...whole } = WHOLE;
  const change = fc.tuple(fc.constantFrom(...placesOf(whole).slice(1)), fc.constantFrom<Json | undefined>(...values));
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
      const file = changes.reduce<File>((made, [path, other]) => changed(made, path, other) as File, whole);
      if (problemsOf(file).length > 0) return;
      accepted += 1;
      expect(await marksOf(file)).toEqual([]);
    }),
    { numRuns: 600 },
  );
  expect(accepted).toBeGreaterThan(40);
});

describe('what every key says of itself', () => {
  const keys = keysOf(RULES);

  test('a meaning and an example, at every key', () => {
    expect(keys.length).toBeGreaterThan(150);
    const bare = keys.filter(({ schema }) => !schema.description?.trim() || (schema.examples ?? []).length === 0);
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  test('every example is one that the schema takes', async () => {
    for (const { path, schema } of keys) {
      const { definitions = {} } = RULES;
      const alone = editorWith({ ...schema, definitions });
      for (const example of schema.examples ?? [])
        expect({ path, marks: await alone.marks(JSON.stringify(example)) }).toEqual({ path, marks: [] });
    }
  });

  test('every reference leads to a definition, and no name of a host is in it', () => {
    const text = JSON.stringify(RULES);
    const names = [...text.matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(RULES.definitions).toHaveProperty([name]);
    expect([RULES.$schema, RULES.$id]).toEqual(['http://json-schema.org/draft-07/schema#', 'rules.schema.json']);
  });

  test('destinations bring their own keys along', () => {
    const actions = RULES.definitions?.action?.properties ?? {};
    expect(Object.keys(actions)).toEqual([...DESTINATIONS.map(({ type }) => type), 'emit', 'log']);
    const slack = actions.slack as JsonSchema;
    expect(slack.properties?.to?.examples).toEqual(['team']);
    expect(slack.required).toEqual(['to']);
  });
});
