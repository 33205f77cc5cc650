// Replay: recorded events through the engine on virtual time, and how what follows differs from what was decided then.
import type { Delivery } from './core/delivery.ts';
import type { JournalEvent } from './core/events.ts';
import type { Program } from './engine/index.ts';
import { createCourse } from './engine/proof/index.ts';

export type Difference = 'same' | 'changed' | 'added' | 'missing';

/** What is compared and shown of a delivery. */
export type Decided = Pick<Delivery, 'id' | 'event' | 'site' | 'rule' | 'to' | 'type' | 'madeAtMs' | 'message'> & {
  /** Why it can never be sent; only of those that the replay makes. */
  error?: string;
};

/** A delivery of the replay, or (`missing`) one of then that the replay does not make. */
export type Told = { difference: Difference; delivery: Decided };

/** Of one rule and one connection: how many there are of each kind, and the first few that are not the same. */
export type Figures = {
  rule: string;
  to: string;
  type: string;
  counts: Record<Difference, number>;
  examples: Told[];
};

/** Moments in ms since 1970, both inclusive: only deliveries made between them are compared. */
export type Period = { fromMs: number; toMs: number };

export type Replay = {
  /** A delivery that was decided then; all of them before the first event, the newest first. */
  remember(delivery: Decided): void;
  /** One event of the journal, in its order. Returns the deliveries that follow and are compared. */
  take(event: JournalEvent): Told[];
  /** Lets time pass after the last event, up to that moment (ms since 1970). Returns what follows, then what is missing. */
  end(untilMs: number): Told[];
  /** The same in small steps, for a process that has other things to do in between: of what is missing, the oldest come about first. */
  ending(untilMs: number): Generator<undefined>;
  /** By rule, then by connection. */
  figures(): Figures[];
};

const EXAMPLES_MAX = 5;

/** The replay sends nothing and stores nothing; the same input gives the same result. */
export function createReplay(program: Program, { fromMs, toMs }: Period): Replay {
  const course = createCourse(program);
  const then = createThen();
  const figures = new Map<string, Figures>();
  const within = ({ madeAtMs }: { madeAtMs: number }): boolean => madeAtMs >= fromMs && madeAtMs <= toMs;

  const told = (difference: Difference, delivery: Decided): Told => {
    const each = { difference, delivery };
    count(figures, each);
    return each;
  };
  const compare = (made: readonly Delivery[]): Told[] =>
    made.filter(within).map((delivery) => {
      const message = then.take(delivery);
      const { id, event, site, rule, to, type, madeAtMs, lastError: error } = delivery;
      const decided: Decided = { id, event, site, rule, to, type, madeAtMs, message: delivery.message };
      if (error !== undefined) decided.error = error;
      if (message === undefined) return told('added', decided);
      return told(message === JSON.stringify(delivery.message) ? 'same' : 'changed', decided);
    });

  return {
    remember(delivery) {
      if (within(delivery)) then.keep(delivery);
    },
    take: (event) => compare(course.take(event).deliveries),
    end(untilMs) {
      const last = compare(course.end(untilMs).flatMap(({ deliveries }) => deliveries));
      const left = [...then.rest()].sort((a, b) => a.madeAtMs - b.madeAtMs || order(a.id, b.id));
      return [...last, ...left.map((delivery) => told('missing', delivery))];
    },
    *ending(untilMs) {
      for (const { stepped } of course.pass(untilMs)) {
        compare(stepped.deliveries);
        yield;
      }
      for (const delivery of then.rest()) {
        told('missing', delivery);
        yield;
      }
    },
    figures: () => [...figures.values()].sort((a, b) => order(a.rule, b.rule) || order(a.to, b.to)),
  };
}

/** What is kept of a delivery of then beside its message. */
type Kept = [id: string, site: string, type: string, madeAtMs: number];

/** What was decided then and has not been made again yet: as texts, for a week's are many, and few are ever looked into. */
function createThen() {
  // The same event, the same rule, the same connection: the same delivery, wherever in `do` its action stands.
  const keyOf = ({ event, rule, to }: Decided): string => `${event}\n${rule}\n${to}`;
  const kept = new Map<string, string | string[]>();
  return {
    keep(delivery: Decided): void {
      const { id, site, type, madeAtMs, message } = delivery;
      const text = `${JSON.stringify([id, site, type, madeAtMs] satisfies Kept)}\n${JSON.stringify(message)}`;
      const key = keyOf(delivery);
      const other = kept.get(key);
      // They come newest first, and are taken in the order in which they were made.
      kept.set(key, other === undefined ? text : [text, ...[other].flat()]);
    },
    /** The message of the one that this delivery makes again, as JSON; undefined if there is none. */
    take(delivery: Decided): string | undefined {
      const key = keyOf(delivery);
      const found = kept.get(key);
      const [first, ...others] = typeof found === 'string' ? [found] : (found ?? []);
      if (others.length > 0) kept.set(key, others);
      else kept.delete(key);
      return first?.slice(first.indexOf('\n') + 1);
    },
    *rest(): Generator<Decided> {
      for (const [key, texts] of [...kept].reverse()) {
        const [event = '', rule = '', to = ''] = key.split('\n');
        for (const text of [texts].flat()) {
          const [head = '', message = ''] = text.split('\n');
          const [id, site, type, madeAtMs] = JSON.parse(head) as Kept;
          yield { id, event, site, rule, to, type, madeAtMs, message: JSON.parse(message) as Decided['message'] };
        }
      }
    },
  };
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function count(figures: Map<string, Figures>, told: Told): void {
  const { rule, to, type } = told.delivery;
  const key = `${rule}\n${to}`;
  const known = figures.get(key);
  const of = known ?? { rule, to, type, counts: { same: 0, changed: 0, added: 0, missing: 0 }, examples: [] };
  if (known === undefined) figures.set(key, of);
  of.counts[told.difference] += 1;
  if (told.difference === 'same') return;
  const shown = of.examples.filter(({ difference }) => difference === told.difference).length;
  if (shown < EXAMPLES_MAX) of.examples.push(told);
}
