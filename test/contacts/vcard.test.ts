// vCards of every version, as address books and phones write them.
import { describe, expect, test } from 'vitest';
import { readFiles } from '../support/contact-files.ts';

const card = (...lines: string[]): string => ['BEGIN:VCARD', ...lines, 'END:VCARD', ''].join('\r\n');

describe('one card', () => {
  test.each<[string, string[], Record<string, string>]>([
    [
      '3.0',
      ['VERSION:3.0', 'FN:Erika Mustermann', 'TEL;TYPE=WORK,VOICE:030 1234567'],
      { '+49301234567': 'Erika Mustermann' },
    ],
    [
      '4.0 with a URI',
      ['VERSION:4.0', 'FN:Erika', 'TEL;VALUE=uri;TYPE="voice,home":tel:+49-30-1234567;phone-context=x'],
      { '+49301234567': 'Erika' },
    ],
    [
      '2.1 with bare parameters',
      ['VERSION:2.1', 'N:Mustermann;Erika', 'TEL;WORK;VOICE;PREF:030/1234567', 'TEL;CELL:0170 1234567'],
      { '+49301234567': 'Erika Mustermann', '+491701234567': 'Erika Mustermann' },
    ],
    [
      '2.1 in quoted-printable over two lines',
      ['VERSION:2.1', 'N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=', '=C3=BCrgen', 'TEL;HOME:030 1234567'],
      { '+49301234567': 'Jürgen Müller' },
    ],
    [
      '2.1 in quoted-printable of windows-1252',
      ['VERSION:2.1', 'FN;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:M=FCller', 'TEL:030 1234567'],
      { '+49301234567': 'Müller' },
    ],
    [
      'a name without FN',
      ['VERSION:3.0', 'N:Mustermann;Erika;Maria;Dr.;', 'ORG:ACME', 'TEL:030 1234567'],
      { '+49301234567': 'Erika Mustermann' },
    ],
    [
      'a company without a name',
      ['VERSION:3.0', 'N:;;;;', 'FN:', 'ORG:ACME\\; Söhne;Einkauf', 'TEL:030 1234567'],
      { '+49301234567': 'ACME; Söhne' },
    ],
    [
      'escapes and groups',
      ['VERSION:3.0', 'item1.FN:Mustermann\\, Erika\\nChefin', 'item2.TEL;type=pref:030 1234567', 'item2.X-ABLabel:x'],
      { '+49301234567': 'Mustermann, Erika Chefin' },
    ],
    [
      'folded lines, small letters, and pictures in between',
      [
        'version:3.0',
        'fn:Erika Muster',
        ' mann',
        'photo;encoding=b;type=jpeg:/9j/4AAQSkZJRgABAQ',
        '  FN:no name/TEL:0301111111',
        'tel:030 12',
        '\t34567',
      ],
      { '+49301234567': 'Erika Mustermann' },
    ],
    ['no number', ['VERSION:3.0', 'FN:Erika'], {}],
    [
      'lines that no version knows',
      ['VERSION:3.0', 'what is this', 'X;Y', 'FN:Erika', 'TEL:030 1234567'],
      { '+49301234567': 'Erika' },
    ],
  ])('%s', async (_, lines, names) => {
    expect(await readFiles({ 'c.vcf': card(...lines) })).toEqual({ names, problems: [], warnings: [] });
  });
});

test('broken cards are told with their line, and cost no other card', async () => {
  const text = [
    card('VERSION:3.0', 'FN:Anna', 'TEL:030 1000001'),
    'BEGIN:VCARD\nFN:Bert\nTEL:030 1000002\n',
    card('VERSION:3.0', 'TEL:030 1000003'),
    card('VERSION:4.0', 'FN:Clara', 'TEL;VALUE=uri:tel:+49-30-1000004;ext=12', 'TEL:030 1000005'),
    card('FN:Dora', 'TEL:0049 30 1000001'),
    'BEGIN:VCARD\nFN:Emil\n',
  ].join('');
  expect(await readFiles({ 'c.vcf': text })).toEqual({
    names: { '+49301000001': 'Anna', '+49301000005': 'Clara' },
    problems: [],
    warnings: [
      'c.vcf:6:1  this card does not end; END:VCARD is missing',
      'c.vcf:9:1  has a number, but no name; give it a name, or leave it out',
      'c.vcf:13:1  holds a number that cannot be read; write it like "+49 30 1234567"',
      'c.vcf:19:1  its number stands in line 1 already, under another name; the first one counts',
      'c.vcf:23:1  this card does not end; END:VCARD is missing',
    ],
  });
});

test('a file without any card is refused', async () => {
  expect((await readFiles({ 'c.vcf': 'name,number\nErika,030 1234567' })).problems).toEqual([
    'contacts[0]: c.vcf: holds no vCard; a vCard begins with a line BEGIN:VCARD',
  ]);
});
