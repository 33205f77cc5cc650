// The catalogue of fields: what conditions test and templates print. Schema, checks and the reference page come from it.
import { type Event, PHONE_EVENT_TYPES } from './events.ts';
import type { PhoneCard } from './phone-card.ts';

/** `time`: ISO 8601, matched as text. `list`: of texts. Operators are typed by this. */
export type FieldType = 'string' | 'number' | 'address' | 'time' | 'list';
export type FieldValue = string | number | readonly string[] | null;

export type Field = {
  name: string;
  type: FieldType;
  meaning: string;
  example: string;
  /** What conditions compare is normalised in the same way: a MAC in a rule may be written in any spelling. */
  normalise?: 'mac';
  /** Unknown is `null`; every field exists for every event. */
  read(event: Event, card: PhoneCard | undefined): FieldValue;
};

const field = (
  name: string,
  type: FieldType,
  meaning: string,
  example: string,
  read: Field['read'],
  normalise?: 'mac',
): Field => ({ name, type, meaning, example, read, ...(normalise ? { normalise } : {}) });

export const FIELDS: readonly Field[] = [
  field('event.id', 'string', 'id of the event', '"019ab…"', (e) => e.id),
  field('event.type', 'string', 'what happened', '"phone.missed_call"', (e) => e.type),
  field('event.at', 'time', 'when it arrived, ISO 8601 UTC', '"2026-11-24T09:15:02.412Z"', (e) => e.at),
  field('site', 'string', 'the site whose phone spoke', '"default"', (e) => e.site),
  field('phone.id', 'string', 'id of the phone: from the config, else its MAC', '"front-desk"', (e) => e.phone.id),
  field('phone.name', 'string', 'name of the phone in the config', '"Front desk"', (_e, card) => card?.name ?? null),
  field(
    'phone.mac',
    'string',
    'MAC address that the phone claims',
    '"00:50:58:aa:bb:cc"',
    (e) => e.phone.mac ?? null,
    'mac',
  ),
  field('phone.ip', 'address', 'address that the phone claims', '"192.168.1.51"', (e) => e.phone.ip ?? null),
  field('phone.model', 'string', 'model that the phone claims', '"s505"', (e) => e.phone.model ?? null),
  field('phone.firmware', 'string', 'firmware that the phone claims', '"4.63.1.100"', (e) => e.phone.firmware ?? null),
  field('phone.vendor', 'string', 'maker of the phone', '"sangoma"', (e) => e.phone.vendor),
  field('phone.groups', 'list', 'groups of the phone in the config', '["sales"]', (_e, card) => card?.groups ?? []),
  field(
    'phone.area',
    'string',
    'where the phone stands, from the config',
    '"ground floor"',
    (_e, card) => card?.area ?? null,
  ),
  field('line.user', 'string', 'user part of the account in use', '"201"', (e) => e.line.user ?? null),
  field('line.host', 'string', 'host part of the account in use', '"pbx.example.net"', (e) => e.line.host ?? null),
  field('line.uri', 'string', 'SIP URI of the account in use', '"sip:201@pbx.example.net"', (e) => e.line.uri ?? null),
  field('local.number', 'string', "the phone's own number", '"201"', (e) => e.local.number ?? null),
  field('local.name', 'string', "the phone's own display name", '"Reception"', (e) => e.local.name ?? null),
  field('local.uri', 'string', "the phone's own SIP URI", '"sip:201@pbx.example.net"', (e) => e.local.uri ?? null),
  field(
    'remote.number',
    'string',
    "the other side's number; null if withheld",
    '"+493023125100"',
    (e) => e.remote.number ?? null,
  ),
  field(
    'remote.name',
    'string',
    "the other side's name, chosen by the caller",
    '"Erika Mustermann"',
    (e) => e.remote.name ?? null,
  ),
  field('remote.uri', 'string', "the other side's SIP URI", '"sip:+4930…@pbx"', (e) => e.remote.uri ?? null),
  field('suspect', 'list', 'why the hit is doubtful', '["truncated"]', (e) => e.suspect),
];

const BY_NAME = new Map(FIELDS.map((f) => [f.name, f]));

/** The field of that name, or undefined. */
export const fieldNamed = (name: string): Field | undefined => BY_NAME.get(name);

/** Names that the rule language will know once calls and time are built; until then a rule that uses them is refused. */
export const FIELDS_NOT_YET: readonly string[] = [
  'phone.state',
  'remote.kind',
  'remote.contact',
  'call.key',
  'call.direction',
  'call.outcome',
  'call.ringSeconds',
  'call.talkSeconds',
  'call.answeredBy',
  'call.phones',
  'count',
  'suppressed',
];

/** Event types that rules can match today. */
export const EVENT_TYPES: readonly string[] = PHONE_EVENT_TYPES;
