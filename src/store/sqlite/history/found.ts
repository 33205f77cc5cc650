// What was found of a number: rows of one question after the other, in the words of the field.
import type { AuditEntry, Traced, TracedDelivery } from '../../../core/history.ts';
import type { NumberSpelling } from '../../../core/number-trace.ts';
import type { Row } from '../driver.ts';
import { readAttempt, readDelivery, readStoredEvent, readText } from '../rows.ts';
import type { Ask } from './open.ts';
import { readCall } from './queries.ts';
import { TRACE_START, type TraceCursor, type TraceStep } from './traces.ts';

export const readAudit = (row: Row): AuditEntry => ({
  seq: Number(row.seq),
  atMs: Number(row.at_ms),
  who: readText(String(row.who)),
  action: readText(String(row.action)),
  detail: readText(String(row.detail)),
});

/** Asks for one part after the other; those without anything are left out. */
export async function* tracesOf(ask: Ask, number: NumberSpelling): AsyncGenerator<Traced> {
  let cursor: TraceCursor | null = TRACE_START;
  while (cursor !== null) {
    const step: TraceStep = await ask('traceStep', number, cursor);
    const { events, deliveries, calls, state, audit } = step;
    if ([events, deliveries, calls, state, audit].some((rows) => rows.length > 0)) yield await read(ask, step);
    cursor = step.next;
  }
}

async function read(ask: Ask, { events, deliveries, calls, state, audit }: TraceStep): Promise<Traced> {
  const text = (value: unknown): string => readText(String(value));
  const found: TracedDelivery[] = [];
  for (const row of deliveries) {
    const delivery = readDelivery(row);
    if (delivery !== undefined)
      found.push({ ...delivery, tries: (await ask('attempts', delivery.id)).map(readAttempt) });
  }
  return {
    events: events.map(readStoredEvent).filter((each) => each !== undefined),
    deliveries: found,
    calls: calls.map(readCall),
    state: state.map(({ site, kind, key, value }) => ({
      site: text(site),
      kind: text(kind),
      key: text(key),
      value: String(value),
    })),
    audit: audit.map(readAudit),
    rows: {
      events: events.map(({ seq }) => Number(seq)),
      deliveries: deliveries.map(({ seq }) => Number(seq)),
      calls: calls.map(({ key }) => String(key)),
      state: state.map(({ site, kind, key }) => [String(site), String(kind), String(key)]),
      audit: audit.map(({ seq }) => Number(seq)),
    },
  };
}

export async function remainsOf(ask: Ask, number: NumberSpelling): Promise<boolean> {
  let cursor: { file: number; offset: number } | null = { file: 0, offset: 0 };
  while (cursor !== null) {
    const step: { found: boolean; next: { file: number; offset: number } | null } = await ask(
      'remainsStep',
      number,
      cursor,
    );
    if (step.found) return true;
    cursor = step.next;
  }
  return false;
}
