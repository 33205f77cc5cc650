// Draws the charts and fills their tables from the same numbers. Everything that came from outside becomes text, never an element.

const place = document.getElementById('charts');
const said = document.getElementById('charts-said');
const timezone = place?.dataset.timezone ?? 'UTC';
const HEIGHT = 240;
const OUTCOMES = ['answered', 'missed', 'rejected', 'forwarded', 'ended', 'open'];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const format = (options) => new Intl.DateTimeFormat('en-GB', { timeZone: timezone, ...options });
const hourText = format({ day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
const dayText = format({ weekday: 'short', day: '2-digit', month: 'short', year: 'numeric' });
const shortHour = format({ hour: '2-digit', minute: '2-digit' });
const shortDay = format({ day: '2-digit', month: 'short' });
const wallHour = format({ hour: '2-digit', hourCycle: 'h23' });
const textOf = (value) => (value === null || value === undefined ? '–' : String(value));

/** What each chart shows: `columns` are lists of numbers; `at` are times in seconds, or `names` are words along the axis. */
const CHARTS = {
  calls: (figures) => ({
    at: figures.calls.at,
    byHour: figures.step === 'hour',
    stacked: true,
    columns: OUTCOMES.map((outcome) => ({
      label: outcome,
      colour: `--chart-${outcome}`,
      values: figures.calls[outcome],
    })),
  }),
  missed: ({ missed }) => ({
    at: missed.at,
    columns: [
      { label: 'missed', colour: '--chart-missed', values: missed.missed },
      { label: 'called back', colour: '--chart-answered', values: missed.returned },
    ],
  }),
  answer: ({ answer }) => ({
    at: answer.at,
    lines: true,
    columns: [
      { label: 'half of them within', colour: '--chart-first', values: answer.median },
      { label: '90 % within', colour: '--chart-second', values: answer.p90, dash: [6, 4] },
      { label: 'calls', values: answer.calls, tableOnly: true },
    ],
  }),
  phones: ({ phones }) => ({
    names: phones.map(({ name }) => name),
    what: 'Phone',
    columns: [
      { label: 'rang', colour: '--chart-ended', values: phones.map(({ rang }) => rang) },
      { label: 'answered there', colour: '--chart-answered', values: phones.map(({ answered }) => answered) },
    ],
  }),
  deliveries: ({ deliveries }) => ({
    names: deliveries.map(({ to }) => to),
    what: 'Destination',
    stacked: true,
    columns: [
      { label: 'delivered', colour: '--chart-answered', values: deliveries.map(({ delivered }) => delivered) },
      { label: 'given up', colour: '--chart-missed', values: deliveries.map(({ failed }) => failed) },
      { label: 'replaced or called off', colour: '--chart-ended', values: deliveries.map(({ other }) => other) },
    ],
  }),
  hits: ({ hits, step }) => ({
    at: hits.at,
    byHour: step === 'hour',
    lines: true,
    columns: [
      { label: 'per minute', colour: '--chart-first', values: hits.perMinute, filled: true },
      { label: 'requests', values: hits.hits, tableOnly: true },
    ],
  }),
};

const rowNames = (chart) => chart.names ?? chart.at.map((at) => (chart.byHour ? hourText : dayText).format(at * 1000));

function fillTable(into, chart) {
  const table = document.createElement('table');
  const cell = (row, kind, text, isNumber) => {
    const made = document.createElement(kind);
    made.textContent = text;
    if (isNumber) made.className = 'number';
    if (kind === 'th') made.scope = isNumber || row.parentElement?.localName === 'thead' ? 'col' : 'row';
    row.append(made);
  };
  const head = table.createTHead().insertRow();
  cell(head, 'th', chart.what ?? (chart.byHour ? 'Hour' : 'Day'), false);
  for (const { label } of chart.columns) cell(head, 'th', label, true);
  const body = table.createTBody();
  for (const [n, name] of rowNames(chart).entries()) {
    const row = body.insertRow();
    cell(row, 'th', name, false);
    for (const { values } of chart.columns) cell(row, 'td', textOf(values[n]), true);
  }
  into.replaceChildren(table);
}

/** Along the bottom: days, hours of short spans, or names. */
function bottomAxis(chart, width) {
  const axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line') },
  };
  if (chart.names !== undefined) {
    const longest = Math.max(0, ...chart.names.map((name) => name.length));
    return {
      ...axis,
      grid: { show: false },
      rotate: -60,
      size: 24 + Math.min(90, longest * 6),
      splits: () => chart.names.map((_, n) => n),
      values: (_, splits) => splits.map((n) => (chart.names[n] ?? '').slice(0, 16)),
    };
  }
  return {
    ...axis,
    space: 56,
    splits: () => splitsOf(chart, width),
    values: (_, splits) =>
      splits.map((at) => (isMidnight(at) || !chart.byHour ? shortDay : shortHour).format(at * 1000)),
  };
}

const isMidnight = (at) => wallHour.format(at * 1000) === '00';

/** Begins of days, or of hours where the span is short; as many as there is room for. */
function splitsOf({ at, byHour }, width) {
  const room = Math.max(2, Math.floor(width / 64));
  const days = byHour
    ? at.filter((each, n) => (n === 0 ? isMidnight(each) : isMidnight(each) && !isMidnight(at[n - 1])))
    : at;
  const candidates = days.length >= 3 ? days : at;
  const every = Math.ceil(candidates.length / room);
  return candidates.filter((_, n) => n % every === 0);
}

/** A bar stands behind its begin, so the last one needs room of its own, unless somebody chose a part to look at. */
function untilTheEnd({ at, end, lines }) {
  const last = at.at(-1);
  return (_, min, max) => [min, max === last && (!lines || at.length === 1) ? end : max];
}

function optionsOf(chart, columns, width, sums) {
  const bars = window.uPlot.paths.bars({ size: [0.8, 60], align: chart.names === undefined ? 1 : 0 });
  const series = columns.map((column) => ({
    label: column.label,
    stroke: colour(column.colour),
    width: chart.lines ? 2 : 0,
    value: (_, __, n, index) => textOf(index === null || index === undefined ? null : columns[n - 1]?.values[index]),
    ...(chart.lines ? { points: { size: 5 } } : { fill: colour(column.colour), paths: bars, points: { show: false } }),
    ...(column.filled ? { fill: `${colour(column.colour)}33` } : {}),
    ...(column.dash === undefined ? {} : { dash: column.dash }),
  }));
  const last = chart.names === undefined ? undefined : chart.names.length - 1;
  const highest = Math.max(1, ...sums.flat().filter((each) => each !== null));
  return {
    width,
    height: HEIGHT + (chart.names === undefined ? 0 : 60),
    series: [
      {
        label: chart.what ?? (chart.byHour ? 'Hour' : 'Day'),
        value: (_, __, ___, index) => (index === null || index === undefined ? '–' : (rowNames(chart)[index] ?? '–')),
      },
      ...series,
    ],
    scales: {
      x: { time: false, range: last === undefined ? untilTheEnd(chart) : () => [-0.6, last + 0.6] },
      y: { range: () => [0, highest * 1.05] },
    },
    axes: [
      bottomAxis(chart, width),
      {
        stroke: colour('--quiet'),
        grid: { stroke: colour('--line'), width: 1 },
        ticks: { stroke: colour('--line') },
        size: 56,
      },
    ],
    cursor: { drag: { x: chart.names === undefined, y: false } },
    legend: { live: true },
  };
}

/** Each list on top of those before it. */
function stackedSums(columns) {
  const sums = [];
  for (const { values } of columns) sums.push(values.map((value, n) => value + (sums.at(-1)?.[n] ?? 0)));
  return sums;
}

const chartOf = (section, figures) => ({ end: figures.to, ...CHARTS[section.dataset.chart](figures) });

function draw(section, chart) {
  const plot = section.querySelector('[data-plot]');
  const none = section.querySelector('[data-none]');
  const shown = chart.columns.filter(({ tableOnly }) => tableOnly !== true);
  const isEmpty = shown.every(({ values }) => values.every((value) => value === null || value === 0));
  none.hidden = !isEmpty;
  plot.replaceChildren();
  if (isEmpty) return undefined;
  const sums = chart.stacked ? stackedSums(shown) : shown.map(({ values }) => values);
  // The tallest bars are drawn first, so that none is hidden behind another.
  const order = chart.stacked ? [...shown.keys()].reverse() : [...shown.keys()];
  const columns = order.map((n) => shown[n]);
  const lists = order.map((n) => sums[n]);
  const xs = chart.at ?? chart.names.map((_, n) => n);
  plot.setAttribute('role', 'img');
  plot.setAttribute('aria-label', `${section.querySelector('h2').textContent}: a picture of the table below`);
  return new window.uPlot(optionsOf(chart, columns, plot.clientWidth, lists), [xs, ...lists], plot);
}

function show(figures) {
  const drawn = new Map();
  const redraw = () => {
    for (const section of place.querySelectorAll('[data-chart]')) {
      drawn.get(section)?.destroy();
      drawn.set(section, draw(section, chartOf(section, figures)));
    }
  };
  for (const section of place.querySelectorAll('[data-chart]'))
    fillTable(section.querySelector('[data-table]'), chartOf(section, figures));
  redraw();
  // Colours and the room for labels are worked out anew.
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  let width = place.clientWidth;
  let waiting = 0;
  new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(redraw);
  }).observe(place);
}

async function fetchFigures() {
  const answer = await fetch(place.dataset.figures, { headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`answer ${answer.status}`);
  return answer.json();
}

if (place !== null && said !== null)
  fetchFigures().then(
    (figures) => {
      said.textContent = '';
      show(figures);
    },
    () => {
      said.textContent = 'The numbers could not be fetched. Load the page again.';
    },
  );
