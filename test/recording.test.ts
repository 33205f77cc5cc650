// Recordings: nobody is recognised in one, and every hit is read as before; over the corpus, and over any names and numbers.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromWindows1252 } from '../src/core/windows-1252.ts';
import { readHitLine, shapeOf } from '../src/hit-reading.ts';
import { percentDecode } from '../src/receiver/text.ts';
import { anonymousBundle, lineOf, type RecordedHit, rawBundle, readRecording } from '../src/recording.ts';
import { createDraw } from './support/virtual-clock.ts';

const random = (seed = 1) => ({ fraction: createDraw(seed) });

const hitOf = (line: string, n = 0): RecordedHit => ({
  atMs: n * 1_234,
  site: 'berlin',
  phone: 'erika-desk',
  vendor: 'sangoma',
  line,
});
const bytes = (text: string): string => Buffer.from(text).toString('latin1');
const escaped = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

/** A hit as a Sangoma would write it; `remote` and `name` byte by byte. */
const missed = (remote: string, name: string): string =>
  `GET /a/***/missed_call?mac=005058a1b2c3&ip=192.168.1.51&model=s505&firmware=4.63.1.100&user=&host=&call_id=&local=&display_local=&remote=${remote}&display_remote=${name}&_=. HTTP/1.1`;

/** What a search sees: the file, its lines as bytes, and these with escapes undone; without what is kept on purpose. */
function views(text: string): string[] {
  const lines = (JSON.parse(text) as { hits: { line: string }[] }).hits.map(lineOf);
  const cleaned = lines.map((line) =>
    line
      .replace(/mac=005058/g, 'mac=')
      .replaceAll('s505', '')
      .replaceAll('4.63.1.100', ''),
  );
  const undone = cleaned.map((line) => percentDecode(line));
  return [
    ...cleaned.map((line) => line.replace(/%[0-9a-f]{2}/gi, '·')),
    ...undone.map((line) => line.toString('latin1')),
    ...undone.map((line) => line.toString('utf8')),
    ...undone.map((line) => fromWindows1252(line)),
    ...undone.flatMap((line) =>
      [...line.toString('latin1').matchAll(/[A-Za-z0-9+/=]{12,}/g)].map(([run]) =>
        Buffer.from(run, 'base64').toString('latin1'),
      ),
    ),
  ].map((view) => view.toLowerCase());
}

const runsOf = (text: string): string[] => [
  ...new Set(Array.from({ length: Math.max(0, text.length - 2) }, (_, at) => text.slice(at, at + 3))),
];

const corpus = readFileSync(new URL('./corpus/hits.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { name: string; raw_b64: string })
  .map(({ name, raw_b64 }) => ({
    name,
    line: (
      Buffer.from(raw_b64, 'base64')
        .toString('latin1')
        .replace(/^\r?\n/, '')
        .split(/\r?\n/)[0] ?? ''
    ).replace('/TOKEN', '/***'),
  }));

describe('the corpus, anonymised', () => {
  const bundle = anonymousBundle(
    corpus.map(({ line }, n) => hitOf(line, n)),
    '1.2.3',
    random(),
  );

  test('is read as before, every hit of it', () => {
    expect([bundle.leftOut, bundle.hits.length]).toEqual([0, corpus.length]);
    for (const [n, { name, line }] of corpus.entries())
      expect([name, shapeOf(lineOf(bundle.hits[n] ?? { line: '' }))]).toEqual([name, shapeOf(line)]);
  });

  test('names nobody that the corpus names', () => {
    const text = JSON.stringify(bundle);
    const seen = views(text);
    for (const name of ['erika', 'mustermann', 'müller', 'smith', 'karen', 'wright', 'christopher', 'pbx.example'])
      expect(seen.filter((view) => view.includes(name))).toEqual([]);
    expect(text).not.toMatch(/berlin|erika-desk|a1b2c3/i);
  });
});

describe('any names and numbers', () => {
  const number = fc.stringMatching(/^[0-9]{6,14}$/).map((digits) => ({ digits, text: `+${digits}` }));
  const words = fc.constantFrom(
    'Erika',
    'Jürgen',
    'Østergård',
    'Владимир',
    'Αλέξανδρος',
    'שושנה',
    '田中太郎',
    'Smith & Sons',
    'Tor #2',
    'O"Brien <x>',
  );
  const free = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !/[\r\n]/.test(text));
  const name = fc.oneof(
    words,
    fc.tuple(words, words).map((two) => two.join(' ')),
    free,
  );
  const style = fc.constantFrom('raw', 'escaped', 'latin1');

  test('no three digits of a number and no three letters of a name come out, and the hit is read as before', () => {
    fc.assert(
      fc.property(number, name, style, fc.integer(), (called, text, how, seed) => {
        const isLatin = [...text].every((one) => one.charCodeAt(0) < 256);
        const value =
          how === 'escaped'
            ? escaped(text)
            : how === 'latin1' && isLatin
              ? Buffer.from(text, 'latin1').toString('latin1')
              : bytes(text);
        const lines = [missed(called.text, value), missed(`sip:${called.text}@pbx.firma.de;user=phone`, value)];
        const bundle = anonymousBundle(lines.map(hitOf), '1.2.3', random(seed));
        expect(bundle.leftOut).toBe(0);
        for (const [n, line] of lines.entries())
          expect(shapeOf(lineOf(bundle.hits[n] ?? { line: '' }))).toBe(shapeOf(line));
        const seen = views(JSON.stringify(bundle));
        for (const run of runsOf(called.digits)) expect(seen.filter((view) => view.includes(run))).toEqual([]);
        for (const [word] of text.toLowerCase().matchAll(/\p{L}{3,}/gu))
          for (const run of runsOf(word))
            if (!missed('', '').toLowerCase().includes(run))
              expect(seen.filter((view) => view.includes(run))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('the same is the same within a bundle, in whatever way it is written, and another one in the next bundle', () => {
    const lines = [
      missed('+493012345678', bytes('Jürgen')),
      missed('sip:+493012345678@pbx.firma.de', escaped('Jürgen')),
      missed('+493012345679', 'J\xfcrgen'),
    ];
    const readings = [1, 2].map((seed) =>
      anonymousBundle(lines.map(hitOf), '1', random(seed)).hits.map((hit) => {
        const reading = readHitLine(lineOf(hit));
        return 'refused' in reading ? {} : reading.remote;
      }),
    );
    const [first = [], second = []] = readings;
    expect(first[1]).toMatchObject({ number: first[0]?.number, name: first[0]?.name });
    expect(first[2]?.number).not.toBe(first[0]?.number);
    expect(second[0]?.number).not.toBe(first[0]?.number);
  });
});

describe('the file', () => {
  test('keeps every byte, whichever way it was made', () => {
    const line = `GET /a/***/missed_call?display_remote=\\x41\\ ${Array.from({ length: 256 }, (_, n) => String.fromCharCode(n)).join('')}&_=. HTTP/1.1`;
    const text = JSON.stringify(rawBundle([hitOf(line)], '1'));
    expect(text).toMatch(/^[\x20-\x7e]*$/);
    const hits = readRecording(text, 'utf8');
    expect('problem' in hits ? [] : hits.map(lineOf)).toEqual([line]);
  });

  test('may be plain request lines, in UTF-8 or not', () => {
    const line = missed('+4930', 'J\xfcrgen\x80');
    const hits = readRecording(
      `# a comment\r\n${fromWindows1252(Buffer.from(line, 'latin1'))}\r\nHost: x\r\n`,
      'windows-1252',
    );
    expect('problem' in hits ? [] : hits.map(lineOf)).toEqual([line]);
    expect(readRecording('{"hookswitch":"recording","version":2}', 'utf8')).toHaveProperty('problem');
  });
});
