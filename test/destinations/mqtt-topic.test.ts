// Topics: a caller's text is one level and nothing else; what brokers choke on never reaches them; settings say what is wrong.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { mqtt } from '../../src/destinations/mqtt/index.ts';
import { encodeLevel, topicProblem } from '../../src/destinations/mqtt/topic.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom('/', '+', '#', '$', '%', '\0', '\u009f', '\uD800', '\uFFFF', '{', 'a', ' '),
    maxLength: 12,
  }),
);

describe('a value in a topic', () => {
  it('is one level that reads back, whatever a caller calls himself, and the topic is fit to be sent', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 5 }), (values) => {
        const topic = values.map(encodeLevel).join('/');
        expect(topic.split('/').map(decodeURIComponent)).toEqual(
          values.map((value) => (value === '' ? '_' : value.replace(/\p{Cs}/gu, '\uFFFD'))),
        );
        if (Buffer.byteLength(topic) <= 1_024) expect(topicProblem(topic)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['front-desk', 'front-desk'],
    ['Müller', 'Müller'],
    ['+493023125100', '%2B493023125100'],
    ['a/b', 'a%2Fb'],
    ['$SYS', '%24SYS'],
    ['5$', '5$'],
    ['100 %', '100 %25'],
    ['', '_'],
  ])('writes %j as %j', (value, level) => expect(encodeLevel(value)).toBe(level));
});

describe('a topic that would make brokers drop the connection', () => {
  const check = (topic: string) => mqtt.check?.({ topic, payload: 'x' });

  it.each([
    ['', /empty/],
    ['phones/+/state', /wildcard/],
    ['phones/#', /wildcard/],
    ['phones/\0', /control/],
    ['phones/\u0085', /control/],
    ['phones/\uFFFF', /no character/],
    ['phones/\uD800', /no character/],
    ['$SYS/broker', /\$/],
    ['phones//state', /empty level/],
    ['/phones', /empty level/],
    ['phones/', /empty level/],
    [new Array(101).fill('a').join('/'), /more than 100 levels/],
    ['a'.repeat(1_025), /longer than 1024 bytes/],
    ['ü'.repeat(513), /longer than 1024 bytes/],
  ])('is refused: %j', (topic, reason) => expect(check(topic)).toMatch(reason));

  it('is told from a good one at its limits', () => {
    expect(check(new Array(100).fill('a').join('/'))).toBeUndefined();
    expect(check('ü'.repeat(512))).toBeUndefined();
  });

  it('has company: payloads, qos and retain that cannot be sent', () => {
    expect(mqtt.check?.({ topic: 'a', payload: 'x'.repeat(262_144) })).toBeUndefined();
    expect(mqtt.check?.({ topic: 'a', payload: 'x'.repeat(262_145) })).toMatch(/longer than 262144 bytes/);
    expect(mqtt.check?.({ topic: 'a', payload: { text: 'ü'.repeat(131_072) } })).toMatch(/longer/);
    expect(mqtt.check?.({ topic: 'a' })).toMatch(/payload is missing/);
    expect(mqtt.check?.({ topic: 'a', payload: 'x', qos: 3 })).toMatch(/qos/);
    expect(mqtt.check?.({ topic: 'a', payload: 'x', retain: 'yes' })).toMatch(/retain/);
    expect(mqtt.check?.({ topic: 3, payload: 'x' })).toMatch(/not a text/);
  });

  it('is found in a rule as it is written, before any event comes', () => {
    const lint = (topic: string, prefix?: string) => {
      const broker = 'mqtt://broker.example.net';
      const settings = mqtt.settings.parse({ broker, ...(prefix === undefined ? {} : { prefix }) });
      return mqtt.lint?.({ topic, payload: 'x' }, settings) ?? [];
    };
    expect(lint("phones/{{ phone.id }}/{{ event.at | date: '%H/#+' }}")).toEqual([]);
    expect(lint('{% if phone.name %}a{% endif %}/{{ phone.id }}', 'office')).toEqual([]);
    expect(lint('phones/{{ phone.id }}/#')).toMatchObject([
      { path: ['topic'], message: 'topic holds a wildcard (+ or #)' },
    ]);
    expect(lint('/phones/{{ phone.id }}')[0]?.message).toMatch(/empty level/);
    expect(lint('$share/{{ phone.id }}')[0]?.message).toMatch(/\$/);
  });
});

describe('settings that cannot work', () => {
  const problems = (settings: object) =>
    mqtt.settings
      .safeParse({ broker: 'mqtt://broker.example.net', ...settings })
      .error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];

  it.each([
    [{ broker: 'mqtt://me:secret@broker.example.net' }, /^broker: must not hold a user name or password/],
    [{ broker: 'http://broker.example.net' }, /^broker: must be mqtt:\/\//],
    [{ broker: 'broker.example.net' }, /^broker: must be mqtt:\/\//],
    [{ broker: 'mqtt://broker.example.net/path' }, /^broker: must not hold a path/],
    [{ broker: 'mqtt://broker.example.net?clientId=x' }, /^broker: must not hold \?/],
    [{ password: new Secret('x') }, /^password: needs a username/],
    [{ password: 'in the open', username: 'me' }, /^password: must be \{ "env"/],
    [{ tls: {} }, /^tls: needs a broker at mqtts/],
    [{ broker: 'mqtts://b', tls: { cert: new Secret('x') } }, /^tls: must hold cert and key/],
    [{ status: { topic: 'a' }, will: { topic: 'b', payload: 'c' } }, /^will: must not stand beside status/],
    [{ status: { topic: 'a/+' } }, /^status.topic: topic holds a wildcard/],
    [{ prefix: 'a/' }, /^prefix: topic has an empty level/],
    [{ qos: 3 }, /^qos: /],
    [{ protocol: '4' }, /^protocol: /],
  ])('are refused: %j', (settings, problem) => expect(problems(settings)).toEqual([expect.stringMatching(problem)]));

  it('are told from those that can', () => {
    expect(problems({ broker: 'embedded' })).toEqual([]);
    expect(problems({ broker: 'wss://broker.example.net/mqtt', tls: { ca: new Secret('pem') } })).toEqual([]);
    expect(problems({ broker: 'mqtt://[::1]:1883', username: 'me', password: new Secret('x') })).toEqual([]);
  });
});
