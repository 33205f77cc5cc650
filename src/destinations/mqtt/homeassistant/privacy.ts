// Privacy: what leaves of a phone's callers, by the connection's `callerData`; and everything a phone said made fit for one line.
import { createHmac } from 'node:crypto';
import type { LastCallerView, LastMissedView, PhoneEventView, PhoneSnapshot } from '../../../core/phone-view.ts';
import type { HomeAssistantSettings } from './settings.ts';
import { DISPLAY_CHARACTERS_MAX, labelOrNull, line } from './text.ts';

type Nullable<T, K extends keyof T> = Omit<T, K> & { [key in K]: T[key] | null };

/** What is published; keys and their order as they came. */
export type Veil = {
  state(snapshot: PhoneSnapshot): PhoneSnapshot;
  lastCaller(caller: LastCallerView): Nullable<LastCallerView, 'display'>;
  lastMissed(missed: LastMissedView): LastMissedView;
  event(event: PhoneEventView): PhoneEventView;
};

const MASK = '…';
const DIGITS_KEPT = 3;

/** `…142`: the last three digits, of a short number at most half of them, of a name that stands for a number none. */
export function maskNumber(number: string): string {
  if (/\p{L}/u.test(number)) return MASK;
  const digits = number.replace(/\D/g, '');
  const kept = Math.min(DIGITS_KEPT, Math.floor(digits.length / 2));
  return kept === 0 ? MASK : `${MASK}${digits.slice(-kept)}`;
}

/**
 * Hides what the setting says. A call's key holds the caller's number, so unless all is told another word stands for it: the
 * same for the same call, with a salt (random bytes) that nobody else has.
 */
export function createVeil(callerData: HomeAssistantSettings['callerData'], salt: Uint8Array): Veil {
  const full = callerData === 'full';
  const text = (value: string | null): string | null =>
    value === null ? null : line(value, DISPLAY_CHARACTERS_MAX) || null;

  const party = (known: { remote_number: string | null; remote_name: string | null; account: string | null }) => ({
    remote_number: numberOf(known.remote_number),
    remote_name: full ? text(known.remote_name) : null,
    account: labelOrNull(known.account),
  });

  function numberOf(number: string | null): string | null {
    if (full || number === null) return text(number);
    return callerData === 'masked' ? maskNumber(number) : null;
  }

  function displayOf({ display, remote_number }: LastCallerView): string | null {
    if (full) return text(display) ?? 'Anonymous';
    if (callerData === 'none') return null;
    return remote_number === null ? 'Anonymous' : maskNumber(remote_number);
  }

  const keyOf = (key: string): string =>
    full ? line(key, DISPLAY_CHARACTERS_MAX) : createHmac('sha256', salt).update(key).digest('hex').slice(0, 12);

  return {
    state: (snapshot) => ({
      ...snapshot,
      name: labelOrNull(snapshot.name) ?? snapshot.id,
      call: { ...snapshot.call, ...party(snapshot.call) },
      calls: snapshot.calls.map((call) => ({ ...call, key: keyOf(call.key), ...party(call) })),
      ip: labelOrNull(snapshot.ip),
      model: labelOrNull(snapshot.model),
      firmware: labelOrNull(snapshot.firmware),
    }),
    lastCaller: (caller) => ({ ...caller, display: displayOf(caller), ...party(caller) }),
    lastMissed: (missed) => ({ ...missed, ...party(missed) }),
    event: (event) => ({
      ...event,
      ...party(event),
      call_key: event.call_key === null ? null : keyOf(event.call_key),
    }),
  };
}
