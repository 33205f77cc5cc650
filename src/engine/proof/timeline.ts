// Timeline: what happened in a test, for people: when, what, which phone, which rule fired, what it would have sent.
import type { Delivery, Json } from '../../core/delivery.ts';
import { formatDuration } from '../../core/durations.ts';
import { type Event, type NoteEvent, phoneIdOf } from '../../core/events.ts';
import type { Firing } from './probe.ts';

/** One step of a test. */
export type Happening = { atMs: number; events: readonly (Event | NoteEvent)[]; firings: readonly Firing[] };

/** Events of one kind that come together: told in one line. */
type Row = { atMs: number; type: string; remote: string; who: string[]; firings: readonly Firing[] };

/** Hits of many phones within this time are one row. */
const TOGETHER_MS = 1_000;
const ROWS_MAX = 200;
const SHOWN_MAX = 100;

/** The lines; what comes after the first 200 is only counted. */
export function timelineOf(happened: readonly Happening[], startMs: number): string[] {
  const rows: Row[] = [];
  for (const happening of happened) for (const row of rowsOf(happening)) add(rows, row);
  const shown = rows.slice(0, ROWS_MAX);
  const widthOf = (cell: (row: Row) => string): number => Math.max(0, ...shown.map((row) => cell(row).length));
  const widths = { type: widthOf(({ type }) => type), who: widthOf(phonesOf) };
  const lines = shown.flatMap((row) => linesOf(row, startMs, widths));
  if (rows.length > ROWS_MAX) lines.push(`and ${rows.length - ROWS_MAX} more`);
  return lines;
}

function add(rows: Row[], row: Row): void {
  const last = rows.at(-1);
  const joins =
    last !== undefined &&
    last.firings.length === 0 &&
    row.firings.length === 0 &&
    last.type === row.type &&
    last.remote === row.remote &&
    row.atMs - last.atMs < TOGETHER_MS;
  if (joins) last.who.push(...row.who);
  else rows.push(row);
}

function rowsOf({ atMs, events, firings }: Happening): Row[] {
  const rows = events.map(
    (event): Row => ({
      atMs,
      type: event.type,
      remote: remoteOf(event),
      who: [whoOf(event)],
      firings: firings.filter((firing) => firing.event === event.id),
    }),
  );
  const ids = new Set(events.map(({ id }) => id));
  const waited = firings.filter((firing) => !ids.has(firing.event));
  if (waited.length > 0) rows.push({ atMs, type: 'time has passed', remote: '', who: [], firings: waited });
  return rows;
}

function whoOf(event: Event | NoteEvent): string {
  if ('from' in event && 'to' in event)
    return `${event.phone.id} ${event.from ?? 'unknown'} → ${event.to ?? 'unknown'}`;
  if (event.type === 'site.restarted') return `${event.fleet.phones.length} phones`;
  if (!('call' in event)) return phoneIdOf(event) ?? '';
  const { phones, answeredBy } = event.call;
  const count = phones.length === 1 ? '1 phone' : `${phones.length} phones`;
  return answeredBy === undefined
    ? phones.length === 1
      ? (phones[0]?.id ?? '')
      : count
    : `${count}, answered by ${answeredBy}`;
}

function remoteOf(event: Event | NoteEvent): string {
  const remote = 'call' in event ? event.call.remote : 'remote' in event ? event.remote : {};
  const parts = [remote.number, remote.name === undefined ? undefined : JSON.stringify(cut(remote.name, 40))];
  return parts.filter((part) => part !== undefined).join(' ');
}

const phonesOf = ({ who }: Row): string =>
  who.length > 1 ? `${who[0]} … ${who.at(-1)} (${who.length})` : (who[0] ?? '');

function linesOf(row: Row, startMs: number, widths: { type: number; who: number }): string[] {
  const at = formatDuration(row.atMs - startMs).padStart(12);
  const line = [at, row.type.padEnd(widths.type), phonesOf(row).padEnd(widths.who), row.remote];
  return [line.join('  ').trimEnd(), ...row.firings.flatMap(firingLines)];
}

const INDENT = ' '.repeat(14);

function firingLines({ rule, count, deliveries, logs }: Firing): string[] {
  const counted = count === null ? '' : ` (count ${count})`;
  const said = [
    ...deliveries.map(deliveryText),
    ...logs.map(({ level, text }) => `log ${level}: ${JSON.stringify(cut(text, SHOWN_MAX))}`),
  ];
  if (said.length === 0) return [`${INDENT}→ ${rule}${counted}`];
  return said.map((text) => `${INDENT}→ ${rule}${counted}  ${text}`);
}

function deliveryText({ type, to, message, state, lastError }: Delivery): string {
  const failed = state === 'dead' ? ` cannot be sent (${lastError ?? 'no reason'})` : '';
  return `${type} ${to}: ${shown(message)}${failed}`;
}

/** The message's text, else its first field. */
function shown(message: Delivery['message']): string {
  const value: Json | undefined = message.text ?? Object.values(message)[0];
  return cut(JSON.stringify(value ?? null), SHOWN_MAX);
}

const cut = (text: string, lengthMax: number): string =>
  text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`;
