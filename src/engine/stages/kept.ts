// Kept: an event while it waits. As text, so that 100,000 of them take little room and are what a restart would read.
import { type Event, phoneIdOf } from '../../core/events.ts';
import type { Known } from '../../core/fields.ts';
import type { Met } from '../fold.ts';
import type { Program } from '../program.ts';

type Kept = { event: Event; known: Omit<Known, 'card'> };

/** The card and names are left out: they are what the config says when the wait ends. So are raw variables that nobody will look at. */
export function keep({ event, known }: Met, withVars: boolean): string {
  const said = withVars || !('vars' in event) ? event : { ...event, vars: undefined };
  const text = JSON.stringify({ event: said, known: { ...known, card: undefined } });
  // Looking at a character makes one piece of what was built from many, which takes less memory as long as it waits.
  text.charCodeAt(0);
  return text;
}

/** The event as it was, and what was known of it then; both new. Every name is there, so that setting one costs little. */
export function recall(text: string, program: Program): Met {
  const { event, known } = JSON.parse(text) as Kept;
  const {
    state,
    number,
    kind,
    contact,
    count = null,
    events = [],
    callers = [],
    suppressed = null,
    late = null,
  } = known;
  const phone = phoneIdOf(event);
  const card = phone === undefined ? undefined : program.cardOf(event.site, phone);
  const nameOf = program.nameOf(event.site);
  return { event, known: { card, state, number, kind, contact, count, events, callers, suppressed, late, nameOf } };
}
