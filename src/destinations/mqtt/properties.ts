// Properties of a message in MQTT 5: what may stand in a user property, a content type and an expiry, and their bytes.
import { cleanLine } from '../../core/caller-text.ts';
import { parseDurationMs } from '../../core/durations.ts';

export const ID_PROPERTY = 'hookswitch-id';
export const USER_PROPERTIES_MAX = 32;
const NAME_BYTES_MAX = 256;
/** A UTF-8 string of MQTT has a length of two bytes. Source: MQTT 5.0, 1.5.4. */
const STRING_BYTES_MAX = 65_535;
const VALUE_GRAPHEMES_MAX = 300;
/** Four bytes of seconds. Source: MQTT 5.0, 3.3.2.3.3. */
const EXPIRY_SECONDS_MAX = 0xffff_ffff;

/** A server may close the connection on control characters and non-characters (MQTT 5.0, 1.5.4); mosquitto does. */
const UNFIT = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const NONCHARACTER = /\p{Noncharacter_Code_Point}/gu;

/** One value in a user property: one line of well-formed text without control characters and non-characters. Total. */
export const encodeProperty = (value: string): string =>
  cleanLine(value, VALUE_GRAPHEMES_MAX).replace(NONCHARACTER, '\uFFFD');

/** Why no message could have a user property of that name, or undefined. */
export function propertyNameProblem(name: string): string | undefined {
  if (name === ID_PROPERTY) return `is set by Hookswitch itself, to the delivery's id`;
  if (name === '') return 'is a property without a name';
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) return `is a name longer than ${NAME_BYTES_MAX} bytes`;
  return UNFIT.test(name) ? 'is a name with a control character or one that is no character' : undefined;
}

/** Why these can never be sent as user properties, or undefined. */
export function userPropertiesProblem(properties: unknown): string | undefined {
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties))
    return 'userProperties is no object';
  const entries = Object.entries(properties);
  if (entries.length > USER_PROPERTIES_MAX) return `userProperties holds more than ${USER_PROPERTIES_MAX}`;
  for (const [name, value] of entries) {
    const problem = propertyNameProblem(name);
    if (problem !== undefined) return `userProperties: ${JSON.stringify(name.slice(0, 64))} ${problem}`;
    if (typeof value !== 'string') return `userProperties: ${JSON.stringify(name)} is not a text`;
    if (UNFIT.test(value))
      return `userProperties: ${JSON.stringify(name)} holds a control character or one that is no character`;
    if (value.length * 3 > STRING_BYTES_MAX && Buffer.byteLength(value) > STRING_BYTES_MAX)
      return `userProperties: ${JSON.stringify(name)} is longer than ${STRING_BYTES_MAX} bytes`;
  }
  return undefined;
}

/** `type/subtype` and perhaps parameters, in visible ASCII and blanks. Source: RFC 9110, 8.3.1. */
export const contentTypeProblem = (text: unknown): string | undefined =>
  typeof text === 'string' && text.length <= 256 && /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?: *;[\x20-\x7e]+)?$/.test(text)
    ? undefined
    : 'must be a media type such as "application/json" or "text/plain;charset=utf-8"';

/** "30s" → seconds, at least one and rounded up; undefined if it is no span that MQTT can say. */
export function expirySecondsOf(text: unknown): number | undefined {
  const ms = typeof text === 'string' ? parseDurationMs(text) : undefined;
  const seconds = Math.ceil((ms ?? 0) / 1_000);
  return seconds >= 1 && seconds <= EXPIRY_SECONDS_MAX ? seconds : undefined;
}

/** User properties as bytes of a PUBLISH. Source: MQTT 5.0, 3.3.2.3.7. */
export const userPropertyBytes = (entries: readonly (readonly [string, string])[]): Buffer =>
  Buffer.concat(entries.flatMap(([name, value]) => [Buffer.from([0x26]), stringBytes(name), stringBytes(value)]));

function stringBytes(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length >>> 8, bytes.length & 255]), bytes]);
}
