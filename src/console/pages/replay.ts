// Replay: recorded events under the rules in use or edited ones, and what would be sent otherwise; begun here, watched while it runs.
import { html } from 'hono/html';
import type { Who } from '../access/gate.ts';
import { allows } from '../access/roles.ts';
import type { ReplayForm } from '../api/trial-input.ts';
import type { ConsoleDeps } from '../deps.ts';
import type { Html, PageRoute } from '../http/route.ts';
import {
  DIFFERENCES,
  type ReplayDifference,
  type ReplayFigures,
  type ReplayState,
  type ShownProblem,
} from '../rule-desk.ts';
import { link } from './filter.ts';
import { csrfField } from './layout.ts';
import { problemList } from './problems.ts';
import { editingOf, editorFields, filePicker } from './rule-editor.ts';
import { timeTag } from './time.ts';

const BLANK: ReplayForm = { rules: 'used', file: '', text: '', span: 'day', from: '', to: '' };

export const replayPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/replay',
  role: 'read',
  title: 'Replay',
  scripts: ['replay.js'],
  async render({ query, who }) {
    return replayBodyOf({ ...BLANK, ...(await editingOf(query, deps)) }, who, deps);
  },
});

/** The whole page below its heading; `wrong`: why nothing was begun. */
export function replayBodyOf(
  form: ReplayForm,
  who: Who,
  deps: ConsoleDeps,
  wrong: readonly ShownProblem[] | string = [],
): Html {
  const state = deps.replay.state();
  return html`<p class="quiet">What phones said goes through the rules again, and what would be sent is compared with what was decided then. Nothing is sent.</p>
${typeof wrong === 'string' ? html`<p class="said" role="alert">${wrong}</p>` : wrong.length === 0 ? '' : html`<section><h2>Nothing was begun</h2>${problemList(wrong)}</section>`}
${state === undefined ? '' : stateOf(state, who, deps)}
<h2>Begin one</h2>
${filePicker('/replay', form, {}, deps.rules.files())}
<form method="post" action="/replay" class="trial">${csrfField(who)}
<fieldset><legend>Which events</legend>
${SPANS.map(([value, label]) => html`<label><input type="radio" name="span" value="${value}" ${value === form.span ? html`checked` : ''}> ${label}</label>`)}
<label for="from">From, local time</label><input id="from" name="from" type="datetime-local" value="${form.from}">
<label for="to">To; empty: now</label><input id="to" name="to" type="datetime-local" value="${form.to}"></fieldset>
${editorFields(form, who)}
<p><button class="primary" ${state?.state === 'running' ? html`disabled` : ''}>Begin</button></p></form>`;
}

const SPANS: readonly (readonly [ReplayForm['span'], string])[] = [
  ['day', 'the last 24 hours'],
  ['week', 'the last 7 days'],
  ['dates', 'from and to:'],
];

const WORDS: Readonly<Record<ReplayState['state'], readonly [tag: string, word: string]>> = {
  running: ['busy', 'running'],
  done: ['good', 'done'],
  cancelled: ['', 'called off'],
  failed: ['bad', 'failed'],
};

function stateOf(state: ReplayState, who: Who, deps: ConsoleDeps): Html {
  const zone = deps.timezone();
  const [tag, word] = WORDS[state.state];
  const running = state.state === 'running';
  const mayCancel = allows(who.role, 'operate') || state.who === who.name;
  const rules =
    state.edited === undefined
      ? 'the rules in use'
      : state.edited === null
        ? 'an edited file beside the others'
        : `an edited ${state.edited}`;
  return html`<section aria-labelledby="job"><h2 id="job">${running ? 'Running now' : 'The last one'}</h2>
<dl class="facts" ${running ? html`data-replay="${state.id}"` : ''}>
<dt>State</dt><dd><span class="tag ${tag}">${word}</span> ${state.why ?? ''}</dd>
<dt>Span</dt><dd>${timeTag(state.fromMs, zone)} to ${timeTag(state.toMs, zone)}</dd>
<dt>By</dt><dd>${rules}</dd>
<dt>Begun</dt><dd>${timeTag(state.startedAtMs, zone)} by ${state.who}</dd>
<dt>So far</dt><dd><span role="status"><span data-share>${Math.floor(state.share * 100)} %</span>, <span data-events>${state.events}</span> events</span>, compared with what was decided then: ${state.decided === 1 ? '1 delivery' : `${state.decided} deliveries`}</dd>
</dl>
${running ? html`<progress data-bar max="100" value="${Math.floor(state.share * 100)}" aria-label="How far it is"></progress>${mayCancel ? html`<form method="post" action="/replay/cancel">${csrfField(who)}<input type="hidden" name="id" value="${state.id}"><p><button class="danger">Call it off</button></p></form>` : ''}` : figuresOf(state, zone)}</section>`;
}

const TAGS: Readonly<Record<ReplayDifference, string>> = {
  same: 'good',
  changed: 'warn',
  added: 'busy',
  missing: 'bad',
};

function figuresOf({ figures, state }: ReplayState, zone: string): Html {
  if (figures.length === 0)
    return state === 'done' ? html`<p>No delivery in that time, neither then nor by these rules.</p>` : html``;
  return html`${state === 'done' ? '' : html`<p class="said">It did not come to its end: what is missing was not counted.</p>`}
<div class="scroll" tabindex="0" role="region" aria-label="Differences"><table><caption>Deliveries by rule and connection</caption><thead><tr><th>Rule</th><th>To</th>${DIFFERENCES.map((each) => html`<th class="number">${each}</th>`)}</tr></thead><tbody>
${figures.map(({ rule, to, type, counts }) => html`<tr><td>${link(`/rules/${encodeURIComponent(rule)}`, rule)}</td><td>${to} <small>${type}</small></td>${DIFFERENCES.map((each) => html`<td class="number">${counts[each]}</td>`)}</tr>`)}</tbody></table></div>
${figures.filter(({ examples }) => examples.length > 0).map((each) => examplesOf(each, zone))}`;
}

const examplesOf = ({ rule, to, examples }: ReplayFigures, zone: string): Html =>
  html`<h3>${rule} → ${to}: the first that differ</h3><ul>${examples.map(
    ({ difference, event, atMs, text }) =>
      html`<li><span class="tag ${TAGS[difference]}">${difference}</span> ${link(`/events/${encodeURIComponent(event)}`, timeTag(atMs, zone))} <code>${text}</code></li>`,
  )}</ul>`;
