// Phones: every one that is known, how many there are of each model and firmware, and who is kept from the rules.
import { html } from 'hono/html';
import { escapeUnprintable } from '../../core/printable.ts';
import type { Who } from '../access/gate.ts';
import { allows } from '../access/roles.ts';
import type { PhoneRow, QuarantineRow } from '../control-phones.ts';
import type { ConsoleDeps } from '../deps.ts';
import type { Html, PageRoute } from '../http/route.ts';
import { link } from './filter.ts';
import { csrfField } from './layout.ts';
import { stateWord } from './tiles.ts';
import { timeTag } from './time.ts';

/** A MAC address as it stands on the phone's label. */
export const macText = (mac: string | null): string => mac?.match(/../g)?.join(':') ?? '';

/** What a phone says of itself: hostile, so that nothing in it hides or turns the line round. */
export const claim = (text: string | null): string => (text === null ? '' : escapeUnprintable(text));

export const phonesPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/phones',
  role: 'read',
  title: 'Phones',
  render({ who }) {
    const { phones, quarantine } = deps.fleet.list();
    const zone = deps.timezone();
    return html`${phones.length === 0 ? html`<p>No phone is known yet.</p>` : phoneTable(phones, zone)}
<h2 id="quarantine">Kept from the rules</h2>
${
  quarantine.length === 0
    ? html`<p class="quiet">Nobody: whoever speaks is known.</p>`
    : html`<p>Whoever speaks with a right token and is not known waits here: heard and counted, and no rule sees it. What stands under “says” is the phone’s own word.</p>
${quarantineTable(quarantine, zone)}${allows(who.role, 'operate') ? quarantine.map((row) => adoptForm(row, who)) : ''}`
}
${allows(who.role, 'operate') ? strangerForm(who) : ''}
<h2>Models and firmware</h2>${inventoryTable(phones)}`;
  },
});

const phoneTable = (phones: readonly PhoneRow[], zone: string): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="Phones"><table><thead><tr><th>Phone</th><th>State</th><th>Registered</th><th>Last heard</th><th>Groups</th><th>Maker and model</th><th>Firmware</th><th>MAC address</th></tr></thead><tbody>
${phones.map(
  (phone) => html`<tr><td>${link(`/phones/${encodeURIComponent(phone.id)}`, phone.name ?? phone.id)}</td>
<td>${stateTag(phone)}</td><td>${registeredTag(phone)}</td><td class="nowrap">${lastHeard(phone, zone)}</td><td>${phone.groups.join(', ')}</td>
<td>${phone.maker} ${claim(phone.model)}</td><td>${claim(phone.firmware)}</td><td class="nowrap"><code>${macText(phone.mac)}</code>${phone.macFrom === 'pinned' ? html` <small>pinned</small>` : ''}</td></tr>`,
)}</tbody></table></div>`;

const STATE_TAGS: Readonly<Record<string, string>> = { idle: 'good', ringing: 'warn' };

export const stateTag = ({ state, silent }: Pick<PhoneRow, 'state' | 'silent'>): Html =>
  silent
    ? html`<span class="tag bad">silent</span>`
    : html`<span class="tag ${state === null ? '' : (STATE_TAGS[state] ?? 'busy')}">${stateWord(state)}</span>`;

export const registeredTag = ({ registered }: Pick<PhoneRow, 'registered'>): Html =>
  registered === null
    ? html`<span class="quiet">not said</span>`
    : registered
      ? html`<span class="tag good">yes</span>`
      : html`<span class="tag bad">no</span>`;

export const lastHeard = ({ lastSeen }: Pick<PhoneRow, 'lastSeen'>, zone: string): Html =>
  lastSeen === null ? html`<span class="quiet">never</span>` : timeTag(lastSeen, zone);

const quarantineTable = (rows: readonly QuarantineRow[], zone: string): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="Kept from the rules"><table><thead><tr><th>Who</th><th>Why</th><th class="number">Hits</th><th>First heard</th><th>Last heard</th><th>Says: model</th><th>Says: firmware</th><th>Address</th></tr></thead><tbody>
${rows.map(
  (row) => html`<tr><td class="nowrap"><code>${row.mac === null ? row.id : macText(row.mac)}</code></td>
<td>${row.why === 'unknown' ? html`<span class="tag warn">unknown</span>` : html`<span class="tag bad">other MAC</span> than ${link(`/phones/${encodeURIComponent(row.id)}`, row.id)} has`}</td>
<td class="number">${row.hits}</td><td class="nowrap">${timeTag(row.firstSeen, zone)}</td><td class="nowrap">${timeTag(row.lastSeen, zone)}</td>
<td>${claim(row.model)}</td><td>${claim(row.firmware)}</td><td>${claim(row.ip)}</td></tr>`,
)}</tbody></table></div>`;

/** A phone that names no MAC is known by its address, and keeps that id. */
function adoptForm(row: QuarantineRow, who: Who): Html {
  if (row.why !== 'unknown') return html``;
  const shown = row.mac === null ? row.id : macText(row.mac);
  return html`<details><summary>Adopt ${shown}</summary><form method="post" action="/phones" class="lines">${csrfField(who)}
<input type="hidden" name="who" value="${row.mac ?? row.id}"><input type="hidden" name="site" value="${row.site}">
<label>Name <input name="name" maxlength="128" autocomplete="off"></label>
${row.mac === null ? '' : html`<label>Id, for ever (from its name if left empty) <input name="id" maxlength="64" pattern="[A-Za-z0-9_\\-]+" autocomplete="off"></label>`}
<label>Groups, with commas between <input name="groups" maxlength="1000" autocomplete="off"></label>
<button class="primary">Adopt</button></form></details>`;
}

const strangerForm = (who: Who): Html =>
  html`<details><summary>Make a phone known that has not spoken yet</summary><form method="post" action="/phones" class="lines">${csrfField(who)}
<label>MAC address <input name="who" maxlength="17" required autocomplete="off" placeholder="00:50:58:a1:b2:c3"></label>
<label>Name <input name="name" maxlength="128" autocomplete="off"></label>
<label>Groups, with commas between <input name="groups" maxlength="1000" autocomplete="off"></label>
<button class="primary">Make known</button></form></details>`;

function inventoryTable(phones: readonly PhoneRow[]): Html {
  const kinds = new Map<string, { maker: string; model: string | null; firmware: string | null; phones: PhoneRow[] }>();
  for (const phone of phones) {
    const { maker, model, firmware } = phone;
    const key = JSON.stringify([maker, model, firmware]);
    const kind = kinds.get(key) ?? { maker, model, firmware, phones: [] };
    kind.phones.push(phone);
    kinds.set(key, kind);
  }
  const sorted = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
  if (sorted.length === 0) return html`<p class="quiet">No phone is known yet.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Models and firmware"><table><thead><tr><th>Maker</th><th>Model</th><th>Firmware</th><th class="number">Phones</th><th>Which</th></tr></thead><tbody>
${sorted.map(
  ({ maker, model, firmware, phones: of }) =>
    html`<tr><td>${maker}</td><td>${claim(model) || 'not said yet'}</td><td>${claim(firmware) || 'not said yet'}</td><td class="number">${of.length}</td>
<td>${of.slice(0, 5).map(({ id, name }, n) => html`${n === 0 ? '' : ', '}${link(`/phones/${encodeURIComponent(id)}`, name ?? id)}`)}${of.length > 5 ? ', …' : ''}</td></tr>`,
)}</tbody></table></div>`;
}
