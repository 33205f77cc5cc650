// Templates: what they print, what they are refused for, and that no caller's text is ever read as one.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FILTERS, TAGS } from '../../src/engine/index.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { eventOf, marked, problemsOf, rendered, stepOf, templateProblems, treeOf } from './fixture.ts';

const withheld = eventOf({ remote: {} });

describe('what is printed', () => {
  test.each([
    ['Call from {{ remote.number }}', 'Call from ‹+493012345›'],
    ['{{remote.name}}/{{ phone.name }}', '‹Erika Mustermann›/‹Front desk›'],
    ['{{ remote.name | default: "nobody" }}', '‹Erika Mustermann›'],
    ['{{ line.host | default: line.user | default: "x" }}', '‹201›'],
    ["{{ line.host | default: 'x' }}", '‹x›'],
    ['{{ vars.queue }} {{ vars["x-y"] }} {{ vars.x-y }} {{ vars.nothing }}|', '‹sales› ‹dashed› ‹dashed› ‹›|'],
    ['{{ vars.size }} {{ vars.first }}|', '‹› ‹›|'],
    ['{{ phone.groups | join: ", " }}', '‹sales, support›'],
    [
      '{{ phone.groups.size }} {{ phone.groups.first }} {{ phone.groups[1] }} {{ phone.groups[-1] }}',
      '‹2› ‹sales› ‹support› ‹support›',
    ],
    ['{{ remote.name | upcase | truncate: 8, "…" }}', '‹ERIKA M…›'],
    ['{{ remote.name | split: " " | last | downcase }}', '‹mustermann›'],
    ['{{ local.number | plus: 1 | times: 2 }}', '‹404›'],
    ['{% if remote.number %}yes{% else %}no{% endif %}', 'yes'],
    ["{% if event.type == 'phone.dnd_on' %}ON{% elsif remote.name contains 'Erika' %}E{% else %}OFF{% endif %}", 'E'],
    ['{% if phone.groups contains "sales" and remote.number != nil %}both{% endif %}', 'both'],
    ['{% unless remote.number %}withheld{% else %}known{% endunless %}', 'known'],
    ['{% case phone.id %} {% when "back", "x" %}B{% when "front" or "y" %}F{% else %}?{% endcase %}', 'F'],
    [
      '{% for group in phone.groups %}{{ forloop.index }}{{ group }}{% unless forloop.last %},{% endunless %}{% endfor %}',
      '‹1›‹sales›,‹2›‹support›',
    ],
    ['{% for mark in suspect %}x{% else %}fine{% endfor %}', 'fine'],
    ['{% for g in phone.groups reversed %}{{ g }}{% endfor %}', '‹support›‹sales›'],
    ['{% for g in phone.groups limit: 1 offset: 1 %}{{ g }}{% endfor %}', '‹support›'],
    ['{% assign who = remote.name | default: remote.number %}{{ who }} {{ who.size }}', '‹Erika Mustermann› ‹16›'],
    ['a{% comment %} {{ nonsense | nonsense }} {% if %} {% endcomment %}b', 'ab'],
    ['a  {{- site -}}  b', 'a‹default›b'],
    ['{{ "{{ no tag }}" }} and }} and %} and { {', '‹{{ no tag }}› and }} and %} and { {'],
    ['{{ event.at | date: "%d.%m.%Y %H:%M", "Europe/Berlin" }}', '‹24.11.2026 10:15›'],
    ['no template at all', 'no template at all'],
  ])('%s', (text, expected) => expect(rendered(text)).toBe(expected));

  test.each([
    [
      '{{ remote.name | default: "a stranger" }} ({{ remote.number | default: "withheld" }})',
      '‹a stranger› (‹withheld›)',
    ],
    ['{{ remote.name }}|{{ remote.name.size }}|{{ remote.name | upcase }}', '‹›|‹›|‹›'],
    ['{% if remote.number == nil %}withheld{% endif %}', 'withheld'],
  ])('of a number that was withheld: %s', (text, expected) => expect(rendered(text, withheld)).toBe(expected));

  test('"now" is a word and not the time', () =>
    expect(rendered('{{ remote.name | date: "%Y" }}', eventOf({ remote: { name: 'now' } }))).toBe('‹now›'));
});

describe('what is refused when the rules are read', () => {
  test.each([
    ['{{ remote.nubmer }}', 'unknown variable "remote.nubmer"; did you mean "remote.number"?'],
    [
      '{{ remote }}',
      '"remote" is not one value; write remote.number, remote.name, remote.uri, remote.kind, remote.contact',
    ],
    ['{{ vars }}', '"vars" is not one value; name one of the variables: vars.queue'],
    ['{{ remote.number.constructor }}', '"remote.number.constructor" does not exist; remote.number is a text'],
    [
      '{{ phone.groups.constructor }}',
      '"phone.groups.constructor" does not exist; phone.groups has size, first, last and [0]',
    ],
    ['{{ phone.groups }}', '"phone.groups" is a list; write {{ phone.groups | join: ", " }}'],
    ['{{ call.talkSecnds }}', 'unknown variable "call.talkSecnds"; did you mean "call.talkSeconds"?'],
    ['{{ call.phones }}', '"call.phones" is a list; write {{ call.phones | join: ", " }}'],
    ['{{ __proto__ }}', 'unknown variable "__proto__"'],
    ['{{ remote.name | raw }}', expect.stringMatching(/^the filter "raw" is not available/)],
    ['{{ remote.name | strip_html }}', expect.stringMatching(/^the filter "strip_html" is not available/)],
    ['{{ remote.name | constructor }}', expect.stringMatching(/^the filter "constructor" is not available/)],
    ['{{ remote.name | append }}', 'the filter "append" takes 1 values, not 0'],
    ['{{ remote.name | upcase: 1 }}', 'the filter "upcase" takes no values, not 1'],
    ['{{ event.at | date: "%Q" }}', expect.stringMatching(/^the format has "%Q", which means nothing; known: %Y/)],
    ['{{ event.at | date: "%H", "Mars/Base" }}', '"Mars/Base" is not a time zone; like "Europe/Berlin"'],
    [
      '{{ event.at | date: remote.name }}',
      'the filter "date" takes texts in quotes; like date: "%H:%M", "Europe/Berlin"',
    ],
    [
      '{{ remote.name or remote.number }}',
      'compares values outside of {% if %}; for a second choice write | default: and the other value',
    ],
    ['{{ a == b }}', 'compares values outside of {% if %}; for a second choice write | default: and the other value'],
    ['{{ }}', 'nothing stands between {{ and }}; like {{ phone.id }}'],
    ['{{ remote.name', '"{{ remote.name" is not closed; close it with }}, and quotes with quotes'],
    ['{{ "a }}', '"{{ \\"a }}" is not closed; close it with }}, and quotes with quotes'],
    ['{% if site %}', 'a {% if %} is not closed; close it with {% endif %}'],
    ['{% endif %}', '{% endif %} stands where nothing like it is open'],
    ['{% else %}', '{% else %} stands where it has no meaning'],
    ['{% if site %}{% else %}{% elsif site %}{% endif %}', '{% elsif %} stands where it has no meaning'],
    ['{% if site = "x" %}{% endif %}', 'compares with a single =; write =='],
    ['{% if site | size %}{% endif %}', 'has a filter in a test; assign it first: {% assign x = … %}'],
    [
      '{% case site %}text{% when "x" %}{% endcase %}',
      'something stands between {% case %} and its first {% when %}; it would never be printed',
    ],
    ['{% for x in site %}{% endfor %}', 'loops over "site", which is no list; like {% for group in phone.groups %}'],
    ['{% for x in (1..1000000) %}{% endfor %}', expect.stringMatching(/^expects a value, not "\(1\.\.1000000\)/)],
    ['{% assign remote = "x" %}', '"remote" is the name of a field; choose another name'],
    ['{% assign count = "x" %}', '"count" is the name of a field; choose another name'],
    ['{% assign __proto__ = "x" %}', 'nothing can be called "__proto__"; choose another name'],
    ['{{ forloop.index }}', expect.stringMatching(/^"forloop" stands outside of a loop/)],
    [
      '{% for g in phone.groups %}{{ forloop.constructor }}{% endfor %}',
      expect.stringMatching(/^unknown variable "forloop.constructor"/),
    ],
    ['{% for g in phone.groups %}{% endfor %}{{ g }}', 'unknown variable "g"'],
    ['{{ who }}{% assign who = site %}', 'unknown variable "who"'],
    ['{% raw %}{{ x }}{% endraw %}', expect.stringMatching(/^the tag "raw" is not available/)],
    ['{% comment %}{% raw %}{% endcomment %}', expect.stringMatching(/^the tag "raw" is not available/)],
    ['{% include "x" %}', expect.stringMatching(/^the tag "include" is not available/)],
    ['{%# hidden %}', expect.stringMatching(/^the tag "#" is not available/)],
    ['{% fi site %}', 'the tag "fi" is not available; did you mean "if"?'],
    [`${'{% if site %}'.repeat(17)}`, 'has more than 16 tags inside each other; make it simpler'],
    [
      `{{ site }}${'x'.repeat(10_000)}`,
      'is longer than 10000 characters; shorten it; only texts without {{ }} may be longer',
    ],
  ])('%s', (text, sentence) => expect(templateProblems(text)[0]).toEqual(sentence));

  test('all mistakes of one template at once', () =>
    expect(templateProblems('{{ remote.nam }} {% fi %} {{ site | upcas }} {{ | }}').length).toBe(2));

  test('all unknown names of one template at once', () =>
    expect(templateProblems('{{ remote.nam }}{{ site | upcas }}{% if linee.user %}{% endif %}')).toEqual([
      'unknown variable "remote.nam"; did you mean "remote.name"?',
      'the filter "upcas" is not available; did you mean "upcase"?',
      'unknown variable "linee.user"; did you mean "line.user"?',
    ]));

  test('the lists of tags and filters', () => {
    expect(TAGS).toEqual(['if', 'unless', 'case', 'for', 'assign', 'comment']);
    expect(FILTERS).toHaveLength(26);
    for (const filter of ['raw', 'strip_html', 'where', 'map', 'group_by_exp', 'json'])
      expect(FILTERS).not.toContain(filter);
  });
});

describe('JSON trees', () => {
  test('a leaf that is exactly one path keeps its type; every other one is text', () =>
    expect(
      treeOf({
        number: '{{ remote.number }}',
        nobody: '{{line.host}}',
        groups: '{{ phone.groups }}',
        size: '{{ phone.groups.size }}',
        text: ' {{ line.host }}',
        other: '{{ line.host | default: "x" }}',
        list: [1, true, null, { at: '{{ event.at }}' }, []],
      }),
    ).toEqual({
      number: '+493012345',
      nobody: null,
      groups: ['sales', 'support'],
      size: 2,
      text: ' ',
      other: 'x',
      list: [1, true, null, { at: '2026-11-24T09:15:02.412Z' }, []],
    }));

  test('keys are constants, and text is not JSON', () => {
    const problems = (message: object): string[] =>
      problemsOf({ rules: [{ id: 'r', on: '*', do: [{ note: { to: 'desk', text: 'x', ...message } }] }] });
    expect(problems({ tree: { a: [{ '{{ site }}': 1 }] } })).toEqual([
      'rules[0].do[0].note.tree.a[0]["{{ site }}"]: a key is no template; put the template into the value; keys stay as they are',
    ]);
    const refused = [
      'rules[0].do[0].note.payload: looks like JSON with values filled into its text; write the payload as a JSON object, not as text',
    ];
    for (const payload of ['{"a": "{{ site }}"}', ' [ "{{ site }}" ]', '\n{ {% if site %}{% endif %}'])
      expect(problems({ payload })).toEqual(refused);
    for (const payload of [
      '{{ site }}',
      '{% if site %}x{% endif %}',
      '{"a": 1}',
      ['{{ site }}'],
      { a: '{{ site }}' },
      7,
    ])
      expect(problems({ payload })).toEqual([]);
  });

  test('texts are well-formed, whoever broke them', () => {
    const broken = eventOf({ remote: { name: 'a\uD800b' } });
    expect(
      treeOf(['{{ remote.name }}', 'x{{ remote.name }}', '\uDC00', '{{ remote.name | slice: 1 }}'], broken),
    ).toEqual(['a\uFFFDb', 'xa\uFFFDb', '\uFFFD', '\uFFFD']);
    expect(treeOf(['{{ remote.name | split: "" | first }}'], eventOf({ remote: { name: '👍' } }))).toEqual(['\uFFFD']);
  });
});

describe('whatever a caller is called', () => {
  const hostile = fc.oneof(
    fc.constantFrom(...HOSTILE_STRINGS),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.string({
      unit: fc.constantFrom('{', '}', '%', '|', ' ', 'x', '"', "'", '-', '{{', '}}', '{%', '%}', 'raw'),
      maxLength: 20,
    }),
    fc.constantFrom(
      '{{ phone.id }}',
      '{% raw %}',
      '{% endif %}',
      '}}{{ site }}{{',
      "' | raw",
      '{%- assign site = 1 -%}',
    ),
  );
  const text =
    'A{{ remote.name }}B{{ remote.name | append: "" }}C{% if remote.name == "x" %}{% endif %}D{{ line.host | default: remote.name }}E{% assign n = remote.name %}{{ n }}F';

  test('it stays text, and is encoded exactly once, through filters, defaults and assignments', () =>
    fc.assert(
      fc.property(hostile, (name) => {
        const value = marked(name);
        const other = marked(name === '' ? '' : name);
        expect(rendered(text, eventOf({ remote: { name } }))).toBe(`A${value}B${value}CD${other}E${value}F`);
      }),
      { numRuns: 400 },
    ));

  test('in a JSON tree it is a text in its place, and nothing else changes', () =>
    fc.assert(
      fc.property(hostile, (name) => {
        const tree = treeOf(
          { a: { name: '{{ remote.name }}' }, b: 'is {{ remote.name }}.' },
          eventOf({ remote: { name } }),
        );
        const read = JSON.parse(JSON.stringify(tree)) as { a: { name: string }; b: string };
        expect(Object.keys(read)).toEqual(['a', 'b']);
        expect(read.b).toBe(`is ${read.a.name}.`);
        expect(read.a.name).toBe(Buffer.from(name, 'utf8').toString('utf8'));
      }),
      { numRuns: 400 },
    ));
});

describe('limits', () => {
  test('a text that grows without measure ends in a dead delivery, and the other actions go on', () => {
    const grow = '{% assign a = "aaaaaaaaaaaaaaaa" %}{% for g in phone.groups %}'.replace(
      '{% for',
      `${'{% assign a = a | append: a | append: a %}'.repeat(14)}{% for`,
    );
    const { deliveries } = stepOf([
      {
        id: 'r',
        on: '*',
        do: [{ note: { to: 'desk', text: `${grow}{% endfor %}{{ a }}` } }, { note: { to: 'desk', text: 'still' } }],
      },
    ]);
    expect(deliveries.map(({ state, lastError, message }) => [state, lastError, message])).toEqual([
      ['dead', 'text: takes more than 50 ms or makes more than 1000000 characters', {}],
      ['waiting', undefined, { text: 'still', level: 'low' }],
    ]);
  });

  test('a caller cannot make a loop run for ever', () => {
    const parts = '{% assign p = remote.name | split: "" %}';
    const loops = '{% for a in p %}{% for b in p %}{% for c in p %}x{% endfor %}{% endfor %}{% endfor %}';
    const beganMs = performance.now();
    const { deliveries } = stepOf(
      [{ id: 'r', on: '*', do: [{ note: { to: 'desk', text: parts + loops } }] }],
      eventOf({ remote: { name: 'x'.repeat(2_000) } }),
    );
    expect(deliveries[0]?.state).toBe('dead');
    expect(performance.now() - beganMs).toBeLessThan(2_000);
  });
});
