// Reading what people write as JSON: tolerant where nothing is lost, exact about every place, and never a crash.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../src/core/problems.ts';
import { readDocument } from '../../src/document.ts';

const problemsOf = (text: string): string[] => readDocument(text, 'a.json').problems.map(formatProblem);

describe('tolerated', () => {
  test.each([
    ['comments', '// one\n{ "a": /* two */ 1 }\n// three'],
    ['a trailing comma', '{ "a": 1, }'],
    ['a byte order mark', '\uFEFF{ "a": 1 }'],
    ['CR LF', '{\r\n"a": 1\r\n}\r\n'],
    ['all of them', '\uFEFF// x\r\n{ "a": 1, /* y */ }'],
  ])('%s', (_, text) => {
    const { value, problems, broken } = readDocument(text);
    expect({ value: { ...(value as object) }, problems, broken }).toEqual({
      value: { a: 1 },
      problems: [],
      broken: false,
    });
  });
});

describe('places', () => {
  const text = '{\n  "rules": [\n    { "id": "x",\n      "when": { "a.b": 1 } }\n  ]\n}';
  test.each([
    [[], 1, 1],
    [['rules'], 2, 12],
    [['rules', 0], 3, 5],
    [['rules', 0, 'id'], 3, 13],
    [['rules', 0, 'when', 'a.b'], 4, 24],
    [['rules', 0, 'missing'], 3, 5],
    [['rules', 7, 'missing'], 2, 12],
    [['no', 'such'], 1, 1],
  ])('%j', (path, line, column) => {
    expect(readDocument(text).locate(path)).toEqual({ line, column });
  });
  test('a byte order mark does not move the first line', () => {
    expect(readDocument('\uFEFF{"a":1}').locate(['a'])).toEqual({ line: 1, column: 6 });
  });
  test('columns are counted as editors count them, also behind emoji and tabs', () => {
    expect(readDocument('{\t"😀": 1}').locate(['😀'])).toEqual({ line: 1, column: 9 });
  });
});

describe('problems', () => {
  test('a key that stands twice, at the second one; the first one counts', () => {
    const document = readDocument('{\n  "id": 1,\n  "id": { "deep": [1, 2] },\n  "b": 3\n}', 'a.json');
    expect(document.problems.map(formatProblem)).toEqual([
      'a.json:3:3  id: "id" stands twice in the same object; keep one of the two',
    ]);
    expect(document.value).toEqual(Object.assign(Object.create(null), { id: 1, b: 3 }));
  });
  test('inside lists the path says which entry', () => {
    expect(problemsOf('{"rules":[{"id":1},{"id":1,"do":[0,{"x":1,"x":2}]}]}')).toEqual([
      'a.json:1:43  rules[1].do[1].x: "x" stands twice in the same object; keep one of the two',
    ]);
  });
  test.each(['__proto__', 'constructor', 'prototype'])('%s is refused as a key, however it is written', (key) => {
    const escaped = `\\u00${key.charCodeAt(0).toString(16)}${key.slice(1)}`;
    for (const written of [key, escaped]) {
      const document = readDocument(`{"a": {"${written}": {"polluted": true}}}`, 'a.json');
      expect(document.problems.map(formatProblem)).toEqual([
        `a.json:1:8  a.${key}: this name is not allowed as a key; choose another name`,
      ]);
      expect(Object.keys((document.value as { a: object }).a)).toEqual([]);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
  test.each<[string, string[]]>([
    [
      '',
      ['a.json:1:1  a value is missing here; a text in "double quotes", a number, true, false, null, { … } or [ … ]'],
    ],
    ['{"a" 1}', ['a.json:1:6  a ":" is missing between key and value; write "key": value']],
    ['{"a": 1 "b": 2}', ['a.json:1:9  a "," is missing; put one after the value before this place']],
    ['{"a": 1', ['a.json:1:8  a "}" is missing; every "{" needs its "}"']],
    ['[1', ['a.json:1:3  a "]" is missing; every "[" needs its "]"']],
    ['{} {}', ['a.json:1:4  there is more text after the end; a file holds one object']],
    [
      '{"a": "x\n}',
      expect.arrayContaining([expect.stringMatching(/^a.json:1:7 {2}the text does not end in its line/)]),
    ],
    ['{"a": "\\q"}', [expect.stringMatching(/^a.json:1:7 {2}a bad escape; after \\ comes one of/)]],
    ['{"a": 1e999}', ['a.json:1:7  a: the number is too large; at most 1.7e308']],
  ])('%j', (text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });
  test('two slips are told in one go, with their lines', () => {
    const told = problemsOf('{\n  "a" 1,\n  "b": 2\n  "c": 3\n}');
    expect(told.map((text) => text.slice(0, 10))).toEqual(['a.json:2:7', 'a.json:4:3']);
  });
});

describe('limits', () => {
  test.each([65, 100_000, 1_000_000])('%i levels are refused without a crash', (depth) => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const text = `${open.repeat(depth)}1${close.repeat(depth)}`;
      if (text.length > 9_000_000) continue;
      expect(problemsOf(text)).toEqual([`a.json:1:${64 * open.length + 1}  nested too deep; at most 64 levels`]);
    }
  });
  test('64 levels are read', () => {
    expect(problemsOf(`${'['.repeat(64)}1${']'.repeat(64)}`)).toEqual([]);
  });
  test('brackets in texts and comments are no levels', () => {
    expect(problemsOf(`// ${'['.repeat(100)}\n{"a": "${'['.repeat(100)}"}`)).toEqual([]);
  });
  test('a file above 10 MB is refused, one below is read', () => {
    const text = (length: number): string => `"${'x'.repeat(length - 2)}"`;
    expect(problemsOf(text(10 * 2 ** 20))).toEqual([]);
    expect(problemsOf(text(10 * 2 ** 20 + 1))).toEqual(['a.json:1:1  the file is too large; at most 10 MB']);
  });
});

test('every JSON value comes back as it was written', () => {
  const key = fc.string().filter((k) => !['__proto__', 'constructor', 'prototype'].includes(k));
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.jsonValue({ maxDepth: 0 }),
      fc.array(tie('value')),
      fc.dictionary(key, tie('value')),
    ),
  })).value;
  fc.assert(
    fc.property(tree, fc.constantFrom(0, 2, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const document = readDocument(text);
      expect(document.problems).toEqual([]);
      expect(JSON.parse(JSON.stringify(document.value))).toEqual(JSON.parse(text));
    }),
  );
});

test('no text makes it throw, and every problem has a place inside the text', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"',
    '1',
    '-',
    'x',
    '//',
    '/*',
    '*/',
    '\n',
    '\\',
    'null',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      for (const problem of readDocument(text).problems) {
        expect(problem.line).toBeGreaterThan(0);
        expect(problem.line).toBeLessThanOrEqual(text.split('\n').length);
        expect(problem.column).toBeGreaterThan(0);
      }
    }),
    { numRuns: 1_000 },
  );
});
