// The digest: a table of the events that came together, as aligned text and as HTML.
import type { EventGroup } from '../../core/call-card.ts';
import type { Json } from '../../core/delivery.ts';
import { escapeHtml } from './encode-html.ts';
import { encodeCell } from './encode-text.ts';

const ROWS_MAX = 100;
const WITHHELD = 'number withheld';

type Row = { time: string; caller: string };
type Table = { zone: string; rows: Row[]; more: number };

/** The group that a rendered message carries; undefined if it carries none. */
export function groupOf(value: Json | undefined): EventGroup | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Array.isArray(value.rows))
    return undefined;
  const rows = value.rows.flatMap((row) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row) || typeof row.at !== 'string') return [];
    return [{ at: row.at, caller: typeof row.caller === 'string' ? row.caller : null }];
  });
  return { count: typeof value.count === 'number' ? value.count : rows.length, rows };
}

/** Times as `2026-11-24 10:02` in `timezone` (an IANA name); callers encoded for text, not yet for HTML. */
function tableOf({ count, rows }: EventGroup, timezone: string): Table {
  const shown = rows.slice(0, ROWS_MAX);
  const clock = clockOf(timezone);
  return {
    zone: timezone,
    rows: shown.map(({ at, caller }) => ({
      time: clock(at),
      caller: (caller === null ? '' : encodeCell(caller)) || WITHHELD,
    })),
    more: Math.max(0, count - shown.length),
  };
}

/** A formatter costs more than all the rows that it writes. There are as many as the config has time zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timezone, format);
  return format;
}

function clockOf(timezone: string): (at: string) => string {
  const format = formatOf(timezone);
  return (at) => {
    const ms = Date.parse(at);
    if (Number.isNaN(ms)) return '?';
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}`;
  };
}

/** Two columns that line up in a font of fixed width. */
export function digestText(group: EventGroup, timezone: string): string {
  const { zone, rows, more } = tableOf(group, timezone);
  const head = { time: `Time (${zone})`, caller: 'Caller' };
  const width = Math.max(...[head, ...rows].map(({ time }) => time.length));
  const lines = [head, ...rows].map(({ time, caller }) => `${time.padEnd(width)}  ${caller}`);
  return [...lines, ...moreLine(more)].join('\n');
}

/** A real table, whose header cells a screen reader can name. */
export function digestHtml(group: EventGroup, timezone: string): string {
  const { zone, rows, more } = tableOf(group, timezone);
  const head = `<tr><th scope="col" class="time">Time (${escapeHtml(zone)})</th><th scope="col">Caller</th></tr>`;
  const body = rows.map(
    ({ time, caller }) => `<tr><td class="time">${time}</td><td dir="auto">${escapeHtml(caller)}</td></tr>`,
  );
  return [
    '<table>',
    `<thead>${head}</thead>`,
    '<tbody>',
    ...body,
    '</tbody>',
    '</table>',
    ...moreLine(more).map((line) => `<p>${line}</p>`),
  ].join('\n');
}

const moreLine = (more: number): string[] => (more === 0 ? [] : [`and ${more} more`]);
