// Verdicts: what the rules said of an event, those that took it first to be seen, the others by the stage that said no.
import { html } from 'hono/html';
import type { RuleVerdict } from '../deps.ts';
import type { Html } from '../http/route.ts';
import { link } from './filter.ts';

export const verdictList = (verdicts: readonly RuleVerdict[]): Html =>
  verdicts.length === 0
    ? html`<p class="quiet">No rule takes this event.</p>`
    : html`<ul>${verdicts.map(verdictItem)}</ul>`;

function verdictItem({ rule, stages }: RuleVerdict): Html {
  const no = stages.find(({ ok }) => !ok);
  const words = ({ stage, saw }: RuleVerdict['stages'][number]): string =>
    saw === undefined ? stage : `${stage} (${saw})`;
  return no === undefined
    ? html`<li><span class="tag good">yes</span> ${link(`/rules#${rule}`, rule)}: ${stages.map(words).join(', ')}</li>`
    : html`<li><span class="tag">no</span> ${link(`/rules#${rule}`, rule)}: stopped at ${words(no)}</li>`;
}
