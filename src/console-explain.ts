// What the console is told of an event: the recorded events around it run through the rules once more, page by page.
import { journal, namesBefore, type History as Recorded } from './commands/history.ts';
import type { Explained } from './console/index.ts';
import type { JournalEvent } from './core/events.ts';
import type { History } from './core/history.ts';
import type { Clock } from './core/ports.ts';
import type { Program } from './engine/index.ts';
import { createExplain, targetOf } from './explain.ts';

/** Read before the event, so that calls, waits and limits are as they were, and after it, so that what waits can end. */
const MARGIN_MS = 24 * 3_600_000;
/** One at a time: each costs as much as the hits of two days. */
let turn: Promise<unknown> = Promise.resolve();

/** Why messages came or did not come of an event; undefined if it is in no journal any more. Rejects with the store's error. */
export function explainEvent(
  id: string,
  { history, program, clock }: { history: History; program: Program; clock: Pick<Clock, 'wallMs'> },
): Promise<Explained | undefined> {
  const explained = turn.then(() => explain(id, history, program, clock.wallMs()));
  turn = explained.catch(() => {});
  return explained;
}

async function explain(id: string, history: History, program: Program, nowMs: number): Promise<Explained | undefined> {
  const [target] = await history.events({ id: targetOf(id).hit, limit: 1 });
  if (target === undefined) return undefined;
  const atMs = Date.parse(target.event.at);
  const around = { fromMs: atMs - MARGIN_MS, toMs: atMs + MARGIN_MS };
  const explaining = createExplain(program, id);
  const recorded = recordedOf(history);
  // Each page is a question to the history's thread: in between, the daemon does what it is there for.
  for await (const note of namesBefore(recorded, around.fromMs)) explaining.take(note);
  for await (const event of journal(recorded, around)) explaining.take(event);
  const explained = explaining.end(Math.min(around.toMs, nowMs));
  if (explained === undefined) return undefined;
  const story = explained.story.map(({ event, verdicts, deliveries }) => ({
    event,
    verdicts,
    deliveries: deliveries.map(({ id: delivery, rule, to, type }) => ({ id: delivery, rule, to, type })),
  }));
  return { story, quarantined: explained.quarantined };
}

/** The history as commands that read a long stretch of it see it. */
export const recordedOf = (history: Pick<History, 'events' | 'deliveries'>): Recorded => ({
  ahead: true,
  events: async ({ after, ...query }) => {
    const found = await history.events({
      ...query,
      ...(after === undefined ? {} : { afterSeq: after }),
      raw: false,
      journal: true,
    });
    return found.map(({ seq, event }) => ({ seq, event: event as JournalEvent }));
  },
  deliveries: (query) => history.deliveries(query),
});
