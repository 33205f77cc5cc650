// The setting `homeAssistant`: what it is by default, what is refused with which words, and which topics it takes from rules.
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/core/problems.ts';
import { checkWith } from '../../src/core/schema-problems.ts';
import { mqtt } from '../../src/destinations/mqtt/index.ts';
import type { MqttSettings } from '../../src/destinations/mqtt/settings.ts';
import { startTestBroker } from '../support/mqtt-broker.ts';
import { openMqtt } from '../support/mqtt-connection.ts';

const BROKER = 'mqtt://127.0.0.1';
const parse = (settings: object) => mqtt.settings.parse({ broker: BROKER, ...settings }) as MqttSettings;
const problems = (settings: object): string[] => {
  const result = checkWith(mqtt.settings, { broker: BROKER, ...settings });
  return 'problems' in result ? result.problems.map(formatProblem) : [];
};

describe('homeAssistant', () => {
  it('is complete as {}', () => {
    expect(parse({}).homeAssistant).toBeUndefined();
    expect(parse({ homeAssistant: {} }).homeAssistant).toEqual({
      discovery: true,
      mode: 'device',
      prefix: 'homeassistant',
      base: 'hookswitch',
      instance: 'hookswitch',
      callerData: 'full',
      triggers: 'common',
      eventTtlSeconds: 10,
      exclude: [],
      names: {},
      allowRuleTopics: false,
    });
  });

  it.each([
    [{ homeAssistant: { base: 'homeassistant' } }, /^homeAssistant\.base: must not lie within prefix/],
    [{ homeAssistant: { base: 'homeassistant/hookswitch' } }, /^homeAssistant\.base: must not lie within prefix/],
    [{ homeAssistant: { prefix: 'hookswitch/ha' } }, /^homeAssistant\.base: must not lie within prefix/],
    [{ homeAssistant: { base: 'a/#' } }, /^homeAssistant\.base: topic holds a wildcard/],
    [{ homeAssistant: { base: '/a' } }, /^homeAssistant\.base: topic has an empty level/],
    [{ homeAssistant: { instance: 'my house' } }, /^homeAssistant\.instance: must be letters, digits, _ and -/],
    [
      { homeAssistant: { exclude: ['dnt'] } },
      /^homeAssistant\.exclude\[0\]: "dnt" is not allowed; did you mean "dnd"\?/,
    ],
    [{ homeAssistant: { names: { dnt: 'x' } } }, /^homeAssistant\.names/],
    [{ homeAssistant: { callerdata: 'none' } }, /^homeAssistant\.callerdata: unknown key; did you mean "callerData"\?/],
    [{ homeAssistant: { entityIdPrefix: 'Desk' } }, /^homeAssistant\.entityIdPrefix: must be lower-case/],
    [
      { homeAssistant: {}, status: { topic: 's' } },
      /^status: must not stand beside homeAssistant, which uses the last will/,
    ],
    [{ homeAssistant: {}, will: { topic: 's', payload: 'x' } }, /^will: must not stand beside homeAssistant/],
  ])('is refused, with what would be right: %j', (settings, words) => {
    expect(problems(settings)).toEqual([expect.stringMatching(words)]);
  });
});

describe('a topic of a rule', () => {
  const lint = (topic: string, settings: object): number =>
    mqtt.lint?.({ topic, payload: 'x' }, parse(settings)).length ?? -1;

  it.each([
    ['hookswitch/phone/x/state', 1],
    ['hookswitch/{{ phone.id }}', 1],
    ['homeassistant/status', 1],
    ['homeassistant/sensor/{{ phone.id }}/config', 1],
    ['hookswitch', 1],
    ['hookswitch2/{{ phone.id }}', 0],
    ['hookswitch{{ phone.id }}/state', 0],
    ['{{ phone.id }}/hookswitch/', 1],
    ['phones/hookswitch/{{ phone.id }}', 0],
  ])('that lies in the tree of Home Assistant is a problem: %s', (topic, count) => {
    expect(lint(topic, { homeAssistant: {} })).toBe(count);
    if (topic.endsWith('/')) return;
    expect(lint(topic, {})).toBe(0);
    expect(lint(topic, { homeAssistant: { allowRuleTopics: true } })).toBe(0);
    expect(lint(topic, { homeAssistant: {}, prefix: 'office' })).toBe(0);
  });

  it('counts with the prefix of the connection', () => {
    expect(lint('phone/{{ phone.id }}/state', { homeAssistant: {}, prefix: 'hookswitch' })).toBe(1);
  });

  it('that only turns out to lie there is dead, unless the config allows it', async () => {
    const broker = await startTestBroker();
    try {
      for (const allowRuleTopics of [false, true]) {
        const { up, send, connection } = await openMqtt(broker.port, { homeAssistant: { allowRuleTopics } });
        await up();
        const kind = allowRuleTopics ? 'delivered' : 'dead';
        expect(await send('hookswitch/phone/x/state')).toMatchObject({ kind });
        expect(await send('homeassistant/status')).toMatchObject({ kind });
        expect(await send('phones/x/state')).toEqual({ kind: 'delivered' });
        await connection.close();
      }
    } finally {
      await broker.stop();
    }
  });
});
