// The closures against the library: the same text to the byte for every template that both can render.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCatalogue } from '../../src/engine/rules/catalogue.ts';
import { compileClosure } from '../../src/engine/rules/template/closure.ts';
import { createLiquids, renderWith } from '../../src/engine/rules/template/liquid.ts';
import { checkNames } from '../../src/engine/rules/template/names.ts';
import { parseTemplate } from '../../src/engine/rules/template/parse.ts';
import { cards, eventOf, known, marked } from './fixture.ts';

const catalogue = createCatalogue();
const liquids = createLiquids('UTC');

const space = fc.constantFrom('', ' ', '  ', '\n');
const path = fc.constantFrom(
  'remote.name',
  'remote.number',
  'line.host',
  'event.type',
  'phone.groups.size',
  'phone.groups.first',
  'phone.groups[1]',
  'phone.groups[-3]',
  'remote.name.size',
  'suspect.last',
  'vars.queue',
  'vars.size',
  'vars["x-y"]',
  'vars["{{"]',
  'phone.area',
);
const quoted = fc
  .tuple(
    fc.string({ unit: fc.constantFrom('a', ' ', '|', '{{', '}}', '.', 'ü', 'phone.dnd_on'), maxLength: 3 }),
    fc.constantFrom('"', "'"),
  )
  .map(([text, quote]) => `${quote}${text}${quote}`);
/** In a tag the library ends at the first %}, so no text may hold one; outputs may hold }}. */
const literal = fc.oneof(quoted, fc.constantFrom('"x"', '"phone.missed_call"', '""', "''", '3', '-1.5', '"\\n"', '0'));
const operand = fc.oneof(path, literal);
const plain = fc
  .string({ unit: fc.constantFrom('a', ' ', '\n', '{', '}', '%', 'é', '‹'), maxLength: 4 })
  .filter((text) => !/\{[{%]/.test(text));

const output = fc
  .tuple(space, operand, fc.array(operand, { maxLength: 2 }), space)
  .map(
    ([a, first, others, b]) => `{{${a}${first}${others.map((other) => `${a}|${b}default:${b}${other}`).join('')}${b}}}`,
  );

const comparison = fc.oneof(
  path,
  fc
    .tuple(
      operand,
      fc.constantFrom('==', '!=', ' == ', ' != '),
      fc.oneof(operand, fc.constantFrom('nil', 'null', 'empty')),
    )
    .map((parts) => parts.join('')),
  fc.tuple(path, fc.constantFrom(' contains ', ' and ', ' or not '), operand).map((parts) => parts.join('')),
);

const template = fc
  .letrec<{ nodes: string }>((tie) => ({
    nodes: fc
      .array(
        fc.oneof(
          { maxDepth: 3 },
          plain,
          output,
          fc
            .tuple(
              fc.constantFrom('if', 'unless'),
              comparison,
              tie('nodes'),
              fc.array(fc.tuple(comparison, tie('nodes')), { maxLength: 2 }),
              fc.option(tie('nodes')),
            )
            .map(([tag, test, body, elsifs, other]) => {
              const more = elsifs.map(([one, text]) => `{% elsif ${one} %}${text}`).join('');
              return `{% ${tag} ${test} %}${body}${more}${other === null ? '' : `{% else %}${other}`}{% end${tag} %}`;
            }),
          fc
            .tuple(
              operand,
              fc.array(fc.tuple(fc.array(operand, { minLength: 1, maxLength: 2 }), tie('nodes')), {
                minLength: 1,
                maxLength: 3,
              }),
              fc.option(tie('nodes')),
            )
            .map(([subject, whens, other]) => {
              const branches = whens.map(([values, text]) => `{% when ${values.join(', ')} %}${text}`).join('');
              return `{% case ${subject} %}${branches}${other === null ? '' : `{% else %}${other}`}{% endcase %}`;
            }),
        ),
        { maxLength: 3 },
      )
      .map((parts) => parts.join('')),
  }))
  .nodes.filter((text) => !/\{\{\{|\{\{%/.test(text));

const name = fc.option(
  fc.oneof(fc.constantFrom('', 'x', 'phone.dnd_on', '{{ site }}', '0', 'false'), fc.string({ maxLength: 4 })),
  { nil: undefined },
);
const event = fc
  .tuple(
    name,
    name,
    fc.array(fc.string({ maxLength: 2 }), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('queue', 'size', 'x-y', '{{'), fc.string({ maxLength: 3 })),
  )
  .map(([remote, host, suspect, vars]) =>
    eventOf({
      remote: remote === undefined ? {} : { name: remote },
      line: host === undefined ? {} : { host },
      suspect,
      vars,
    }),
  );

test('closures and library print the same', () => {
  const counts = { compared: 0, beyond: 0, refused: 0 };
  fc.assert(
    fc.property(template, fc.array(event, { minLength: 5, maxLength: 5 }), (text, events) => {
      let refused = false;
      const complain = (): void => {
        refused = true;
      };
      const tree = parseTemplate(text, complain);
      if (tree === undefined) {
        counts.refused += 1;
        return;
      }
      const names = checkNames(tree, catalogue, complain);
      expect(refused).toBe(false);
      const closure = compileClosure(tree, names, marked);
      const liquid = liquids(marked);
      // What our reader takes, the library takes.
      const byLibrary = renderWith(liquid, liquid.parse(text), names.fields);
      if (closure === undefined) {
        counts.beyond += 1;
        return;
      }
      for (const one of events) {
        expect(closure(one, known(cards[0]))).toBe(byLibrary(one, known(cards[0])));
        expect(closure(one, known())).toBe(byLibrary(one, known()));
        counts.compared += 1;
      }
    }),
    { numRuns: 1_500 },
  );
  expect(counts.compared).toBeGreaterThan(2_000);
  expect(counts.beyond).toBeGreaterThan(50);
  expect(counts.refused).toBeLessThan(500);
});

/** What a template prints by the library, and by a closure if there is one. */
function both(text: string): [library: string, closure: string | undefined] {
  const tree = parseTemplate(text, (message) => {
    throw new Error(message);
  });
  if (tree === undefined) throw new Error('no tree');
  const names = checkNames(tree, catalogue, () => undefined);
  const liquid = liquids(marked);
  const library = renderWith(liquid, liquid.parse(text), names.fields)(eventOf(), known(cards[0]));
  return [library, compileClosure(tree, names, marked)?.(eventOf(), known(cards[0]))];
}

test.each([
  ['{% case site %}{% when "default", "default" %}a{% when "x" %}b{% when "default" %}c{% else %}d{% endcase %}', 'ac'],
  ['{% case line.host %}{% when nil %}none{% endcase %}', 'none'],
  ['{% case remote.name %}{% when remote.name %}same{% endcase %}', 'same'],
  ['{% if line.host == phone.area %}a{% else %}b{% endif %}{% if line.host == line.uri %}c{% endif %}', 'bc'],
  ['{{ "a\\"}}b" }}', '‹a"}}b›'],
  ["{{ 'a\\'}}' | default: site }}", "‹a'}}›"],
  ['{% unless site == "x" %}a{% elsif site == "default" %}b{% endunless %}', 'a'],
])('%s', (text, expected) => {
  const [library, closure = expected] = both(text);
  expect([library, closure]).toEqual([expected, expected]);
});

test('the library itself knows nothing beyond the lists, should our reader ever let something through', () => {
  const liquid = liquids(marked);
  for (const tag of [
    'include "x"',
    'render "x"',
    'layout "x"',
    'raw',
    'capture x',
    'tablerow x in y',
    'cycle 1',
    'liquid',
    'echo x',
    '# x',
  ])
    expect(() => liquid.parse(`{% ${tag} %}`)).toThrow();
  for (const filter of [
    'raw',
    'strip_html',
    'json',
    'where_exp: "x", "y"',
    'sha256',
    'group_by_exp: "x", "y"',
    'map: "x"',
  ])
    expect(() => liquid.parse(`{{ site | ${filter} }}`)).toThrow();
  expect(
    liquid.parseAndRenderSync('{{ a.constructor }}{{ constructor }}{{ a.toString }}{{ a.__proto__ }}', { a: {} }),
  ).toBe('‹›‹›‹›‹›');
});

test('our reader finds the same variables as the library', () =>
  fc.assert(
    fc.property(template, (text) => {
      const tree = parseTemplate(text, () => undefined);
      if (tree === undefined) return;
      const liquid = liquids(marked);
      const theirs = liquid.globalVariableSegmentsSync(liquid.parse(text)) as (string | number)[][];
      const ours = checkNames(tree, catalogue, () => undefined).fields.map((field) => field.name);
      const known = theirs.map((steps) => ours.find((field) => steps.join('.').startsWith(field)));
      expect(known).not.toContain(undefined);
      expect(theirs.length).toBeGreaterThanOrEqual(ours.length);
    }),
    { numRuns: 400 },
  ));

test('whatever text it is, our reader takes it or says why, and the library takes what it takes', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          '{{',
          '}}',
          '{%',
          '%}',
          ' ',
          'if',
          'endif',
          'site',
          '"',
          "'",
          '|',
          'default',
          ':',
          '-',
          '.',
          '[',
          ']',
          '0',
          'for',
          'x',
          'in',
          'suspect',
          'endfor',
          'else',
          'assign',
          '=',
          'comment',
          'endcomment',
          'case',
          'when',
          'endcase',
          '\\',
          'raw',
          'endraw',
          '\u00a0',
        ),
        { maxLength: 25 },
      ),
      (words) => {
        const text = words.join('');
        const said: string[] = [];
        const tree = parseTemplate(text, (message) => said.push(message));
        expect(tree === undefined).toBe(said.length > 0);
        if (tree === undefined) return;
        const names = checkNames(tree, catalogue, (message) => said.push(message));
        if (said.length > 0) return;
        const liquid = liquids(marked);
        expect(typeof renderWith(liquid, liquid.parse(text), names.fields)(eventOf(), known())).toBe('string');
      },
    ),
    { numRuns: 5_000 },
  ));
