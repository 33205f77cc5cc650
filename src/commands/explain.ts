// `hookswitch explain`: why a message came or did not come, from the hit to every attempt; or that nothing was said at all.
import type { ShownEvent } from '../console/index.ts';
import { type JournalEvent, type PhoneEvent, phoneIdOf, UNKNOWN_PHONE } from '../core/events.ts';
import type { Attempt, StoredDelivery } from '../core/store.ts';
import type { Saw } from '../engine/index.ts';
import { createExplain, type Explanation, type Told, targetOf } from '../explain.ts';
import { programOf } from '../program-of.ts';
import { type Ask, accepted, asking, CommandEnd } from './daemon.ts';
import { momentIn } from './events.ts';
import { EXIT } from './exit.ts';
import { type History, historyOf, journal, namesBefore } from './history.ts';
import { type CommandIo, cut, type PlaceOptions, type Register, say, sayJson, withPlaces } from './io.ts';
import { configFor } from './replay.ts';

/** Moments in ms since 1970, as text. */
type Options = PlaceOptions & {
  number?: string;
  phone?: string;
  at?: string;
  from?: string;
  to?: string;
  rules?: string;
  json?: boolean;
};

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** How far from `--at` an event may lie. */
const AROUND_MS = 10 * MINUTE_MS;
/** Where no time is given, so far back. */
const BACK_MS = 7 * DAY_MS;
/** Read before the event, so that calls, waits and limits are as they were, and after it, so that what waits can end. */
const MARGIN_MS = DAY_MS;

export const register: Register = (program, io, finish) => {
  withPlaces(
    program
      .command('explain')
      .description('tell why a message came or did not come: what each rule said of an event, and what followed'),
  )
    .argument('[event]', 'id of an event, as `hookswitch events` shows it')
    .option('--number <number>', 'the newest event with that number instead')
    .option('--phone <id>', 'an event of that phone instead; with --at or --from and --to')
    .option('--at <time>', 'the one nearest to that time', momentIn(io))
    .option('--from <time>', 'what the phone said from then on', momentIn(io))
    .option('--to <time>', 'and up to then (default: now)', momentIn(io))
    .option('--rules <path>', 'by other rules than those of the config')
    .option('--json', 'one JSON object instead of text')
    .action(async (event: string | undefined, options: Options, command) => {
      const ways = [event, options.number, options.phone].filter((way) => way !== undefined);
      if (ways.length !== 1) command.error('error: give the id of an event, --number or --phone');
      finish(
        await asking(io, options, 'store', (ask, _live, archive) =>
          explain(event, options, io, ask, historyOf(ask, archive)),
        ),
      );
    });
};

async function explain(
  given: string | undefined,
  options: Options,
  io: CommandIo,
  ask: Ask,
  history: History,
): Promise<number> {
  const config = await configFor(options, io);
  const program = programOf(config);
  const number = options.number;
  const sites = [...config.sites.keys()];
  const isNumber = (event: JournalEvent): boolean =>
    number !== undefined &&
    'remote' in event &&
    sites.some((site) => {
      const wanted = program.book.numberOf(site, { number });
      return wanted !== null && program.book.numberOf(event.site, event.remote) === wanted;
    });
  const target = given === undefined ? await search(options, io, history, isNumber) : await byId(given, ask);
  if (target === undefined) return EXIT.failed;
  const id = given ?? target.id;
  const explaining = createExplain(program, id);
  const atMs = Date.parse(target.at);
  const around = { fromMs: atMs - MARGIN_MS, toMs: atMs + MARGIN_MS };
  for await (const note of namesBefore(history, around.fromMs)) explaining.take(note);
  for await (const event of journal(history, around)) {
    if (io.stopped.aborted) throw new CommandEnd(EXIT.failed, 'stopped before the end');
    explaining.take(event);
  }
  const explanation = explaining.end(Math.min(around.toMs, io.clock.wallMs()));
  if (explanation === undefined) throw new CommandEnd(EXIT.failed, `the event ${id} is in no journal any more`);
  await tell(explanation, await rawOf(target.id, ask), options, io, ask);
  return EXIT.ok;
}

/** The hit that an id is about: its own, or that of which it was made. */
async function byId(id: string, ask: Ask): Promise<PhoneEvent> {
  const { hit } = targetOf(id);
  const found = accepted<{ events: ShownEvent[] }>(await ask('GET', `/events?${new URLSearchParams({ id: hit })}`));
  const [event] = found.events;
  if (event === undefined || !('remote' in event))
    throw new CommandEnd(EXIT.failed, `there is no event ${id}; see: hookswitch events`);
  return event as unknown as PhoneEvent;
}

/** The nearest event that fits; where there is none, what is known instead is said. */
async function search(
  { phone, at, from, to }: Options,
  io: CommandIo,
  history: History,
  isNumber: (event: JournalEvent) => boolean,
): Promise<PhoneEvent | undefined> {
  const nowMs = io.clock.wallMs();
  const [fromMs, toMs] =
    at === undefined
      ? [Number(from ?? nowMs - BACK_MS), Number(to ?? nowMs)]
      : [Number(at) - AROUND_MS, Number(at) + AROUND_MS];
  const aim = at === undefined ? toMs : Number(at);
  let nearest: PhoneEvent | undefined;
  let before: PhoneEvent | undefined;
  for await (const event of journal(history, { fromMs: fromMs - BACK_MS, toMs })) {
    if (!('remote' in event) || !(phone === undefined ? isNumber(event) : event.phone.id === phone)) continue;
    if (Date.parse(event.at) < fromMs) before = event;
    else if (nearest === undefined || off(event, aim) <= off(nearest, aim)) nearest = event;
  }
  if (nearest !== undefined) return nearest;
  const who = phone === undefined ? 'nobody spoke with that number' : `phone ${phone} sent nothing`;
  const last = before === undefined ? 'never heard of before' : `last seen ${clock(before.at)} (${word(before)})`;
  say(io.out, `${who} between ${iso(fromMs)} and ${iso(toMs)}; ${last}`);
  return undefined;
}

const off = ({ at }: PhoneEvent, aim: number): number => Math.abs(Date.parse(at) - aim);
const iso = (ms: number): string => new Date(ms).toISOString();
const clock = (at: string): string => at.replace(/\.\d+Z$/, 'Z');
const word = ({ type }: PhoneEvent): string => type.slice('phone.'.length);

async function rawOf(id: string, ask: Ask): Promise<string | undefined> {
  const found = accepted<{ events: ShownEvent[] }>(await ask('GET', `/events?${new URLSearchParams({ id })}`));
  const raw = found.events[0]?.raw_b64;
  return typeof raw === 'string' && raw !== '' ? Buffer.from(raw, 'base64').toString('latin1') : undefined;
}

type Sent = StoredDelivery & { tries: Attempt[] };

async function sentOf(event: string, ask: Ask): Promise<Sent[]> {
  const query = new URLSearchParams({ event, limit: '1000' });
  const { deliveries } = accepted<{ deliveries: StoredDelivery[] }>(await ask('GET', `/deliveries?${query}`));
  const sent: Sent[] = [];
  for (const delivery of deliveries) {
    const route = `/attempts?${new URLSearchParams({ delivery: delivery.id })}`;
    sent.push({ ...delivery, tries: accepted<{ attempts: Attempt[] }>(await ask('GET', route)).attempts });
  }
  return sent;
}

async function tell(
  { story, quarantined }: Explanation,
  raw: string | undefined,
  options: Options,
  io: CommandIo,
  ask: Ask,
): Promise<void> {
  const told: { one: Told; sent: Sent[] }[] = [];
  for (const one of story) told.push({ one, sent: await sentOf(one.event.id, ask) });
  if (options.json === true) {
    const events = told.map(({ one: { event, verdicts }, sent }) => ({ event, verdicts, deliveries: sent }));
    sayJson(io.out, { raw: raw ?? null, quarantined, events });
    return;
  }
  for (const [n, { one, sent }] of told.entries()) {
    if (n > 0) say(io.out, '');
    tellEvent(one, n === 0 ? raw : undefined, io);
    if (n === 0 && quarantined) say(io.out, `  kept from all rules: ${whyKept(one.event)}`);
    else tellVerdicts(one, io);
    for (const delivery of sent) tellDelivery(delivery, io);
    const lost = one.deliveries.filter(({ id }) => !sent.some((delivery) => delivery.id === id));
    for (const { rule, to } of lost)
      say(io.out, `  ${rule} → ${to}: these rules would send this now; it was not sent then`);
  }
}

const whyKept = (event: Told['event']): string =>
  'suspect' in event && event.suspect.includes(UNKNOWN_PHONE)
    ? 'nobody had made this phone known; see `hookswitch phones`'
    : 'it names the MAC address of another phone';

function tellEvent({ event }: Told, raw: string | undefined, io: CommandIo): void {
  say(io.out, `${event.at}  ${event.type}  ${phoneIdOf(event) ?? ''}  ${event.id}`.replaceAll('    ', '  '));
  if (raw !== undefined) say(io.out, `  received: ${cut(raw, 200)}`);
  if ('call' in event) {
    const { phones, outcome, answeredBy, remote } = event.call;
    const rang = phones.map(({ id, outcome: what }) => `${id} ${what}`).join(', ');
    const by = answeredBy === undefined ? '' : ` by ${answeredBy}`;
    const who = remote.contact ?? remote.number ?? 'withheld';
    say(io.out, `  call of ${who} (${remote.kind}): ${outcome ?? 'open, or nobody said how it ended'}${by}; ${rang}`);
  } else if ('remote' in event) {
    const { number, name } = event.remote;
    const doubts = event.suspect.length === 0 ? '' : `; doubtful: ${event.suspect.join(', ')}`;
    say(io.out, `  read: number ${number ?? 'not said'}, name ${JSON.stringify(name ?? null)}${doubts}`);
    if ('from' in event) say(io.out, `  state: ${event.from} → ${event.to}`);
  }
}

function tellVerdicts({ verdicts }: Told, io: CommandIo): void {
  if (verdicts.length === 0) say(io.out, '  no rule takes this event');
  for (const { rule, stages } of verdicts) {
    const no = stages.find(({ ok }) => !ok);
    if (no !== undefined) say(io.out, `  ${rule}: no at "${no.stage}"${because(no)}`);
    else say(io.out, `  ${rule}: ${stages.map((saw) => `${saw.stage}${because(saw)}`).join(', ')}`);
  }
}

const because = ({ saw }: Saw): string => (saw === undefined ? '' : ` (${saw})`);

function tellDelivery({ id, rule, to, type, state, lastError, tries }: Sent, io: CommandIo): void {
  const why = lastError === undefined ? '' : `, ${cut(lastError, 120)}`;
  say(io.out, `  ${rule} → ${to} (${type}): ${state}${why}  ${id}`);
  for (const { n, atMs, tookMs, code, error } of tries) {
    const result = [code, error].filter((part) => part !== undefined).join(' ');
    say(io.out, `    attempt ${n} at ${iso(atMs)}, ${tookMs} ms${result === '' ? '' : `: ${cut(result, 120)}`}`);
  }
}
