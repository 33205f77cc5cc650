// Tiles and cards: a phone and a call in the few words that the wall shows. The page and the live stream say the same.
import type { CallRecord } from '../../core/history.ts';
import type { PhoneView } from '../../core/phone-view.ts';

/** Everything is text; the page only puts it where it belongs. */
export type Tile = {
  id: string;
  name: string;
  groups: string[];
  state: string;
  word: string;
  who: string;
  /** ISO 8601, or ''. */
  since: string;
  marks: string[];
  missed: string;
};

export type Card = {
  key: string;
  state: string;
  word: string;
  who: string;
  since: string;
  phones: string;
};

const WORDS: Readonly<Record<string, string>> = {
  idle: 'idle',
  off_hook: 'off hook',
  dialing: 'dialing',
  ringing: 'ringing',
  in_call: 'in a call',
  on_hold: 'on hold',
  busy: 'busy',
};

/** The state in words; a phone that nobody heard of yet is `unknown`. */
export const stateWord = (state: string | null): string => (state === null ? 'unknown' : (WORDS[state] ?? state));

export function tileOf({ id, groups, state }: PhoneView): Tile {
  const [call] = state.calls;
  const marks: string[] = [];
  if (state.registered === false) marks.push('not registered');
  if (state.dnd === true) marks.push('do not disturb');
  const { always, busy, no_answer } = state.forward;
  if (always === true) marks.push('forwards all calls');
  else if (busy === true || no_answer === true) marks.push('forwards some calls');
  if (state.muted === true) marks.push('muted');
  if (state.calls.length > 1) marks.push(`${state.calls.length} calls`);
  return {
    id,
    name: state.name,
    groups,
    state: state.call_state ?? 'unknown',
    word: stateWord(state.call_state),
    who: call === undefined ? '' : (call.remote_name ?? call.remote_number ?? 'withheld'),
    since: call?.since ?? '',
    marks,
    missed: state.missed_calls === 0 ? '' : `${state.missed_calls} missed`,
  };
}

const CALL_WORDS: Readonly<Record<CallRecord['state'], string>> = {
  open: 'open',
  ended: 'ended',
  answered: 'answered',
  missed: 'missed',
  rejected: 'rejected',
  forwarded: 'forwarded',
};

/** Who is on the other side, in the words that tell most. */
export const callerOf = ({ contact, name, number }: Pick<CallRecord, 'contact' | 'name' | 'number'>): string =>
  contact ?? name ?? number ?? 'withheld';

/** How a call stands, in words: `ringing`, `in a call`, `missed, called back`. */
export function callWord(call: CallRecord): string {
  if (call.state !== 'open')
    return `${CALL_WORDS[call.state]}${call.returnedBy !== null ? ', called back' : call.claimedBy !== null ? ', taken' : ''}`;
  if (call.answeredBy !== null) return 'in a call';
  return call.direction === 'out' ? 'dialing' : 'ringing';
}

export const cardOf = (call: CallRecord): Card => ({
  key: call.key,
  state: call.answeredBy !== null ? 'in_call' : call.direction === 'out' ? 'dialing' : 'ringing',
  word: callWord(call),
  who: callerOf(call),
  since: new Date(call.startedAtMs).toISOString(),
  phones: call.answeredBy ?? call.phones.map(({ id }) => id).join(', '),
});
