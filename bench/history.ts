// A store of a million events: how long people wait for what they look for, and how large their pages are.
import { mkdirSync, rmSync } from 'node:fs';
import { openHistory } from '../src/store/index.ts';
import { fillStore } from '../test/support/history-fill.ts';
import { questionsOf, tableOf, timed } from '../test/support/history-questions.ts';
import { DAY_MS } from '../test/support/store-samples.ts';
import { type Answer, ask, PHONES, phoneId, startConsole } from './console-client.ts';
import { newFolder } from './daemon.ts';
import type { Figures, Say } from './load-rounds.ts';
import { median } from './statistics.ts';

const CALLS = 120_000;
const ROUNDS = 5;

/** Fills a store in a folder; the folder goes with who asked. */
export function fillMillion(folder: string, say: Say): void {
  const nowMs = Date.now();
  mkdirSync(folder, { recursive: true });
  const filled = fillStore(folder, { calls: CALLS, phones: PHONES, fromMs: nowMs - 40 * DAY_MS, toMs: nowMs });
  say(
    `history: ${filled.events} events, ${filled.calls} calls, ${filled.deliveries} deliveries, ${Math.round(filled.bytes / 1e6)} MB`,
  );
}

const PAGES = [
  '/',
  '/calls',
  '/calls?text=4930',
  '/calls?text=zzyzx',
  `/calls?phone=${phoneId(7)}`,
  '/events',
  `/events?phone=${phoneId(7)}`,
  '/events?type=call.missed',
  '/deliveries',
  '/deliveries?state=dead',
  '/deliveries?to=slack',
  '/phones',
  '/charts',
  '/api/v1/figures?period=30d',
];

/** Questions to the store itself, then whole pages of a daemon on it. */
export async function historyAsked(say: Say): Promise<Figures> {
  const folder = newFolder();
  let worst: Figures = {};
  const daemon = await startConsole((data) => fillMillion(data, say));
  try {
    const history = openHistory(`${daemon.data}/hookswitch.db`);
    const [newest] = await history.calls({ limit: 1 });
    const questions = await questionsOf(history, (newest?.startedAtMs ?? 0) + 1);
    const answered = await timed(history, questions, ROUNDS);
    await history.close();
    say(tableOf(answered));
    const most = (kind: string): number =>
      Math.max(...answered.filter(({ name }) => name.startsWith(kind)).map(({ medianMs }) => medianMs));
    worst = {
      history_search_ms_max: most('search'),
      history_page_ms_max: most('page'),
      history_missed: answered.filter(({ medianMs, msMax }) => medianMs > msMax).length,
    };
    let [pageMs, pageBytes] = [0, 0];
    for (const path of [...PAGES, `/calls/${newest?.key}`, `/events/${newest?.key}`]) {
      const answers: Answer[] = [];
      for (let n = 0; n < ROUNDS; n++) answers.push(await ask(daemon.consolePort, path));
      const { status, bytes } = answers[0] as Answer;
      const ms = median(answers.map((each) => each.ms));
      say(
        `history: ${String(status)} ${path.replace(/[0-9a-f-]{36}/, '…').padEnd(32)} median ${Math.round(ms)} ms, ${(bytes / 1000).toFixed(1)} kB`,
      );
      if (status !== 200 || path.startsWith('/api/')) continue;
      [pageMs, pageBytes] = [Math.max(pageMs, ms), Math.max(pageBytes, bytes)];
    }
    return { ...worst, page_ms_max: Math.round(pageMs), page_kb_max: Math.round(pageBytes / 1000) };
  } finally {
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
