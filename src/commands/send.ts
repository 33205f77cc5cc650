// `hookswitch send`: plays one hit of a virtual phone over real HTTP, and shows what came of it.
import { InvalidArgumentError } from 'commander';
import type { OnceToken, ShownEvent } from '../console/index.ts';
import { phoneIdOf, SLUGS, UNKNOWN_PHONE } from '../core/events.ts';
import { normaliseMac } from '../core/phone-card.ts';
import { didYouMean } from '../core/problems.ts';
import type { StoredDelivery } from '../core/store.ts';
import { VIRTUAL_MAC } from '../virtual-hits.ts';
import { type Ask, accepted, asking } from './daemon.ts';
import { pause } from './events.ts';
import { EXIT } from './exit.ts';
import { hitText, sendHit } from './hit.ts';
import { type CommandIo, cut, type PlaceOptions, type Register, say, sayJson, withPlaces } from './io.ts';

type Options = PlaceOptions & {
  phone?: string;
  site?: string;
  mac?: string;
  remote?: string;
  local?: string;
  name?: string;
  url?: URL;
  json?: boolean;
};

const WAIT_MS = 5_000;
/** A hit that may end a call is followed until its verdict, which waits for the settle time and for phones that still ring. */
const VERDICT_MS = 10_000;
const MAY_END_A_CALL = ['missed_call', 'terminated', 'reject_incoming_call', 'forward_incoming_call', 'busy_to_idle'];
const LOOK_MS = 100;
const TOKEN_ENV = 'HOOKSWITCH_TOKEN';

export const register: Register = (program, io, finish) => {
  withPlaces(program.command('send').description('play one hit of a virtual phone, and show what comes of it'))
    .argument('<event>', 'what the phone says, like missed_call', slugOf)
    .option('--phone <id>', 'as this phone of the config')
    .option('--site <id>', 'as an unknown phone of this site (default: default)')
    .option('--mac <mac>', `MAC address that the phone claims (default without --phone: ${VIRTUAL_MAC})`, macOf)
    .option('--remote <number>', 'the other side: number or SIP URI')
    .option('--name <text>', "the other side's display name, sent as it is")
    .option('--local <number>', "the phone's own number or SIP URI")
    .option(
      '--url <base>',
      `where to send it (default: the daemon here); a token in ${TOKEN_ENV} is then used, if set`,
      urlOf,
    )
    .option('--json', 'one JSON object instead of text')
    .action(async (slug: string, options: Options, command) => {
      if (options.phone !== undefined && options.site !== undefined)
        command.error('error: give --phone or --site, not both');
      finish(await send(slug, options, io));
    });
};

function slugOf(text: string): string {
  const slug = text.replace(/^phone\./, '');
  if ((SLUGS as readonly string[]).includes(slug)) return slug;
  throw new InvalidArgumentError(didYouMean(slug, SLUGS) ?? `one of ${SLUGS.join(' ')}`);
}

function macOf(text: string): string {
  const mac = normaliseMac(text);
  if (mac === undefined) throw new InvalidArgumentError('write it like 00:50:58:a1:b2:c3');
  return mac;
}

function urlOf(text: string): URL {
  if (!/^https?:\/\/[^?#]*$/.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('write it like http://192.168.1.10:8484');
  return new URL(text);
}

type Played = {
  status: number;
  event?: ShownEvent;
  /** What was made of it: changes of state, and what it means for its call. */
  followed: ShownEvent[];
  deliveries: StoredDelivery[];
  settled: boolean;
};

const NOTHING_YET = { followed: [], deliveries: [] };

function send(slug: string, options: Options, io: CommandIo): Promise<number> {
  const token = io.env[TOKEN_ENV];
  if (options.url !== undefined && token !== undefined && token !== '')
    return play(slug, options, io, options.url, token, '').then((played) =>
      tell({ ...played, ...NOTHING_YET, settled: true }, options, io),
    );
  return asking(io, options, 'daemon', async (ask) => {
    const whom =
      options.phone !== undefined ? { phone: options.phone } : options.site !== undefined ? { site: options.site } : {};
    const once = accepted<OnceToken>(await ask('POST', '/tokens/once', whom));
    const before =
      accepted<{ events: ShownEvent[] }>(await ask('GET', '/events?newest=true&limit=1')).events[0]?.seq ?? 0;
    const mark = `send-${io.random.uuid7(io.clock.wallMs())}`;
    const played = await play(slug, options, io, options.url ?? new URL(once.base), once.token, mark);
    if ('failed' in played || played.status !== 200)
      return tell({ ...played, ...NOTHING_YET, settled: true }, options, io);
    return tell({ ...played, ...(await outcome(ask, io, before, mark)) }, options, io);
  });
}

function play(slug: string, options: Options, io: CommandIo, base: URL, token: string, mark: string) {
  const mac = options.mac ?? (options.phone === undefined ? VIRTUAL_MAC : undefined);
  const text = hitText(base, token, slug, [
    ['mac', mac],
    ['model', 'hookswitch-send'],
    ['call_id', mark === '' ? undefined : mark],
    ['local', options.local],
    ['remote', options.remote],
    ['display_remote', options.name],
  ]);
  return sendHit(base, text, io.clock);
}

/** Looks until the event is decided, its call has its verdict and all deliveries are settled, for some seconds at most. */
async function outcome(ask: Ask, io: CommandIo, after: number, mark: string): Promise<Omit<Played, 'status'>> {
  const sinceMs = io.clock.monotonicMs();
  for (;;) {
    const { events } = accepted<{ events: ShownEvent[] }>(await ask('GET', `/events?after=${after}&limit=1000`));
    const event = events.find((one) => 'vars' in one && one.vars.call_id === mark);
    const followed = event === undefined ? [] : events.filter((one) => follows(one, event));
    const deliveries: StoredDelivery[] = [];
    for (const { id } of event === undefined ? [] : [event, ...followed])
      deliveries.push(...(await deliveriesOf(ask, id)));
    const mayEnd = event !== undefined && MAY_END_A_CALL.includes(event.type.replace('phone.', ''));
    const verdict = !mayEnd || followed.some(({ type }) => type === 'call.missed' || type === 'call.ended');
    const settled = event?.processed === true && deliveries.every((delivery) => delivery.state !== 'waiting');
    const over = io.clock.monotonicMs() - sinceMs >= (verdict ? WAIT_MS : VERDICT_MS) || io.stopped.aborted;
    if ((settled && verdict) || over)
      return { ...(event === undefined ? {} : { event }), followed, deliveries, settled };
    await pause(io, LOOK_MS);
  }
}

/** Whether one event came of another: by its cause, or because it tells of a call in which that phone took part. */
function follows(one: ShownEvent, event: ShownEvent): boolean {
  if ('cause' in one && one.cause === event.id) return true;
  return 'call' in one && one.seq > event.seq && one.call.phones.some(({ id }) => id === phoneIdOf(event));
}

async function deliveriesOf(ask: Ask, event: string): Promise<StoredDelivery[]> {
  const query = new URLSearchParams({ event, limit: '1000' });
  return accepted<{ deliveries: StoredDelivery[] }>(await ask('GET', `/deliveries?${query}`)).deliveries;
}

type Told = ({ status: number } | { failed: string }) & Omit<Played, 'status'>;

function tell(played: Told, options: Options, io: CommandIo): number {
  const { event, followed, deliveries, settled } = played;
  const fine = 'status' in played && played.status === 200 && deliveries.every((d) => d.state !== 'dead');
  const code = fine ? EXIT.ok : EXIT.failed;
  if (options.json === true) {
    const { seq: _, processed: __, ...shown } = event ?? ({} as ShownEvent);
    const head = 'status' in played ? { status: played.status } : { status: null, failed: played.failed };
    const made = followed.map(({ seq: _seq, processed: _processed, raw_b64: _raw, ...one }) => one);
    sayJson(io.out, { ...head, event: event === undefined ? null : shown, followed: made, settled, deliveries });
    return code;
  }
  if ('failed' in played) say(io.err, `the hit could not be sent (${played.failed})`);
  else if (played.status !== 200) say(io.err, `the hit was refused: HTTP ${played.status}`);
  else
    say(
      io.out,
      event === undefined
        ? 'the hit was accepted: HTTP 200'
        : `${event.type} of ${phoneIdOf(event)}: event ${event.id}`,
    );
  for (const one of followed) say(io.out, `${one.type}: event ${one.id}`);
  for (const delivery of deliveries) {
    say(io.out, `  ${delivery.rule} → ${delivery.to} (${delivery.type}): ${stateText(delivery)}`);
    say(io.out, `    ${cut(JSON.stringify(delivery.message), 400)}`);
  }
  if (event !== undefined && 'suspect' in event && event.suspect.includes(UNKNOWN_PHONE)) {
    say(io.out, '  kept from all rules: nobody made this phone known');
    say(io.out, `  play a phone that is known with --phone <id>, or: hookswitch phones adopt ${phoneIdOf(event)}`);
  } else if (event !== undefined && deliveries.length === 0)
    say(io.out, settled ? '  no rule made anything of it' : '  not decided yet');
  return code;
}

function stateText({ state, attempts, lastError, lastCode }: StoredDelivery): string {
  const why = [lastCode, lastError].filter((text) => text !== undefined).join(' ');
  return `${state}${attempts > 1 ? ` after ${attempts} attempts` : ''}${why === '' ? '' : `, ${cut(why, 120)}`}`;
}
