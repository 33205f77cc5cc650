// What Home Assistant must be told about one phone, written by hand from its documentation: the device message of "Front desk phone".

const STATE = 'hookswitch/phone/005058aabbcc/state';
const EVENT = 'hookswitch/phone/005058aabbcc/event';
const CALLER = 'hookswitch/phone/005058aabbcc/last_caller';
const MISSED = 'hookswitch/phone/005058aabbcc/last_missed';

const FLAGS: [key: string, name: string, path: string, icon: string][] = [
  ['in_use', 'In use', 'in_use', 'phone-in-talk'],
  ['ringing', 'Ringing', 'ringing', 'phone-ring'],
  ['off_hook', 'Off hook', 'off_hook', 'phone-alert'],
  ['on_hold', 'On hold', 'on_hold', 'phone-paused'],
  ['muted', 'Microphone muted', 'muted', 'microphone-off'],
  ['dnd', 'Do not disturb', 'dnd', 'minus-circle'],
  ['forward_always', 'Forward always', 'forward.always', 'phone-forward'],
  ['forward_busy', 'Forward when busy', 'forward.busy', 'phone-forward'],
  ['forward_no_answer', 'Forward when unanswered', 'forward.no_answer', 'phone-forward'],
];

const TRIGGERS: [slug: string, subtype: string][] = [
  ['incoming_call', 'Incoming call'],
  ['outgoing_call', 'Outgoing call'],
  ['established', 'Call established'],
  ['terminated', 'Call terminated'],
  ['missed_call', 'Missed call'],
  ['reject_incoming_call', 'Incoming call rejected'],
  ['dnd_on', 'Do not disturb on'],
  ['dnd_off', 'Do not disturb off'],
];

const EVENT_TYPES =
  'setup_completed registered unregistered register_failed off_hook on_hook incoming_call outgoing_call established terminated ' +
  'dnd_on dnd_off forward_always_on forward_always_off forward_busy_on forward_busy_off forward_no_answer_on forward_no_answer_off ' +
  'transfer blind_transfer attended_transfer hold unhold mute unmute missed_call idle_to_busy busy_to_idle forward_incoming_call ' +
  'reject_incoming_call answer_new_call transfer_finished transfer_failed ip_changed';

const entity = (key: string, platform: string, name: string, rest: object) => [
  key,
  { platform, name, unique_id: `hookswitch_005058aabbcc_${key}`, ...rest },
];
const sensor = (key: string, name: string, path: string, rest: object) =>
  entity(key, 'sensor', name, { value_template: `{{ value_json.${path} }}`, ...rest });
const words = { payload_on: 'True', payload_off: 'False' };
const diagnostic = { entity_category: 'diagnostic' };
const hidden = { ...diagnostic, enabled_by_default: false };

/** Without `origin`, which names the version. */
export const FRONT_DESK_DEVICE = {
  device: {
    identifiers: ['hookswitch_005058aabbcc'],
    name: 'Front desk phone',
    manufacturer: 'Sangoma',
    model: 'S505',
    sw_version: '3.0.4.90',
    serial_number: '005058AABBCC',
    configuration_url: 'http://192.0.2.41/',
    suggested_area: 'Reception',
    via_device: 'hookswitch_bridge',
  },
  availability: [{ topic: 'hookswitch/bridge/state' }],
  availability_mode: 'all',
  state_topic: STATE,
  qos: 1,
  components: Object.fromEntries([
    sensor('call_state', 'Call state', 'call_state', {
      device_class: 'enum',
      options: ['idle', 'off_hook', 'dialing', 'ringing', 'in_call', 'on_hold', 'busy'],
      icon: 'mdi:phone',
      json_attributes_topic: STATE,
      json_attributes_template: '{{ value_json.call | tojson }}',
    }),
    ...FLAGS.map(([key, name, path, icon]) =>
      entity(key, 'binary_sensor', name, {
        value_template: `{{ value_json.${path} }}`,
        ...words,
        icon: `mdi:${icon}`,
      }),
    ),
    sensor('last_caller', 'Last caller', 'display', {
      state_topic: CALLER,
      json_attributes_topic: CALLER,
      icon: 'mdi:account-voice',
      force_update: true,
    }),
    sensor('last_missed_call', 'Last missed call', 'at', {
      state_topic: MISSED,
      json_attributes_topic: MISSED,
      icon: 'mdi:phone-missed',
      device_class: 'timestamp',
    }),
    sensor('missed_calls', 'Missed calls', 'missed_calls', {
      state_class: 'total_increasing',
      unit_of_measurement: 'calls',
      icon: 'mdi:phone-missed',
    }),
    entity('clear_missed', 'button', 'Clear missed calls', {
      command_topic: 'hookswitch/phone/005058aabbcc/request/clear_missed',
      payload_press: 'PRESS',
      entity_category: 'config',
      icon: 'mdi:phone-check',
    }),
    entity('event', 'event', 'Phone event', {
      state_topic: EVENT,
      event_types: EVENT_TYPES.split(' '),
      availability: [],
      icon: 'mdi:phone-log',
    }),
    entity('registered', 'binary_sensor', 'Registered', {
      value_template: '{{ value_json.registered }}',
      ...words,
      device_class: 'connectivity',
      ...diagnostic,
    }),
    sensor('last_seen', 'Last seen', 'last_seen', { device_class: 'timestamp', ...diagnostic }),
    sensor('ip_address', 'IP address', 'ip', { icon: 'mdi:ip-network', ...diagnostic }),
    sensor('firmware', 'Firmware', 'firmware', { icon: 'mdi:chip', ...hidden }),
    sensor('model', 'Model', 'model', { icon: 'mdi:deskphone', ...hidden }),
    sensor('last_event', 'Last event', 'last_event', { icon: 'mdi:history', ...hidden }),
    ...TRIGGERS.map(([slug, subtype]) => [
      `trigger_${slug}`,
      {
        platform: 'device_automation',
        automation_type: 'trigger',
        topic: EVENT,
        value_template: '{{ value_json.event_type }}',
        payload: slug,
        type: 'received',
        subtype,
      },
    ]),
  ]),
};

/** Short keys of Home Assistant's discovery. Source: homeassistant/components/mqtt/abbreviations.py. */
export const ABBREVIATIONS: Readonly<Record<string, string>> = {
  automation_type: 'atype',
  availability: 'avty',
  availability_mode: 'avty_mode',
  command_topic: 'cmd_t',
  components: 'cmps',
  configuration_url: 'cu',
  default_entity_id: 'def_ent_id',
  device: 'dev',
  device_class: 'dev_cla',
  enabled_by_default: 'en',
  entity_category: 'ent_cat',
  event_types: 'evt_typ',
  force_update: 'frc_upd',
  icon: 'ic',
  identifiers: 'ids',
  json_attributes_template: 'json_attr_tpl',
  json_attributes_topic: 'json_attr_t',
  manufacturer: 'mf',
  model: 'mdl',
  options: 'ops',
  origin: 'o',
  payload: 'pl',
  payload_off: 'pl_off',
  payload_on: 'pl_on',
  payload_press: 'pl_prs',
  platform: 'p',
  serial_number: 'sn',
  state_class: 'stat_cla',
  state_topic: 'stat_t',
  subtype: 'stype',
  suggested_area: 'sa',
  sw_version: 'sw',
  topic: 't',
  unique_id: 'uniq_id',
  unit_of_measurement: 'unit_of_meas',
  value_template: 'val_tpl',
};
