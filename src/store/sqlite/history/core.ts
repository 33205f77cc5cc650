// The synchronous heart of the history: a connection that only reads, and every question by its name.
import type { Database, Row } from '../driver.ts';
import { openAttempts, selectDeliveries, selectEvents } from '../reads.ts';
import { type HistoryReads, openHistoryReads } from './queries.ts';
import { openRemains, openTraces } from './traces.ts';

export type HistoryCalls = HistoryReads & {
  events: (query: Parameters<typeof selectEvents>[1]) => Row[];
  deliveries: (query: Parameters<typeof selectDeliveries>[1]) => Row[];
  attempts: (delivery: string) => Row[];
  traceStep: ReturnType<typeof openTraces>;
  remainsStep: ReturnType<typeof openRemains>;
};

export type HistoryCallName = keyof HistoryCalls;

/** Makes a connection one that only reads: what it asks sees one moment, and holds nobody up. `path`: the database's file. */
export function openHistoryCore(db: Database, path: string): HistoryCalls {
  db.exec(
    'PRAGMA query_only = ON; PRAGMA busy_timeout = 2000; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY',
  );
  const attempts = openAttempts(db);
  return {
    ...openHistoryReads(db),
    events: (query) => selectEvents(db, query, { byTime: true }),
    deliveries: (query) => selectDeliveries(db, query),
    attempts,
    traceStep: openTraces(db),
    remainsStep: openRemains(path),
  };
}

/** The one place that knows that a question's name and its values belong together. */
export function askHistory<Name extends HistoryCallName>(
  calls: HistoryCalls,
  name: Name,
  values: Parameters<HistoryCalls[Name]>,
): ReturnType<HistoryCalls[Name]> {
  const call = calls[name] as unknown as (...values: Parameters<HistoryCalls[Name]>) => ReturnType<HistoryCalls[Name]>;
  return call(...values);
}
