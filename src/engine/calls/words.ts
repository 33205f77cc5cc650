// From a hit to the word that it says about a call; features and hook events say nothing about calls.
import type { PhoneEvent } from '../../core/events.ts';
import type { PhoneCard } from '../../core/phone-card.ts';
import { endLegs, type Folding, finishTransfer, foldWord, handOn, type Made } from './fold.ts';
import type { Calls } from './table.ts';
import type { Word } from './which.ts';

type Meaning = { word: Word; direction: 'in' | 'out' | null };

const MEANINGS: { readonly [type: string]: Meaning } = {
  'phone.incoming_call': { word: 'began', direction: 'in' },
  'phone.outgoing_call': { word: 'began', direction: 'out' },
  'phone.established': { word: 'answered', direction: null },
  'phone.answer_new_call': { word: 'answered', direction: 'in' },
  'phone.terminated': { word: 'ended', direction: null },
  'phone.missed_call': { word: 'missed', direction: 'in' },
  'phone.reject_incoming_call': { word: 'rejected', direction: 'in' },
  'phone.forward_incoming_call': { word: 'forwarded', direction: 'in' },
};

/** busy_to_idle may overtake the next call's first hit by this much. */
const RESET_GRACE_MS = 300;

/** A hit as the fold of calls takes it. Numbers are normalised, null where withheld or not said; `atMs`: ms since 1970. */
export type Fragment = {
  event: PhoneEvent;
  card: PhoneCard | undefined;
  /** The other side's; where the hit names nobody, that of the phone's call it means. */
  number: string | null;
  /** The phone's own. */
  ownNumber: string | null;
  callId: string | null;
  atMs: number;
};

/** Folds one hit into the calls of its site, in place. Returns the events that follow at once. Total. */
export function foldFragment(calls: Calls, fragment: Fragment, folding: Folding): Made[] {
  const { event, card, number, callId, atMs } = fragment;
  const phone = event.phone.id;
  const meaning = MEANINGS[event.type];
  if (meaning !== undefined)
    return foldWord(
      calls,
      { word: meaning.word, direction: meaning.direction, phone, card, number, callId, atMs },
      event.id,
      event.remote,
      folding,
    );
  switch (event.type) {
    case 'phone.busy_to_idle':
      endLegs(calls, phone, atMs, atMs - RESET_GRACE_MS, folding);
      break;
    case 'phone.setup_completed':
      endLegs(calls, phone, atMs, Number.POSITIVE_INFINITY, folding);
      break;
    case 'phone.transfer':
    case 'phone.blind_transfer':
    case 'phone.attended_transfer':
      handOn(calls, phone, atMs, folding);
      break;
    case 'phone.transfer_finished':
      finishTransfer(calls, phone, fragment.ownNumber, atMs, folding);
      break;
  }
  return [];
}
