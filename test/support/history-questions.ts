// What people ask a store of a million events, each with how long it may take: for the bench that shows it and the test that holds it.
import type { CallQuery, History } from '../../src/core/history.ts';
import { DAY_MS } from './store-samples.ts';

export type Question = { name: string; msMax: number; ask(history: History): Promise<unknown> };
export type Answered = { name: string; msMax: number; medianMs: number; worstMs: number; found: number };

/** A search, a first page, and figures over a month; in ms. */
const SEARCH_MS_MAX = 300;
const PAGE_MS_MAX = 200;

/** `nowMs`: the end of what is stored. */
export async function questionsOf(history: History, nowMs: number): Promise<Question[]> {
  const [newest] = await history.calls({ limit: 1, direction: 'in' });
  if (newest === undefined) throw new Error('no call');
  const old = { startedAtMs: nowMs - 39 * DAY_MS, key: newest.key };
  const search = (name: string, query: Omit<CallQuery, 'limit'>): Question => ({
    name: `search: ${name}`,
    msMax: SEARCH_MS_MAX,
    ask: (asked) => asked.calls({ ...query, limit: 50 }),
  });
  return [
    search('part of a number', { text: '4 93045' }),
    search('end of a number', { text: '1234' }),
    search('a number that nobody has', { text: '+49 999 123456789' }),
    search('part of a name', { text: 'müll' }),
    search('a contact', { text: 'Kunde 29995' }),
    search('text that nobody has', { text: 'zzyzx' }),
    search('text that nobody has, missed, in, a week', {
      text: 'zzyzx',
      state: 'missed',
      direction: 'in',
      fromMs: nowMs - 7 * DAY_MS,
    }),
    search('a phone', { phone: 'desk-250' }),
    search('a phone that nobody has', { phone: 'desk-999' }),
    search('outcome', { state: 'missed' }),
    search('outcome that none has', { state: 'forwarded' }),
    search('direction and outcome', { state: 'answered', direction: 'out' }),
    search('a span long ago', { fromMs: nowMs - 30 * DAY_MS, toMs: nowMs - 29 * DAY_MS }),
    search('phone, outcome and name', { phone: 'desk-017', state: 'missed', text: 'schäfer' }),
    search('number, phone and span', { text: '49', phone: 'desk-100', toMs: nowMs - 20 * DAY_MS }),
    search('the last page', { before: old }),
    search('the last page of a text', { text: 'a', before: old }),
    search('the last page of a phone', { phone: 'desk-250', before: old }),
    ...pages(newest.key, nowMs),
  ];
}

function pages(key: string, nowMs: number): Question[] {
  const page = (name: string, ask: Question['ask']): Question => ({ name: `page: ${name}`, msMax: PAGE_MS_MAX, ask });
  const span = { fromMs: nowMs - 30 * DAY_MS, toMs: nowMs };
  const events = { newestFirst: true, raw: false, limit: 100 } as const;
  return [
    page('open calls of the wall', (asked) => asked.calls({ state: 'open', limit: 100 })),
    page('calls', (asked) => asked.calls({ limit: 50 })),
    page('one call and its events', async (asked) => {
      const call = await asked.call(key);
      return call === undefined ? [] : asked.eventsOf(call);
    }),
    page('events', (asked) => asked.events(events)),
    page('events of a phone', (asked) => asked.events({ ...events, phone: 'desk-250' })),
    page('events of a phone that nobody has', (asked) => asked.events({ ...events, phone: 'desk-999' })),
    page('events of a type', (asked) => asked.events({ ...events, type: 'call.missed' })),
    page('events of a type that never came', (asked) => asked.events({ ...events, type: 'phone.dnd_on' })),
    page('events of a phone and a type', (asked) =>
      asked.events({ ...events, phone: 'desk-250', type: 'phone.missed_call' }),
    ),
    page('events since a week ago', (asked) => asked.events({ ...events, sinceMs: nowMs - 7 * DAY_MS })),
    page('events, the last page', (asked) => asked.events({ ...events, beforeSeq: 200 })),
    page('one event', async (asked) => asked.events({ id: key, limit: 1 })),
    page('deliveries', (asked) => asked.deliveries({ limit: 100 })),
    page('deliveries of a connection', (asked) => asked.deliveries({ limit: 100, to: 'slack' })),
    page('deliveries of a connection that failed', (asked) =>
      asked.deliveries({ limit: 100, to: 'slack', states: ['dead'] }),
    ),
    page('deliveries that failed', (asked) => asked.deliveries({ limit: 100, states: ['dead'] })),
    page('deliveries that wait', (asked) => asked.deliveries({ limit: 100, states: ['waiting'] })),
    page('deliveries of a connection that has none', (asked) => asked.deliveries({ limit: 100, to: 'mail' })),
    page('deliveries of a connection that none was replaced at', (asked) =>
      asked.deliveries({ limit: 100, to: 'mqtt', states: ['replaced'] }),
    ),
    page('audit', (asked) => asked.audit({ limit: 100 })),
    page('figures: calls of 30 days', (asked) => asked.callFigures(span)),
    page('figures: time to answer of 30 days', (asked) =>
      asked.ringFigures(
        Array.from({ length: 30 }, (_, day) => span.fromMs + day * DAY_MS),
        span.toMs,
      ),
    ),
    page('figures: phones of 30 days', (asked) => asked.phoneFigures(span)),
    page('figures: deliveries of 30 days', (asked) => asked.deliveryFigures(span)),
    page('figures: hits of 30 days', (asked) => asked.hitFigures(span)),
  ];
}

/** Asks each `rounds` times, one after the other. */
export async function timed(history: History, questions: readonly Question[], rounds: number): Promise<Answered[]> {
  const answered: Answered[] = [];
  for (const { name, msMax, ask } of questions) {
    const took: number[] = [];
    let found = 0;
    for (let n = 0; n < rounds; n++) {
      const beganMs = performance.now();
      const answer = await ask(history);
      took.push(performance.now() - beganMs);
      found = Array.isArray(answer) ? answer.length : 1;
    }
    took.sort((a, b) => a - b);
    answered.push({
      name,
      msMax,
      medianMs: Math.round(took[Math.floor(took.length / 2)] ?? 0),
      worstMs: Math.round(took.at(-1) ?? 0),
      found,
    });
  }
  return answered;
}

export const tableOf = (answered: readonly Answered[]): string =>
  answered
    .map(
      ({ name, msMax, medianMs, worstMs, found }) =>
        `${medianMs > msMax ? 'MISSED' : '      '} ${name.padEnd(56)} median ${String(medianMs).padStart(5)} worst ${String(worstMs).padStart(5)} of ${msMax} ms, ${found} found`,
    )
    .join('\n');
