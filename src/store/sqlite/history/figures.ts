// Figures over a span. Each quarter of an hour is asked for by itself: rows that come in order need no sorting, which costs the most.
import type { Span } from '../../../core/history.ts';
import type { Database, Row } from '../driver.ts';

const QUARTER_MS = 900_000;
const BUSIEST = 50;
/** Calls of so long a time are read at once. */
const READ_MS = 6 * 3_600_000;
/** Two years: a longer span is no question of a person. */
const QUARTERS_MAX = 70_080;

/** What is asked of figures, on a connection that only reads. Every answer is bounded by its span. */
export function openFigures(db: Database) {
  const calls = db.prepare(
    `SELECT state, direction, count(*) AS calls, count(returned_ms) AS returned FROM calls INDEXED BY calls_by_start
     WHERE started_ms >= ? AND started_ms < ? GROUP BY 1, 2`,
  );
  const rings = db.prepare(
    `SELECT min(ring_seconds, 600) AS ring_seconds, count(*) AS calls FROM calls INDEXED BY calls_by_start
     WHERE started_ms >= ? AND started_ms < ? AND state = 'answered' AND direction = 'in' AND ring_seconds IS NOT NULL GROUP BY 1`,
  );
  const deliveries = db.prepare(
    'SELECT hour_ms AS at_ms, destination, state, n FROM delivery_hours WHERE hour_ms >= ? AND hour_ms < ? ORDER BY 1, 2, 3',
  );
  const hits = db.prepare(
    `SELECT count(*) AS hits FROM events INDEXED BY events_by_time
     WHERE at_ms >= ? AND at_ms < ? AND type >= 'phone.' AND type < 'phone/'`,
  );
  return {
    callFigures: (span: Span): Row[] => byQuarter(span, (fromMs, toMs) => calls.all(fromMs, toMs)),
    ringFigures: (begins: number[], toMs: number): Row[] =>
      begins.flatMap((fromMs, n) => dated(fromMs, rings.all(fromMs, begins[n + 1] ?? toMs))),
    phoneFigures: openPhoneFigures(db),
    deliveryFigures: ({ fromMs, toMs }: Span): Row[] => deliveries.all(fromMs, toMs),
    hitFigures: (span: Span): Row[] =>
      byQuarter(span, (fromMs, toMs) => hits.all(fromMs, toMs).filter((row) => row.hits !== 0)),
  };
}

const dated = (atMs: number, rows: readonly Row[]): Row[] => rows.map((row) => ({ ...row, at_ms: atMs }));

function byQuarter({ fromMs, toMs }: Span, ask: (fromMs: number, toMs: number) => Row[]): Row[] {
  const found: Row[] = [];
  const first = Math.floor(fromMs / QUARTER_MS);
  const end = Math.min(Math.ceil(toMs / QUARTER_MS), first + QUARTERS_MAX);
  for (let quarter = first; quarter < end; quarter++) {
    const atMs = quarter * QUARTER_MS;
    found.push(...dated(atMs, ask(Math.max(atMs, fromMs), Math.min(atMs + QUARTER_MS, toMs))));
  }
  return found;
}

type PhoneCount = { phone: string; rang: number; answered: number };

/**
 * Counted here and not by SQLite, which takes three times as long to take a list of phones apart; and by whole lists first, because the
 * phones of a group ring together again and again.
 */
function openPhoneFigures(db: Database): (span: Span) => Row[] {
  const ofSpan = db.prepare(
    `SELECT phones FROM calls INDEXED BY calls_by_start WHERE started_ms >= ? AND started_ms < ? AND direction = 'in'`,
  );
  return ({ fromMs, toMs }) => {
    const lists = new Map<string, number>();
    for (let atMs = fromMs; atMs < toMs; atMs += READ_MS)
      for (const { phones } of ofSpan.all(atMs, Math.min(atMs + READ_MS, toMs)))
        lists.set(phones as string, (lists.get(phones as string) ?? 0) + 1);
    const counts = new Map<string, PhoneCount>();
    for (const [phones, calls] of lists) countPhones(phones, calls, counts);
    return [...counts.values()].sort((a, b) => b.rang - a.rang || (a.phone < b.phone ? -1 : 1)).slice(0, BUSIEST);
  };
}

function countPhones(phones: string, calls: number, counts: Map<string, PhoneCount>): void {
  for (const { id, outcome } of JSON.parse(phones) as { id: string; outcome: string }[]) {
    const count = counts.get(id) ?? { phone: id, rang: 0, answered: 0 };
    counts.set(id, count);
    count.rang += calls;
    if (outcome === 'answered') count.answered += calls;
  }
}
