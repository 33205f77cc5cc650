// Deliveries: what waits, what failed and why in words; sent again or called off, one, many or all of a connection; and a preview.
import { html } from 'hono/html';
import { z } from 'zod';
import { DELIVERY_STATES } from '../../core/delivery.ts';
import type { Attempt, DeliveryQuery, StoredDelivery } from '../../core/store.ts';
import { allows } from '../access/roles.ts';
import type { ConsoleDeps } from '../deps.ts';
import type { Asked, Html, PageRoute } from '../http/route.ts';
import { checkedFilter, filterForm, link, moreLink, selectField } from './filter.ts';
import { csrfField } from './layout.ts';
import { previewOf } from './preview.ts';
import { timeTag } from './time.ts';

const DELIVERIES_SHOWN = 100;

export const deliveryFilter = z.strictObject({
  state: z.enum(DELIVERY_STATES).optional().describe('How it stands.'),
  to: z.string().max(64).optional().describe('Name of the connection.'),
  event: z.string().max(256).optional().describe('Id of the event it came of.'),
  before: z.string().max(300).optional().describe('Id of a delivery: older ones.'),
  limit: z
    .string()
    .regex(/^\d{1,3}$/)
    .optional()
    .describe('How many, 1 to 500.'),
});

export function deliveryQueryOf({ state, to, event, before, limit }: z.output<typeof deliveryFilter>): DeliveryQuery {
  const query: DeliveryQuery = { limit: Math.min(500, Math.max(1, Number(limit ?? DELIVERIES_SHOWN))) };
  if (state !== undefined) query.states = [state];
  if (to !== undefined) query.to = to;
  if (event !== undefined) query.event = event;
  if (before !== undefined) query.before = before;
  return query;
}

const TAGS: Readonly<Record<StoredDelivery['state'], string>> = {
  waiting: 'busy',
  delivered: 'good',
  dead: 'bad',
  expired: 'warn',
  replaced: '',
  cancelled: '',
};

export const stateTag = ({ state }: Pick<StoredDelivery, 'state'>): Html =>
  html`<span class="tag ${TAGS[state]}">${state}</span>`;

/** What can be sent again, and what can be called off. */
const canRetry = ({ state }: StoredDelivery): boolean =>
  state === 'dead' || state === 'expired' || state === 'cancelled';
const canCancel = ({ state }: StoredDelivery): boolean => state === 'waiting';

export const deliveryTable = (deliveries: readonly StoredDelivery[], timezone: string, pick = false): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="Deliveries"><table><thead><tr>${pick ? html`<th>Pick</th>` : ''}<th>Made</th><th>Rule</th><th>To</th><th>State</th><th class="number">Attempts</th><th>Why</th></tr></thead><tbody>
${deliveries.map(
  (
    each,
  ) => html`<tr>${pick ? html`<td><input type="checkbox" name="ids" value="${each.id}" aria-label="Pick ${each.rule} to ${each.to}"></td>` : ''}
<td>${link(`/deliveries/one?id=${encodeURIComponent(each.id)}`, timeTag(each.madeAtMs, timezone))}</td><td>${each.rule}</td><td>${each.to} <small>${each.type}</small></td>
<td>${stateTag(each)}</td><td class="number">${each.attempts}</td><td>${each.lastError ?? ''}${each.lastCode === undefined ? '' : html` <small>${each.lastCode}</small>`}</td></tr>`,
)}</tbody></table></div>`;

export const deliveriesPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/deliveries',
  role: 'read',
  title: 'Deliveries',
  async render({ query, who }) {
    const { value, said } = checkedFilter(deliveryFilter, query);
    const asked = deliveryQueryOf(value);
    const found = await deps.history.deliveries(asked);
    const names = [...deps.connections().keys()];
    const last = found.length < asked.limit ? undefined : found.at(-1);
    const may = allows(who.role, 'operate');
    return html`${filterForm('/deliveries', said, [
      selectField(
        'state',
        'State',
        value.state,
        DELIVERY_STATES.map((state): [string, string] => [state, state]),
      ),
      selectField(
        'to',
        'Connection',
        value.to,
        names.map((name): [string, string] => [name, name]),
      ),
    ])}
${found.length === 0 ? html`<p>No delivery fits.</p>` : may ? actionForm(found, who, value, deps.timezone()) : deliveryTable(found, deps.timezone())}
${moreLink('/deliveries', query, last?.id)}`;
  },
});

/** The list as a form: what is picked, or all that the filter finds, is sent again or called off. */
function actionForm(
  found: readonly StoredDelivery[],
  who: Asked<unknown, unknown>['who'],
  filter: z.output<typeof deliveryFilter>,
  timezone: string,
): Html {
  const all = filter.to === undefined ? 'of all connections' : `of ${filter.to}`;
  return html`<form method="post" action="/deliveries">${csrfField(who)}<input type="hidden" name="to" value="${filter.to ?? ''}">
<p class="buttons"><button name="do" value="retry">Send picked ones again</button> <button name="do" value="cancel">Call picked ones off</button>
<button name="do" value="retry-all" data-confirm="Send every failed delivery ${all} again?">Send all failed ${all} again</button>
<button name="do" value="cancel-all" class="danger" data-confirm="Call off every waiting delivery ${all}?">Call off all waiting ${all}</button></p>
${deliveryTable(found, timezone, true)}</form>`;
}

export const deliveryPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/deliveries/one',
  role: 'read',
  title: 'Delivery',
  async render({ query, who }) {
    const [delivery] = await deps.history.deliveries({ ids: [query.id ?? ''], limit: 1 });
    if (delivery === undefined) return undefined;
    const attempts = await deps.history.attempts(delivery.id);
    const zone = deps.timezone();
    const may = allows(who.role, 'operate');
    return html`<dl class="facts">
<dt>State</dt><dd>${stateTag(delivery)}</dd>
<dt>Why</dt><dd>${delivery.lastError ?? '–'}${delivery.lastCode === undefined ? '' : html` <small>${delivery.lastCode}</small>`}</dd>
<dt>To</dt><dd>${delivery.to} (${delivery.type})</dd>
<dt>Rule</dt><dd>${link(`/rules/${encodeURIComponent(delivery.rule)}`, delivery.rule)}</dd>
<dt>Event</dt><dd>${link(`/events/${encodeURIComponent(delivery.event)}`, delivery.event)}</dd>
<dt>Made</dt><dd>${timeTag(delivery.madeAtMs, zone)}</dd>
<dt>${delivery.state === 'waiting' ? 'Next attempt' : 'Ended'}</dt><dd>${timeTag(delivery.settledAtMs ?? delivery.dueAtMs, zone)}</dd>
<dt>Given up at</dt><dd>${timeTag(delivery.expiresAtMs, zone)}</dd>
<dt>Id</dt><dd><code>${delivery.id}</code></dd>
</dl>
${may && (canRetry(delivery) || canCancel(delivery)) ? html`<form method="post" action="/deliveries">${csrfField(who)}<input type="hidden" name="ids" value="${delivery.id}"><p>${canRetry(delivery) ? html`<button name="do" value="retry">Send again</button>` : html`<button name="do" value="cancel">Call off</button>`}</p></form>` : ''}
<h2>Attempts</h2>${attempts.length === 0 ? html`<p>None yet.</p>` : attemptTable(attempts, zone)}
<h2>As it looks there</h2>${previewOf(deps.previewOf(delivery), `/deliveries/preview?id=${encodeURIComponent(delivery.id)}`)}`;
  },
});

const attemptTable = (attempts: readonly Attempt[], zone: string): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="Attempts"><table><thead><tr><th class="number">No.</th><th>Began</th><th class="number">Took</th><th>Answer</th><th>Error</th></tr></thead><tbody>${attempts.map(
    ({ n, atMs, tookMs, code, error }) =>
      html`<tr><td class="number">${n}</td><td>${timeTag(atMs, zone)}</td><td class="number">${Math.round(tookMs)} ms</td><td>${code ?? ''}</td><td>${error ?? ''}</td></tr>`,
  )}</tbody></table></div>`;
