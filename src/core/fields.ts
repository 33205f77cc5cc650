// The catalogue of fields: what conditions test and templates print. Schema, checks and the reference page come from it.
import {
  CALL_EVENT_TYPES,
  type CallDetails,
  type CallState,
  type Event,
  type Party,
  PHONE_EVENT_TYPES,
  type PhoneEvent,
  phoneIdOf,
  type RemoteKind,
  STATE_CHANGED,
} from './events.ts';
import type { PhoneCard } from './phone-card.ts';

/** `time`: ISO 8601, matched as text. `list`: of texts. Operators are typed by this. */
export type FieldType = 'string' | 'number' | 'address' | 'time' | 'list';
export type FieldValue = string | number | readonly string[] | null;

/** What Hookswitch knows besides what an event says itself; null where it knows nothing. */
export type Known = {
  /** Of the phone that the event is about. */
  card: PhoneCard | undefined;
  /** The phone's state after the event. */
  state: CallState | null;
  /** The other side's number in its one spelling, whether it is inside the house, and whose it is. */
  number: string | null;
  kind: RemoteKind | null;
  contact: string | null;
  /** Of a rule that counts or waits: how many events came together, when each of the first 100 came (ms since 1970), and whose
   * it was: contact, else number, else `''`. */
  count?: number | null;
  events?: readonly number[];
  callers?: readonly string[];
  /** Of a rule with a limit: how often it was held back since it last went through. */
  suppressed?: number | null;
  /** Of a wait that ran out while Hookswitch was not running: by how many seconds its end comes late. */
  late?: number | null;
  /** What people call a phone; undefined where the config gives it no name. */
  nameOf?: (phone: string) => string | undefined;
};

export type Field = {
  name: string;
  type: FieldType;
  meaning: string;
  example: string;
  /** What conditions compare is normalised in the same way: a MAC or a number in a rule may be written in any spelling. */
  normalise?: 'mac' | 'number';
  /** Unknown is `null`; every field exists for every event. */
  read(event: Event, known: Known): FieldValue;
};

const field = (
  name: string,
  type: FieldType,
  meaning: string,
  example: string,
  read: Field['read'],
  normalise?: Field['normalise'],
): Field => ({ name, type, meaning, example, read, ...(normalise ? { normalise } : {}) });

type Phone = Partial<PhoneEvent['phone']>;
const NOTHING = Object.freeze({});
const phone = (event: Event): Phone => ('phone' in event ? event.phone : NOTHING);
const line = (event: Event): PhoneEvent['line'] => ('line' in event ? event.line : NOTHING);
const local = (event: Event): Party => ('local' in event ? event.local : NOTHING);
const call = (event: Event): Partial<CallDetails> => ('call' in event ? event.call : NOTHING);
const remote = (event: Event): Party => ('call' in event ? event.call.remote : event.remote);

const ABOUT_THE_EVENT: readonly Field[] = [
  field('event.id', 'string', 'id of the event', '"019ab…"', (e) => e.id),
  field('event.type', 'string', 'what happened', '"phone.missed_call"', (e) => e.type),
  field('event.at', 'time', 'when it arrived, ISO 8601 UTC', '"2026-11-24T09:15:02.412Z"', (e) => e.at),
  field('site', 'string', 'the site whose phone spoke', '"default"', (e) => e.site),
  field('suspect', 'list', 'why the hit is doubtful', '["truncated"]', (e) => ('suspect' in e ? e.suspect : [])),
  field('from', 'string', 'of phone.state_changed: the state before', '"ringing"', (e) =>
    'from' in e ? e.from : null,
  ),
  field('to', 'string', 'of phone.state_changed: the state now', '"in_call"', (e) => ('to' in e ? e.to : null)),
];

const ABOUT_THE_PHONE: readonly Field[] = [
  field(
    'phone.id',
    'string',
    'id of the phone, from the config, else its MAC; of a call: who answered, or the only phone in it',
    '"front-desk"',
    (e) => phoneIdOf(e) ?? null,
  ),
  field(
    'phone.name',
    'string',
    'name of the phone in the config',
    '"Front desk"',
    (_e, { card }) => card?.name ?? null,
  ),
  field(
    'phone.mac',
    'string',
    'MAC address that the phone claims',
    '"00:50:58:aa:bb:cc"',
    (e) => phone(e).mac ?? null,
    'mac',
  ),
  field('phone.ip', 'address', 'address that the phone claims', '"192.168.1.51"', (e) => phone(e).ip ?? null),
  field('phone.model', 'string', 'model that the phone claims', '"s505"', (e) => phone(e).model ?? null),
  field('phone.firmware', 'string', 'firmware that the phone claims', '"4.63.1.100"', (e) => phone(e).firmware ?? null),
  field('phone.vendor', 'string', 'maker of the phone', '"sangoma"', (e) => phone(e).vendor ?? null),
  field(
    'phone.groups',
    'list',
    'groups of the phone in the config; of a call: of all its phones',
    '["sales"]',
    (e, { card }) => call(e).groups ?? card?.groups ?? [],
  ),
  field('phone.area', 'string', 'where the phone stands', '"ground floor"', (_e, { card }) => card?.area ?? null),
  field(
    'phone.state',
    'string',
    'the phone after the event: idle, off_hook, dialing, ringing, in_call, on_hold or busy; null if nobody knows',
    '"in_call"',
    (_e, { state }) => state,
  ),
];

const ABOUT_BOTH_SIDES: readonly Field[] = [
  field('line.user', 'string', 'user part of the account in use', '"201"', (e) => line(e).user ?? null),
  field('line.host', 'string', 'host part of the account in use', '"pbx.example.net"', (e) => line(e).host ?? null),
  field('line.uri', 'string', 'SIP URI of the account in use', '"sip:201@pbx.example.net"', (e) => line(e).uri ?? null),
  field('local.number', 'string', "the phone's own number", '"201"', (e) => local(e).number ?? null),
  field('local.name', 'string', "the phone's own display name", '"Reception"', (e) => local(e).name ?? null),
  field('local.uri', 'string', "the phone's own SIP URI", '"sip:201@pbx.example.net"', (e) => local(e).uri ?? null),
  field(
    'remote.number',
    'string',
    "the other side's number, with its country code where the site's country is known; null if withheld",
    '"+493023125100"',
    (_e, { number }) => number,
    'number',
  ),
  field(
    'remote.name',
    'string',
    "the other side's name, chosen by the caller",
    '"Erika Mustermann"',
    (e) => remote(e).name ?? null,
  ),
  field('remote.uri', 'string', "the other side's SIP URI", '"sip:+4930…@pbx"', (e) => remote(e).uri ?? null),
  field('remote.kind', 'string', 'external, internal or withheld', '"external"', (_e, { kind }) => kind),
  field(
    'remote.contact',
    'string',
    "the other side's name in your own contacts; null if it is not there",
    '"Mustermann GmbH"',
    (_e, { contact }) => contact,
  ),
];

const ABOUT_THE_CALL: readonly Field[] = [
  field('call.key', 'string', 'name of the call, the same in all its events', '"019ab…"', (e) => call(e).key ?? null),
  field('call.direction', 'string', 'in or out', '"in"', (e) => call(e).direction ?? null),
  field(
    'call.outcome',
    'string',
    'answered, missed, rejected or forwarded; null while it is open, or if nobody said',
    '"answered"',
    (e) => call(e).outcome ?? null,
  ),
  field(
    'call.ringSeconds',
    'number',
    'from the first ring to the answer, or to the end',
    '12',
    (e) => call(e).ringSeconds ?? null,
  ),
  field('call.talkSeconds', 'number', 'from the answer to the end', '95', (e) => call(e).talkSeconds ?? null),
  field(
    'call.answeredBy',
    'string',
    'id of the phone that answered first',
    '"front-desk"',
    (e) => call(e).answeredBy ?? null,
  ),
  field(
    'call.returnedBy',
    'string',
    'from call.returned on: id of the phone that reached the caller',
    '"sales-1"',
    (e) => call(e).returnedBy ?? null,
  ),
  field(
    'call.claimedBy',
    'string',
    'from call.claimed on: who said that they take care of the call',
    '"Kim"',
    (e) => call(e).claimedBy ?? null,
  ),
  field(
    'call.correctedFrom',
    'string',
    'of call.corrected: the outcome that was said before',
    '"missed"',
    (e) => call(e).correctedFrom ?? null,
  ),
  field(
    'call.phones',
    'list',
    'ids of the phones that took part',
    '["front-desk", "sales-1"]',
    (e) => call(e).phones?.map(({ id }) => id) ?? [],
  ),
];

const ABOUT_THE_GROUP: readonly Field[] = [
  field(
    'count',
    'number',
    'of a rule with "count" or "wait": how many events came together',
    '3',
    (_e, { count }) => count ?? null,
  ),
  field(
    'events',
    'list',
    'of a rule with "count" or "wait": when each of them came, ISO 8601 UTC; the first 100',
    '["2026-11-24T09:15:02.412Z"]',
    (_e, { events }) => events?.map((atMs) => new Date(atMs).toISOString()) ?? [],
  ),
  field(
    'callers',
    'list',
    'of a rule with "count" or "wait": whose they were, each once: the contact, else the number; withheld ones are left out',
    '["Mustermann GmbH", "+493023125100"]',
    (_e, { callers }) => (callers === undefined ? [] : [...new Set(callers)].filter((caller) => caller !== '')),
  ),
  field(
    'suppressed',
    'number',
    'of a rule with "limit": how often it was held back since it last went through',
    '0',
    (_e, { suppressed }) => suppressed ?? null,
  ),
  field(
    'late',
    'number',
    'of a wait that ran out while Hookswitch was not running: by how many seconds this comes late; else null',
    '40',
    (_e, { late }) => late ?? null,
  ),
];

export const FIELDS: readonly Field[] = [
  ...ABOUT_THE_EVENT,
  ...ABOUT_THE_PHONE,
  ...ABOUT_BOTH_SIDES,
  ...ABOUT_THE_CALL,
  ...ABOUT_THE_GROUP,
];

const BY_NAME = new Map(FIELDS.map((f) => [f.name, f]));

/** The field of that name, or undefined. */
export const fieldNamed = (name: string): Field | undefined => BY_NAME.get(name);

/** Names that the rule language will know later; until then a rule that uses them is refused. */
export const FIELDS_NOT_YET: readonly string[] = [];

/** Event types that rules can match, those that rules make themselves apart. */
export const EVENT_TYPES: readonly string[] = [...PHONE_EVENT_TYPES, STATE_CHANGED, ...CALL_EVENT_TYPES];
