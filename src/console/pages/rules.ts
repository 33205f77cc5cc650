// Rules: which there are, what they take, where they deliver to, how often they acted; and one rule with its deliveries of late.
import { html } from 'hono/html';
import type { StoredDelivery } from '../../core/store.ts';
import type { ConsoleDeps } from '../deps.ts';
import type { Html, PageRoute } from '../http/route.ts';
import type { RuleCard } from '../rule-desk.ts';
import { deliveryTable } from './deliveries.ts';
import { link } from './filter.ts';
import { lines } from './preview.ts';
import { problemList } from './problems.ts';
import { timeTag } from './time.ts';

const TYPES_SHOWN = 4;
const RULES_SHOWN = 1_000;
const DELIVERIES_SHOWN = 50;
/** No index knows a delivery's rule; so many of the newest are looked through, a page at a time. */
const DELIVERIES_READ = 2_000;
const PAGE = 500;

export const rulesPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/rules',
  role: 'read',
  title: 'Rules',
  async render() {
    const problems = await deps.rules.problems();
    const rules = deps.rules.all();
    const zone = deps.timezone();
    return html`${problems.length === 0 ? '' : html`<section><h2>Problems of the last reload</h2><p class="said" role="alert">The rules below are those of before: what lies on disk was refused.</p>${problemList(problems)}</section>`}
<p>${link('/bench', 'Try rules on the bench')} · ${link('/replay', 'Replay recorded events')}</p>
${rules.length === 0 ? html`<p>There is no rule.</p>` : ruleTable(rules.slice(0, RULES_SHOWN), zone)}
${rules.length > RULES_SHOWN ? html`<p>${rules.length - RULES_SHOWN} more are not shown; the API knows all.</p>` : ''}`;
  },
});

const ruleTable = (rules: readonly RuleCard[], zone: string): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="Rules"><table><caption>How often a rule acted is counted since the start of the process.</caption>
<thead><tr><th>Rule</th><th>State</th><th>On</th><th>To</th><th class="number">Acted since the start</th><th>Last</th><th>File</th></tr></thead><tbody>
${rules.map(
  (
    rule,
  ) => html`<tr id="${rule.id}"><td>${link(`/rules/${rule.id}`, rule.id)}${rule.description === undefined ? '' : html`<br><small>${rule.description}</small>`}</td>
<td>${stateOf(rule)}</td><td>${onOf(rule.on)}</td><td>${toOf(rule)}</td>
<td class="number">${rule.acted}</td><td>${rule.lastActedMs === null ? 'not yet' : timeTag(rule.lastActedMs, zone)}</td><td>${rule.file}</td></tr>`,
)}</tbody></table></div>`;

const stateOf = ({ enabled, fallback }: RuleCard): Html =>
  html`${enabled ? html`<span class="tag good">on</span>` : html`<span class="tag">off</span>`}${fallback ? html` <span class="tag">fallback</span>` : ''}`;

const onOf = (types: readonly string[]): Html =>
  types.length <= TYPES_SHOWN
    ? html`${types.join(', ')}`
    : html`<details><summary>${types.slice(0, TYPES_SHOWN - 1).join(', ')} and ${types.length - TYPES_SHOWN + 1} more</summary>${types.join(', ')}</details>`;

const toOf = ({ to }: RuleCard): Html =>
  to.length === 0
    ? html`<span class="quiet">nowhere</span>`
    : html`${to.map(({ name, type }) => html`${link(`/deliveries?to=${encodeURIComponent(name)}`, name)} <small>${type}</small> `)}`;

export const rulePage = (deps: ConsoleDeps): PageRoute => ({
  path: '/rules/:id',
  role: 'read',
  title: 'Rule',
  async render({ params }) {
    const rule = deps.rules.find(params.id ?? '');
    if (rule === undefined) return undefined;
    const zone = deps.timezone();
    const [written, deliveries] = await Promise.all([deps.rules.written(rule.id), deliveriesOf(rule.id, deps)]);
    return html`<dl class="facts">
<dt>Id</dt><dd><strong>${rule.id}</strong></dd>
${rule.description === undefined ? '' : html`<dt>What for</dt><dd>${rule.description}</dd>`}
<dt>State</dt><dd>${stateOf(rule)}</dd>
<dt>On</dt><dd>${onOf(rule.on)}</dd>
<dt>To</dt><dd>${toOf(rule)}</dd>
<dt>Acted since the start</dt><dd>${rule.acted === 1 ? 'once' : `${rule.acted} times`}${rule.lastActedMs === null ? '' : html`, last ${timeTag(rule.lastActedMs, zone)}`}</dd>
<dt>File</dt><dd>${rule.file}${written === undefined ? '' : html`, line ${written.line}`}</dd>
</dl>
<p>${link(`/bench?rule=${rule.id}`, 'Try it on the bench')}</p>
<h2>As it is written</h2>${written === undefined ? html`<p class="said">Its file does not have it any more, or cannot be read. The rule is in use until the next reload that is right.</p>` : html`<pre>${lines(written.text)}</pre>`}
<h2>Deliveries of late</h2>${deliveries.length === 0 ? html`<p>None among the newest ${DELIVERIES_READ} of all rules.</p>` : deliveryTable(deliveries, zone)}`;
  },
});

/** The newest of a rule, among the newest of all. */
async function deliveriesOf(rule: string, { history }: Pick<ConsoleDeps, 'history'>): Promise<StoredDelivery[]> {
  const found: StoredDelivery[] = [];
  let before: string | undefined;
  for (let read = 0; read < DELIVERIES_READ; read += PAGE) {
    const page = await history.deliveries({ limit: PAGE, ...(before === undefined ? {} : { before }) });
    found.push(...page.filter((delivery) => delivery.rule === rule));
    before = page.at(-1)?.id;
    if (page.length < PAGE || found.length >= DELIVERIES_SHOWN) break;
  }
  return found.slice(0, DELIVERIES_SHOWN);
}
