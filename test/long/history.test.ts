// What people look for in a store of a million events: each question stays below its bar; the figures are printed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHistory } from '../../src/store/index.ts';
import { fillStore } from '../support/history-fill.ts';
import { questionsOf, tableOf, timed } from '../support/history-questions.ts';
import { DAY_MS } from '../support/store-samples.ts';

const CALLS = 120_000;
const ROUNDS = 5;
const NOW_MS = Date.UTC(2026, 10, 24, 12);

const folder = mkdtempSync(join(tmpdir(), 'hookswitch-history-'));
let path = '';

beforeAll(() => {
  const filled = fillStore(folder, { calls: CALLS, phones: 500, fromMs: NOW_MS - 40 * DAY_MS, toMs: NOW_MS });
  path = filled.path;
  console.log(
    `${filled.events} events, ${filled.calls} calls, ${filled.deliveries} deliveries, ${Math.round(filled.bytes / 1e6)} MB`,
  );
  expect(filled.events).toBeGreaterThan(1_000_000);
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('searches take 300 ms at most, first pages and figures 200 ms', async () => {
  const history = openHistory(path);
  const answered = await timed(history, await questionsOf(history, NOW_MS), ROUNDS);
  await history.close();
  console.log(tableOf(answered));
  const missed = answered.filter(({ medianMs, msMax }) => medianMs > msMax);
  expect(missed.map(({ name, medianMs, msMax }) => `${name}: ${medianMs} of ${msMax} ms`)).toEqual([]);
});

test('who asks for the next page goes on where the last one ended, down to the oldest call', async () => {
  const history = openHistory(path);
  const query = { phone: 'desk-123', state: 'missed' as const, limit: 20 };
  const keys: string[] = [];
  let last: { startedAtMs: number; key: string } | undefined;
  for (;;) {
    const page = await history.calls({ ...query, ...(last === undefined ? {} : { before: last }) });
    for (const call of page) {
      if (last !== undefined) expect(call.startedAtMs).toBeLessThanOrEqual(last.startedAtMs);
      last = call;
      keys.push(call.key);
    }
    if (page.length < query.limit) break;
  }
  expect(keys.length).toBeGreaterThan(50);
  expect(keys).toEqual((await history.calls({ ...query, limit: 500 })).map(({ key }) => key));
  // The same by the events of that phone, which come by their times.
  const said = { phone: 'desk-123', type: 'phone.missed_call', newestFirst: true, raw: false } as const;
  const seqs: number[] = [];
  for (;;) {
    const before = seqs.at(-1);
    const page = await history.events({ ...said, limit: 20, ...(before === undefined ? {} : { beforeSeq: before }) });
    seqs.push(...page.map(({ seq }) => seq));
    if (page.length < 20) break;
  }
  expect(seqs.length).toBeGreaterThan(50);
  expect(seqs).toEqual((await history.events({ ...said, limit: 500 })).map(({ seq }) => seq));
  await history.close();
});
