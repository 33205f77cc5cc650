// Events: the list of what phones said and what was made of it; and one event with all that followed: the page form of `explain`.
import { html } from 'hono/html';
import { z } from 'zod';
import { escapeUnprintable } from '../../core/printable.ts';
import type { EventQuery, StoredEvent } from '../../core/store.ts';
import type { ConsoleDeps, Explained } from '../deps.ts';
import type { Html, PageRoute } from '../http/route.ts';
import { deliveryTable } from './deliveries.ts';
import { checkedFilter, field, filterForm, link, moreLink } from './filter.ts';
import { phoneField } from './phone-field.ts';
import { timeTag } from './time.ts';
import { verdictList } from './verdicts.ts';

const EVENTS_SHOWN = 100;

export const eventFilter = z.strictObject({
  phone: z.string().max(64).optional().describe('Id of the phone that spoke.'),
  type: z.string().max(80).optional().describe('Such as phone.missed_call or call.missed.'),
  from: z.iso.datetime({ offset: true }).optional().describe('ISO 8601: not before.'),
  before: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional()
    .describe('The seq of an event: older ones.'),
  limit: z
    .string()
    .regex(/^\d{1,3}$/)
    .optional()
    .describe('How many, 1 to 500.'),
});

export function eventQueryOf({ phone, type, from, before, limit }: z.output<typeof eventFilter>): EventQuery {
  const query: EventQuery = {
    newestFirst: true,
    raw: false,
    limit: Math.min(500, Math.max(1, Number(limit ?? EVENTS_SHOWN))),
  };
  if (phone !== undefined) query.phone = phone;
  if (type !== undefined) query.type = type;
  if (from !== undefined) query.sinceMs = Date.parse(from);
  if (before !== undefined) query.beforeSeq = Number(before);
  return query;
}

export const eventsPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/events',
  role: 'read',
  title: 'Events',
  async render({ query }) {
    const { value, said } = checkedFilter(eventFilter, query);
    const asked = eventQueryOf(value);
    const events = await deps.history.events(asked);
    const last = events.length < asked.limit ? undefined : events.at(-1);
    return html`${filterForm('/events', said, [
      phoneField(deps.phones, value.phone),
      field('type', 'Event, such as phone.missed_call', value.type, 'search'),
    ])}
${events.length === 0 ? html`<p>No event fits.</p>` : eventTable(events, deps.timezone())}
${moreLink('/events', query, last === undefined ? undefined : String(last.seq))}`;
  },
});

const eventTable = (events: readonly StoredEvent[], timezone: string): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="Events"><table><thead><tr><th>Time</th><th>Event</th><th>Phone</th><th>Other side</th><th>Doubts</th></tr></thead>
<tbody>${events.map(({ event }) => {
    const remote = 'call' in event ? event.call.remote : 'remote' in event ? event.remote : undefined;
    return html`<tr><td>${timeTag(event.at, timezone)}</td><td>${link(`/events/${encodeURIComponent(event.id)}`, event.type)}</td>
<td>${'phone' in event ? event.phone.id : ''}</td><td>${remote?.number ?? ''} ${remote?.name ?? ''}</td>
<td>${'suspect' in event ? event.suspect.join(', ') : ''}</td></tr>`;
  })}</tbody></table></div>`;

export const eventPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/events/:id',
  role: 'read',
  title: 'Event',
  async render({ params, query }) {
    const id = params.id ?? '';
    const [stored] = await deps.history.events({ id, limit: 1 });
    if (stored === undefined) return undefined;
    const why = query.why !== undefined;
    const explained = why ? await deps.explain(id) : undefined;
    const sent = why ? [] : await deps.history.deliveries({ event: id, limit: 100 });
    const zone = deps.timezone();
    return html`<dl class="facts">
<dt>What</dt><dd>${stored.event.type}</dd>
<dt>When</dt><dd>${timeTag(stored.event.at, zone)}</dd>
<dt>Id</dt><dd><code>${stored.event.id}</code></dd>
${'phone' in stored.event ? html`<dt>Phone</dt><dd>${link(`/phones/${encodeURIComponent(stored.event.phone.id)}`, stored.event.phone.id)}</dd>` : ''}
${'call' in stored.event && 'key' in stored.event.call ? html`<dt>Call</dt><dd>${link(`/calls/${encodeURIComponent(stored.event.call.key)}`, 'the whole call')}</dd>` : ''}
</dl>
${why && explained === undefined ? '' : html`<form method="get" action="/bench"><input type="hidden" name="event" value="${id}"><p><button>Try on the bench</button></p></form>`}
${rawOf(stored)}
<h2>How it was read</h2><pre>${escapeUnprintable(JSON.stringify(stored.event, null, 2)).replaceAll('\\u000a', '\n')}</pre>
${
  why
    ? ''
    : html`<h2>What followed</h2>${sent.length === 0 ? html`<p>No message was made of this event itself.</p>` : deliveryTable(sent, zone)}
<p>${link(`/events/${encodeURIComponent(id)}?why=true`, 'Why? What each rule said')} <small>reads the day before and after once more; with many calls that takes some seconds</small></p>`
}
${!why ? '' : explained === undefined ? html`<p>Why messages came of it can no longer be told: it is not in the journal.</p>` : await storyOf(explained, deps, zone)}`;
  },
});

/** The request byte by byte, as far as it is still kept: a token is out of it already. */
function rawOf({ raw }: StoredEvent): Html {
  if (raw === null || raw.length === 0) return html`<p class="quiet">The request itself is not kept (any more).</p>`;
  const text = escapeUnprintable(Buffer.from(raw).toString('latin1'));
  return html`<h2>What arrived</h2><pre>${text}</pre>`;
}

async function storyOf({ story, quarantined }: Explained, deps: ConsoleDeps, zone: string): Promise<Html> {
  const parts = await Promise.all(story.map((one) => partOf(one, deps, zone)));
  return html`<h2>What followed</h2>
${quarantined ? html`<p class="said">It was kept from all rules: it names the MAC address of another phone.</p>` : ''}
${parts}`;
}

async function partOf(
  { event, verdicts, deliveries }: Explained['story'][number],
  deps: ConsoleDeps,
  zone: string,
): Promise<Html> {
  const sent = await deps.history.deliveries({ event: event.id, limit: 100 });
  const lost = deliveries.filter(({ id }) => !sent.some((delivery) => delivery.id === id));
  return html`<section><h3>${event.type} <span class="quiet">${timeTag(event.at, zone)}</span></h3>
${verdictList(verdicts)}
${sent.length === 0 ? '' : deliveryTable(sent, zone)}
${lost.map(({ rule, to }) => html`<p class="said">${rule} → ${to}: these rules would send this now; it was not sent then.</p>`)}
</section>`;
}
