// What the config says about who calls: countries, extensions, contact files, the service that is asked, groups and calls.
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { formatProblem } from '../../src/core/problems.ts';
import { systemFiles } from '../../src/files.ts';
import { configFolder, parts, problemsOf, rightConfig } from './reading.ts';
import { watched } from './watching.ts';

const CARD = 'BEGIN:VCARD\nFN:Clara\nTEL:030 1000003\nEND:VCARD\n';

describe('contact files', () => {
  test.each<[string, unknown]>([
    ['one name', './a.csv'],
    ['a list', ['a.csv']],
    ['an object', { files: 'a.csv' }],
    ['an object with a list', { files: ['./a.csv'] }],
  ])('%s', async (_, contacts) => {
    const folder = configFolder({ contacts, sites: { default: { country: 'DE' } } });
    folder.write('a.csv', 'name,number\nAnna,030 1000001\nPförtner,100');
    const { config, warnings, stamps } = await rightConfig(folder);
    expect([...config.contacts]).toEqual([
      ['+49301000001', 'Anna'],
      ['100', 'Pförtner'],
    ]);
    expect(warnings).toEqual([]);
    // What is stamped is watched.
    expect(stamps.get(folder.at('a.csv'))).toMatch(/^\d+:/);
  });

  test('several formats, in the country of the files, from where the config stands', async () => {
    const folder = configFolder('{}');
    folder.write('etc/config.json', {
      rules: '../rules',
      contacts: { files: ['a.csv', 'b.vcf', 'c.json'], country: 'AT' },
      sites: { default: { country: 'DE' } },
    });
    folder.write('etc/a.csv', 'name,number\nAnna,0664 1234567');
    folder.write('etc/b.vcf', CARD);
    folder.write('etc/c.json', { '+49 30 1000004': 'Dora' });
    const { config } = await rightConfig(folder, { configPath: 'etc/config.json' });
    expect(Object.fromEntries(config.contacts)).toEqual({
      '+436641234567': 'Anna',
      '+43301000003': 'Clara',
      '+49301000004': 'Dora',
    });
  });

  test('what is wrong with rows warns, and refuses nothing', async () => {
    const folder = configFolder({ contacts: ['a.csv', 'sub/b.csv'] });
    folder.write('a.csv', 'name;number\nAnna;+49 30 1000001\n;+49 30 1000002\nBert;?\n"Clara;x');
    folder.write('sub/b.csv', 'name;number\nAnna A.;+49 30 1000001\nDora;030 1000004');
    const { config, warnings } = await rightConfig(folder);
    expect(config.contacts.size).toBe(2);
    expect(warnings.map(formatProblem)).toEqual([
      'a.csv:3:1  has a number, but no name; give it a name, or leave it out',
      'a.csv:4:1  holds a number that cannot be read; write it like "+49 30 1234567"',
      'a.csv:5:1  a quotation mark is not closed; close it, or write "" where a cell holds one',
      'sub/b.csv:2:1  its number stands in a.csv, line 2, already, under another name; the first one counts',
      'sub/b.csv  numbers without a country code: 1; no call will match them; set contacts.country, or sites.default.country',
    ]);
  });

  test('what is wrong with files is a problem of the config, beside all others', async () => {
    const folder = configFolder(
      `{
  "sites": { "default": { "country": "DEU" } },
  "contacts": { "files": ["none.csv", "a.csv", "b.json", "c.vcf"], "contry": "DE" }
}`,
    );
    folder.write('a.csv', 'Straße,Ort\nx,y');
    folder.write('b.json', '{ "1": }');
    folder.write('c.vcf', CARD);
    expect(await problemsOf(folder)).toEqual([
      'b.json:1:8  a value is missing here; a text in "double quotes", a number, true, false, null, { … } or [ … ]',
      'config.json:2:38  sites.default.country: there is no country "DEU"; did you mean "DE"?',
      'config.json:3:27  contacts.files[0]: none.csv: there is no such file; check the path',
      'config.json:3:39  contacts.files[1]: a.csv: no column of its first line holds names; name one "name", or two "first name" and "last name", or one "company"',
      'config.json:3:39  contacts.files[1]: a.csv: no column of its first line holds numbers; name one "number", "phone" or "mobile"',
      'config.json:3:78  contacts.contry: unknown key; did you mean "country"?',
    ]);
  });
});

test('a contact file that changes is read anew; one that cannot be read any more changes nothing', async () => {
  const folder = configFolder({ contacts: 'a.csv', sites: { default: { country: 'DE' } } });
  folder.write('a.csv', 'name,number\nAnna,030 1000001');
  const { reload, ticks, swapped, lines } = await watched(folder);
  folder.write('a.csv', 'name,number\nAnna Blume,030 1000001\nBert,030 1000002');
  await ticks(2);
  expect(swapped.map(({ contacts }) => Object.fromEntries(contacts))).toEqual([
    { '+49301000001': 'Anna Blume', '+49301000002': 'Bert' },
  ]);
  folder.write('a.csv', 'Straße;number\nx;030 1000001');
  await ticks(2);
  expect(swapped).toHaveLength(1);
  expect(lines).toContainEqual(expect.stringContaining('contacts: a.csv: no column of its first line holds names'));
  folder.write('a.csv', 'name;number\nClara;030 1000001');
  await ticks(2);
  expect(swapped.at(-1)?.contacts.get('+49301000001')).toBe('Clara');
  await reload.stop();
});

describe('the country of a site', () => {
  test.each([
    ['UK', 'did you mean "GB"?'],
    ['DEU', 'did you mean "DE"?'],
    ['AUT', 'did you mean "AT"?'],
    ['USA', 'did you mean "US"?'],
    ['de', 'did you mean "DE"?'],
    ['Germany', 'did you mean "DE"?'],
    ['österreich', 'did you mean "AT"?'],
    ['XX', 'write two capital letters (ISO 3166), like "DE"'],
    ['', 'write two capital letters (ISO 3166), like "DE"'],
    ['__proto__', 'write two capital letters (ISO 3166), like "DE"'],
  ])('%j is none', async (country, hint) => {
    expect(await problemsOf(configFolder(`{ "sites": { "lab": { "country": ${JSON.stringify(country)} } } }`))).toEqual(
      [`config.json:1:34  sites.lab.country: there is no country ${JSON.stringify(country)}; ${hint}`],
    );
  });
  test('and how many digits its extensions have', async () => {
    const sites = { default: { country: 'AT', internalDigits: 3 } };
    const { config } = await rightConfig(configFolder({ sites }));
    expect([...config.sites.values()]).toEqual([{ id: 'default', country: 'AT', internalDigitsMax: 3 }]);
    for (const internalDigits of [1, 10, 2.5, '4'])
      expect(await problemsOf(configFolder({ sites: { default: { internalDigits } } }))).toEqual([
        expect.stringContaining('sites.default.internalDigits: must be '),
      ]);
  });
});

describe('groups and calls', () => {
  test('a group that is not listed is a slip of the finger', async () => {
    const config = {
      groups: { sales: {}, 'Ground floor': { settle: '10s', description: 'one after the other' } },
      phones: [
        { id: 'a', groups: ['sales'] },
        { id: 'b', groups: ['Ground floor', 'slaes'] },
        { id: 'c', groups: ['nobody'] },
      ],
    };
    expect((await problemsOf(configFolder(config))).map((text) => text.replace(/^\S+ {2}/, ''))).toEqual([
      'phones[1].groups[1]: there is no group "slaes"; did you mean "sales"?',
      'phones[2].groups[0]: there is no group "nobody"; known: sales, Ground floor',
    ]);
    const right = await rightConfig(configFolder({ ...config, phones: config.phones.slice(0, 1) }));
    expect([...right.config.groups]).toEqual([
      ['sales', {}],
      ['Ground floor', { settleMs: 10_000 }],
    ]);
  });
  test('where none is listed, every group is right', async () => {
    const { config } = await rightConfig(configFolder({ phones: [{ id: 'a', groups: ['sales'] }] }));
    expect(config.groups.size).toBe(0);
    expect(config.calls).toEqual({
      settleMs: 3_000,
      ringMsMax: 180_000,
      talkMsMax: 43_200_000,
      returnMs: 86_400_000,
      inferMissed: false,
    });
  });
  test('spans of calls', async () => {
    const calls = { settle: '500ms', ring: '1m', talk: '4h', returned: '3d', inferMissed: true };
    expect((await rightConfig(configFolder({ calls }))).config.calls).toEqual({
      settleMs: 500,
      ringMsMax: 60_000,
      talkMsMax: 14_400_000,
      returnMs: 259_200_000,
      inferMissed: true,
    });
    const wrong = { settle: '11m', ring: '1s', talk: '1s', returned: '31d', inferMissed: 'yes', settel: '1s' };
    const problems = await problemsOf(configFolder({ calls: wrong }));
    expect(problems.map((text) => text.replace(/^\S+ {2}/, ''))).toEqual([
      'calls.settle: is too long; at most 10m',
      'calls.ring: is too short; at least 10s',
      'calls.talk: is too short; at least 1m',
      'calls.returned: is too long; at most 30d',
      'calls.inferMissed: must be true or false, not text',
      'calls.settel: unknown key; did you mean "settle"?',
    ]);
  });
  test('the number of a phone', async () => {
    const phone = (number: string) => ({ phones: [{ id: 'a', number }] });
    for (const number of ['201', '+49 30 1234567', '(030) 123-45', '**61'])
      expect((await rightConfig(configFolder(phone(number)))).config.phones[0]?.number).toBe(number);
    for (const number of ['', 'erika', '+', '1'.repeat(33), '201\n'])
      expect(await problemsOf(configFolder(phone(number)))).toEqual([
        expect.stringContaining('phones[0].number: must be an extension or a number, like "201" or "+49 30 1234567"'),
      ]);
  });
});

test('numbers in rules are compared as the default site spells them', async () => {
  const folder = configFolder({ sites: { default: { country: 'DE' } } });
  const spelt: string[] = [];
  const compileRules: typeof parts.compileRules = (files, context) => {
    spelt.push(...['030 1234567', '201', 'erika'].map(context.numberOf));
    return parts.compileRules(files, context);
  };
  const options = { configPath: 'config.json', env: {}, files: systemFiles, folder: folder.path };
  expect(await readConfig({ ...options, parts: { ...parts, compileRules } })).toHaveProperty('config');
  expect(spelt).toEqual(['+49301234567', '201', 'erika']);
});
