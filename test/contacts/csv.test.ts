// Tables of contacts, as spreadsheets, Outlook, Google, telephone systems and people write them.
import { describe, expect, test } from 'vitest';
import { readFiles } from '../support/contact-files.ts';

const ERIKA = { '+49301234567': 'Erika Mustermann' };

describe('columns', () => {
  test.each([
    ['name,number\nErika Mustermann,030 1234567'],
    ['Name;Telefon\nErika Mustermann;030 1234567'],
    ['Nachname;Vorname;Firma;Telefon (geschäftlich)\nMustermann;Erika;ACME;030 1234567'],
    ['First Name,Last Name,E-mail Address,Home Phone\nErika,Mustermann,e@example.net,030 1234567'],
    ['Given Name\tFamily Name\tMobile Phone\nErika\tMustermann\t030 1234567'],
    ['Rufnummer;Anzeigename\n030 1234567;Erika Mustermann'],
    ['Titel;Vorname;Nachname;Kundennummer;Mobil\nDr.;Erika;Mustermann;471147;030 1234567'],
    ['Name,Phone 1 - Label,Phone 1 - Value\nErika Mustermann,Work,030 1234567'],
    ['"Name","Tel. privat"\n"Erika Mustermann","030 1234567"'],
    ['\ufeffName;Handy\nErika Mustermann;030 1234567'],
    ['sep=;\r\nName;Handynummer\r\nErika Mustermann;030 1234567\r\n'],
    ['\n\nName , Number\n\n Erika   Mustermann , 030 1234567 \n,,\n'],
    ['name,number\rErika Mustermann,030 1234567\r'],
  ])('%j', async (text) => {
    expect(await readFiles({ 'c.csv': text })).toEqual({ names: ERIKA, problems: [], warnings: [] });
  });

  test('every number column counts; a company stands in for a name that is missing', async () => {
    const text = [
      'Vorname;Nachname;Firma;Telefon;Mobil;Fax;Telefonart;E-Mail',
      'Erika;Mustermann;ACME;030 1234567;0170 1234567;030 1234568;privat;a@b.c',
      ';;ACME;030 1234569;;;;',
      'Max;;ACME;;;;;',
      'Max;;;030 1234570 ::: 030 1234571;;;;',
    ].join('\r\n');
    expect(await readFiles({ 'c.csv': text })).toEqual({
      names: {
        '+49301234567': 'Erika Mustermann',
        '+491701234567': 'Erika Mustermann',
        '+49301234568': 'Erika Mustermann',
        '+49301234569': 'ACME',
        '+49301234570': 'Max',
        '+49301234571': 'Max',
      },
      problems: [],
      warnings: [],
    });
  });

  test.each([
    ['', ['names', 'numbers']],
    ['\n \n', ['names', 'numbers']],
    ['Straße,Ort\nHauptstraße,Berlin', ['names', 'numbers']],
    ['name,Telefonart\nErika,privat', ['numbers']],
    ['Telefon;Titel\n030 1234567;Dr.', ['names']],
    ['"name,number\nErika,030 1234567', ['names', 'numbers']],
  ])('%j is no table of contacts', async (text, missing) => {
    const { problems } = await readFiles({ 'c.csv': text });
    const known: Record<string, string> = {
      names:
        'contacts[0]: c.csv: no column of its first line holds names; name one "name", or two "first name" and "last name", or one "company"',
      numbers: 'contacts[0]: c.csv: no column of its first line holds numbers; name one "number", "phone" or "mobile"',
    };
    expect(problems).toEqual(missing.map((what) => known[what]));
  });
});

describe('rows', () => {
  test('quotation marks, line breaks and delimiters in cells', async () => {
    const text = [
      'name,number,note',
      '"Mustermann, Erika",030 1234567,"two',
      'lines, and ""more"""',
      '"The ""Best"" GmbH","+49 (0)30 1234568","x"',
      'Screens 27" & more,030 1234569,',
      'Monitor 24",030 1234570',
    ].join('\n');
    expect(await readFiles({ 'c.csv': text })).toEqual({
      names: {
        '+49301234567': 'Mustermann, Erika',
        '+49301234568': 'The "Best" GmbH',
        '+49301234569': 'Screens 27" & more',
        '+49301234570': 'Monitor 24"',
      },
      problems: [],
      warnings: [],
    });
  });

  test('broken ones are told with their line, and cost no other row', async () => {
    const text = [
      'name;number',
      'Anna;030 1000001',
      ';030 1000002',
      'Bert;no idea',
      '"Clara" B.;030 1000003',
      '"Dora;030 1000004',
      'Emil;030 1000005',
      'Fritz;',
      'Gustav;030 1000001',
      'Anna;+49 30 1000001',
      'Hans',
      'Ida;030 1000006;more;than;asked',
    ].join('\n');
    expect(await readFiles({ 'c.csv': text })).toEqual({
      names: { '+49301000001': 'Anna', '+49301000005': 'Emil', '+49301000006': 'Ida' },
      problems: [],
      warnings: [
        'c.csv:3:1  has a number, but no name; give it a name, or leave it out',
        'c.csv:4:1  holds a number that cannot be read; write it like "+49 30 1234567"',
        'c.csv:5:1  this row is not CSV; look at its quotation marks',
        'c.csv:6:1  a quotation mark is not closed; close it, or write "" where a cell holds one',
        'c.csv:9:1  its number stands in line 2 already, under another name; the first one counts',
      ],
    });
  });

  test('twenty of them are told, the others are counted', async () => {
    const rows = Array.from({ length: 450 }, (_, n) => (n % 10 === 0 ? `P${n},none` : `P${n},030 ${1_000_000 + n}`));
    const { names, warnings } = await readFiles({ 'c.csv': ['name,number', ...rows].join('\n') });
    expect(Object.keys(names)).toHaveLength(405);
    expect(warnings).toHaveLength(21);
    expect(warnings[19]).toBe('c.csv:192:1  holds a number that cannot be read; write it like "+49 30 1234567"');
    expect(warnings[20]).toBe('c.csv  and 25 more');
  });

  test('a quotation mark that is never closed costs its row only, in a table of any size', async () => {
    const rows = Array.from({ length: 1_000 }, (_, n) => `P${n},030 ${1_000_000 + n}`);
    rows[500] = '"P500,030 1000500';
    rows[510] = '"P510","030 1000510"';
    const { names, warnings } = await readFiles({ 'c.csv': ['name,number', ...rows].join('\n') });
    expect(Object.keys(names)).toHaveLength(999);
    expect(warnings).toEqual([
      'c.csv:502:1  a quotation mark is not closed; close it, or write "" where a cell holds one',
    ]);
  });
});

test.each([
  ['windows-1252', Buffer.from('Name;Telefon\nM\xfcller \x80\x96Shop;030 1234567', 'latin1'), 'Müller €–Shop'],
  ['UTF-8', Buffer.from('Name;Telefon\nMüller €–Shop;030 1234567'), 'Müller €–Shop'],
])('umlauts in %s', async (_, bytes, name) => {
  expect((await readFiles({ 'c.csv': bytes })).names).toEqual({ '+49301234567': name });
});
