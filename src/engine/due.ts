// Due: what time alone will change, the earliest first. A binary heap whose overtaken entries are passed over.

export type Due = {
  /** `key` is due at `atMs` (ms since 1970) from now on, whatever was said of it before; undefined: not at all. */
  set(key: string, atMs: number | undefined): void;
  /** The earliest moment, undefined if nothing waits. */
  nextMs(): number | undefined;
  /** Takes one key that is due by `nowMs` out; of several the earliest, of equals the first by its name. */
  take(nowMs: number): { key: string; atMs: number } | undefined;
};

type Entry = { key: string; atMs: number };

/** Nothing waits yet. Each call costs O(log n). */
export function createDue(): Due {
  const wanted = new Map<string, number>();
  let heap: Entry[] = [];

  /** By name where the moment is the same, so that a restored state goes on in the same order. */
  const before = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.key < b.key);

  function push(entry: Entry): void {
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above] as Entry;
      if (!before(entry, other)) break;
      heap[place] = other;
      place = above;
    }
    heap[place] = entry;
  }

  function pop(): void {
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      const right = heap[below + 1];
      if (right !== undefined && before(right, heap[below] as Entry)) below += 1;
      const other = heap[below] as Entry;
      if (!before(other, last)) break;
      heap[place] = other;
      place = below;
    }
    heap[place] = last;
  }

  /** The first entry that still holds. */
  function top(): Entry | undefined {
    for (;;) {
      const first = heap[0];
      if (first === undefined || wanted.get(first.key) === first.atMs) return first;
      pop();
    }
  }

  function rebuild(): void {
    heap = [];
    for (const [key, atMs] of wanted) push({ key, atMs });
  }

  return {
    set(key, atMs) {
      if (atMs === undefined) wanted.delete(key);
      else if (wanted.get(key) !== atMs) {
        wanted.set(key, atMs);
        push({ key, atMs });
      }
      if (heap.length > 2 * wanted.size + 64) rebuild();
    },
    nextMs: () => top()?.atMs,
    take(nowMs) {
      const first = top();
      if (first === undefined || first.atMs > nowMs) return undefined;
      wanted.delete(first.key);
      pop();
      return first;
    },
  };
}
