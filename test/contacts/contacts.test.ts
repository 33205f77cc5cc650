// Contact files together: formats, limits, the same number twice, and names that somebody chose to do harm.
import { mkdirSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEntries, readFiles } from '../support/contact-files.ts';
import { tempFolder } from '../support/temp-folder.ts';

describe('JSON', () => {
  test.each([
    ['a list', '[{ "name": "Erika", "numbers": ["030 1234567", "+49 170 1234567"] }]'],
    ['pairs, with comments', '{\n  // the boss\n  "030 1234567": "Erika",\n  "0049 170 1234567": "Erika",\n}'],
    [
      'a list with one number as text',
      '[{ "name": "Erika", "numbers": "030 1234567" }, { "name": "Erika", "numbers": ["0170 1234567"] }]',
    ],
  ])('%s', async (_, text) => {
    expect(await readFiles({ 'c.json': text })).toEqual({
      names: { '+49301234567': 'Erika', '+491701234567': 'Erika' },
      problems: [],
      warnings: [],
    });
  });
  test('rows that are broken are told with their line', async () => {
    const text = `[
  { "name": "Anna", "numbers": ["030 1000001"] },
  "Bert",
  { "name": 5, "numbers": ["030 1000002"] },
  { "name": "Clara", "numbers": [301000003] },
  { "numbers": ["030 1000004"] },
  { "name": "Dora", "numbers": ["x", "030 1000005"] },
  { "name": "Emil", "name": "E.", "numbers": [] }
]`;
    expect(await readFiles({ 'c.json': text })).toEqual({
      names: { '+49301000001': 'Anna', '+49301000005': 'Dora' },
      problems: [],
      warnings: [
        'c.json:3:3  is no object { … }; write it like { "name": "Erika Mustermann", "numbers": ["+49 30 1234567"] }',
        'c.json:4:13  its name is no text; write it like { "name": "Erika Mustermann", "numbers": ["+49 30 1234567"] }',
        'c.json:5:33  its numbers are no list of texts; write it like { "name": "Erika Mustermann", "numbers": ["+49 30 1234567"] }',
        'c.json:6:3  has a number, but no name; give it a name, or leave it out',
        'c.json:7:3  holds a number that cannot be read; write it like "+49 30 1234567"',
        'c.json:8:21  "name" stands twice in the same object; keep one of the two',
      ],
    });
  });
  test('pairs that are broken are told with their line, and no number', async () => {
    const text =
      '{\n  "030 1000001": "Anna",\n  "030 1000002": null,\n  "__proto__": "x",\n  "+49 30 1000001": "Bert"\n}';
    expect(await readFiles({ 'c.json': text })).toEqual({
      names: { '+49301000001': 'Anna' },
      problems: [],
      warnings: [
        'c.json:3:18  its name is no text; write "<number>": "<name>"',
        'c.json:5:21  its number stands in line 2 already, under another name; the first one counts',
        'c.json:4:3  this name is not allowed as a key; choose another name',
      ],
    });
  });
  test.each([
    ['[', 'c.json:1:2  a "]" is missing; every "[" needs its "]"'],
    [
      '"Erika"',
      'contacts[0]: c.json: must be a list [ … ] or an object { … }; write it like { "name": "Erika Mustermann", "numbers": ["+49 30 1234567"] }',
    ],
  ])('%s is refused', async (text, problem) => {
    expect((await readFiles({ 'c.json': text })).problems).toEqual([problem]);
  });
  test('a file of more than 10 MB', async () => {
    const row = (n: number) => ({ name: 'x'.repeat(500), numbers: [`030 ${1_000_000 + n}`] });
    const rows: unknown[] = Array.from({ length: 20_000 }, (_, n) => row(n));
    rows[7] = 'wrong';
    const { names, warnings } = await readFiles({ 'c.json': JSON.stringify(rows) });
    expect(Object.keys(names)).toHaveLength(19_999);
    expect(warnings).toEqual([
      'c.json  [7]: is no object { … }; write it like { "name": "Erika Mustermann", "numbers": ["+49 30 1234567"] }',
    ]);
    expect((await readFiles({ 'c.json': `${JSON.stringify(rows)},` })).problems).toEqual([
      'contacts[0]: c.json: is not JSON; a JSON file above 10 MB may hold no comments',
    ]);
  });
});

describe('several files', () => {
  test('the first name of a number counts, whatever the formats', async () => {
    const read = await readFiles({
      'a.csv': 'name,number\nAnna,030 1000001\nBert,201',
      'b.VCF': 'BEGIN:VCARD\nFN:Anna A.\nTEL:+49301000001\nEND:VCARD\n',
      'c.json': '{ "201": "Bert", "030 1000002": "Clara" }',
    });
    expect(read).toEqual({
      names: { '+49301000001': 'Anna', '201': 'Bert', '+49301000002': 'Clara' },
      problems: [],
      warnings: ['b.VCF:1:1  its number stands in a.csv, line 2, already, under another name; the first one counts'],
    });
  });
  test('each file that cannot be read is a problem, and only that one', async () => {
    const folder = tempFolder();
    mkdirSync(folder.at('folder.csv'));
    folder.write('a.csv', 'name,number\nAnna,030 1000001');
    folder.write('b.cvs', 'name,number');
    writeFileSync(folder.at('utf16.csv'), Buffer.from('\ufeffname,number\nAnna,030 1000001', 'utf16le'));
    const entries = ['none.csv', 'folder.csv', 'b.cvs', 'noextension', 'utf16.csv', 'a.csv', './a.csv'];
    expect(await readEntries(entries, {}, folder)).toEqual({
      names: { '+49301000001': 'Anna' },
      problems: [
        'contacts[0]: none.csv: there is no such file; check the path',
        'contacts[1]: folder.csv: is not a file; name an ordinary file',
        'contacts[2]: b.cvs: this kind of file holds no contacts; did you mean ".csv"?',
        'contacts[3]: noextension: this kind of file holds no contacts; known: .csv, .vcf, .json',
        'contacts[4]: utf16.csv: is no text file; save it as UTF-8',
      ],
      warnings: [],
    });
  });
  test('a file that every account can change is read, with a warning', async () => {
    const folder = tempFolder();
    folder.write('a.csv', 'name,number\nAnna,030 1000001', 0o666);
    expect(await readEntries(['a.csv'], {}, folder)).toEqual({
      names: { '+49301000001': 'Anna' },
      problems: [],
      warnings: ['a.csv  every account can change this file, and with it what people read; chmod o-w a.csv'],
    });
  });
  test('a file above 50 MB is refused', async () => {
    const folder = tempFolder();
    writeFileSync(folder.at('a.csv'), Buffer.alloc(50 * 1024 * 1024 + 1, 'x'));
    expect((await readEntries(['a.csv'], {}, folder)).problems).toEqual([
      'contacts[0]: a.csv: is too large; at most 50 MB',
    ]);
  });
  test('more numbers than the limit are refused', async () => {
    const rows = Array.from({ length: 11 }, (_, n) => `P${n},030 ${1_000_000 + n}`);
    const text = ['name,number', ...rows].join('\n');
    expect((await readFiles({ 'a.csv': text }, { numbersMax: 11 })).problems).toEqual([]);
    expect((await readFiles({ 'a.csv': text }, { numbersMax: 10 })).problems).toEqual([
      'contacts[0]: more than 10 numbers; leave out what nobody calls from',
    ]);
  });
});

test('without a country, numbers that need one are pointed out', async () => {
  const text = 'name,number\nAnna,030 1000001\nBert,+49 30 1000002\nClara,201\nDora,0170 1000003';
  const { names, warnings } = await readFiles(
    { 'a.csv': text },
    { hasCountry: false, readNumber: (t) => t.replace(/ /g, '') },
  );
  expect(Object.keys(names)).toHaveLength(4);
  expect(warnings).toEqual([
    'a.csv  numbers without a country code: 2; no call will match them; set contacts.country, or sites.default.country',
  ]);
});

test.each([
  ['several lines', '"Erika\nMustermann\t  GmbH"', 'Erika Mustermann GmbH'],
  ['controls and turned text', 'Eri\u0007ka \u202egpj.exe', 'Eri ka gpj.exe'],
  ['a long one', 'x'.repeat(300), `${'x'.repeat(199)}…`],
])('names are one short line: %s', async (_, written, name) => {
  expect((await readFiles({ 'a.csv': `name,number\n${written},030 1000001` })).names).toEqual({ '+49301000001': name });
});

test('nothing that stands in a file makes reading it fail', async () => {
  const pieces = [
    'name',
    'number',
    ',',
    ';',
    '"',
    '\n',
    '\r\n',
    '030 1234567',
    'BEGIN:VCARD',
    'END:VCARD',
    'TEL;X=":',
    'FN:',
    ':',
    ' ',
    '[',
    '{',
    '}',
    ']',
    '"numbers"',
    '=\n',
    'N;ENCODING=QUOTED-PRINTABLE:=C3=',
    '\ud83d',
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 })), { maxLength: 40 });
  const folder = tempFolder();
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom('a.csv', 'a.vcf', 'a.json'), fc.boolean(), async (parts, name, headed) => {
      const { names } = await readFiles({ [name]: (headed ? 'name,number\n' : '') + parts.join('') }, {}, folder);
      for (const [number, contact] of Object.entries(names)) {
        expect(number).toMatch(/^[+*#]?\d[0-9*#]+$/);
        expect(contact).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}]{1,1600}$/u);
      }
    }),
    { numRuns: 300 },
  );
});
