// A day in a house of 500 phones: ring groups of ten with one answer or none, calls in and out, holds and features; all invented.
import type { PhoneEvent, Slug } from '../src/core/events.ts';
import type { PhoneCard } from '../src/core/phone-card.ts';

export const PHONES = 500;
const GROUPS = 30;
const GROUP_SIZE = 10;
/** 09:00 to 17:00 UTC. */
const DAY_START_MS = Date.UTC(2026, 10, 24, 9);
const HOUR_MS = 3_600_000;
const DAY_MS = 8 * HOUR_MS;

/** One hit before it is spelled out: 100,000 of these are small. */
export type Word = { atMs: number; phone: number; slug: Slug; caller: number };

const idOf = (phone: number): string => `phone-${String(phone + 1).padStart(3, '0')}`;
const macOf = (phone: number): string => `005058${phone.toString(16).padStart(6, '0')}`;
const groupOf = (phone: number): number | undefined =>
  phone < GROUPS * GROUP_SIZE ? Math.floor(phone / GROUP_SIZE) : undefined;

/** The phones as the config has them. */
export const CARDS: readonly PhoneCard[] = Array.from({ length: PHONES }, (_, phone) => {
  const group = groupOf(phone);
  const groups = group === undefined ? [] : [`group-${group + 1}`];
  return { id: idOf(phone), site: 'default', groups, name: `Desk ${phone + 1}`, mac: macOf(phone) };
});

/** mulberry32: the same day every time. */
function createDraw(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Say = (afterMs: number, phone: number, slug: Slug, caller?: number) => void;
type Draw = { whole(from: number, to: number): number; chance(share: number): boolean };

const WITHHELD = -1;
/** A third of all callers are among 300 regular ones; one in twenty withholds the number. */
const callerOf = ({ whole, chance }: Draw): number =>
  chance(0.05) ? WITHHELD : chance(0.35) ? whole(0, 299) : whole(300, 99_999);

/** Ten phones ring; two thirds of the calls are taken, by one. */
function ringGroup(group: number, say: Say, draw: Draw): void {
  const caller = callerOf(draw);
  const members = Array.from({ length: GROUP_SIZE }, (_, n) => group * GROUP_SIZE + n);
  for (const phone of members) say(draw.whole(0, 200), phone, 'incoming_call', caller);
  const ringMs = draw.whole(2_000, 25_000);
  if (!draw.chance(0.66)) {
    for (const phone of members) say(ringMs + draw.whole(0, 400), phone, 'missed_call', caller);
    return;
  }
  const answerer = members[draw.whole(0, GROUP_SIZE - 1)] ?? 0;
  for (const phone of members) if (phone !== answerer) say(ringMs + draw.whole(50, 600), phone, 'missed_call', caller);
  talk(ringMs, answerer, caller, say, draw);
}

/** Returns when it is over, in ms. */
function talk(fromMs: number, phone: number, caller: number, say: Say, draw: Draw): number {
  const talkMs = draw.whole(10_000, 300_000);
  say(fromMs, phone, 'established', caller);
  say(fromMs + 20, phone, 'idle_to_busy');
  if (draw.chance(0.25)) {
    say(fromMs + talkMs / 3, phone, 'hold', caller);
    say(fromMs + talkMs / 2, phone, 'unhold', caller);
  }
  if (draw.chance(0.1)) {
    say(fromMs + talkMs / 5, phone, 'mute');
    say(fromMs + talkMs / 4, phone, 'unmute');
  }
  say(fromMs + talkMs, phone, 'terminated', caller);
  say(fromMs + talkMs + 30, phone, 'busy_to_idle');
  return fromMs + talkMs + 30;
}

function callIn(phone: number, say: Say, draw: Draw): void {
  const caller = callerOf(draw);
  const ringMs = draw.whole(2_000, 25_000);
  say(0, phone, 'incoming_call', caller);
  if (draw.chance(0.75)) talk(ringMs, phone, caller, say, draw);
  else say(ringMs, phone, draw.chance(0.8) ? 'missed_call' : 'reject_incoming_call', caller);
}

function callOut(phone: number, say: Say, draw: Draw): void {
  const callee = Math.max(0, callerOf(draw));
  say(0, phone, 'off_hook');
  say(4_000, phone, 'outgoing_call', callee);
  if (draw.chance(0.8)) {
    say(talk(draw.whole(8_000, 20_000), phone, callee, say, draw) + 500, phone, 'on_hook');
    return;
  }
  say(25_000, phone, 'terminated', callee);
  say(25_300, phone, 'on_hook');
}

const FEATURES: readonly Slug[] = ['dnd_on', 'dnd_off', 'forward_always_on', 'forward_always_off', 'registered'];

/** About as many words as one of these things takes, so that they fill the day. */
const WORDS_EACH = 7;

/** The words of a day in the order in which they arrive, each at its own ms; a phone takes part in one thing at a time. */
export function createDay(words: number, seed = 1): Word[] {
  const random = createDraw(seed);
  const draw: Draw = {
    whole: (from, to) => from + Math.floor(random() * (to - from + 1)),
    chance: (share) => random() < share,
  };
  const said: Word[] = [];
  const freeAtMs = Array.from({ length: PHONES }, () => 0);
  for (let phone = 0; phone < PHONES; phone++)
    said.push({ atMs: DAY_START_MS + draw.whole(0, HOUR_MS), phone, slug: 'registered', caller: WITHHELD });
  const stepMs = (DAY_MS / words) * WORDS_EACH;
  for (let atMs = 0; said.length < words; atMs += stepMs) {
    const phone = draw.whole(0, PHONES - 1);
    const group = groupOf(phone);
    const kind = random();
    const rings = kind < 0.15 && group !== undefined;
    const busy = rings ? Array.from({ length: GROUP_SIZE }, (_, n) => group * GROUP_SIZE + n) : [phone];
    if (busy.some((one) => (freeAtMs[one] ?? 0) > atMs)) continue;
    const say: Say = (afterMs, who, slug, caller = WITHHELD) => {
      const saidMs = Math.floor(atMs + afterMs);
      freeAtMs[who] = Math.max(freeAtMs[who] ?? 0, saidMs + 1_000);
      said.push({ atMs: DAY_START_MS + saidMs, phone: who, slug, caller });
    };
    if (rings) ringGroup(group, say, draw);
    else if (kind < 0.5) callIn(phone, say, draw);
    else if (kind < 0.85) callOut(phone, say, draw);
    else say(0, phone, FEATURES[draw.whole(0, FEATURES.length - 1)] ?? 'registered');
  }
  said.sort((a, b) => a.atMs - b.atMs);
  let lastMs = 0;
  for (const word of said) {
    lastMs = Math.max(word.atMs, lastMs + 1);
    word.atMs = lastMs;
  }
  return said.slice(0, words);
}

const ALWAYS_NAMELESS: ReadonlySet<Slug> = new Set([
  ...FEATURES,
  'off_hook',
  'on_hook',
  'mute',
  'unmute',
  'idle_to_busy',
  'busy_to_idle',
]);

/** The word as the receiver hands it over: a new object each time. `n` counts the words of the day. */
export function eventOf({ atMs, phone, slug, caller }: Word, n: number): PhoneEvent {
  const id = idOf(phone);
  const mac = macOf(phone);
  const ip = `10.1.${phone >> 8}.${phone & 255}`;
  const vars = { mac, ip, model: 's505', firmware: '4.63.1.100', user: `${200 + phone}`, host: 'pbx.example.net' };
  const event: PhoneEvent = {
    id: `${atMs.toString(16).padStart(12, '0')}-7000-a000-${String(n).padStart(12, '0')}`,
    type: `phone.${slug}`,
    at: new Date(atMs).toISOString(),
    site: 'default',
    phone: { id, mac, ip, model: 's505', firmware: '4.63.1.100', vendor: 'sangoma' },
    line: { user: vars.user, host: vars.host },
    local: { number: vars.user, uri: `sip:${vars.user}@pbx.example.net` },
    remote: {},
    vars: Object.assign(Object.create(null), vars),
    suspect: [],
  };
  if (ALWAYS_NAMELESS.has(slug)) return event;
  event.callId = `${n}@10.0.0.1`;
  const number = caller === WITHHELD ? 'anonymous' : `0302312${String(caller).padStart(5, '0')}`;
  event.remote = { uri: `sip:${number}@pbx.example.net` };
  if (caller !== WITHHELD) Object.assign(event.remote, { number, name: `Caller ${caller}` });
  Object.assign(event.vars, {
    remote: event.remote.uri,
    display_remote: event.remote.name ?? '',
    call_id: event.callId,
  });
  return event;
}
