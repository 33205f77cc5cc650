// A request line, anonymised byte by byte: every value keeps its length, its encoding and its place, so that it is read in the same way.
import { isUtf8 } from 'node:buffer';
import type { Anonymiser } from './anonymise.ts';
import { fromWindows1252 } from './core/windows-1252.ts';
import { slugOf } from './receiver/paths.ts';
import { HIT_NAMES, split } from './receiver/query.ts';
import { splitTarget } from './receiver/target.ts';
import { decodeValue } from './receiver/text.ts';
import { vendorVariables } from './vendors/index.ts';

/** A part of the line: kept as it is, or a text of which `field` says what it is. */
type Part = { text: string; field?: string; names?: ReadonlySet<string> };

/** One character: the bytes that it came as, each as it was written. */
type Unit = { character: string; bytes: { value: number; written: string }[] };

/** What a phone says of itself and no caller can write: without it a recording would be of little use. */
const KEPT = new Set(['model', 'firmware', '_']);

/** The parts of a request line (one character a byte), in their order: together they are the line. */
function partsOf(line: string): Part[] {
  const [, method = '', rest = ''] = /^(\S+ )(.*)$/s.exec(line) ?? ['', '', line];
  const versionAt = /^ HTTP\/\d\.\d$/.test(rest.slice(rest.lastIndexOf(' HTTP/')))
    ? rest.lastIndexOf(' HTTP/')
    : rest.length;
  const [target, version] = [rest.slice(0, versionAt), rest.slice(versionAt)];
  const { pathAt, path, segments, query } = splitTarget(target);
  const isOurs = segments.length === 3 && segments[0] === 'a' && slugOf(segments[2] ?? '') !== undefined;
  const parts: Part[] = [{ text: method }, { text: target.slice(0, pathAt), field: 'host' }];
  if (isOurs) parts.push({ text: `/a/***/${segments[2]}` });
  else parts.push({ text: path, field: 'path' });
  if (query !== undefined) parts.push({ text: '?' }, ...queryParts(query));
  return [...parts, { text: version }];
}

function queryParts(query: string): Part[] {
  const { values } = split(query, HIT_NAMES);
  const names = new Set([...HIT_NAMES.keys(), ...values.keys()]);
  const read = [...values].map(([name, value]) => `${name}=${value}`).join('&');
  const parts: Part[] = [{ text: query.slice(0, query.length - read.length), field: 'path' }];
  for (const [n, [name, value]] of [...values].entries())
    parts.push({ text: `${n === 0 ? '' : '&'}${name}=` }, { text: value, field: name, names });
  return parts;
}

/** The characters of a value, as the receiver would decode it. */
function unitsOf(text: string): { units: Unit[]; single: boolean } {
  const bytes: Unit['bytes'] = [];
  for (let at = 0; at < text.length; at++) {
    const written = /^%[0-9a-f]{2}/i.test(text.slice(at, at + 3)) ? text.slice(at, at + 3) : (text[at] ?? '');
    bytes.push({
      value: written.length === 3 ? Number.parseInt(written.slice(1), 16) : written.charCodeAt(0),
      written,
    });
    at += written.length - 1;
  }
  const values = Buffer.from(bytes.map(({ value }) => value));
  const single = !isUtf8(values);
  let at = 0;
  const characters = single
    ? [...values].map((value) => fromWindows1252(Buffer.of(value)))
    : [...values.toString('utf8')];
  const units = characters.map((character) => {
    const length = single ? 1 : Buffer.byteLength(character);
    at += length;
    return { character, bytes: bytes.slice(at - length, at) };
  });
  return { units, single };
}

/** Where names stand in a value that must stay: a caller's text that looks like a variable is marked as such when it is read. */
function namePlaces(text: string, units: readonly Unit[], names: ReadonlySet<string> | undefined): Set<number> {
  const places = new Set<number>();
  const byByte: number[] = [];
  for (const [place, { bytes }] of units.entries())
    for (const { written } of bytes) for (let n = 0; n < written.length; n++) byByte.push(place);
  for (const match of text.matchAll(/(?<=[&/?]|^)[A-Za-z0-9_.-]{1,64}(?==)/g)) {
    if (names !== undefined && !names.has(match[0])) continue;
    for (let at = match.index; at < match.index + match[0].length; at++) places.add(byByte[at] ?? -1);
  }
  return places;
}

/** Looks at a line before any is replaced. */
export function observeLine(line: string, anonymiser: Anonymiser): void {
  for (const part of partsOf(line)) {
    if (isKept(part)) continue;
    anonymiser.observe(
      unitsOf(part.text).units.map(({ character }) => character),
      part.field === 'mac',
    );
  }
}

/** The line with everything replaced that is about people, numbers, addresses and single phones. */
export function anonymiseLine(line: string, anonymiser: Anonymiser): string {
  return partsOf(line)
    .map((part) => {
      if (isKept(part)) return part.text;
      const { units, single } = unitsOf(part.text);
      const kept = namePlaces(part.text, units, part.names);
      const made = anonymiser.replace(
        units.map(({ character }) => character),
        { isMac: part.field === 'mac', single, kept: (at) => kept.has(at) },
      );
      return units.map((unit, at) => written(unit, made[at] ?? unit.character, single)).join('');
    })
    .join('');
}

const isKept = ({ text, field }: Part): boolean =>
  field === undefined || text === '' || KEPT.has(field) || vendorVariables.has(decodeValue(text));

/** The new character in the way in which the old one was written: each byte raw or as an escape. */
function written({ character, bytes }: Unit, made: string, single: boolean): string {
  if (made === character) return bytes.map((byte) => byte.written).join('');
  const values = single ? Buffer.from(made, 'latin1') : Buffer.from(made);
  return [...values]
    .map((value, at) => {
      const before = bytes[at]?.written ?? '';
      if (before.length !== 3) return String.fromCharCode(value);
      const hex = value.toString(16).padStart(2, '0');
      return `%${/[a-f]/.test(before) ? hex : hex.toUpperCase()}`;
    })
    .join('');
}
