// Writing a rule in an editor: what is offered at each place, what is explained, and what is underlined where.
import { describe, expect, test } from 'vitest';
import { CALL_EVENT_TYPES, PHONE_EVENT_TYPES, STATE_CHANGED } from '../../src/core/events.ts';
import { FIELDS, type FieldType } from '../../src/core/fields.ts';
import { DESTINATIONS } from '../../src/destinations/index.ts';
import { operatorsOf } from '../../src/engine/index.ts';
import { EVENT_GROUPS, EVENT_MEANINGS, sentence } from '../../src/engine/schema/index.ts';
import { configFileSchema } from '../../src/reference-config-schema.ts';
import { editorWith, RULES } from './schema-editor.ts';

const rules = editorWith(RULES);
const config = editorWith(configFileSchema(DESTINATIONS));

const inRule = (text: string): string => `{ "rules": [{ "id": "a", ${text} }] }`;
const labelsAt = async (text: string): Promise<string[]> => (await rules.offers(text)).map(({ label }) => label);

describe('what is offered', () => {
  test.each(['"on": ▮', '"on": "▮"', '"on": ["▮"]', '"after": { "on": "▮" }', '"wait": { "unless": { "on": "▮" } }'])(
    'events and groups: %s',
    async (text) => {
      const offers = await rules.offers(inRule(text));
      const names = [...PHONE_EVENT_TYPES, STATE_CHANGED, ...CALL_EVENT_TYPES, ...Object.keys(EVENT_GROUPS)];
      expect(offers.map(({ label }) => label)).toEqual(expect.arrayContaining(names.map((name) => `"${name}"`)));
      const missed = offers.find(({ label }) => label === '"call.missed"');
      expect(missed?.documentation).toBe(EVENT_MEANINGS['call.missed']);
    },
  );

  test.each(['"when": { "▮" }', '"when": { "all": [{ "▮" }] }', '"when": { "not": { "any": [{ "▮" }] } }'])(
    'fields with their meaning, and the words that join: %s',
    async (text) => {
      const offers = await rules.offers(inRule(text));
      const labels = offers.map(({ label }) => label);
      expect(labels).toEqual([...FIELDS.map(({ name }) => name), 'vars', 'all', 'any', 'not']);
      for (const { name, meaning } of FIELDS)
        expect(offers.find(({ label }) => label === name)?.documentation).toBe(sentence(meaning));
    },
  );

  test.each<[FieldType, string]>([
    ['string', 'remote.number'],
    ['list', 'phone.groups'],
    ['time', 'event.at'],
    ['number', 'call.talkSeconds'],
    ['address', 'phone.ip'],
  ])('of a %s only the operators that it has', async (type, field) => {
    expect(await labelsAt(inRule(`"when": { "${field}": { "▮" } }`))).toEqual(operatorsOf(type));
    expect(await labelsAt(inRule(`"when": { "${field}": { "not": { "▮" } } }`))).toEqual(operatorsOf(type));
  });

  test('keys of a rule, of its stages, of a schedule, of a test', async () => {
    const keys = 'description enabled fallback on when during outside after count wait limit do'.split(' ');
    expect(await labelsAt(inRule('"▮"'))).toEqual(keys);
    expect(await labelsAt(inRule('"wait": { "▮" }'))).toEqual('for by clock extend max until unless'.split(' '));
    expect(await labelsAt(inRule('"wait": { "by": ["▮"] }'))).toContain('"remote.number"');
    expect(await labelsAt('{ "schedules": { "office": { "open": [{ "▮" }] } } }')).toEqual(['days', 'from', 'to']);
    expect(await labelsAt('{ "tests": [{ "▮" }] }')).toEqual(expect.arrayContaining(['name', 'send', 'expect']));
    expect(await labelsAt('{ "tests": [{ "send": [{ "event": "▮" }] }] }')).toHaveLength(PHONE_EVENT_TYPES.length);
    expect(await labelsAt('{ "tests": [{ "send": [{ "scenario": "▮" }] }] }')).toContain('"ring-group-missed"');
  });

  test('actions, and the keys of each', async () => {
    const types = DESTINATIONS.map(({ type }) => type);
    expect(await labelsAt(inRule('"do": [{ "▮" }]'))).toEqual([...types, 'emit', 'log']);
    for (const { type, message } of DESTINATIONS) {
      const keys = Object.keys((message as unknown as { shape: object }).shape);
      expect(await labelsAt(inRule(`"do": [{ "${type}": { "▮" } }]`))).toEqual(['to', ...keys]);
    }
    expect(await labelsAt(inRule('"do": [{ "emit": { "▮" } }]'))).toEqual(['event', 'vars']);
  });

  test('connections of the config, those of the right type', async () => {
    expect(await labelsAt(inRule('"do": [{ "slack": { "to": "▮" } }]'))).toEqual(['"team"']);
    expect(await labelsAt(inRule('"do": [{ "email": { "to": ▮ } }]'))).toEqual(['"office"']);
  });

  test('in the config: types of connections, and then the keys of that type', async () => {
    const types = await config.offers('{ "connections": { "a": { "type": "▮" } } }');
    expect(types.map(({ label }) => label)).toEqual(DESTINATIONS.map(({ type }) => `"${type}"`));
    const keys = (await config.offers('{ "connections": { "a": { "type": "slack", "▮" } } }')).map((o) => o.label);
    expect(keys).toEqual(['dryRun', 'callerData', 'delivery', 'token', 'webhookUrl', 'channel', 'apiUrl']);
    const secret = await config.offers('{ "connections": { "a": { "type": "slack", "token": { "▮" } } } }');
    expect(secret.map(({ label }) => label)).toEqual(['env', 'file']);
  });
});

describe('what is explained', () => {
  test.each([
    ['{ "rules": [{ "id": "a", "wh▮en": {} }] }', 'Which of these events'],
    ['{ "rules": [{ "when": { "remote.n▮umber": "1" } }] }', "The other side's number"],
    ['{ "rules": [{ "when": { "remote.number": { "pre▮fix": "1" } } }] }', 'The value begins with this.'],
    ['{ "rules": [{ "on": "call.mis▮sed" }] }', EVENT_MEANINGS['call.missed']],
    ['{ "rules": [{ "wait": { "un▮til": "08:00" } }] }', 'for a digest'],
    ['{ "rules": [{ "do": [{ "sl▮ack": {} }] }] }', 'A message in a Slack channel.'],
    ['{ "rules": [{ "do": [{ "mqtt": { "ret▮ain": true } }] }] }', 'for those who subscribe later'],
    ['{ "tests": [{ "send": [{ "scenario": "ring-gr▮oup-missed" }] }] }', 'nobody answers'],
  ])('%s', async (text, words) => expect(await rules.hover(text)).toContain(words));

  test('in the config', async () => {
    expect(await config.hover('{ "connections": { "a": { "type": "mqtt", "keepalive▮Seconds": 30 } } }')).toContain(
      'a sign of life',
    );
  });
});

describe('what is underlined', () => {
  test('a misspelled key, at its place, and nothing else', async () => {
    const text = `{
  "rules": [
    {
      "id": "a",
      "on": "call.missed",
      "whne": { "remote.kind": "external" },
      "do": [{ "log": { "text": "x" } }]
    }
  ]
}`;
    expect(await rules.marks(text)).toEqual([
      { text: '"whne"', message: 'Property whne is not allowed.', line: 6, column: 7 },
    ]);
  });

  test('an operator of another type, deep inside', async () => {
    const text = inRule(
      '"on": "*", "when": { "any": [{ "call.talkSeconds": { "prefix": "3" } }] }, "do": [{ "log": { "text": "x" } }]',
    );
    expect(await rules.marks(text)).toMatchObject([
      { text: '"prefix"', line: 1, column: text.indexOf('"prefix"') + 1 },
    ]);
  });

  test('what a text must look like is said in words', async () => {
    const text = inRule('"on": "*", "limit": { "per": "half an hour" }, "do": [{ "log": { "text": "x" } }]');
    expect(await rules.marks(text)).toMatchObject([
      { message: expect.stringContaining('must be a span of time like "20s"') },
    ]);
  });
});
