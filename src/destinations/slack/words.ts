// The state of a call in words, from its card: an emoji and a sentence without any stranger's text.
import type { CallCard } from '../../core/call-card.ts';
import { plainText } from './encode.ts';

const NAME_MAX = 60;

type Named = { id: string; name: string | null };

/** What a phone is called; from the config, and cleaned all the same. */
export const nameOf = ({ id, name }: Named): string =>
  plainText(name ?? '', NAME_MAX) || plainText(id, NAME_MAX) || '?';

/** `6 s`, `3 min`, `1 h 5 min`: how long something took, as people say it. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

export type StateInWords = { emoji: string; words: string };

/** What is to be said first about a call. Total. */
export function stateOf(card: CallCard): StateInWords {
  if (card.type === 'call.corrected') return corrected(card);
  if (
    card.type === 'call.claimed' ||
    (card.claimedBy !== null && card.returnedBy === null && card.outcome === 'missed')
  )
    return { emoji: '🙋', words: `Taken: ${lower(plainState({ ...card, claimedBy: null }).words)}` };
  return plainState(card);
}

function plainState(card: CallCard): StateInWords {
  if (card.returnedBy !== null)
    return { emoji: '↩️', words: `Called back from ${nameOf(card.returnedBy)}${afterWait(card)}` };
  if (card.type === 'call.ended' || card.talkSeconds !== null) {
    const over = ended(card);
    if (over !== undefined) return over;
  }
  switch (card.outcome) {
    case 'missed':
      return { emoji: '📵', words: missed(card) };
    case 'rejected':
      return { emoji: '🚫', words: `Rejected${at(card, 'rejected')}` };
    case 'forwarded':
      return { emoji: '➡️', words: `Forwarded${at(card, 'forwarded', 'from')}` };
    default:
      return answeredOrOpen(card);
  }
}

function answeredOrOpen(card: CallCard): StateInWords {
  if (card.answeredBy !== null || card.outcome === 'answered') return { emoji: '📞', words: answered(card) };
  if (card.direction === 'out') return { emoji: '☎️', words: `Dialing${at(card, undefined, 'from')}` };
  return { emoji: '🔔', words: `Ringing${at(card)}` };
}

/** Of a call that is over and was not missed, rejected or forwarded. */
function ended(card: CallCard): StateInWords | undefined {
  if (card.outcome !== null && card.outcome !== 'answered') return undefined;
  const talked = card.talkSeconds === null ? '' : ` after ${span(card.talkSeconds)}`;
  return { emoji: '☑️', words: `Ended${talked}` };
}

function answered({ answeredBy, direction, ringSeconds }: CallCard): string {
  const after = ringSeconds === null ? '' : ` after ${span(ringSeconds)}`;
  if (direction === 'out') return `Got through${answeredBy === null ? '' : ` from ${nameOf(answeredBy)}`}${after}`;
  return `Answered${answeredBy === null ? '' : ` at ${nameOf(answeredBy)}`}${after}`;
}

function missed(card: CallCard): string {
  if (card.direction === 'out') return 'Nobody answered';
  if (card.phones.length > 1) return `Missed by all ${card.phones.length} phones`;
  return `Missed${at(card)}`;
}

function corrected(card: CallCard): StateInWords {
  const now = plainState({ ...card, type: 'call.answered', returnedBy: null, talkSeconds: null });
  const before = card.correctedFrom === null ? '' : `, not ${card.correctedFrom}`;
  return { emoji: '✏️', words: `Corrected: ${lower(now.words)}${before}` };
}

/** ` at Front desk` or ` at 3 phones`, of the phones that did that (all, if none is named). */
function at(card: CallCard, outcome?: string, word = 'at'): string {
  const some = card.phones.filter((phone) => outcome === undefined || phone.outcome === outcome);
  const phones = some.length === 0 ? card.phones : some;
  const [first] = phones;
  if (first === undefined) return '';
  return phones.length === 1 ? ` ${word} ${nameOf(first)}` : ` ${word} ${phones.length} phones`;
}

function afterWait({ startedAt, returnedAt }: CallCard): string {
  const waitedMs = returnedAt === null ? Number.NaN : Date.parse(returnedAt) - Date.parse(startedAt);
  return waitedMs >= 0 ? ` after ${span(waitedMs / 1000)}` : '';
}

const lower = (words: string): string => words.charAt(0).toLowerCase() + words.slice(1);
