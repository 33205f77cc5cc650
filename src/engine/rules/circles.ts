// Circles: rules that would set each other off for ever or without measure, found when they are read.
import type { Problem } from '../../core/problems.ts';

/** How many `emit` may lie between a phone's own words and an event. */
export const EMIT_DEPTH_MAX = 8;
/** Events that one event may lead to, all in all. */
const EVENTS_MAX = 1_000;
/** Where the search stops going deeper: far beyond what is allowed, near enough for any stack. */
const SEARCH_DEPTH_MAX = 64;

/** What a rule takes and makes, known even where the rule has other problems. `at`: its action, from 0. */
export type Flow = {
  id: string;
  file: string;
  place: number;
  on: readonly string[];
  emits: readonly { at: number; event: string }[];
};

/** What comes after an event: the longest chain of emits, and all events together with itself. */
type Reach = { depth: number; events: number };
type Step = { flow: Flow; at: number; event: string };

/**
 * Every circle of `emit`, with the way round; chains of more than 8; and rules whose events multiply beyond 1,000. Rules that
 * are switched off count, so that switching one on is never what breaks the set.
 */
export function findCircles(flows: readonly Flow[]): Problem[] {
  const takers = takersOf(flows);
  const reaches = new Map<string, Reach>();
  const circles = new Map<string, Problem>();

  const visit = (event: string, way: readonly Step[]): Reach => {
    const known = reaches.get(event);
    if (known !== undefined) return known;
    const reach: Reach = { depth: 0, events: 1 };
    if (way.length > SEARCH_DEPTH_MAX) return { depth: SEARCH_DEPTH_MAX, events: 1 };
    for (const flow of takers.get(event) ?? [])
      for (const { at, event: made } of flow.emits) {
        const step: Step = { flow, at, event: made };
        const begin = way.findIndex((earlier) => earlier.event === made);
        if (begin >= 0) {
          noteCircle([...way.slice(begin + 1), step], circles);
          continue;
        }
        const next = visit(made, [...way, step]);
        reach.depth = Math.max(reach.depth, next.depth + 1);
        reach.events += next.events;
      }
    reaches.set(event, reach);
    return reach;
  };
  for (const flow of flows) for (const { at, event } of flow.emits) visit(event, [{ flow, at, event }]);
  return circles.size > 0 ? [...circles.values()] : findExcess(flows, reaches);
}

function takersOf(flows: readonly Flow[]): Map<string, Flow[]> {
  const takers = new Map<string, Flow[]>();
  for (const flow of flows) {
    if (flow.emits.length === 0) continue;
    for (const type of flow.on) {
      const list = takers.get(type);
      if (list === undefined) takers.set(type, [flow]);
      else list.push(flow);
    }
  }
  return takers;
}

const problemAt = ({ file, place }: Flow, at: number, message: string, hint: string): Problem => ({
  file,
  path: ['rules', place, 'do', at, 'emit', 'event'],
  message,
  hint,
});

/** A circle is told at the action that closes it; once, also if a rule makes the same event twice. */
function noteCircle(circle: readonly Step[], circles: Map<string, Problem>): void {
  const key = circle.map(({ flow, event }) => `${flow.file} ${flow.place} ${event}`).join('\n');
  const closing = circle[circle.length - 1];
  if (circles.has(key) || closing === undefined) return;
  const round = circle.map(({ flow, event }) => `${flow.id} → ${event}`).join(' → ');
  const message = `rules set each other off in a circle: ${closing.event} → ${round}`;
  circles.set(key, problemAt(closing.flow, closing.at, message, 'name the events under "on" so that none leads back'));
}

function findExcess(flows: readonly Flow[], reaches: ReadonlyMap<string, Reach>): Problem[] {
  const problems: Problem[] = [];
  const events = new Map<string, number>();
  for (const flow of flows) {
    const types = flow.on.filter((type) => !type.startsWith('custom.'));
    if (types.length === 0) continue;
    for (const { at, event } of flow.emits) {
      const reach = reaches.get(event) ?? { depth: 0, events: 1 };
      if (reach.depth + 1 > EMIT_DEPTH_MAX) {
        const message = `starts a chain of more than ${EMIT_DEPTH_MAX} emits`;
        problems.push(problemAt(flow, at, message, `at most ${EMIT_DEPTH_MAX} may follow each other`));
      }
      let told = false;
      for (const type of types) {
        const before = events.get(type) ?? 0;
        events.set(type, before + reach.events);
        if (told || before > EVENTS_MAX || before + reach.events <= EVENTS_MAX) continue;
        told = true;
        const message = `one ${type} would lead to more than ${EVENTS_MAX} events`;
        problems.push(problemAt(flow, at, message, 'emit fewer events, or take them in fewer rules'));
      }
    }
  }
  return problems;
}
