// Reference pages of the rule language: fields, operators, events, and the filters and tags of templates.
import type { Json } from './core/delivery.ts';
import { CALL_EVENT_TYPES, FLEET_EVENT_TYPES, PHONE_EVENT_TYPES, STATE_CHANGED } from './core/events.ts';
import { FIELDS, type FieldType } from './core/fields.ts';
import { operatorsOf } from './engine/index.ts';
import {
  EVENT_GROUPS,
  EVENT_MEANINGS,
  FILTER_ENTRIES,
  FORMAT_LETTERS,
  formatTime,
  OPERATOR_MEANINGS,
  sentence,
  TAG_ENTRIES,
} from './engine/schema/index.ts';
import { block, code, json, page, prose, table } from './reference-markdown.ts';

const TYPE_WORDS: Readonly<Record<FieldType, string>> = {
  string: 'text',
  number: 'number',
  address: 'address',
  time: 'time',
  list: 'list of texts',
};

const FIELD_GROUPS: readonly { title: string; of: (name: string) => boolean }[] = [
  { title: 'The phone', of: (name) => name.startsWith('phone.') },
  { title: 'The two sides', of: (name) => /^(?:line|local|remote)\./.test(name) },
  { title: 'The call', of: (name) => name.startsWith('call.') },
  { title: 'The event and the rule', of: () => true },
];

/** Every field with its type, meaning and example. */
export function fieldsPage(): string {
  const groupOf = (name: string) => FIELD_GROUPS.find(({ of }) => of(name));
  const sections = FIELD_GROUPS.flatMap((group) => [
    `## ${group.title}`,
    table(
      ['field', 'type', 'meaning', 'example'],
      FIELDS.filter(({ name }) => groupOf(name) === group).map(({ name, type, meaning, example }) => [
        code(name),
        TYPE_WORDS[type],
        prose(sentence(meaning)),
        code(example),
      ]),
    ),
  ]);
  return page(
    'Fields',
    'What conditions test and templates print. Every field is there for every event; what nobody knows is `null`, and of a list an empty one.',
    'In a condition a field is a key: `"when": { "remote.kind": "external" }`. In a template it stands between braces: `{{ remote.number }}`.',
    'A MAC address and a number may be written in any usual spelling in a condition: they are brought into one form before they are compared.',
    ...sections,
    '## Raw variables',
    'Every variable that the phone sent, by its name: `"when": { "vars": { "queue": "sales" } }` and `{{ vars.queue }}`. One that the phone did not send is `null`.',
    'What tests there are says the [page of operators](operators.md).',
  );
}

/** Every operator with an example that holds and one that does not. */
export function operatorsPage(): string {
  const types = Object.keys(TYPE_WORDS) as FieldType[];
  const rows = Object.entries(OPERATOR_MEANINGS).map(([name, { meaning, example }]) => [
    code(name),
    types
      .filter((type) => operatorsOf(type).includes(name))
      .map((type) => TYPE_WORDS[type])
      .join(', '),
    prose(meaning),
    json({ [example.field]: { [name]: example.operand } }),
    json(example.holds),
    json(example.fails),
  ]);
  const whole: [string, Json][] = [
    ['Is this.', { 'phone.id': 'front-desk' }],
    ['Is one of these.', { 'phone.id': ['front-desk', 'sales-1'] }],
    ['Nobody knows it.', { 'remote.number': null }],
    ['All of these operators hold.', { 'call.talkSeconds': { '>=': 30, '<': 600 } }],
  ];
  const joined: [string, Json][] = [
    ['Every key holds.', { 'remote.kind': 'external', 'phone.groups': 'sales' }],
    ['At least one of these conditions holds.', { any: [{ 'phone.id': 'front-desk' }, { 'phone.groups': 'sales' }] }],
    ['All of these conditions hold.', { all: [{ 'remote.kind': 'external' }, { not: { 'phone.id': 'front-desk' } }] }],
    ['This condition does not hold.', { not: { 'remote.kind': 'internal' } }],
    ['Raw variables of the phone.', { vars: { queue: 'sales' } }],
  ];
  const shown = (pairs: [string, Json][]): string =>
    table(
      ['meaning', 'example'],
      pairs.map(([meaning, example]) => [meaning, json(example)]),
    );
  return page(
    'Conditions and operators',
    'A condition stands behind `when`. It names [fields](fields.md) and what they must be.',
    '## What a field must be',
    shown(whole),
    '## Operators',
    table(['operator', 'for', 'meaning', 'example', 'holds for', 'not for'], rows),
    'Of a list, such as `phone.groups`, one member must pass all operators; `not` and `exists` look at the list as a whole.',
    '## Joining conditions',
    shown(joined),
  );
}

const eventRows = (names: readonly string[]): string =>
  table(
    ['event', 'meaning'],
    names.map((name) => [code(name), prose((EVENT_MEANINGS as Readonly<Record<string, string>>)[name] ?? '')]),
  );

/** Every event and group. */
export function eventsPage(): string {
  const groups = Object.entries(EVENT_GROUPS).map(([name, meaning]) => [code(name), prose(meaning)]);
  return page(
    'Events',
    'An event stands behind `on` of a rule: one name, a group, or a list of them.',
    table(
      ['example', 'takes'],
      [
        ['`"on": "call.missed"`', 'one event'],
        ['`"on": ["phone.dnd_on", "phone.dnd_off"]`', 'each of these'],
        ['`"on": "phone.forward_*"`', 'every event whose name begins so'],
      ],
    ),
    'Phones speak in fragments: ten phones that ring together say `phone.incoming_call` ten times, and nine or ten of them say `phone.missed_call`. Events of calls say what it means: one call, one verdict. Rules for people mostly take `call.*`, rules that keep a state take `phone.*`.',
    '## Calls',
    eventRows(CALL_EVENT_TYPES),
    '## Phones',
    eventRows([...PHONE_EVENT_TYPES, STATE_CHANGED, ...FLEET_EVENT_TYPES]),
    '## Groups',
    table(['group', 'meaning'], groups),
    'Any beginning of a name with a `*` behind it is a group, if some event begins so.',
    '## Events of your own',
    'A rule makes one with `emit`, and another rule takes it: `"on": "custom.vip_called"`. Its name begins with `custom.`.',
  );
}

/** Every filter and tag, with an example and what becomes of it. */
export function filtersPage(): string {
  const part = ([name, { meaning, example, gives }]: [string, (typeof TAG_ENTRIES)[string]]): string[] => [
    code(name),
    prose(meaning),
    code(example),
    code(gives),
  ];
  const { example = '""' } = FIELDS.find(({ name }) => name === 'event.at') ?? {};
  const at = JSON.parse(example) as string;
  const letters = FORMAT_LETTERS.map((letter) => [
    code(`%${letter}`),
    code(formatTime(at, `%${letter}`, 'Europe/Berlin')),
  ]);
  return page(
    'Templates: filters and tags',
    'A template is a text with values in it. `{{ }}` prints a value, `{% %}` is a tag. Every value is encoded for the place where it goes, so a caller can never write markup, a topic or an address of their own.',
    block('liquid', 'Missed call from {{ remote.contact | default: remote.number | default: "a withheld number" }}'),
    'In bodies and payloads that are JSON trees, every text is a template of its own. One that is nothing but `"{{ call.talkSeconds }}"` keeps its type: a number stays a number, and what nobody knows becomes `null`.',
    'The examples print the examples of the [fields](fields.md); `vars.queue` was not sent.',
    '## Filters',
    'A filter stands behind a bar and changes the value before it.',
    table(['filter', 'meaning', 'example', 'gives'], Object.entries(FILTER_ENTRIES).map(part)),
    '## Tags',
    table(['tag', 'meaning', 'example', 'gives'], Object.entries(TAG_ENTRIES).map(part)),
    '## Formats of `date`',
    `What each letter gives for ${code(at)} in Europe/Berlin. A \`-\` before the letter leaves out the zero in front: \`%-d\`.`,
    table(['letter', 'gives'], letters),
  );
}
