// Discovery: a phone or Hookswitch itself as one Home Assistant device, in one message or in one message a component.
// Source: home-assistant.io, MQTT integration, "Device discovery payload" (device messages since 2024.12).
import type { Json } from '../../../core/delivery.ts';
import { SLUGS, type Slug } from '../../../core/events.ts';
import type { PhoneView } from '../../../core/phone-view.ts';
import { bridgeEntities, type Component, phoneEntities, phoneTrigger } from './entities.ts';
import { BRIDGE_ID, type EntityKey, TRIGGER_PLATFORM, type TriggerKey, USUAL_TRIGGERS } from './keys.ts';
import type { HomeAssistantSettings } from './settings.ts';
import { label, labelOrNull } from './text.ts';
import type { Topics } from './topics.ts';

/** One device as it is to be announced: what its components share, and the components by key. */
export type Announcement = {
  /** A phone's id, or the bridge's. */
  id: string;
  device: Record<string, Json>;
  origin: Record<string, Json>;
  shared: Record<string, Json>;
  components: Record<string, Component>;
};

export type DiscoveryContext = { settings: HomeAssistantSettings; topics: Topics; version: string };

/** How other instances, and this one in a later run, know whose message it is. */
export const ORIGIN_NAME = 'hookswitch';

/** A phone's device. Names of people and phones are data here: they are in no template and no topic. */
export function phoneAnnouncement(phone: PhoneView, context: DiscoveryContext): Announcement {
  const { settings, topics } = context;
  const entities = Object.entries(phoneEntities(topics, phone.id)).map(([key, entity]) => [
    key,
    { ...named(entity, key, phone.id, settings), unique_id: `${topics.node(phone.id)}_${key}` },
  ]);
  const triggers = triggerSlugs(settings).map((slug) => [`trigger_${slug}`, phoneTrigger(topics, phone.id, slug)]);
  const excluded = new Set<string>(settings.exclude);
  const components = [...entities, ...triggers].filter(([key]) => !excluded.has(key as EntityKey | TriggerKey));
  return {
    id: phone.id,
    device: phoneDevice(phone, topics),
    origin: originOf(context),
    shared: { ...sharedOptions(topics), state_topic: topics.kept(phone.id, 'state'), qos: 1 },
    components: Object.fromEntries(components) as Record<string, Component>,
  };
}

/** The device that stands for Hookswitch; phones name it in `via_device`. */
export function bridgeAnnouncement(context: DiscoveryContext): Announcement {
  const { topics, settings, version } = context;
  const components = Object.entries(bridgeEntities(topics)).map(([key, entity]) => [
    key,
    { ...entity, unique_id: `${topics.bridgeNode}_${key}` },
  ]);
  return {
    id: BRIDGE_ID,
    device: {
      identifiers: [topics.bridgeNode],
      name: settings.instance === ORIGIN_NAME ? 'Hookswitch' : `Hookswitch ${settings.instance}`,
      manufacturer: 'Hookswitch',
      model: 'Bridge',
      sw_version: label(version),
    },
    origin: originOf(context),
    shared: { ...sharedOptions(topics), state_topic: topics.bridge('health'), qos: 1 },
    components: Object.fromEntries(components) as Record<string, Component>,
  };
}

const originOf = ({ version }: DiscoveryContext): Record<string, Json> => ({
  name: ORIGIN_NAME,
  sw_version: label(version),
});

const sharedOptions = (topics: Topics): Record<string, Json> => ({
  availability: [{ topic: topics.bridge('state') }],
  availability_mode: 'all',
});

function triggerSlugs({ triggers }: HomeAssistantSettings): readonly Slug[] {
  if (triggers === 'none') return [];
  return triggers === 'all' ? SLUGS : USUAL_TRIGGERS;
}

function named(entity: Component, key: string, id: string, settings: HomeAssistantSettings): Component {
  const name = settings.names[key as EntityKey];
  const { entityIdPrefix } = settings;
  return {
    ...entity,
    ...(name === undefined ? {} : { name: label(name) }),
    ...(entityIdPrefix === undefined
      ? {}
      : { default_entity_id: `${entity.platform}.${entityIdPrefix}_${slugged(id)}_${key}` }),
  };
}

/** Entity ids know lower-case letters, digits and `_` only. */
const slugged = (id: string): string => id.toLowerCase().replaceAll('-', '_');

const IPV4 = /^(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

function phoneDevice(phone: PhoneView, topics: Topics): Record<string, Json> {
  const { state, mac, area } = phone;
  const model = labelOrNull(state.model);
  const firmware = labelOrNull(state.firmware);
  return {
    identifiers: [topics.node(phone.id)],
    name: label(state.name) || phone.id,
    manufacturer: label(phone.manufacturer),
    ...(model === null ? {} : { model }),
    ...(firmware === null ? {} : { sw_version: firmware }),
    ...(mac === null ? {} : { serial_number: mac.toUpperCase() }),
    // The address is the phone's own claim: it becomes a link only if it is an address and nothing else.
    ...(state.ip !== null && IPV4.test(state.ip) ? { configuration_url: `http://${state.ip}/` } : {}),
    ...(area === null ? {} : { suggested_area: label(area) }),
    via_device: topics.bridgeNode,
  };
}

export type Message = { topic: string; payload: string };

/**
 * The messages of a device: one, or one a component. `dropped` holds components (key → platform) that an earlier message had
 * and this one has not: Home Assistant forgets a component only if it is named once more without anything but its platform.
 */
export function deviceMessages(
  { id, device, origin, shared, components }: Announcement,
  { settings: { mode }, topics }: DiscoveryContext,
  dropped: ReadonlyMap<string, string> = new Map(),
): Message[] {
  if (mode === 'device') {
    const tombstones = [...dropped].map(([key, platform]) => [key, { platform }]);
    const all = { ...components, ...Object.fromEntries(tombstones) };
    return [{ topic: topics.device(id), payload: JSON.stringify({ device, origin, ...shared, components: all }) }];
  }
  const { state_topic, ...rest } = shared;
  return Object.entries(components).map(([key, { platform, ...component }]) => ({
    topic: topics.component(platform, id, key),
    payload: JSON.stringify({
      device,
      origin,
      ...(platform === TRIGGER_PLATFORM ? {} : rest),
      ...(platform === TRIGGER_PLATFORM || platform === 'button' ? {} : { state_topic }),
      ...component,
    }),
  }));
}
