// Calls: the list that somebody searches, and one call with the picture of its phones.
import { html } from 'hono/html';
import { z } from 'zod';
import type { CallQuery, CallRecord } from '../../core/history.ts';
import type { ConsoleDeps } from '../deps.ts';
import type { Html, PageRoute } from '../http/route.ts';
import { checkedFilter, field, filterForm, link, moreLink, selectField } from './filter.ts';
import { phoneField } from './phone-field.ts';
import { callerOf, callWord } from './tiles.ts';
import { secondsText, timeTag } from './time.ts';
import { timelineOf, timelinePicture } from './timeline.ts';

export const CALLS_SHOWN = 50;
export const CALL_STATES = ['open', 'answered', 'missed', 'rejected', 'forwarded', 'ended'] as const;

/** What a search for calls may say; `before` goes on behind an earlier page. */
export const callFilter = z.strictObject({
  text: z.string().max(100).optional().describe('Part of a number, of the caller’s name or of the contact.'),
  phone: z.string().max(64).optional().describe('Id of a phone that took part.'),
  state: z.enum(CALL_STATES).optional().describe('How the call stands.'),
  direction: z.enum(['in', 'out']).optional().describe('Which way it went.'),
  from: z.iso.datetime({ offset: true }).optional().describe('ISO 8601: not before.'),
  to: z.iso.datetime({ offset: true }).optional().describe('ISO 8601: before.'),
  before: z
    .string()
    .regex(/^\d{1,15}:.{1,256}$/)
    .optional()
    .describe('As the answer before said it: what comes next.'),
  limit: z
    .string()
    .regex(/^\d{1,3}$/)
    .optional()
    .describe('How many, 1 to 500.'),
});

/** The query that a filter means. */
export function callQueryOf(filter: z.output<typeof callFilter>): CallQuery {
  const { text, phone, state, direction, from, to, before, limit } = filter;
  const query: CallQuery = { limit: Math.min(500, Math.max(1, Number(limit ?? CALLS_SHOWN))) };
  if (text !== undefined && text.trim() !== '') query.text = text.trim();
  if (phone !== undefined) query.phone = phone;
  if (state !== undefined) query.state = state;
  if (direction !== undefined) query.direction = direction;
  if (from !== undefined) query.fromMs = Date.parse(from);
  if (to !== undefined) query.toMs = Date.parse(to);
  if (before !== undefined) {
    const end = before.indexOf(':');
    query.before = { startedAtMs: Number(before.slice(0, end)), key: before.slice(end + 1) };
  }
  return query;
}

/** What stands behind the last call of a page. */
export const nextOf = (calls: readonly CallRecord[], limit: number): string | undefined => {
  const last = calls.length < limit ? undefined : calls.at(-1);
  return last === undefined ? undefined : `${last.startedAtMs}:${last.key}`;
};

export const callsPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/calls',
  role: 'read',
  title: 'Calls',
  async render({ query }) {
    const { value, said } = checkedFilter(callFilter, query);
    const asked = callQueryOf(value);
    const calls = await deps.history.calls(asked);
    return html`${filterForm('/calls', said, [
      field('text', 'Number or name', value.text, 'search'),
      selectField(
        'state',
        'Outcome',
        value.state,
        CALL_STATES.map((state): [string, string] => [state, state]),
      ),
      selectField('direction', 'Direction', value.direction, [
        ['in', 'in'],
        ['out', 'out'],
      ]),
      phoneField(deps.phones, value.phone),
    ])}
${calls.length === 0 ? html`<p>No call fits.</p>` : callTable(calls, deps.timezone())}
${moreLink('/calls', query, nextOf(calls, asked.limit))}`;
  },
});

export const callTable = (calls: readonly CallRecord[], timezone: string): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="Calls"><table><thead><tr><th>Began</th><th>Who</th><th>Number</th><th></th><th>Outcome</th><th>Phone</th><th class="number">Rang</th><th class="number">Talked</th></tr></thead>
<tbody>${calls.map((call) => callRow(call, timezone))}</tbody></table></div>`;

const OUTCOME_TAG: Readonly<Record<string, string>> = {
  missed: 'bad',
  answered: 'good',
  open: 'busy',
  rejected: 'warn',
};

export const outcomeTag = (call: CallRecord): Html =>
  html`<span class="tag ${call.returnedBy === null ? (OUTCOME_TAG[call.state] ?? '') : 'good'}">${callWord(call)}</span>`;

const callRow = (call: CallRecord, timezone: string): Html =>
  html`<tr><td>${link(`/calls/${encodeURIComponent(call.key)}`, timeTag(call.startedAtMs, timezone))}</td>
<td>${callerOf(call)}</td><td>${call.number ?? ''}</td><td>${call.direction ?? ''}</td><td>${outcomeTag(call)}</td>
<td>${call.answeredBy ?? phonesText(call)}</td><td class="number">${secondsText(call.ringSeconds)}</td><td class="number">${secondsText(call.talkSeconds)}</td></tr>`;

const phonesText = ({ phones }: CallRecord): string =>
  phones.length > 3 ? `${phones.length} phones` : phones.map(({ id }) => id).join(', ');

export const callPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/calls/:key',
  role: 'read',
  title: 'Call',
  async render({ params }) {
    const call = await deps.history.call(params.key ?? '');
    if (call === undefined) return undefined;
    const events = await deps.history.eventsOf(call);
    const zone = deps.timezone();
    return html`<dl class="facts">
<dt>Who</dt><dd>${callerOf(call)}</dd>
<dt>Number</dt><dd>${call.number === null ? 'withheld' : html`${call.number} ${link(`/calls?text=${encodeURIComponent(call.number)}`, 'other calls')}`}</dd>
<dt>Name sent by the caller</dt><dd>${call.name ?? '–'}</dd>
<dt>Outcome</dt><dd>${outcomeTag(call)}</dd>
<dt>Began</dt><dd>${timeTag(call.startedAtMs, zone)}</dd>
<dt>Rang</dt><dd>${secondsText(call.ringSeconds) || '–'}</dd>
<dt>Talked</dt><dd>${secondsText(call.talkSeconds) || '–'}</dd>
<dt>Answered at</dt><dd>${call.answeredBy ?? '–'}</dd>
<dt>Called back</dt><dd>${call.returnedBy === null ? '–' : html`from ${call.returnedBy} ${timeTag(call.returnedAtMs, zone)}`}</dd>
<dt>Taken by</dt><dd>${call.claimedBy ?? '–'}</dd>
</dl>
<h2>Phones</h2>
${timelinePicture(timelineOf(call, events), zone)}
<h2>What was said</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Events of the call"><table><thead><tr><th>Time</th><th>Event</th><th>Phone</th></tr></thead><tbody>
${events.map(
  ({ event }) =>
    html`<tr><td>${timeTag(event.at, zone)}</td><td>${link(`/events/${encodeURIComponent(event.id)}`, event.type)}</td><td>${'phone' in event ? event.phone.id : ''}</td></tr>`,
)}</tbody></table></div>`;
  },
});
