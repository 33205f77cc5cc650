// One phone: what is known of it, its tile, what it said last, what it has to be told, and what can be done about it.
import { html } from 'hono/html';
import type { Who } from '../access/gate.ts';
import { allows } from '../access/roles.ts';
import type { PhoneRow } from '../control-phones.ts';
import type { ConsoleDeps } from '../deps.ts';
import type { Html, PageRoute } from '../http/route.ts';
import { NO_TOKEN } from '../provision-sheet.ts';
import { callTable } from './calls.ts';
import { link } from './filter.ts';
import { csrfField } from './layout.ts';
import { claim, lastHeard, macText, registeredTag, stateTag } from './phones.ts';
import { sheetTable } from './sheet.ts';
import { tileOf } from './tiles.ts';
import { timeTag } from './time.ts';
import { tileItem } from './wall.ts';

const SHOWN = 10;

export const phonePage = (deps: ConsoleDeps): PageRoute => ({
  path: '/phones/:id',
  role: 'read',
  title: 'Phone',
  async render({ params, who }) {
    const row = deps.fleet.list().phones.find(({ id }) => id === params.id);
    const view = deps.phones.all().find(({ id }) => id === params.id);
    if (row === undefined || view === undefined) return undefined;
    const zone = deps.timezone();
    const calls = await deps.history.calls({ phone: row.id, limit: SHOWN });
    const of = `phone=${encodeURIComponent(row.id)}`;
    return html`<ul class="tiles">${tileItem(tileOf(view), zone)}</ul>
${facts(row, zone)}
<h2>Newest calls</h2>${calls.length === 0 ? html`<p class="quiet">None.</p>` : html`${callTable(calls, zone)}<p>${link(`/calls?${of}`, 'All of its calls')}</p>`}
<h2>Newest events</h2>${await eventsOf(row, deps)}
<h2>What it has to be told</h2>${sheetOf(row, who, deps)}
${allows(who.role, 'operate') ? orders(row, who) : ''}`;
  },
});

const FROM: Readonly<Record<string, string>> = {
  config: 'from the config',
  adopted: 'adopted',
  pinned: 'pinned at its first word',
};

const facts = (row: PhoneRow, zone: string): Html =>
  html`<h2>Facts</h2><dl class="facts">
<dt>Name</dt><dd>${row.name ?? '–'}</dd>
<dt>Id</dt><dd><code>${row.id}</code>, ${FROM[row.from]}</dd>
<dt>State</dt><dd>${stateTag(row)}</dd>
<dt>Registered</dt><dd>${registeredTag(row)}</dd>
<dt>Last heard</dt><dd>${lastHeard(row, zone)}</dd>
<dt>MAC address</dt><dd>${row.mac === null ? '–' : html`<code>${macText(row.mac)}</code>, ${FROM[row.macFrom ?? '']}`}</dd>
<dt>Maker and model</dt><dd>${row.maker} ${claim(row.model)}</dd>
<dt>Firmware</dt><dd>${claim(row.firmware) || '–'}</dd>
<dt>Address</dt><dd>${claim(row.ip) || '–'}</dd>
<dt>Groups</dt><dd>${row.groups.join(', ') || '–'}</dd>
<dt>Where it stands</dt><dd>${row.area ?? '–'}</dd>
<dt>Site</dt><dd>${row.site}</dd>
</dl>`;

async function eventsOf({ id }: PhoneRow, deps: ConsoleDeps): Promise<Html> {
  const events = await deps.history.events({ phone: id, newestFirst: true, raw: false, limit: SHOWN });
  if (events.length === 0) return html`<p class="quiet">None.</p>`;
  const zone = deps.timezone();
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Newest events"><table><thead><tr><th>Time</th><th>Event</th><th>Other side</th></tr></thead><tbody>
${events.map(({ event }) => {
  const remote = 'remote' in event ? event.remote : undefined;
  return html`<tr><td class="nowrap">${timeTag(event.at, zone)}</td><td>${link(`/events/${encodeURIComponent(event.id)}`, event.type)}</td><td>${remote?.number ?? ''} ${remote?.name ?? ''}</td></tr>`;
})}</tbody></table></div><p>${link(`/events?phone=${encodeURIComponent(id)}`, 'All of its events')}</p>`;
}

/** Without a token: that is kept as a hash, and nobody can show it again. */
function sheetOf({ id }: PhoneRow, who: Who, deps: ConsoleDeps): Html {
  const sheet = deps.sheetOf(id, NO_TOKEN, false);
  if (sheet === undefined) return html``;
  const may = allows(who.role, 'admin');
  return html`${sheet.problems.map((text) => html`<p class="said">${text}</p>`)}
${sheet.warnings.map((text) => html`<p class="quiet">${text}</p>`)}
${sheet.rows.length === 0 ? '' : html`<details><summary>Its ${sheet.rows.length} Action URLs, with ${NO_TOKEN} in the place of its token</summary>${sheetTable(sheet)}</details>`}
${
  may
    ? html`<p>Tokens are kept as hashes only, so whatever the phone is to be told needs a new one. The one it has goes on for 24 hours: enough to change the phone.</p>
<form method="post" action="/phones/${encodeURIComponent(id)}/provision">${csrfField(who)}
<p><label class="check"><input type="checkbox" name="all" value="yes"> all events, whatever the rules need</label></p>
<p class="buttons"><button name="as" value="file" class="primary">New token, and its file</button> <button name="as" value="table">New token, and a table to copy</button></p></form>`
    : ''
}`;
}

/** What stands in the config is changed there. */
function orders(row: PhoneRow, who: Who): Html {
  const at = `/phones/${encodeURIComponent(row.id)}`;
  const isAdmin = allows(who.role, 'admin');
  const adopted = row.from === 'adopted';
  return html`<h2>Change</h2>
${
  adopted
    ? html`<form method="post" action="${at}/name" class="filter">${csrfField(who)}<label>Name <input name="name" value="${row.name ?? ''}" maxlength="128" required autocomplete="off"></label><button>Call it so</button></form>
<form method="post" action="${at}/groups" class="filter">${csrfField(who)}<label>Groups, with commas between <input name="groups" value="${row.groups.join(', ')}" maxlength="1000" autocomplete="off"></label><button>Put it there</button></form>`
    : html`<p class="quiet">Its name and groups stand in the config; change them there.</p>`
}
${
  isAdmin
    ? html`<form method="post" action="${at}/token">${csrfField(who)}<p><label class="check"><input type="checkbox" name="now" value="yes"> the old token ends at once</label></p><p><button data-confirm="Make a new token for ${row.id}?">New token</button></p></form>
${row.macFrom === 'pinned' ? html`<form method="post" action="${at}/repin">${csrfField(who)}<p><button data-confirm="Let go of its MAC address? The next one that it names is pinned.">Phone was exchanged: pin its MAC anew</button></p></form>` : ''}
${adopted ? html`<form method="post" action="${at}/forget">${csrfField(who)}<p><button class="danger" data-confirm="Forget ${row.id}? It is kept from the rules from then on.">Forget this phone</button></p></form>` : ''}`
    : ''
}`;
}
