// Health: backlog, oldest waiting, breakers, disk, the last reload, and what was refused, in words and figures.
import { html } from 'hono/html';
import type { Json } from '../../core/delivery.ts';
import type { ConsoleDeps } from '../deps.ts';
import type { Html, PageRoute } from '../http/route.ts';
import { link } from './filter.ts';
import { problemList } from './problems.ts';
import { secondsText, timeTag } from './time.ts';

type Tree = { [key: string]: Json };
const tree = (value: Json | undefined): Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
const number = (value: Json | undefined): number => (typeof value === 'number' ? value : 0);

/** Counters that tell of input that was lost or refused. */
const LOST =
  /refused|dropped|failed|failures|quarantin|unknown|damaged|unreadable|late|vanished|expired|dead|over_budget/;

export const healthPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/health',
  role: 'read',
  title: 'Health',
  async render() {
    const [status, reasons, problems] = await Promise.all([deps.status(), deps.notReady(), deps.rules.problems()]);
    const now = tree(status);
    const store = tree(now.store);
    const zone = deps.timezone();
    const reload = tree(now.config);
    return html`${
      reasons.length === 0
        ? html`<p><span class="tag good">ready</span> Phones are received and events are decided.</p>`
        : reasons.map((reason) => html`<p class="said" role="alert">Not ready: ${reason}.</p>`)
    }
<dl class="facts">
<dt>Version</dt><dd>${deps.version}</dd>
<dt>Running since</dt><dd>${timeTag(String(now.startedAt ?? ''), zone)}</dd>
<dt>Waiting to be decided</dt><dd>${number(now.backlog)} events</dd>
<dt>Store</dt><dd>${megabytes(store.bytes)} of ${megabytes(store.bytesMax)} MB, ${number(store.events)} events</dd>
<dt>Config</dt><dd>${reload.ok === false ? html`<span class="tag bad">refused</span> the one before is in use` : html`<span class="tag good">in use</span>`}, read ${timeTag(String(reload.loadedAt ?? ''), zone)}</dd>
</dl>
${problems.length === 0 ? '' : html`<h2>Problems of the last reload</h2>${problemList(problems)}`}
<h2>Connections</h2>${connectionTable(tree(now.connections))}
<h2>Refused, dropped or failed since the start</h2>${counterTable(now.counters, (name) => LOST.test(name))}
<h2>All counters</h2>${counterTable(now.counters, (name) => !LOST.test(name))}
<p class="quiet">For monitoring: <code>/livez</code>, <code>/readyz</code> and <code>/metrics</code> (Prometheus, with a token of the role read).</p>`;
  },
});

const megabytes = (bytes: Json | undefined): string => (number(bytes) / 2 ** 20).toFixed(0);

function connectionTable(connections: Tree): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Connections"><table><thead><tr><th>Name</th><th>State</th><th class="number">Waiting</th><th class="number">Oldest</th><th class="number">Delivered</th><th class="number">Failed attempts</th><th class="number">Given up</th><th>Last error</th></tr></thead><tbody>
${Object.entries(connections).map(([name, each]) => {
  const one = tree(each);
  return html`<tr><td>${link(`/deliveries?to=${encodeURIComponent(name)}`, name)}</td><td>${connectionTag(one)}</td>
<td class="number">${number(one.waiting)}</td><td class="number">${secondsText(Math.round(number(one.oldestAgeMs) / 1000))}</td><td class="number">${number(one.delivered)}</td>
<td class="number">${number(one.retries)}</td><td class="number">${number(one.dead) + number(one.expired)}</td><td>${String(one.lastError ?? '')}</td></tr>`;
})}</tbody></table></div>`;
}

function connectionTag({ connection, breaker, dryRun }: Tree): Html {
  if (dryRun === true) return html`<span class="tag">dry run</span>`;
  if (connection !== 'open') return html`<span class="tag warn">${String(connection)}</span>`;
  return breaker === 'closed'
    ? html`<span class="tag good">open</span>`
    : html`<span class="tag bad">down, trying</span>`;
}

type Counted = { name: string; labels: Tree; value: number };

function counterTable(given: Json | undefined, wanted: (name: string) => boolean): Html {
  const counters = (Array.isArray(given) ? (given as unknown as Counted[]) : []).filter(({ name }) => wanted(name));
  if (counters.length === 0) return html`<p>None.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Counters"><table><thead><tr><th>What</th><th>Of</th><th class="number">How often</th></tr></thead><tbody>${counters.map(
    ({ name, labels, value }) =>
      html`<tr><td>${name.replaceAll('_', ' ')}</td><td>${Object.entries(labels)
        .map(([key, label]) => `${key} ${String(label)}`)
        .join(', ')}</td><td class="number">${value}</td></tr>`,
  )}</tbody></table></div>`;
}
