// Bench: one event or a composed one, and what every rule would do about it. Nothing is sent and nothing is stored.
import { html } from 'hono/html';
import type { Who } from '../access/gate.ts';
import type { BenchForm } from '../api/trial-input.ts';
import type { ConsoleDeps } from '../deps.ts';
import type { Html, PageRoute } from '../http/route.ts';
import type { BenchEnd, BenchRun, BenchTold, ShownProblem } from '../rule-desk.ts';
import { link } from './filter.ts';
import { csrfField } from './layout.ts';
import { previewOf } from './preview.ts';
import { problemList } from './problems.ts';
import { editingOf, editorFields, filePicker } from './rule-editor.ts';
import { secondsText, timeTag } from './time.ts';
import { verdictList } from './verdicts.ts';

/** What came of an order, above the form. */
export type BenchResult = { run: BenchRun } | { problems: readonly ShownProblem[] } | { refused: string };

const BLANK: BenchForm = {
  rules: 'used',
  file: '',
  text: '',
  what: 'past',
  event: '',
  says: 'ring-group-missed',
  phones: '',
  number: '',
  name: '',
  vars: '',
  start: '',
};

export const benchPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/bench',
  role: 'read',
  title: 'Bench',
  async render({ query, who }) {
    const editing = await editingOf(query, deps);
    return benchBodyOf({ ...BLANK, ...editing, event: (query.event ?? '').slice(0, 256) }, who, deps);
  },
});

/** The whole page below its heading, with what came of it where somebody tried something. */
export function benchBodyOf(form: BenchForm, who: Who, deps: ConsoleDeps, result?: BenchResult): Html {
  return html`<p class="quiet">What would the rules do? Time is virtual: waits end at once. Nothing is sent, nothing is stored.</p>
${result === undefined ? '' : resultOf(result, deps)}
<h2>Try something</h2>
${filePicker('/bench', form, form.event === '' ? {} : { event: form.event }, deps.rules.files())}
<form method="post" action="/bench" class="trial">${csrfField(who)}
<fieldset><legend>What happens</legend>
<label><input type="radio" name="what" value="past" ${form.what === 'past' ? html`checked` : ''}> again what happened before</label>
<label for="event">Id of an event; empty: the last missed call</label><input id="event" name="event" value="${form.event}" maxlength="256" autocomplete="off">
<label><input type="radio" name="what" value="composed" ${form.what === 'composed' ? html`checked` : ''}> something composed</label>
${composedFields(form, deps)}</fieldset>
${editorFields(form, who)}
<p><button class="primary">Try it</button></p></form>`;
}

const composedFields = (form: BenchForm, { bench, phones }: ConsoleDeps): Html =>
  html`<label for="says">A course, or what a phone says</label>
<select id="says" name="says"><optgroup label="Courses">${bench.scenarios.map(({ name, summary }) => html`<option value="${name}" ${name === form.says ? html`selected` : ''}>${name}: ${summary}</option>`)}</optgroup>
<optgroup label="Events">${bench.events.map((type) => html`<option value="${type}" ${type === form.says ? html`selected` : ''}>${type}</option>`)}</optgroup></select>
<label for="phones">Phones, by id, with commas between; empty: virtual ones</label><input id="phones" name="phones" value="${form.phones}" list="known" maxlength="10000" autocomplete="off">
<datalist id="known">${phones.all().map(({ id }) => html`<option value="${id}"></option>`)}</datalist>
<label for="number">Number of the other side</label><input id="number" name="number" value="${form.number}" maxlength="128" autocomplete="off">
<label><input type="checkbox" name="withheld" value="yes" ${form.withheld === 'yes' ? html`checked` : ''}> the number is withheld</label>
<label for="name">Display name of the other side</label><input id="name" name="name" value="${form.name}" maxlength="512" autocomplete="off">
<label for="vars">More variables of an event, a line each: name=value</label><textarea id="vars" name="vars" class="small" rows="3" spellcheck="false">${form.vars}</textarea>
<label for="start">When, local time like 2026-11-24T09:00:00; empty: now</label><input id="start" name="start" value="${form.start}" maxlength="40" autocomplete="off">`;

function resultOf(result: BenchResult, deps: ConsoleDeps): Html {
  if ('refused' in result) return html`<p class="said" role="alert">${result.refused}</p>`;
  if ('problems' in result)
    return html`<section aria-labelledby="wrong"><h2 id="wrong">Nothing was tried</h2><p class="said" role="alert">${result.problems.length === 1 ? 'One thing is' : `${result.problems.length} things are`} wrong:</p>${problemList(result.problems)}</section>`;
  return runOf(result.run, deps);
}

const ENDS: Readonly<Record<BenchEnd, string>> = {
  quiet: 'After that nothing was due any more.',
  span: 'It ended 60 days after the last event; something was still due.',
  many: 'It ended there: too much was due one after the other.',
};

function runOf(run: BenchRun, deps: ConsoleDeps): Html {
  const made = run.story.reduce((sum, { deliveries }) => sum + deliveries.length, 0);
  let n = 0;
  const parts = run.story.map((told) => {
    const first = n;
    n += told.deliveries.length;
    return toldPart(told, run.id, first, deps);
  });
  return html`<section aria-labelledby="followed"><h2 id="followed">What would follow</h2>
<p role="status">${run.story.length === 1 ? '1 event' : `${run.story.length} events`}, ${made === 1 ? '1 delivery' : `${made} deliveries`}; nothing was sent. ${ENDS[run.end]}</p>
${run.quarantined ? html`<p class="said">It is kept from all rules: it names the MAC address of another phone.</p>` : ''}
${parts}
${run.eventsLeft === 0 ? '' : html`<p>${run.eventsLeft} more events are not shown.</p>`}
${run.deliveriesLeft === 0 ? '' : html`<p>${run.deliveriesLeft} more deliveries are not shown.</p>`}</section>`;
}

function toldPart(told: BenchTold, run: string, first: number, deps: ConsoleDeps): Html {
  const { event, verdicts, verdictsLeft, deliveries, logs } = told;
  const atMs = Date.parse(event.at);
  const who =
    'phone' in event
      ? event.phone.id
      : 'call' in event
        ? event.call.phones.map(({ id }: { id: string }) => id).join(', ')
        : '';
  return html`<section class="told"><h3>${event.type} <span class="quiet">${who.slice(0, 200)} ${timeTag(event.at, deps.timezone())}</span></h3>
${verdictList(verdicts)}
${verdictsLeft === 0 ? '' : html`<p class="quiet">${verdictsLeft} more rules said something about it.</p>`}
${logs.map(({ rule, level, text }) => html`<p>${link(`/rules#${rule}`, rule)} <span class="tag">log ${level}</span> ${text}</p>`)}
${deliveries.map(
  (
    delivery,
    n,
  ) => html`<article class="card"><h4>${delivery.rule} → ${delivery.to} <small>${delivery.type}</small> ${delivery.state === 'dead' ? html`<span class="tag bad">cannot be sent</span>` : html`<span class="tag good">would be sent</span>`} <span class="quiet">${laterText(delivery.madeAtMs - atMs)}</span></h4>
${delivery.lastError === undefined ? '' : html`<p class="said">${delivery.lastError}</p>`}
${Object.keys(delivery.message).length === 0 ? html`<p class="quiet">There is no message to be shown.</p>` : previewOf(deps.previewOf(delivery), `/bench/preview?run=${run}&n=${first + n}`)}</article>`,
)}</section>`;
}

const laterText = (afterMs: number): string =>
  afterMs < 1_000 ? 'at once' : `${secondsText(Math.round(afterMs / 1_000))} later`;
