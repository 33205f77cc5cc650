// CallCard: a call as it stands, for a message that lives as long as the call; EventGroup: events that came together.
import type { CallEvent, CallEventType, CallPhone, RemoteKind } from './events.ts';
import type { Known } from './fields.ts';

type Named = { id: string; name: string | null };

/** Every key always there. `remote` and `claimedBy` are strangers' texts: hostile until encoded. Times are ISO 8601 UTC. */
export type CallCard = {
  /** What happened last, and when. */
  type: CallEventType;
  at: string;
  site: string;
  key: string;
  direction: 'in' | 'out' | null;
  startedAt: string;
  remote: { number: string | null; name: string | null; contact: string | null; kind: RemoteKind };
  phones: (Named & { outcome: CallPhone['outcome'] })[];
  groups: string[];
  answeredBy: Named | null;
  ringSeconds: number | null;
  talkSeconds: number | null;
  outcome: 'answered' | 'missed' | 'rejected' | 'forwarded' | null;
  correctedFrom: 'answered' | 'missed' | 'rejected' | 'forwarded' | null;
  returnedBy: Named | null;
  returnedAt: string | null;
  claimedBy: string | null;
  claimedAt: string | null;
};

/** Events that came together in a rule with `count` or `wait`: how many, and of the first 100 when each came and whose it was. */
export type EventGroup = {
  count: number;
  /** `caller`: contact, else number, else `null` (withheld). Hostile. */
  rows: { at: string; caller: string | null }[];
};

/** The card of a call event. */
export function callCardOf(event: CallEvent, known: Known): CallCard {
  const { call } = event;
  const named = (id: string): Named => ({ id, name: known.nameOf?.(id) ?? null });
  return {
    type: event.type,
    at: event.at,
    site: event.site,
    key: call.key,
    direction: call.direction ?? null,
    startedAt: call.startedAt,
    remote: {
      number: known.number,
      name: call.remote.name ?? null,
      contact: known.contact,
      kind: call.remote.kind,
    },
    phones: call.phones.map(({ id, outcome }) => ({ ...named(id), outcome })),
    groups: call.groups,
    answeredBy: call.answeredBy === undefined ? null : named(call.answeredBy),
    ringSeconds: call.ringSeconds ?? null,
    talkSeconds: call.talkSeconds ?? null,
    outcome: call.outcome ?? null,
    correctedFrom: call.correctedFrom ?? null,
    returnedBy: call.returnedBy === undefined ? null : named(call.returnedBy),
    returnedAt: call.returnedAt ?? null,
    claimedBy: call.claimedBy ?? null,
    claimedAt: call.claimedAt ?? null,
  };
}

/** The group that a message tells of; of an event that came alone, that event. */
export function eventGroupOf(event: { at: string }, known: Known): EventGroup {
  const { events = [Date.parse(event.at)], callers = [known.contact ?? known.number ?? ''] } = known;
  return {
    count: known.count ?? events.length,
    rows: events.map((atMs, n) => ({ at: new Date(atMs).toISOString(), caller: callers[n] || null })),
  };
}
