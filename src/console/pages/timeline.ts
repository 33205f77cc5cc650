// The picture of a call: one row a phone, a bar for ringing and one for talking, and where it ended; and the same in words.
import { html } from 'hono/html';
import type { CallRecord } from '../../core/history.ts';
import type { StoredEvent } from '../../core/store.ts';
import type { Html } from '../http/route.ts';
import { secondsText, timeText } from './time.ts';

export type Bar = { kind: 'ringing' | 'talking'; fromMs: number; toMs: number };
export type Row = { phone: string; outcome: string; bars: Bar[] };
export type Timeline = { fromMs: number; toMs: number; rows: Row[] };

const BEGINS = new Set(['phone.incoming_call', 'phone.outgoing_call']);
const ANSWERS = new Set(['phone.established', 'phone.answer_new_call']);
const ENDS = new Set([
  'phone.terminated',
  'phone.missed_call',
  'phone.reject_incoming_call',
  'phone.forward_incoming_call',
  'phone.busy_to_idle',
]);

/** What each phone of the call did, as far as it said so. */
export function timelineOf(call: CallRecord, events: readonly StoredEvent[]): Timeline {
  const toMs = Math.max(call.updatedAtMs, call.startedAtMs + 1_000);
  const rows = call.phones.map(({ id, outcome }): Row => {
    const mine = events.flatMap(({ event }) => ('phone' in event && event.phone.id === id ? [event] : []));
    return { phone: id, outcome, bars: barsOf(mine, outcome, toMs) };
  });
  const begins = rows.flatMap(({ bars }) => bars.map((bar) => bar.fromMs));
  return { fromMs: Math.min(call.startedAtMs, ...begins), toMs, rows };
}

function barsOf(events: readonly { type: string; at: string }[], outcome: string, endMs: number): Bar[] {
  const bars: Bar[] = [];
  let open: Bar | undefined;
  const close = (atMs: number): void => {
    if (open !== undefined) bars.push({ ...open, toMs: Math.max(open.fromMs, atMs) });
    open = undefined;
  };
  for (const { type, at } of events) {
    const atMs = Date.parse(at);
    if (BEGINS.has(type)) {
      close(atMs);
      open = { kind: 'ringing', fromMs: atMs, toMs: atMs };
    } else if (ANSWERS.has(type)) {
      close(atMs);
      open = { kind: 'talking', fromMs: atMs, toMs: atMs };
    } else if (ENDS.has(type)) close(atMs);
  }
  if (open !== undefined)
    close(outcome === 'ringing' || open.kind === 'talking' ? endMs : Math.min(endMs, open.fromMs + 180_000));
  return bars;
}

const WIDTH = 600;
const LABEL = 150;
const ROW = 26;

/** An SVG of coordinates and classes only, with a table of the same for those who do not see it. */
export function timelinePicture({ fromMs, toMs, rows }: Timeline, timezone: string): Html {
  const span = Math.max(1, toMs - fromMs);
  const x = (atMs: number): number => Math.round(LABEL + ((atMs - fromMs) / span) * (WIDTH - LABEL - 10));
  const height = rows.length * ROW + 24;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Picture of the phones"><svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="When each phone rang and talked; the table below says the same">
${rows.map(
  (
    { phone, bars },
    n,
  ) => html`<text x="0" y="${n * ROW + 17}">${phone.length > 20 ? `${phone.slice(0, 19)}…` : phone}</text>
${bars.map((bar) => html`<rect class="${bar.kind}" x="${x(bar.fromMs)}" y="${n * ROW + 4}" width="${Math.max(3, x(bar.toMs) - x(bar.fromMs))}" height="16"></rect>`)}`,
)}
<text class="axis" x="${LABEL}" y="${height - 6}">${timeText(fromMs, timezone).slice(11)}</text>
<text class="axis" x="${WIDTH - 10}" y="${height - 6}" text-anchor="end">${timeText(toMs, timezone).slice(11)}</text>
</svg></div>
<div class="scroll" tabindex="0" role="region" aria-label="Ringing and talking"><table><caption>Ringing and talking of each phone</caption><thead><tr><th>Phone</th><th class="number">Rang</th><th class="number">Talked</th><th>Outcome</th></tr></thead><tbody>
${rows.map((row) => html`<tr><td>${row.phone}</td><td class="number">${lengthOf(row, 'ringing')}</td><td class="number">${lengthOf(row, 'talking')}</td><td>${row.outcome}</td></tr>`)}
</tbody></table></div>`;
}

function lengthOf({ bars }: Row, kind: Bar['kind']): string {
  const mine = bars.filter((bar) => bar.kind === kind);
  if (mine.length === 0) return '–';
  return secondsText(Math.round(mine.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0) / 1000));
}
