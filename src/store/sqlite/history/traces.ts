// Traces: everything in the store that holds a number, found by reading it all, some rows at a time; and whether its files still do.
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { type NumberSpelling, type Trace, traceOf } from '../../../core/number-trace.ts';
import type { Database, Row, SqlValue } from '../driver.ts';
import { PAGE_ROWS } from '../reads.ts';

/** Rows of one question: other questions come in between. */
const EVENTS_READ = 2_000;
const PHASES = ['events', 'deliveries', 'calls', 'state', 'audit'] as const;

/** `after`: where the phase goes on. */
export type TraceCursor = { phase: (typeof PHASES)[number]; after: SqlValue[] };
/** Rows as they are stored; `next` null: that was all. */
export type TraceStep = Record<(typeof PHASES)[number], Row[]> & { next: TraceCursor | null };

export const TRACE_START: TraceCursor = { phase: 'events', after: [0] };
const BEGIN: Readonly<Record<TraceCursor['phase'], SqlValue[]>> = {
  events: [0],
  deliveries: [0],
  calls: [0],
  state: ['', '', ''],
  audit: [0],
};

/** A row's texts and bytes as one text. */
function textOf(row: Row): string {
  let text = '';
  for (const value of Object.values(row)) {
    if (typeof value === 'string') text += `${value}\n`;
    else if (value instanceof Uint8Array)
      text += `${Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1')}\n`;
  }
  return text;
}

/** The question, on a connection that only reads. */
export function openTraces(db: Database) {
  const pages: Readonly<Record<TraceCursor['phase'], ReturnType<Database['prepare']>>> = {
    events: db.prepare(
      `SELECT seq, id, event, raw, 1 AS processed FROM events WHERE seq > ? ORDER BY seq LIMIT ${EVENTS_READ}`,
    ),
    deliveries: db.prepare(
      `SELECT d.seq, d.delivery, p.state, p.attempts, p.due_ms, p.expires_ms, p.settled_ms, p.last_error, p.last_code,
         (SELECT group_concat(coalesce(a.error, '') || ' ' || coalesce(a.code, ''), char(10)) FROM attempts a WHERE a.seq = d.seq) AS tried
       FROM deliveries d JOIN progress p ON p.seq = d.seq WHERE d.seq > ? ORDER BY d.seq LIMIT ${EVENTS_READ}`,
    ),
    calls: db.prepare(`SELECT rowid, * FROM calls WHERE rowid > ? ORDER BY rowid LIMIT ${EVENTS_READ}`),
    state: db.prepare(
      `SELECT site, kind, key, value FROM state WHERE (site, kind, key) > (?, ?, ?) ORDER BY site, kind, key LIMIT ${PAGE_ROWS}`,
    ),
    audit: db.prepare(`SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ${EVENTS_READ}`),
  };
  const ofEvent = db.prepare(
    `SELECT d.seq, d.delivery, p.state, p.attempts, p.due_ms, p.expires_ms, p.settled_ms, p.last_error, p.last_code
     FROM deliveries d JOIN progress p ON p.seq = d.seq WHERE d.event = ?`,
  );
  const remembered = createRemembered();
  return (number: NumberSpelling, { phase, after }: TraceCursor): TraceStep => {
    const holds = remembered(number);
    const rows = pages[phase].all(...after);
    const step: TraceStep = { events: [], deliveries: [], calls: [], state: [], audit: [], next: null };
    step[phase] = rows.filter((row) => holds(textOf(row)));
    // What was made of such an event may name the caller, and no number.
    for (const { id } of step.events) step.deliveries.push(...ofEvent.all(String(id)));
    const last = rows.at(-1);
    if (last !== undefined) step.next = { phase, after: markOf(phase, last) };
    else {
      const next = PHASES[PHASES.indexOf(phase) + 1];
      step.next = next === undefined ? null : { phase: next, after: BEGIN[next] };
    }
    return step;
  };
}

function markOf(phase: TraceCursor['phase'], row: Row): SqlValue[] {
  if (phase === 'state') return [String(row.site), String(row.kind), String(row.key)];
  return [Number(phase === 'calls' ? row.rowid : row.seq)];
}

/** The last number's search, which takes longer to make than to use. */
function createRemembered(): (number: NumberSpelling) => Trace {
  let last: { name: string; trace: Trace } | undefined;
  return (number) => {
    const name = JSON.stringify(number);
    if (last?.name !== name) last = { name, trace: traceOf(number) };
    return last.trace;
  };
}

const CHUNK_BYTES = 4 * 1024 * 1024;
/** A number with all that may stand between its digits is shorter. */
const OVERLAP_BYTES = 512;

/** `found`: it is there. `next` null: the files are read to their end. */
export type RemainsStep = { found: boolean; next: { file: number; offset: number } | null };

/** Looks through the database, its log and the log's index byte by byte, a piece at a time. */
export function openRemains(path: string) {
  const files = [path, `${path}-wal`, `${path}-shm`];
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const remembered = createRemembered();
  return (number: NumberSpelling, { file, offset }: { file: number; offset: number }): RemainsStep => {
    const name = files[file];
    if (name === undefined) return { found: false, next: null };
    if (!existsSync(name)) return { found: false, next: { file: file + 1, offset: 0 } };
    const opened = openSync(name, 'r');
    try {
      const bytes = readSync(opened, buffer, 0, CHUNK_BYTES, offset);
      if (remembered(number)(buffer.subarray(0, bytes).toString('latin1'))) return { found: true, next: null };
      if (bytes < CHUNK_BYTES) return { found: false, next: { file: file + 1, offset: 0 } };
      return { found: false, next: { file, offset: offset + bytes - OVERLAP_BYTES } };
    } finally {
      closeSync(opened);
    }
  };
}
