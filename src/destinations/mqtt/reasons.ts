// Reasons: what a broker's codes mean, in words, and whether a message with such an answer is tried again.
import type { Outcome } from '../../core/delivery.ts';

/** Reason codes of MQTT 5.0 (section 2.4) that a publisher meets; CONNACK return codes of MQTT 3.1.1 (table 3.1) below 6. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'protocol version not accepted',
  2: 'client id refused',
  3: 'server unavailable',
  4: 'bad user name or password',
  5: 'not authorised',
  16: 'no subscriber',
  128: 'unspecified error',
  129: 'malformed packet',
  130: 'protocol error',
  131: 'error of the server',
  132: 'protocol version not supported',
  133: 'client id not valid',
  134: 'bad user name or password',
  135: 'not authorised',
  136: 'server unavailable',
  137: 'server busy',
  138: 'banned',
  139: 'server shuts down',
  140: 'bad authentication method',
  141: 'keep-alive timeout',
  142: 'session taken over by another client with the same client id',
  144: 'topic not valid',
  145: 'packet id in use',
  147: 'too many messages in flight',
  149: 'packet too large',
  150: 'message rate too high',
  151: 'quota exceeded',
  152: 'administrative action',
  153: 'payload not in the format it claims',
  154: 'retained messages not supported',
  155: 'quality of service not supported',
  156: 'use another server',
  157: 'server moved',
  159: 'connection rate exceeded',
  160: 'maximum connect time',
};

/** The code of a message can never succeed as it is. */
const DEAD = new Set([135, 144, 149, 153, 154, 155]);
/** The peer asks everybody to wait: no message is to blame. */
const THROTTLE = new Set([136, 137, 150, 151, 159]);
const THROTTLE_MS = 5_000;

export const DELIVERED: Outcome = Object.freeze({ kind: 'delivered' });

/** `not authorised (135)`: the code in words, for people. */
export const reasonText = (code: number): string => `${NAMES[code] ?? 'unknown reason'} (${code})`;

/** The codes with which a server says that it does not speak this version of MQTT. */
export const refusesVersion = (code: number | string | undefined): boolean => code === 1 || code === 132;

/** What an acknowledgement (PUBACK, PUBREC, PUBCOMP) says about the message. 3.1.1 has no codes: always 0. */
export function outcomeOf(code: number): Outcome {
  if (code === 0) return DELIVERED;
  if (code < 128) return { kind: 'delivered', code: String(code) };
  const failed = { error: `the broker refused the message: ${reasonText(code)}`, code: String(code) };
  if (DEAD.has(code)) return { kind: 'dead', ...failed };
  if (THROTTLE.has(code)) return { kind: 'unavailable', ...failed, afterMs: THROTTLE_MS };
  return { kind: 'retry', ...failed };
}
