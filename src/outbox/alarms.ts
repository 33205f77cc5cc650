// The moments at which waiting deliveries must be looked at: a binary heap that can forget any of its members.

/** `alarmAt` orders the heap; `place` is kept by it: where the member stands, -1 if it is not in. */
export type Alarmed = { alarmAt: number; place: number };

export type Alarms<T extends Alarmed> = {
  size(): number;
  /** The earliest member. */
  first(): T | undefined;
  /** Puts it in, or moves it after its `alarmAt` changed. */
  set(member: T): void;
  remove(member: T): void;
};

/** Empty. `set` of a latest and `remove` of a recent member, the ordinary case of a quick delivery, take constant time. */
export function createAlarms<T extends Alarmed>(): Alarms<T> {
  const heap: T[] = [];

  const put = (member: T, place: number): void => {
    heap[place] = member;
    member.place = place;
  };
  const rise = (member: T, from: number): void => {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as T;
      if (parent.alarmAt <= member.alarmAt) break;
      put(parent, place);
      place = above;
    }
    put(member, place);
  };
  const sink = (member: T, from: number): void => {
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && (heap[below + 1] as T).alarmAt < (heap[below] as T).alarmAt) below += 1;
      const child = heap[below] as T;
      if (child.alarmAt >= member.alarmAt) break;
      put(child, place);
      place = below;
    }
    put(member, place);
  };
  const settle = (member: T, place: number): void => {
    const parent = place > 0 ? (heap[(place - 1) >> 1] as T) : undefined;
    if (parent !== undefined && parent.alarmAt > member.alarmAt) rise(member, place);
    else sink(member, place);
  };

  return {
    size: () => heap.length,
    first: () => heap[0],
    set(member) {
      if (member.place >= 0) settle(member, member.place);
      else rise(member, heap.length);
    },
    remove(member) {
      const place = member.place;
      if (place < 0) return;
      member.place = -1;
      const last = heap.pop() as T;
      if (last !== member) settle(last, place);
    },
  };
}
