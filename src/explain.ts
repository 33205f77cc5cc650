// Explain: why a message came or did not come. The recorded events run through the rules once more, and the one that is asked
// about is listened to: what it meant for its call, what each rule said of it, and what followed.
import type { Delivery } from './core/delivery.ts';
import { type Event, isPhoneEvent, type JournalEvent, type PhoneEvent } from './core/events.ts';
import type { Program, RuleLog, Saw, Stepped } from './engine/index.ts';
import { createCourse } from './engine/proof/index.ts';

/** What one rule said of one event: its stages in their order, the last of which may be a no. */
export type Verdict = { rule: string; stages: Saw[] };

/** One event of the story: what the phone said, or what was made of it, and what became of it. */
export type Told = {
  event: Event;
  verdicts: Verdict[];
  deliveries: Delivery[];
  /** How many were made, those included that are not kept. */
  made: number;
  logs: RuleLog[];
};

/** How much is kept of all events together: answers of rules, deliveries, and lines that rules wrote. */
export type Kept = { verdictsMax: number; deliveriesMax: number };
const ALL: Kept = { verdictsMax: Number.POSITIVE_INFINITY, deliveriesMax: Number.POSITIVE_INFINITY };

export type Explanation = {
  /** In the order in which they happened; the first is what was asked about. */
  story: Told[];
  /** The event was suspect of another phone's MAC and met no rule. */
  quarantined: boolean;
};

export type Explain = {
  /** One event of the journal, in its order. */
  take(event: JournalEvent): void;
  /** Lets time pass up to that moment (ms since 1970), one step for each moment at which something was due. */
  pass(untilMs: number): Generator<{ atMs: number }>;
  /** Whether anything is still due, ever. */
  isDue(): boolean;
  /** Lets time pass up to that moment (ms since 1970), and tells; undefined if the event never came. */
  end(untilMs: number): Explanation | undefined;
};

/** Listens for the event of that id: a phone's own, or one that was made of it; without an id to every event. */
export function createExplain(program: Program, id: string | undefined, keep = ALL): Explain {
  const stories = new Map<string, Told>();
  const verdicts = new Map<string, Map<string, Saw[]>>();
  const calls = new Set<string>();
  const wanted = id === undefined ? undefined : targetOf(id);
  let quarantined = false;
  let found = false;
  const hear = hearing(stories, keep);
  let kept = 0;
  const course = createCourse(program, (event, rule, saw) => {
    if (++kept > keep.verdictsMax) return;
    const ofEvent = verdicts.get(event) ?? new Map<string, Saw[]>();
    verdicts.set(event, ofEvent.set(rule, [...(ofEvent.get(rule) ?? []), saw]));
  });

  const isWanted = (event: Event): boolean =>
    wanted === undefined ||
    event.id === wanted.hit ||
    event.id === id ||
    ('cause' in event && event.cause !== undefined && stories.has(event.cause)) ||
    ('call' in event && calls.has(event.call.key));

  function listen(stepped: Stepped, said?: PhoneEvent): void {
    const events: Event[] = said === undefined ? stepped.events : [said, ...stepped.events];
    for (const event of events) {
      if ('call' in event && wanted?.hit === event.call.key) calls.add(event.call.key);
      if (isWanted(event)) stories.set(event.id, { event, verdicts: [], deliveries: [], made: 0, logs: [] });
    }
    hear(stepped);
    if (stories.size > 0) return;
    verdicts.clear();
    kept = 0;
  }

  return {
    take(event) {
      const stepped = course.take(event);
      if ((wanted !== undefined && event.id !== wanted.hit) || !isPhoneEvent(event)) {
        listen(stepped);
        return;
      }
      found = true;
      quarantined ||= stepped.quarantined;
      // The calls that this very hit spoke of, whatever they are called.
      for (const key of course.callsOf(event)) calls.add(key);
      listen(stepped, event);
    },
    *pass(untilMs) {
      for (const { atMs, stepped } of course.pass(untilMs)) {
        listen(stepped);
        yield { atMs };
      }
    },
    isDue: () => course.nextMs() !== undefined,
    end(untilMs) {
      for (const stepped of course.end(untilMs)) listen(stepped);
      if (!found) return undefined;
      const story = [...stories.values()].map((told) => ({
        ...told,
        verdicts: [...(verdicts.get(told.event.id) ?? [])].map(([rule, stages]) => ({ rule, stages })),
      }));
      const at = story.findIndex(({ event }) => event.id === id);
      return { story: at > 0 ? [...story.slice(at, at + 1), ...story.filter((_, n) => n !== at)] : story, quarantined };
    },
  };
}

/** What a step did about the events of the story, as far as there is room for it. */
function hearing(stories: ReadonlyMap<string, Told>, { deliveriesMax }: Kept): (stepped: Stepped) => void {
  let deliveries = 0;
  let logs = 0;
  return (stepped) => {
    for (const delivery of stepped.deliveries) {
      const told = stories.get(delivery.event);
      if (told === undefined) continue;
      told.made += 1;
      if (++deliveries <= deliveriesMax) told.deliveries.push(delivery);
    }
    for (const log of stepped.logs) {
      const told = stories.get(log.event);
      if (told !== undefined && ++logs <= deliveriesMax) told.logs.push(log);
    }
  };
}

/** Ids of what is made begin with that of the hit: `<hit>-missed`, `<hit>-state`, `<hit>/<rule>/<n>`. */
export const targetOf = (id: string): { hit: string } => ({
  hit: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(id)?.[0] ?? id,
});
