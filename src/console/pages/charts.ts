// Charts: where the pictures go; `charts.js` fetches their numbers, draws them, and puts the same numbers into tables.
import { html } from 'hono/html';
import type { ConsoleDeps } from '../deps.ts';
import { figureFilter, PERIODS, periodOf } from '../figures/period.ts';
import type { Html, PageRoute } from '../http/route.ts';
import { checkedFilter, filterForm, link, selectField } from './filter.ts';
import { dayText } from './time.ts';

/** In the order in which they stand; `charts.js` knows what each one shows. */
const CHARTS: readonly (readonly [id: string, title: string])[] = [
  ['calls', 'Calls by outcome'],
  ['missed', 'Missed calls, and those that were called back, by day'],
  ['answer', 'Seconds until an incoming call was answered, by day'],
  ['phones', 'Busiest phones: incoming calls that rang there'],
  ['deliveries', 'Deliveries by destination'],
  ['hits', 'Requests of phones per minute'],
];

const PERIOD_NAMES: Readonly<Record<(typeof PERIODS)[number], string>> = {
  '24h': 'last 24 hours',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
};

export const chartsPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/charts',
  role: 'read',
  title: 'Charts',
  scripts: ['uplot.js', 'charts.js'],
  styles: ['uplot.css', 'charts.css'],
  render({ query }) {
    const { value, said } = checkedFilter(figureFilter, query);
    const zone = deps.timezone();
    const { span } = periodOf(value, deps.ports.clock.wallMs(), zone);
    const asked = new URLSearchParams(value as Record<string, string>);
    const address = `/api/v1/figures?${asked}`;
    return html`${filterForm('/charts', said, [
      selectField(
        'period',
        'Period',
        value.period ?? (value.from === undefined && value.to === undefined ? '7d' : undefined),
        PERIODS.map((each): [string, string] => [each, PERIOD_NAMES[each]]),
      ),
      dayField('from', 'or from', value.from),
      dayField('to', 'to', value.to),
    ])}
<p class="quiet">${dayText(span.fromMs, zone)} to ${dayText(span.toMs - 1, zone)}, times in ${zone}. ${link(address, 'The numbers as JSON')}</p>
<p id="charts-said" role="status">Fetching the numbers…</p>
<noscript><p class="said">The pictures need JavaScript; the numbers are there as JSON.</p></noscript>
<div id="charts" data-figures="${address}" data-timezone="${zone}">${CHARTS.map(([id, title]) => chartPlace(id, title))}</div>`;
  },
});

const dayField = (name: string, label: string, value: string | undefined): Html =>
  html`<label>${label} <input name="${name}" type="date" value="${value ?? ''}"></label>`;

const chartPlace = (id: string, title: string): Html =>
  html`<section class="figure" data-chart="${id}" aria-labelledby="chart-${id}"><h2 id="chart-${id}">${title}</h2>
<div class="chart" data-plot></div><p class="quiet" data-none hidden>Nothing in this period.</p>
<details><summary>The same as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="${title}, as a table" data-table></div></details></section>`;
