// How a request line is understood: the receiver's own reading of it, and of each value how it was written.
import { isUtf8 } from 'node:buffer';
import type { Party } from './core/events.ts';
import { newHead, readHead } from './receiver/head.ts';
import { slugOf } from './receiver/paths.ts';
import { HIT_NAMES, split } from './receiver/query.ts';
import { readQuery, splitTarget } from './receiver/target.ts';
import { decodeValue, percentDecode } from './receiver/text.ts';
import { vendorVariables } from './vendors/index.ts';

/** One variable. `value` is null where the phone did not fill it in; `how`: what was special about the way it was written. */
export type ReadField = { name: string; value: string | null; how: string[] };

/** `event` is null for a URL of another shape, which the config's `paths` would have to explain. */
export type HitReading = {
  event: string | null;
  fields: ReadField[];
  mac: string | null;
  local: Party;
  remote: Party;
  suspect: string[];
};

const BYTES_MAX = 131_072;

/** `line`: one character a byte. Answers with the receiver's reason where it would not take the request. */
export function readHitLine(line: string): HitReading | { refused: string } {
  const read = readHead(newHead(), Buffer.from(`${line}\r\n\r\n`, 'latin1'), {
    lineBytesMax: BYTES_MAX,
    headBytesMax: BYTES_MAX,
  });
  if (read === 'more') return { refused: 'bad-line' };
  if ('refuse' in read) return { refused: read.reason };
  const { segments, query } = splitTarget(read.head.target);
  const slug = segments[0] === 'a' && segments.length === 3 ? slugOf(segments[2] ?? '') : undefined;
  const reading = readQuery(query, vendorVariables);
  if (read.head.cut) reading.suspect.add('truncated');
  return {
    event: slug === undefined ? null : `phone.${slug}`,
    fields: [...split(query ?? '', HIT_NAMES).values]
      .filter(([name]) => name !== '_')
      .map(([name, raw]) => ({ name, value: reading.vars[name] ?? null, how: howOf(raw) })),
    mac: reading.mac ?? null,
    local: reading.local,
    remote: reading.remote,
    suspect: [...reading.suspect].sort(),
  };
}

function howOf(raw: string): string[] {
  if (raw === '') return ['empty'];
  if (vendorVariables.has(decodeValue(raw))) return ['not filled in'];
  const bytes = percentDecode(raw);
  const isAscii = bytes.every((byte) => byte < 0x80);
  const how: string[] = [];
  if (/%[0-9a-f]{2}/i.test(raw)) how.push('percent-encoded');
  if (/%(?![0-9a-f]{2})/i.test(raw)) how.push('bare %');
  if (/ /.test(raw)) how.push('raw space');
  if (/[\x00-\x1f\x7f]/.test(raw)) how.push('raw control byte');
  if (/[\x80-\xff]/.test(raw)) how.push('raw bytes');
  if (!isAscii) how.push(isUtf8(bytes) ? 'UTF-8' : 'windows-1252');
  if (/&/.test(raw)) how.push('holds &');
  if (/#/.test(raw)) how.push('holds #');
  return how;
}

/** What two lines have in common that are read in the same way, whatever their values are. */
export function shapeOf(line: string): string {
  const reading = readHitLine(line);
  if ('refused' in reading) return JSON.stringify(reading);
  const { event, fields, mac, local, remote, suspect } = reading;
  const sides = [local, remote].map(({ number, ...more }) => [
    ...Object.keys(more).sort(),
    number === undefined ? 'none' : /^\+?[0-9*#]+$/.test(number) ? number.replace(/[0-9]/g, '0') : 'text',
  ]);
  return JSON.stringify([
    event,
    fields.map(({ name, value, how }) => [name, value === null ? null : [...value].length, how]),
    mac === null,
    sides,
    suspect,
  ]);
}
