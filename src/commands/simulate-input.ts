// What people say to `simulate`, read from the words of the command line.
import { InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../core/durations.ts';

/** Who of a group answers; `phone` counts from 1. */
export type Answer = { phone: number; afterSeconds: number } | 'nobody';

const PHONES_MAX = 5_000;
const SPEED_MAX = 10_000;

export function count(text: string): number {
  const phones = Number(text);
  if (/^\d{1,5}$/.test(text) && phones >= 1 && phones <= PHONES_MAX) return phones;
  throw new InvalidArgumentError(`a number from 1 to ${PHONES_MAX}`);
}

/** `3@6s`: the third phone after 6 s; without a unit, seconds. */
export function answerOf(text: string): Answer {
  if (text === 'nobody') return text;
  const [, phone = '', after = ''] = /^(\d{1,4})@(.+)$/.exec(text) ?? [];
  const ms = /^\d+(?:\.\d+)?$/.test(after) ? Number(after) * 1_000 : parseDurationMs(after);
  if (Number(phone) < 1 || ms === undefined)
    throw new InvalidArgumentError('write it like 3@6s: the third phone after six seconds; or "nobody"');
  return { phone: Number(phone), afterSeconds: ms / 1_000 };
}

/** A number, or null for one that is withheld. */
export function numberOf(text: string): string | null {
  if (text === 'withheld') return null;
  if (/^\+?[0-9*#]{1,32}$/.test(text)) return text;
  throw new InvalidArgumentError('digits, with a + in front if you like; or "withheld"');
}

export function hours(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 168) return value;
  throw new InvalidArgumentError('more than 0, up to 168');
}

export function speedOf(text: string): number {
  const value = Number(text.replace(/x$/, ''));
  if (value > 0 && value <= SPEED_MAX) return value;
  throw new InvalidArgumentError(`more than 0, up to ${SPEED_MAX}`);
}

export function seedOf(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('a whole number');
}
