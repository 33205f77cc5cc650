// What Home Assistant is told about phones: every key as its documentation wants it, and nothing that a phone or caller could bend.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PhoneView } from '../../src/core/phone-view.ts';
import {
  bridgeAnnouncement,
  type DiscoveryContext,
  deviceMessages,
  phoneAnnouncement,
} from '../../src/destinations/mqtt/homeassistant/discovery.ts';
import { createVeil } from '../../src/destinations/mqtt/homeassistant/privacy.ts';
import { homeAssistantSettings } from '../../src/destinations/mqtt/homeassistant/settings.ts';
import { topicsOf } from '../../src/destinations/mqtt/homeassistant/topics.ts';
import { ABBREVIATIONS, FRONT_DESK_DEVICE } from '../support/homeassistant-device.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { quietSnapshot, viewOf } from '../support/phone-feed.ts';

type Loose = Record<string, unknown>;
type Message = { device: Loose; origin: Loose; components: Record<string, Loose> } & Loose;

const frontDesk = (more: object = {}, view: Partial<PhoneView> = {}): PhoneView =>
  viewOf(
    quietSnapshot('005058aabbcc', {
      name: 'Front desk phone',
      model: 'S505',
      firmware: '3.0.4.90',
      ip: '192.0.2.41',
      ...more,
    }),
    { area: 'Reception', ...view },
  );

function contextOf(settings: object = {}): DiscoveryContext {
  const parsed = homeAssistantSettings.parse(settings);
  return { settings: parsed, topics: topicsOf(parsed), version: '0.1.0' };
}

function announced(phone: PhoneView, settings: object = {}) {
  const context = contextOf(settings);
  const messages = deviceMessages(phoneAnnouncement(phone, context), context);
  return messages.map(({ topic, payload }) => ({ topic, payload, message: JSON.parse(payload) as Message }));
}

const one = (phone: PhoneView, settings: object = {}) => announced(phone, settings)[0]?.message as Message;

describe('a phone as one device message', () => {
  it('says key by key what was agreed', () => {
    const [{ topic, message } = { topic: '', message: {} as Message }, ...more] = announced(frontDesk());
    expect(more).toEqual([]);
    expect(topic).toBe('homeassistant/device/hookswitch_005058aabbcc/config');
    const { origin, ...rest } = message;
    expect(rest).toEqual(FRONT_DESK_DEVICE);
    expect(origin).toEqual({ name: 'hookswitch', sw_version: '0.1.0' });
    expect(Object.keys(message.components)).toEqual(Object.keys(FRONT_DESK_DEVICE.components));
  });

  it('has 21 entities, of which 18 are enabled, and 8 triggers', () => {
    const components = Object.values(one(frontDesk()).components);
    const entities = components.filter(({ platform }) => platform !== 'device_automation');
    expect(entities).toHaveLength(21);
    expect(entities.filter(({ enabled_by_default }) => enabled_by_default !== false)).toHaveLength(18);
    expect(components.length - entities.length).toBe(8);
  });

  it('is smaller than 8 KB in the short form, and not much larger as it is', () => {
    const short = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(short);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [ABBREVIATIONS[key] ?? key, short(inner)]));
    };
    const message = one(frontDesk({ name: 'n'.repeat(64), model: 'm'.repeat(64), firmware: 'f'.repeat(64) }));
    expect(JSON.stringify(short(message)).length).toBeLessThan(8_000);
    expect(JSON.stringify(message).length).toBeLessThan(9_000);
  });

  it('has unique ids that are unique, and stay when name, address, model, area and base topic change', () => {
    const idsOf = (phone: PhoneView, settings = {}) =>
      Object.values(one(phone, settings).components).flatMap(({ unique_id }) => unique_id ?? []);
    const ids = idsOf(frontDesk());
    expect(new Set(ids).size).toBe(21);
    const other = frontDesk({ name: 'Reception', ip: '192.0.2.99', model: 'S705', firmware: '9' }, { area: 'Cellar' });
    expect(idsOf(other, { base: 'other', prefix: 'discovery', names: { event: 'Said' } })).toEqual(ids);
    expect(idsOf(viewOf(quietSnapshot('005058aabbcd'))).some((id) => ids.includes(id))).toBe(false);
  });

  it('refers only to keys that the published messages have, on topics that are published', () => {
    const veil = createVeil('full', Buffer.from('salt'));
    const about = { remote_number: '1', remote_name: null, account: null, at: '' };
    const publishedAt: Record<string, object> = {
      'hookswitch/phone/005058aabbcc/state': veil.state(quietSnapshot('005058aabbcc')),
      'hookswitch/phone/005058aabbcc/last_caller': veil.lastCaller({ display: '', outcome: 'ringing', ...about }),
      'hookswitch/phone/005058aabbcc/last_missed': veil.lastMissed({
        reason: 'missed_call',
        rang_seconds: 1,
        ...about,
      }),
      'hookswitch/phone/005058aabbcc/event': { event_type: 'on_hook' },
    };
    const message = one(frontDesk());
    let looked = 0;
    for (const component of Object.values(message.components)) {
      const topic = (component.state_topic ?? component.topic ?? message.state_topic) as string;
      expect(Object.keys(publishedAt)).toContain(topic);
      for (const template of [component.value_template, component.json_attributes_template]) {
        const path = (template as string | undefined)?.match(/^\{\{ value_json\.([a-z_.]+)(?: \| tojson)? \}\}$/)?.[1];
        expect(path === undefined).toBe(template === undefined);
        if (path === undefined) continue;
        looked += 1;
        path.split('.').reduce<unknown>((value, key) => {
          expect(Object.keys(value as object)).toContain(key);
          return (value as Loose)[key];
        }, publishedAt[topic]);
      }
    }
    expect(looked).toBe(28);
  });
});

describe('names', () => {
  const skeleton = (message: Message): unknown => {
    const { name: _name, model: _model, sw_version: _version, configuration_url: _url, ...device } = message.device;
    return { ...message, device };
  };

  it('of phones change nothing but the fields that show them, whatever they hold', () => {
    const plain = skeleton(one(frontDesk()));
    const holds = (text: string): void => {
      const message = one(frontDesk({ name: text, model: text, firmware: text, ip: text }));
      expect(skeleton(message)).toEqual(plain);
      expect(message.device).not.toHaveProperty('configuration_url');
      const name = message.device.name as string;
      expect([...name].length).toBeLessThanOrEqual(64);
      expect(name).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]|^$/);
    };
    for (const text of [...HOSTILE_STRINGS, '', ' ', 'x'.repeat(5_000), '👩‍👩‍👧‍👦'.repeat(80), '{{ states("x") }}'])
      holds(text);
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }).filter((text) => !/^[\d.]+$/.test(text)),
        holds,
      ),
    );
  });

  it.each([
    ['192.0.2.41', 'http://192.0.2.41/'],
    ['256.0.2.41', undefined],
    ['192.0.2.41/admin', undefined],
    ['192.0.2.41@example.net', undefined],
    ['192.0.2', undefined],
    ['1.2.3.4\n', undefined],
    ['::1', undefined],
  ])('of hosts are no link: %s', (ip, url) => {
    expect(one(frontDesk({ ip })).device.configuration_url).toBe(url);
  });

  it('of entities can be chosen, by key; entity ids begin as the config says, and object_id is never sent', () => {
    const message = one(frontDesk({}), { names: { call_state: 'Status' }, entityIdPrefix: 'desk' });
    expect(message.components.call_state).toMatchObject({
      name: 'Status',
      default_entity_id: 'sensor.desk_005058aabbcc_call_state',
    });
    expect(message.components.event?.default_entity_id).toBe('event.desk_005058aabbcc_event');
    expect(JSON.stringify([message, one(frontDesk())])).not.toContain('object_id');
    expect(JSON.stringify(one(frontDesk()))).not.toContain('default_entity_id');
    const odd = one(viewOf(quietSnapshot('Front-Desk_1')), { entityIdPrefix: 'desk' });
    expect(odd.components.dnd?.default_entity_id).toBe('binary_sensor.desk_front_desk_1_dnd');
  });
});

describe('what is offered', () => {
  it('can be less, and triggers can be all or none', () => {
    const keys = (settings: object) => Object.keys(one(frontDesk(), settings).components);
    const usual = keys({});
    const exclude = ['forward_busy', 'trigger_dnd_on'];
    expect(keys({ exclude })).toEqual(usual.filter((key) => !exclude.includes(key)));
    expect(keys({ triggers: 'none' })).toHaveLength(21);
    const all = one(frontDesk(), { triggers: 'all' }).components;
    expect(Object.keys(all)).toHaveLength(21 + 34);
    expect(new Set(Object.values(all).flatMap(({ subtype }) => subtype ?? [])).size).toBe(34);
  });

  it('of Hookswitch itself is a device of its own, which the phones name', () => {
    const context = contextOf();
    const [message] = deviceMessages(bridgeAnnouncement(context), context);
    expect(message?.topic).toBe('homeassistant/device/hookswitch_bridge/config');
    const bridge = JSON.parse(message?.payload ?? '') as Message;
    expect(bridge.device.identifiers).toEqual([one(frontDesk()).device.via_device]);
    expect(Object.values(bridge.components).map(({ name }) => name)).toEqual([
      'Connection state',
      'Version',
      'Phones',
      'Events received',
      'Events dropped',
      'Last error',
      'Republish discovery',
    ]);
    expect(bridge.components.connection_state).toMatchObject({
      state_topic: 'hookswitch/bridge/state',
      availability: [],
    });
    expect(bridge.components.last_error?.enabled_by_default).toBe(false);
  });
});

describe('a phone as one message a component', () => {
  it('says the same, each message whole', () => {
    const { components, state_topic, availability } = one(frontDesk());
    const messages = announced(frontDesk(), { mode: 'component' });
    expect(messages).toHaveLength(29);
    expect(new Set(messages.map(({ topic }) => topic)).size).toBe(29);
    for (const { topic, message } of messages) {
      const [, platform = '', node, key = ''] = topic.split('/');
      expect(node).toBe('hookswitch_005058aabbcc');
      expect(message.device).toEqual(FRONT_DESK_DEVICE.device);
      expect(message.origin.name).toBe('hookswitch');
      expect(message).not.toHaveProperty('platform');
      const component = { platform, ...message };
      expect(component).toMatchObject(components[key] ?? {});
      const isTrigger = platform === 'device_automation';
      expect(message.availability).toEqual(isTrigger ? undefined : key === 'event' ? [] : availability);
      const reads = !isTrigger && platform !== 'button';
      expect(message.state_topic).toEqual(reads ? (components[key]?.state_topic ?? state_topic) : undefined);
    }
  });
});
