// A provision sheet as people read it: where each URL goes on the phone's own web page; and a new token, shown once.
import { html } from 'hono/html';
import type { MadeToken } from '../control-tokens.ts';
import type { Html } from '../http/route.ts';
import type { ProvisionSheet } from '../provision-sheet.ts';
import { link } from './filter.ts';

/** The table to type or copy from. */
export function sheetTable({ rows, webPage, urlSetting }: ProvisionSheet): Html {
  const where = webPage === undefined ? '' : html`<p>On the phone’s web page: ${webPage}</p>`;
  if (urlSetting !== undefined)
    return html`${where}<p><code>${urlSetting}</code></p><p><code>${rows[0]?.url ?? ''}</code></p>
<div class="scroll" tabindex="0" role="region" aria-label="Settings"><table><thead><tr><th>Event</th><th>Set to 1</th></tr></thead><tbody>${rows.map(({ label, slot }) => html`<tr><td>${label}</td><td><code>${slot}</code></td></tr>`)}</tbody></table></div>`;
  return html`${where}<div class="scroll" tabindex="0" role="region" aria-label="Settings"><table><thead><tr><th>Field</th><th>Setting</th><th>URL</th></tr></thead><tbody>
${rows.map(({ label, slot, url }) => html`<tr><td>${label}</td><td><code>${slot}</code></td><td class="url"><code>${url}</code></td></tr>`)}</tbody></table></div>`;
}

/** The page after a table was asked for. */
export const sheetBody = (phone: string, sheet: ProvisionSheet): Html =>
  html`<p class="said">There is a new token in these URLs. They are shown this once: copy them before you leave this page.</p>
${sheet.warnings.map((text) => html`<p class="quiet">${text}</p>`)}
${sheetTable(sheet)}
<p>${back(phone)}</p>`;

/** The page after a token was made. */
export const tokenBody = (phone: string, { token, urls }: MadeToken, atOnce: boolean): Html =>
  html`<p class="said">Token of ${phone}, shown this once: copy it before you leave this page.</p>
<pre>${token}</pre>
<p>${atOnce ? 'Older tokens of this phone have ended.' : 'The token before it goes on for 24 hours.'}</p>
<h2>URLs that carry it</h2>
<div class="scroll" tabindex="0" role="region" aria-label="URLs"><table><thead><tr><th>Event</th><th>URL</th></tr></thead><tbody>
${Object.entries(urls).map(([slug, url]) => html`<tr><td>${slug}</td><td class="url"><code>${url}</code></td></tr>`)}</tbody></table></div>
<p>${back(phone)}</p>`;

const back = (phone: string): Html => link(`/phones/${encodeURIComponent(phone)}`, 'Back to the phone');
