// A store as it looks after weeks of a busy house: events, calls and deliveries written by the store's own statements, in large groups.
import { join } from 'node:path';
import type { Delivery, Settlement } from '../../src/core/delivery.ts';
import type { CallDetails, CallEvent, CallOutcome, CallPhone, PhoneEvent, Slug } from '../../src/core/events.ts';
import type { JournalEntry, UnitOfWork } from '../../src/core/store.ts';
import { batchOf } from '../../src/store/sqlite/batch.ts';
import { createCore } from '../../src/store/sqlite/core.ts';
import { openFile } from '../../src/store/sqlite/open.ts';
import { packHits, packUnit } from '../../src/store/sqlite/rows.ts';

export type FillSize = { calls: number; phones: number; fromMs: number; toMs: number };
export type Filled = { path: string; events: number; calls: number; deliveries: number; bytes: number };

/** Calls a transaction. */
const GROUP = 400;
const FIRST_NAMES = 'Anna Bernd Carla Dieter Eva Franz Greta Hans Ida Jörg Karla Lutz Mia Noah Ömer Paula'.split(' ');
const LAST_NAMES =
  'Albrecht Bauer Çelik Dietz Engel Fischer Groß Huber Ivanov Jansen Kowalski Lehmann Müller Nguyen Özdemir Peters Quast Richter Schäfer Thiel Ullrich Vogel Weiß Zimmer'.split(
    ' ',
  );

export const phoneName = (n: number): string => `desk-${String(n).padStart(3, '0')}`;

/** A generator of numbers from 0 to below 1, the same in every run (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Fills a new database in `folder`; nothing of it is fsynced before the end. About 8.3 events a call. */
export function fillStore(folder: string, { calls, phones, fromMs, toMs }: FillSize): Filled {
  const path = join(folder, 'hookswitch.db');
  const opened = openFile({ path, bytesMax: 2 ** 40, nowMs: toMs });
  const { db } = opened;
  const core = createCore(opened);
  db.exec('PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 20000; PRAGMA cache_size = -200000');
  const random = dice(7);
  let seq = 0;
  let hits: JournalEntry[] = [];
  let unit = emptyUnit();
  const flush = (): void => {
    const processed = hits.map((_, n) => seq + n + 1);
    // What a unit makes comes behind its hits, as in a running daemon.
    seq += hits.length + unit.made.length;
    core.group(
      batchOf([
        { kind: 'hits', hits: packHits(hits) },
        { kind: 'unit', unit: packUnit({ ...unit, processed }) },
      ]),
    );
    hits = [];
    unit = emptyUnit();
  };
  for (let n = 0; n < calls; n++) {
    // Evenly spread: hours without any call would make a search through them too easy.
    const startedMs = Math.floor(fromMs + ((toMs - fromMs) * n) / calls);
    oneCall(n, startedMs, phones, random, hits, unit);
    if (n % GROUP === GROUP - 1) flush();
  }
  flush();
  const stats = core.calls.stats();
  db.exec('PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)');
  core.close();
  const { waiting, delivered, dead } = stats.deliveries;
  return { path, events: stats.events, calls, deliveries: waiting + delivered + dead, bytes: stats.bytes };
}

const emptyUnit = (): UnitOfWork => ({
  site: 'default',
  epoch: 1,
  processed: [],
  made: [],
  state: [],
  deliveries: [],
  settled: [],
});

type Caller = { number: string; name: string | undefined; contact: string | undefined };

function callerOf(random: () => number): Caller {
  const person = Math.floor(random() * 30_000);
  const name = `${FIRST_NAMES[person % FIRST_NAMES.length]} ${LAST_NAMES[(person >> 4) % LAST_NAMES.length]}`;
  const number = `+49${30 + (person % 60)}${String(1_000_000 + person * 37).slice(0, 7)}`;
  return {
    number,
    name: person % 3 === 0 ? undefined : name,
    contact: person % 5 === 0 ? `${name} (Kunde ${person})` : undefined,
  };
}

function oneCall(
  n: number,
  startedMs: number,
  phones: number,
  random: () => number,
  hits: JournalEntry[],
  unit: UnitOfWork,
): void {
  const caller = callerOf(random);
  const direction = random() < 0.7 ? 'in' : 'out';
  const first = Math.floor(random() * phones);
  const size = direction === 'in' ? 1 + Math.floor(random() * 3) : 1;
  const ids = Array.from({ length: size }, (_, i) => phoneName((first + i) % phones));
  const answered = random() < 0.75;
  const rangMs = 2_000 + Math.floor(random() * 28_000);
  const talkMs = answered ? 5_000 + Math.floor(random() * 300_000) : 0;
  let step = 0;
  const id = (): string => uuid(startedMs + step, n, step++);
  const say = (slug: Slug, phone: string, atMs: number): string => {
    const event = hit(id(), slug, phone, atMs, caller, n);
    hits.push({
      event,
      raw: new TextEncoder().encode(
        `GET /a/***/${slug}?mac=005058${n.toString(16).padStart(6, '0')}&remote=sip:${caller.number}@pbx.example&_=. HTTP/1.1`,
      ),
    });
    return event.id;
  };
  const key = say(direction === 'in' ? 'incoming_call' : 'outgoing_call', ids[0] as string, startedMs);
  for (const [i, phone] of ids.slice(1).entries()) say('incoming_call', phone, startedMs + 10 * (i + 1));
  const taker = ids[0] as string;
  if (answered) {
    say('established', taker, startedMs + rangMs);
    say('terminated', taker, startedMs + rangMs + talkMs);
  } else for (const [i, phone] of ids.entries()) say('missed_call', phone, startedMs + rangMs + 10 * i);
  say('idle_to_busy', taker, startedMs + 1);
  say('busy_to_idle', taker, startedMs + rangMs + talkMs + 50);
  say('on_hook', taker, startedMs + rangMs + talkMs + 51);
  const outcome: CallOutcome | undefined = answered ? 'answered' : direction === 'in' ? 'missed' : undefined;
  const details: CallDetails = {
    key,
    direction,
    remote: {
      kind: 'external',
      number: caller.number,
      ...(caller.name === undefined ? {} : { name: caller.name }),
      ...(caller.contact === undefined ? {} : { contact: caller.contact }),
    },
    phones: ids.map((phone): CallPhone => ({ id: phone, outcome: outcome ?? 'ended' })),
    groups: [],
    startedAt: new Date(startedMs).toISOString(),
    ringSeconds: Math.round(rangMs / 1000),
    ...(answered ? { answeredBy: taker, talkSeconds: Math.round(talkMs / 1000) } : {}),
    ...(outcome === undefined ? {} : { outcome }),
  };
  const tell = (type: CallEvent['type'], atMs: number): CallEvent => ({
    id: `${key}-${type.slice(5)}`,
    type,
    at: new Date(atMs).toISOString(),
    site: 'default',
    call: details,
  });
  const endMs = startedMs + rangMs + talkMs + 3_000;
  unit.made.push(tell(direction === 'in' ? 'call.ringing' : 'call.dialing', startedMs));
  const last = tell(outcome === 'missed' ? 'call.missed' : answered ? 'call.answered' : 'call.ended', endMs);
  unit.made.push(last);
  for (const to of outcome === 'missed' ? ['mqtt', 'slack'] : ['mqtt']) deliver(last, to, endMs, random, unit);
}

function hit(id: string, slug: Slug, phone: string, atMs: number, caller: Caller, n: number): PhoneEvent {
  const vars: Record<string, string> = Object.assign(Object.create(null), {
    mac: `005058${n.toString(16).padStart(6, '0')}`,
    remote: `sip:${caller.number}@pbx.example`,
    display_remote: caller.name ?? '',
    local: 'sip:201@pbx.example',
    model: 's505',
    firmware: '4.63.1.100',
  });
  return {
    id,
    type: `phone.${slug}`,
    at: new Date(atMs).toISOString(),
    site: 'default',
    phone: { id: phone, vendor: 'sangoma', ip: '10.0.0.7', mac: vars.mac as string },
    line: { user: '201', host: 'pbx.example' },
    local: { uri: 'sip:201@pbx.example', number: '201' },
    remote: {
      uri: `sip:${caller.number}@pbx.example`,
      number: caller.number,
      ...(caller.name === undefined ? {} : { name: caller.name }),
    },
    vars,
    suspect: [],
  };
}

function deliver(event: CallEvent, to: string, atMs: number, random: () => number, unit: UnitOfWork): void {
  const id = `${event.id}/${to}/0`;
  const text = `Call of ${event.call.remote.contact ?? event.call.remote.name ?? event.call.remote.number} ended as ${event.type}.`;
  const delivery: Delivery = {
    id,
    event: event.id,
    site: 'default',
    rule: `tell-${to}`,
    to,
    type: to,
    message: { text, details: { phones: event.call.phones, number: event.call.remote.number ?? null } },
    order: event.call.key,
    state: 'waiting',
    attempts: 0,
    madeAtMs: atMs,
    dueAtMs: atMs,
    expiresAtMs: atMs + 86_400_000,
  };
  unit.deliveries.push(delivery);
  const dead = random() < 0.02;
  const settlement: Settlement = {
    id,
    state: dead ? 'dead' : 'delivered',
    attempts: 1,
    dueAtMs: atMs,
    attempt: { atMs: atMs + 20, tookMs: 30 },
    ...(dead ? { error: 'the destination refused it', code: '400' } : {}),
  };
  unit.settled.push(settlement);
}

/** A UUIDv7 of that moment. */
function uuid(atMs: number, n: number, step: number): string {
  const time = atMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${step.toString(16).padStart(3, '0')}-8000-${n.toString(16).padStart(12, '0')}`;
}
