// The reference pages: fresh, complete, right where they show examples, and linked to what is there.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EVENT_TYPES, FIELDS } from '../src/core/fields.ts';
import { DESTINATIONS } from '../src/destinations/index.ts';
import { readDocument } from '../src/document.ts';
import { compileRules, FILTERS, TAGS } from '../src/engine/index.ts';
import { OPERATORS } from '../src/engine/rules/operators.ts';
import { RULES_EXAMPLE } from '../src/reference-files.ts';
import { code, json, prose, table } from '../src/reference-markdown.ts';
import { SCENARIOS } from '../src/simulator/index.ts';
import { makerOf, vendors } from '../src/vendors/index.ts';
import { command } from './running-daemon.ts';
import { tempFolder } from './support/temp-folder.ts';

const folder = new URL('../docs/reference/', import.meta.url);
const names = readdirSync(folder);
const pages = new Map(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
const pageOf = (name: string): string => pages.get(name) ?? '';

test('docs/reference is fresh; "npm run -s hookswitch -- reference" makes it so', async () => {
  const { out, code: ended } = await command(tempFolder(), 'reference', '--check', '--out', folder.pathname);
  expect([out, ended]).toEqual(['', 0]);
});

describe('the pages tell all there is', () => {
  const told = (name: string, words: readonly string[]): string[] =>
    words.filter((word) => !pageOf(name).includes(`\n| ${code(word)}`));

  test.each<[string, readonly string[]]>([
    ['fields.md', FIELDS.map(({ name }) => name)],
    ['operators.md', OPERATORS],
    ['events.md', EVENT_TYPES],
    ['filters.md', [...FILTERS, ...TAGS]],
    ['rules.md', 'id on when during outside after count wait limit do lists schedules tests'.split(' ')],
    ['rules.md', SCENARIOS.map(({ name }) => name)],
    ['config.md', 'receiver sites phones paths connections broker store log'.split(' ')],
  ])('%s', (name, words) => expect(told(name, words)).toEqual([]));

  test('every maker has a section, with the events and variables of its profile', () => {
    for (const [name, { events, variables }] of vendors) {
      expect(pageOf('phones.md')).toContain(`\n| [${makerOf(name)}](#${name}) | `);
      const section = pageOf('phones.md').split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
      for (const { event } of events) if (event !== null) expect(section).toContain(`\n| ${code(event)} |`);
      for (const variable of variables) expect(section).toContain(`\n| ${code(variable.name)} |`);
    }
  });

  test('every destination has a page with its keys in the config and in rules', () => {
    for (const { type, settings, message } of DESTINATIONS) {
      const keys = [settings, message].flatMap((schema) => Object.keys((schema as unknown as { shape: object }).shape));
      expect(keys.length).toBeGreaterThan(3);
      expect(told(`destinations-${type}.md`, [...keys, 'to', 'type'])).toEqual([]);
    }
  });

  test('every command and every option', async () => {
    const { out } = await command(tempFolder(), '--help');
    const commands = [...out.matchAll(/^ {2}(\w+) (?:\[options\]|<|\[)/gm)].flatMap((m) =>
      m[1] === 'help' ? [] : (m[1] ?? []),
    );
    expect(commands.length).toBeGreaterThan(8);
    for (const name of commands) {
      const section = pageOf('commands.md').split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
      const help = (await command(tempFolder(), name, '--help')).out;
      for (const [, flag = ''] of help.matchAll(/^ {2}(--[\w-]+)/gm)) expect(section).toContain(`\`${flag}`);
    }
  });
});

test('the example of the page of rules is a rule file', () => {
  expect(pageOf('rules.md')).toContain(RULES_EXAMPLE);
  const connections = { team: { type: 'slack', settings: undefined } };
  const { value } = readDocument(RULES_EXAMPLE);
  expect(compileRules([{ file: 'a.jsonc', value }], { destinations: DESTINATIONS, connections })).toHaveProperty(
    'rules',
  );
});

test('every link leads to a page or a heading, and every table has as many cells in each row', () => {
  for (const [name, text] of pages) {
    for (const [, target = '', heading] of text.matchAll(/\]\(([\w-]+\.md)?(?:#([\w-]+))?\)/g)) {
      if (target !== '') expect([name, [...pages.keys()]]).toEqual([name, expect.arrayContaining([target])]);
      if (heading !== undefined) expect(text).toContain(`\n## ${heading}\n`);
    }
    for (const block of text
      .trimEnd()
      .split('\n\n')
      .filter((part) => part.startsWith('| '))) {
      const cells = block.split('\n').map((row) => row.split(/(?<!\\)\|/).length);
      expect([name, new Set(cells).size]).toEqual([name, 1]);
    }
  }
});

describe('Markdown', () => {
  test.each([
    ['*bold* and _italic_', '\\*bold\\* and \\_italic\\_'],
    ['phone.state_changed', 'phone.state_changed'],
    ['<!here> [x]', '\\<!here> \\[x\\]'],
    ['`<a>` and \\', '`<a>` and \\\\'],
  ])('%s', (text, expected) => expect(prose(text)).toBe(expected));

  test('code and cells hold what they are given', () => {
    expect(code('a`b')).toBe('``a`b``');
    expect(json({ a: ['x', 1, null], b: {} })).toBe('`{ "a": ["x", 1, null], "b": {} }`');
    expect(table(['a'], [['x | y\nz']])).toBe('| a |\n| --- |\n| x \\| y z |');
  });
});
