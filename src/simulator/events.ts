// From simulated hits to the events that a receiver would have made of them: same reading, no network, ids that never change.
import { createHash } from 'node:crypto';
import type { PhoneEvent } from '../core/events.ts';
import type { PhoneCard } from '../core/phone-card.ts';
import type { ReadVars, SimulatedHit } from '../core/simulation.ts';

/** What a virtual phone says of itself: a MAC that no real phone has (locally administered), an address of a private network. */
export function virtualPhone(id: string): { mac: string; ip: string; model: string; firmware: string } {
  const bytes = createHash('sha256').update(id).digest();
  const [a = 0, b = 0, c = 0] = bytes.subarray(5, 8);
  return {
    mac: `02${bytes.toString('hex', 0, 5)}`,
    ip: `10.${a}.${b}.${(c % 254) + 1}`,
    model: 's505',
    firmware: '4.63.1.100',
  };
}

/**
 * The events of hits at a site, in the order of time: each at least 1 ms after the one before, as the receiver gives moments.
 * `read`: how the receiver reads variables. `cardOf`: phones that the config knows keep their MAC and their make. The same
 * hits always become the same events, ids (UUIDv7 by form) included.
 */
export function hitEvents(
  hits: readonly SimulatedHit[],
  site: string,
  read: ReadVars,
  cardOf: (phone: string) => PhoneCard | undefined = () => undefined,
): PhoneEvent[] {
  const selves = new Map<string, ReturnType<typeof virtualPhone>>();
  const selfOf = (phone: string): ReturnType<typeof virtualPhone> => {
    const known = selves.get(phone);
    if (known !== undefined) return known;
    const mac = cardOf(phone)?.mac;
    const self = { ...virtualPhone(phone), ...(mac === undefined ? {} : { mac }) };
    selves.set(phone, self);
    return self;
  };
  let lastMs = Number.NEGATIVE_INFINITY;
  return [...hits]
    .sort((a, b) => a.atMs - b.atMs)
    .map((hit, n) => {
      lastMs = Math.max(Math.round(hit.atMs), lastMs + 1);
      return eventOf(hit, site, read({ ...selfOf(hit.phone), ...hit.vars }), cardOf(hit.phone), lastMs, n);
    });
}

function eventOf(
  { phone, slug }: SimulatedHit,
  site: string,
  { mac, ...reading }: ReturnType<ReadVars>,
  card: PhoneCard | undefined,
  atMs: number,
  n: number,
): PhoneEvent {
  const { vars } = reading;
  const event: PhoneEvent = {
    id: idOf(`${site}\n${phone}\n${slug}\n${n}`, atMs),
    type: `phone.${slug}`,
    at: new Date(atMs).toISOString(),
    site,
    phone: { id: phone, vendor: card?.vendor ?? 'sangoma' },
    line: {},
    ...reading,
  };
  if (mac !== undefined) event.phone.mac = mac;
  if (vars.ip !== undefined) event.phone.ip = vars.ip;
  if (vars.model !== undefined) event.phone.model = vars.model;
  if (vars.firmware !== undefined) event.phone.firmware = vars.firmware;
  if (vars.user !== undefined) event.line.user = vars.user;
  if (vars.host !== undefined) event.line.host = vars.host;
  if (vars.url !== undefined) event.line.uri = vars.url;
  if (vars.call_id !== undefined) event.callId = vars.call_id;
  return event;
}

/** A UUIDv7 (RFC 9562) by form; what would be random in it follows from the hit. */
function idOf(seed: string, atMs: number): string {
  const time = Math.max(0, atMs).toString(16).padStart(12, '0').slice(-12);
  const rest = createHash('sha256').update(seed).digest('hex');
  const variant = ((Number.parseInt(rest[3] ?? '0', 16) & 3) | 8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-${variant}${rest.slice(4, 7)}-${rest.slice(7, 19)}`;
}
