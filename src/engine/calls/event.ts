// From a call as it stands to the event that tells it: the shape that rules, webhooks and people see.
import type { CallDetails, CallEvent, CallPhone } from '../../core/events.ts';
import type { PhoneBook } from '../../core/phone-book.ts';
import type { Made } from './fold.ts';
import type { Call, Leg } from './state.ts';

const seconds = (ms: number): number => Math.max(0, Math.round(ms / 1000));

function outcomeOf(leg: Leg, call: Call): CallPhone['outcome'] {
  if (leg.answeredMs !== null) return 'answered';
  if (leg.forwardedMs !== null) return 'forwarded';
  if (leg.rejected) return 'rejected';
  if (leg.missed) return 'missed';
  return leg.endedMs === null && call.closedMs === null ? 'ringing' : 'ended';
}

/** One entry a phone: a phone that was handed the call twice counts by its last part. */
function phonesOf(call: Call): CallPhone[] {
  const phones = new Map<string, CallPhone>();
  for (const leg of call.legs) {
    const before = phones.get(leg.phone);
    const outcome = outcomeOf(leg, call);
    if (before?.outcome !== 'answered') phones.set(leg.phone, { id: leg.phone, outcome });
  }
  return [...phones.values()];
}

/** The names of a call's other side as the phone book has them now. */
type Names = Pick<PhoneBook, 'kindOf'> & { contactOf(number: string): string | null };

/** The event. Its id follows from the call's key, so that every replay makes the same. */
export function callEventOf(made: Made, site: string, names: Names): CallEvent {
  const { type, call, atMs } = made;
  const word = type.slice('call.'.length);
  return {
    id: `${call.key}-${word}${againOf(word, call)}`,
    type,
    at: new Date(atMs).toISOString(),
    site,
    call: detailsOf(made, site, names),
  };
}

/** What can be said a second time, after a correction or by another person, counts up. */
function againOf(word: string, { corrections, claimed }: Call): string {
  if (word === 'claimed') return claimed === undefined || claimed.times === 1 ? '' : `-${claimed.times}`;
  return corrections > 0 && word !== 'ringing' && word !== 'dialing' ? `-${corrections}` : '';
}

function detailsOf({ call, before }: Made, site: string, names: Names): CallDetails {
  const contact = call.number === null ? null : names.contactOf(call.number);
  const { uri, name } = call.remote;
  const details: CallDetails = {
    key: call.key,
    remote: { kind: names.kindOf(site, call.number) },
    phones: phonesOf(call),
    groups: [...call.groups],
    startedAt: new Date(call.startedMs).toISOString(),
  };
  if (call.direction !== null) details.direction = call.direction;
  if (uri !== undefined) details.remote.uri = uri;
  if (call.number !== null) details.remote.number = call.number;
  if (name !== undefined) details.remote.name = name;
  if (contact !== null) details.remote.contact = contact;
  if (call.answeredBy !== null) details.answeredBy = call.answeredBy;
  Object.assign(details, timesOf(call));
  if (call.verdict !== null) details.outcome = call.verdict;
  if (call.returned !== undefined) {
    details.returnedBy = call.returned.by;
    details.returnedAt = new Date(call.returned.atMs).toISOString();
  }
  if (call.claimed !== undefined) {
    details.claimedBy = call.claimed.by;
    details.claimedAt = new Date(call.claimed.atMs).toISOString();
  }
  if (before !== undefined && before !== null) details.correctedFrom = before;
  return details;
}

/** Seconds that are known: not those of a ringing or dialing that nobody heard begin, nor of what still goes on. */
function timesOf(call: Call): Pick<CallDetails, 'ringSeconds' | 'talkSeconds'> {
  const { answeredMs, closedMs, legs } = call;
  const beganMs = Math.min(...legs.map((leg) => leg.beganMs ?? Number.POSITIVE_INFINITY));
  const endedMs = Math.max(...legs.map((leg) => leg.endedMs ?? 0));
  const rangUntilMs = answeredMs ?? (closedMs === null ? undefined : endedMs);
  const talkedUntilMs = Math.max(...legs.map((leg) => (leg.answeredMs === null ? 0 : (leg.endedMs ?? 0))));
  return {
    ...(beganMs < Number.POSITIVE_INFINITY && rangUntilMs !== undefined
      ? { ringSeconds: seconds(rangUntilMs - beganMs) }
      : {}),
    ...(answeredMs !== null && closedMs !== null && talkedUntilMs > 0
      ? { talkSeconds: seconds(talkedUntilMs - answeredMs) }
      : {}),
  };
}
