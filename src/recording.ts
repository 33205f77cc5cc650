// Recordings: hits as a file that can be given away (anonymised), or kept (as they came); and how such a file is read again.
import { z } from 'zod';
import { createAnonymiser } from './anonymise.ts';
import { anonymiseLine, observeLine } from './anonymise-line.ts';
import type { Random } from './core/ports.ts';
import { checkWith } from './core/schema-problems.ts';
import { fromWindows1252 } from './core/windows-1252.ts';
import { readDocument } from './document.ts';
import { shapeOf } from './hit-reading.ts';

/** One hit of the journal. `line`: its first line, one character a byte, the token taken out. */
export type RecordedHit = { atMs: number; site: string; phone: string; vendor: string; line: string };

/** `at`: since the first hit, hours, minutes, seconds and hundredths: never three digits in a row, which could be part of a number. */
const hitSchema = z.strictObject({
  at: z.string(),
  site: z.string(),
  phone: z.string(),
  vendor: z.string(),
  line: z.string(),
});

/** `headers`: the journal keeps the first line only. `leftOut`: hits that could not be made anonymous without being read differently. */
const bundleSchema = z.strictObject({
  hookswitch: z.literal('recording'),
  version: z.literal(1),
  madeBy: z.string(),
  anonymised: z.boolean(),
  headers: z.literal('not recorded'),
  leftOut: z.int(),
  hits: z.array(hitSchema),
});

export type Bundle = z.output<typeof bundleSchema>;
export type BundleHit = z.output<typeof hitSchema>;

/** Bytes as text that any editor shows: `\\` and `\x` with two hex digits for what is not printable ASCII. */
const shown = (line: string): string =>
  line.replace(/[^\x20-\x5b\x5d-\x7e]/g, (one) =>
    one === '\\' ? '\\\\' : `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );

/** What `shown` made, as one character a byte again. */
export const lineOf = ({ line }: Pick<BundleHit, 'line'>): string =>
  line.replace(/\\(?:\\|x([0-9a-f]{2}))/gi, (_, hex: string | undefined) =>
    hex === undefined ? '\\' : String.fromCharCode(Number.parseInt(hex, 16)),
  );

/** A bundle of hits as they came: it holds everything that phones said. */
export const rawBundle = (hits: readonly RecordedHit[], madeBy: string): Bundle => ({
  ...headOf(madeBy),
  anonymised: false,
  hits: hits.map(({ atMs, line, ...who }) => ({
    at: sinceText(atMs - (hits[0]?.atMs ?? atMs)),
    ...who,
    line: shown(line),
  })),
});

/**
 * A bundle in which nobody can be recognised: numbers, names, hosts, users, addresses and MAC addresses (but their maker's part) are
 * others, the same for the same within the bundle. Every hit is read as before (`shapeOf`); one that would not be is left out.
 */
export function anonymousBundle(
  hits: readonly RecordedHit[],
  madeBy: string,
  random: Pick<Random, 'fraction'>,
): Bundle {
  const anonymiser = createAnonymiser(random);
  for (const { line } of hits) observeLine(line, anonymiser);
  const sites = numbered('site');
  const phones = numbered('phone');
  const made = hits.flatMap(({ atMs, site, phone, vendor, line }): BundleHit[] => {
    const other = anonymiseLine(line, anonymiser);
    if (shapeOf(other) !== shapeOf(line)) return [];
    const at = sinceText(atMs - (hits[0]?.atMs ?? atMs));
    return [{ at, site: sites(site), phone: phones(`${site}/${phone}`), vendor, line: shown(other) }];
  });
  return { ...headOf(madeBy), anonymised: true, leftOut: hits.length - made.length, hits: made };
}

const headOf = (madeBy: string): Omit<Bundle, 'hits' | 'anonymised'> => ({
  hookswitch: 'recording',
  version: 1,
  madeBy,
  headers: 'not recorded',
  leftOut: 0,
});

/** `phone-1`, `phone-2`, …; beyond 99 in pairs of digits (`phone-1-00`), for the same reason as in `at`. */
function numbered(what: string): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const made = `${what}-${pairs(known.size + 1)}`;
    known.set(name, made);
    return made;
  };
}

const pairs = (n: number): string =>
  n < 100 ? String(n) : `${pairs(Math.floor(n / 100))}-${String(n % 100).padStart(2, '0')}`;

function sinceText(ms: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const seconds = Math.floor(Math.max(0, ms) / 1_000);
  const days = Math.floor(seconds / 86_400);
  const clock = [Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  return `${days === 0 ? '' : `${pairs(days)}d `}${clock}.${two(Math.floor((Math.max(0, ms) % 1_000) / 10))}`;
}

/** The hits of a file: a bundle, or plain request lines, one a line. `text` is what the file says as UTF-8, or as windows-1252. */
export function readRecording(text: string, encoding: 'utf8' | 'windows-1252'): BundleHit[] | { problem: string } {
  if (!text.trimStart().startsWith('{')) {
    const bytes = encoding === 'utf8' ? Buffer.from(text).toString('latin1') : toLatin1(text);
    const lines = bytes.split(/\r?\n/).filter((line) => /^[A-Z]+ \S/.test(line));
    return lines.map((line) => ({ at: '', site: '', phone: '', vendor: '', line: shown(line) }));
  }
  const document = readDocument(text);
  const checked = checkWith(bundleSchema, document.value);
  if (document.broken || 'problems' in checked)
    return { problem: 'is no recording of this version; `hookswitch record export` makes one' };
  return checked.value.hits;
}

const UPPER = new Map(Array.from({ length: 32 }, (_, at) => [fromWindows1252(Buffer.of(0x80 + at)), 0x80 + at]));

/** The bytes that were read as windows-1252. */
const toLatin1 = (text: string): string =>
  [...text].map((one) => String.fromCharCode(UPPER.get(one) ?? one.charCodeAt(0))).join('');
