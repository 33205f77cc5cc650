// Units of work: what follows from events or attempts, applied inside the caller's transaction.
import type { DeliveryState } from '../../core/delivery.ts';
import { StoreError } from '../../core/store.ts';
import type { Database } from './driver.ts';
import { openHistoryKeeper } from './history/tables.ts';
import type { Journal } from './journal.ts';
import type { DeliveryRow, PackedUnit, SettledRow, StateRow } from './rows.ts';
import type { TallyKeeper } from './tally.ts';

/** The embedded store has one owner for ever, so the lease of every site is the first one. */
export const EPOCH = 1;

/** The refusal of a unit that was decided under a lease that is lost; undefined if the lease holds. */
export function fenced(unit: PackedUnit): StoreError | undefined {
  if (unit.epoch >= EPOCH) return undefined;
  return new StoreError('fenced', `site ${unit.site}: decided under lease ${unit.epoch}, the lease is ${EPOCH} by now`);
}

/** Returns the function that applies one unit. Deliveries are made before any is settled, so a unit may do both to one. */
export function openUnits(db: Database, tally: TallyKeeper, journal: Journal): (unit: PackedUnit) => void {
  const change = openState(db);
  const make = openMaking(db, tally);
  const settle = openSettling(db, tally);
  const history = openHistoryKeeper(db);
  return (unit) => {
    const ended: Ended[] = [];
    journal.processed(unit.processed);
    journal.keep(unit.made);
    for (const row of unit.state) change(unit.site, row);
    for (const row of unit.deliveries) make(row, ended);
    for (const row of unit.settled) settle(row, ended);
    history.putCalls(unit.calls);
    history.countSettled(ended);
    for (const entry of unit.audit) history.note(entry);
  };
}

/** A delivery that came to an end: counted by the hour. */
type Ended = { atMs: number; to: string; state: string };

function openState(db: Database): (site: string, row: StateRow) => void {
  const put = db.prepare(
    'INSERT INTO state (site, kind, key, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  const remove = db.prepare('DELETE FROM state WHERE site = ? AND kind = ? AND key = ?');
  return (site, [kind, key, value]) => {
    if (value === null) remove.run(site, kind, key);
    else put.run(site, kind, key, value);
  };
}

function openMaking(db: Database, tally: TallyKeeper): (row: DeliveryRow, ended: Ended[]) => void {
  const insert = db.prepare(
    'INSERT INTO deliveries (seq, id, event, site, destination, delivery, slot) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  );
  const start = db.prepare(
    `INSERT INTO progress (seq, state, attempts, due_ms, expires_ms, ttl_ms, settled_ms, last_error, last_code)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const { now } = tally;
  return ([id, event, site, destination, delivery, slot, state, ...progress], ended) => {
    const seq = now.deliverySeq + 1;
    // A known id is the same delivery, decided a second time after a crash: the first one stands, with its attempts.
    if (Number(insert.run(seq, id, event, site, destination, delivery, slot).changes) === 0) return;
    start.run(seq, state, ...progress);
    now.deliverySeq = seq;
    now[state as DeliveryState]++;
    if (state !== 'waiting') ended.push({ atMs: progress[4] ?? progress[1], to: destination, state });
  };
}

function openSettling(db: Database, tally: TallyKeeper): (row: SettledRow, ended: Ended[]) => void {
  const find = db.prepare(
    'SELECT p.seq, p.state, d.destination FROM deliveries d CROSS JOIN progress p ON p.seq = d.seq WHERE d.id = ?',
  );
  // A delivery that worked has no error; one that is given up keeps its last one, unless a newer came with the settlement.
  const update = db.prepare(
    `UPDATE progress SET state = ?1, attempts = ?2, due_ms = ?3, settled_ms = ?4,
     last_error = CASE WHEN ?1 = 'delivered' THEN ?5 ELSE coalesce(?5, last_error) END,
     last_code = CASE WHEN ?1 = 'delivered' THEN ?6 ELSE coalesce(?6, last_code) END, took_ms = ?8 WHERE seq = ?7`,
  );
  const note = db.prepare(
    `INSERT INTO attempts (seq, n, at_ms, took_ms, code, error)
     VALUES (?1, (SELECT coalesce(max(n), 0) + 1 FROM attempts WHERE seq = ?1), ?2, ?3, ?4, ?5)`,
  );
  const { now } = tally;
  return ([id, state, attempts, dueMs, atMs, tookMs, error, code], ended) => {
    const found = find.get(id);
    if (found === undefined) return;
    const seq = Number(found.seq);
    const settledMs = state === 'waiting' ? null : atMs === null ? dueMs : atMs + (tookMs ?? 0);
    const isLast = state === 'delivered';
    update.run(state, attempts, dueMs, settledMs, error, code, seq, isLast ? tookMs : null);
    // The attempt that delivered it stands in `progress` (schema.ts): one row less to write for what works at once.
    if (atMs !== null && !isLast) note.run(seq, atMs, tookMs, code, error);
    now[found.state as DeliveryState]--;
    now[state as DeliveryState]++;
    if (settledMs !== null) ended.push({ atMs: settledMs, to: String(found.destination), state });
  };
}
