// Memory: what rules remember from event to event, by rule and key; rows of state, bounded, in the order of their age.
import type { Json } from '../../core/delivery.ts';
import type { StateChange } from '../../core/store.ts';
import type { Due } from '../due.ts';
import type { Spending } from './budget.ts';

/** `n` numbers the rows of a state in the order in which they were written, so that a restored state knows the oldest. */
type Row = { hash: string; n: number };

/** Events that wait together. */
export type Waiting = Row & {
  /** The event that began it and what was known of it, as JSON. */
  kept: string;
  sinceMs: number;
  dueMs: number;
  /** However often it is begun again, it ends then. */
  latestMs?: number;
  /** What cancels it is looked for under this key, where it is another than its own. */
  same?: string;
  count: number;
  /** Of the first 100 events; missing as long as there is only the one that began it. */
  times?: number[];
  callers?: string[];
};

/** The events inside the window of a `count`. */
export type Counting = Row & { times: number[]; callers: string[] };

/** When a limit let something through, and how much it has held back since. */
export type Limiting = Row & { times: number[]; suppressed: number };

/** When an event last came that an `after` or `unless` asks for. */
export type Seen = Row & { atMs: number };

export type Table<R extends Row> = {
  kind: string;
  /** The oldest first, unless it was restored and not yet put in order. */
  rows: Map<string, R>;
  ordered: boolean;
};

/** The memory of one rule. */
export type RuleMemory = {
  rule: string;
  /** How the names of its waits among what is due begin. */
  due: string;
  hash: string;
  waits: Table<Waiting>;
  /** By the key under which they are cancelled: keys of waits that have another one. */
  bySame: Map<string, Set<string>>;
  counts: Table<Counting>;
  limits: Table<Limiting>;
  seen: Table<Seen>;
};

export type Memory = {
  rules: Map<string, RuleMemory>;
  /** The number of the next row. */
  n: number;
  /** The program that this memory was last held against. */
  program: object | undefined;
  /** What rules made in this minute; it is not stored. */
  spending: Spending;
};

export const createMemory = (): Memory => ({ rules: new Map(), n: 0, program: undefined, spending: new Map() });

/** Keys that one rule remembers in one table; beyond that the oldest makes room. */
export const KEYS_MAX = 10_000;
/** What is due under this name is a wait. */
export const WAIT_DUE = 'wait ';

const WAIT = 'rule-wait';
const COUNT = 'rule-count';
const LIMIT = 'rule-limit';
const SEEN = 'rule-seen';

const table = <R extends Row>(kind: string): Table<R> => ({ kind, rows: new Map(), ordered: true });

/** The memory of a rule whose stages have that hash; empty if there was none. */
export function memoryOf({ rules }: Memory, rule: string, hash: string): RuleMemory {
  const known = rules.get(rule);
  if (known !== undefined) return known;
  const made: RuleMemory = {
    rule,
    due: `${WAIT_DUE}${rule}\n`,
    hash,
    waits: table(WAIT),
    bySame: new Map(),
    counts: table(COUNT),
    limits: table(LIMIT),
    seen: table(SEEN),
  };
  rules.set(rule, made);
  return made;
}

export const tablesOf = ({ waits, counts, limits, seen }: RuleMemory): Table<Row>[] => [waits, counts, limits, seen];

/** Takes a stored row back in. Returns false for rows that are none of a rule. */
export function restoreRow(memory: Memory, due: Due, { kind, key, value }: StateChange): boolean {
  if (!kind.startsWith('rule-')) return false;
  const end = key.indexOf('\n');
  const [rule, own] = [key.slice(0, end), key.slice(end + 1)];
  const row = value as unknown as Row;
  const mine = memoryOf(memory, rule, row.hash);
  const into = tablesOf(mine).find((each) => each.kind === kind);
  if (end < 0 || into === undefined) return false;
  into.rows.set(own, row);
  into.ordered = false;
  memory.n = Math.max(memory.n, row.n + 1);
  if (kind === WAIT) fileWait(mine, own, row as Waiting, due);
  return true;
}

/** The wait is known by when it ends and by what cancels it. */
export function fileWait(mine: RuleMemory, key: string, { dueMs, same }: Waiting, due: Due): void {
  const { bySame } = mine;
  due.set(mine.due + key, dueMs);
  if (same === undefined) return;
  const keys = bySame.get(same);
  if (keys === undefined) bySame.set(same, new Set([key]));
  else keys.add(key);
}

/** The wait is over before its time. */
export function dropWait(mine: RuleMemory, key: string, due: Due, changes: StateChange[]): void {
  due.set(mine.due + key, undefined);
  endWait(mine, key, changes);
}

/** The wait is over, and is no more among what is due. */
export function endWait(mine: RuleMemory, key: string, changes: StateChange[]): void {
  const same = mine.waits.rows.get(key)?.same;
  const keys = same === undefined ? undefined : mine.bySame.get(same);
  if (keys?.delete(key) === true && keys.size === 0 && same !== undefined) mine.bySame.delete(same);
  remove(mine.rule, mine.waits, key, changes);
}

/** The row as it is now: what is stored of it, and that it is the newest unless it keeps its place. */
export function put<R extends Row>(
  rule: string,
  { kind, rows }: Table<R>,
  key: string,
  row: R,
  changes: StateChange[],
) {
  rows.set(key, row);
  changes.push({ kind, key: `${rule}\n${key}`, value: row as unknown as Json });
}

/** As `put`; it becomes the newest row of all. */
export function renew<R extends Row>(
  memory: Memory,
  rule: string,
  into: Table<R>,
  key: string,
  row: R,
  changes: StateChange[],
): void {
  row.n = memory.n++;
  into.rows.delete(key);
  put(rule, into, key, row, changes);
}

export function remove<R extends Row>(
  rule: string,
  { kind, rows }: Table<R>,
  key: string,
  changes: StateChange[],
): void {
  if (rows.delete(key)) changes.push({ kind, key: `${rule}\n${key}`, value: null });
}

/** The key of the oldest row. */
export function oldest<R extends Row>(from: Table<R>): string | undefined {
  if (!from.ordered) {
    const sorted = [...from.rows].sort(([, a], [, b]) => a.n - b.n);
    from.rows.clear();
    for (const [key, row] of sorted) from.rows.set(key, row);
    from.ordered = true;
  }
  const [key] = from.rows.keys();
  return key;
}

/** Removes the oldest rows as long as they mean nothing any more. */
export function sweep<R extends Row>(
  rule: string,
  from: Table<R>,
  isOver: (row: R) => boolean,
  changes: StateChange[],
): void {
  for (let key = oldest(from); key !== undefined; key = oldest(from)) {
    if (!isOver(from.rows.get(key) as R)) return;
    remove(rule, from, key, changes);
  }
}
