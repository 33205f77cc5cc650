// The entities of a phone and of Hookswitch itself, as Home Assistant is told about them. Names and templates are constants.
// Source: home-assistant.io, MQTT integration: sensor, binary sensor, button, event, device trigger.
import type { Json } from '../../../core/delivery.ts';
import { CALL_STATES, SLUGS, type Slug } from '../../../core/events.ts';
import { type EntityKey, PHONE_ENTITIES, TRIGGER_PLATFORM, TRIGGER_SUBTYPES } from './keys.ts';
import type { Topics } from './topics.ts';

/** Without `platform` and `unique_id`. */
type Entity = Record<string, Json>;
export type Component = { platform: string } & Record<string, Json>;

/** Booleans and null arrive in a template as Python's words: True, False, None; None is unknown. */
const flag = (name: string, path: string, more: Entity): Entity => ({
  name,
  value_template: `{{ value_json.${path} }}`,
  payload_on: 'True',
  payload_off: 'False',
  ...more,
});

const icon = (name: string): Entity => ({ icon: `mdi:${name}` });
const diagnostic: Entity = { entity_category: 'diagnostic' };
const sensor = (name: string, path: string, more: Entity): Entity => ({
  name,
  value_template: `{{ value_json.${path} }}`,
  ...more,
});

/** The entities of the phone with that id, each with its platform, in the order of `PHONE_ENTITIES`. */
export function phoneEntities(topics: Topics, id: string): Record<EntityKey, Component> {
  const entities = { ...callEntities(topics, id), ...diagnostics() };
  const withPlatform = Object.entries(PHONE_ENTITIES).map(([key, platform]) => [
    key,
    { platform, ...entities[key as EntityKey] },
  ]);
  return Object.fromEntries(withPlatform) as Record<EntityKey, Component>;
}

type Diagnostic = 'registered' | 'last_seen' | 'ip_address' | 'firmware' | 'model' | 'last_event';

function callEntities(topics: Topics, id: string): Record<Exclude<EntityKey, Diagnostic>, Entity> {
  const state = topics.kept(id, 'state');
  const from = (topic: string): Entity => ({ state_topic: topic, json_attributes_topic: topic });
  return {
    call_state: sensor('Call state', 'call_state', {
      device_class: 'enum',
      options: [...CALL_STATES],
      ...icon('phone'),
      json_attributes_topic: state,
      json_attributes_template: '{{ value_json.call | tojson }}',
    }),
    in_use: flag('In use', 'in_use', icon('phone-in-talk')),
    ringing: flag('Ringing', 'ringing', icon('phone-ring')),
    off_hook: flag('Off hook', 'off_hook', icon('phone-alert')),
    on_hold: flag('On hold', 'on_hold', icon('phone-paused')),
    muted: flag('Microphone muted', 'muted', icon('microphone-off')),
    dnd: flag('Do not disturb', 'dnd', icon('minus-circle')),
    forward_always: flag('Forward always', 'forward.always', icon('phone-forward')),
    forward_busy: flag('Forward when busy', 'forward.busy', icon('phone-forward')),
    forward_no_answer: flag('Forward when unanswered', 'forward.no_answer', icon('phone-forward')),
    // The same caller twice is two calls: `force_update` lets automations see the second one.
    last_caller: sensor('Last caller', 'display', {
      ...from(topics.kept(id, 'last_caller')),
      ...icon('account-voice'),
      force_update: true,
    }),
    last_missed_call: sensor('Last missed call', 'at', {
      ...from(topics.kept(id, 'last_missed')),
      ...icon('phone-missed'),
      device_class: 'timestamp',
    }),
    missed_calls: sensor('Missed calls', 'missed_calls', {
      state_class: 'total_increasing',
      unit_of_measurement: 'calls',
      ...icon('phone-missed'),
    }),
    clear_missed: {
      name: 'Clear missed calls',
      command_topic: topics.request(id, 'clear_missed'),
      payload_press: 'PRESS',
      entity_category: 'config',
      ...icon('phone-check'),
    },
    event: {
      name: 'Phone event',
      state_topic: topics.event(id),
      event_types: [...SLUGS],
      // Home Assistant writes the last event again when an event entity comes back from unavailable (core issue 131932).
      availability: [],
      ...icon('phone-log'),
    },
  };
}

function diagnostics(): Record<Diagnostic, Entity> {
  const hidden: Entity = { ...diagnostic, enabled_by_default: false };
  return {
    registered: flag('Registered', 'registered', { device_class: 'connectivity', ...diagnostic }),
    last_seen: sensor('Last seen', 'last_seen', { device_class: 'timestamp', ...diagnostic }),
    ip_address: sensor('IP address', 'ip', { ...icon('ip-network'), ...diagnostic }),
    firmware: sensor('Firmware', 'firmware', { ...icon('chip'), ...hidden }),
    model: sensor('Model', 'model', { ...icon('deskphone'), ...hidden }),
    last_event: sensor('Last event', 'last_event', { ...icon('history'), ...hidden }),
  };
}

/** A device trigger: fires when the phone says this. It has no unique id; type and subtype identify it. */
export const phoneTrigger = (topics: Topics, id: string, slug: Slug): Component => ({
  platform: TRIGGER_PLATFORM,
  automation_type: 'trigger',
  topic: topics.event(id),
  value_template: '{{ value_json.event_type }}',
  payload: slug,
  type: 'received',
  subtype: TRIGGER_SUBTYPES[slug],
});

/** The entities of Hookswitch itself; what names no topic reads `bridge/health`. */
export function bridgeEntities(topics: Topics): Record<string, Component> {
  const figure = (name: string, key: string, more: Entity): Component => ({
    platform: 'sensor',
    ...sensor(name, key, { ...diagnostic, ...more }),
  });
  const total: Entity = { state_class: 'total_increasing', unit_of_measurement: 'events' };
  return {
    connection_state: {
      platform: 'binary_sensor',
      name: 'Connection state',
      state_topic: topics.bridge('state'),
      payload_on: 'online',
      payload_off: 'offline',
      device_class: 'connectivity',
      ...diagnostic,
      // It says itself whether Hookswitch is there, so it must not vanish when it is not.
      availability: [],
    },
    version: figure('Version', 'version', { state_topic: topics.bridge('info'), ...icon('information-outline') }),
    phones: figure('Phones', 'phones', {
      state_class: 'measurement',
      unit_of_measurement: 'phones',
      ...icon('deskphone'),
    }),
    events_received: figure('Events received', 'events_received', { ...total, ...icon('counter') }),
    events_dropped: figure('Events dropped', 'events_dropped', { ...total, ...icon('delete-outline') }),
    last_error: figure('Last error', 'last_error', { ...icon('alert-circle-outline'), enabled_by_default: false }),
    republish_discovery: {
      platform: 'button',
      name: 'Republish discovery',
      command_topic: `${topics.bridgeRequest}discovery/republish`,
      payload_press: 'PRESS',
      entity_category: 'config',
      ...icon('refresh'),
    },
  };
}
