// What a pump has taken in and not decided yet, in the order of the journal.
import type { JournalEvent } from './core/events.ts';
import type { AppendResult, JournalEntry } from './core/store.ts';

export type Taken = { seq: number; event: JournalEvent };

export type Backlog = {
  /** What the start has loaded, as long as an append that began before it may bring it once more. */
  loaded: Set<number>;
  backlog: Taken[];
  /** Where in `backlog` the next one is; the array is cut now and then instead of shifted. */
  next: number;
};

/** Takes in what was appended, unless it is known already. */
export function take(state: Backlog, entries: readonly JournalEntry[], results: readonly AppendResult[]): void {
  const { backlog } = state;
  for (const [n, result] of results.entries()) {
    const entry = entries[n];
    if (entry === undefined || result.duplicate || state.loaded.has(result.seq)) continue;
    const taken = { seq: result.seq, event: entry.event };
    const last = backlog.at(-1);
    if (last === undefined || last.seq < taken.seq) backlog.push(taken);
    else insert(state, taken);
  }
}

/** Two appends may be answered in the other order; the journal's order counts. */
function insert(state: Backlog, taken: Taken): void {
  let place = state.backlog.length;
  while (place > state.next && (state.backlog[place - 1]?.seq ?? 0) > taken.seq) place -= 1;
  state.backlog.splice(place, 0, taken);
}
