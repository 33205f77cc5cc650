// Course: the sites of a virtual time. One program, one fresh state a site, nothing sent; time passes because somebody says so.
import type { JournalEvent, PhoneEvent } from '../../core/events.ts';
import type { Program } from '../program.ts';
import type { Trace } from '../stages/trace.ts';
import { createState, type State } from '../state.ts';
import { type Stepped, step } from '../step.ts';

/** What happened at one moment at one site; `event` where it began with something that a phone said. */
export type Moment = { atMs: number; event?: JournalEvent; stepped: Stepped };

export type Course = {
  /** The event, and before it whatever its site had due by then: all in one step. */
  take(event: JournalEvent): Stepped;
  /** Keys of the calls that the event, which was just taken, spoke of. */
  callsOf(event: PhoneEvent): string[];
  /** Lets time pass up to and including `untilMs` (ms since 1970): whatever is due, each at its own moment, the earliest first. */
  pass(untilMs: number): Generator<Moment>;
  /** The next moment at which something is due at any site, ms since 1970; undefined: never. */
  nextMs(): number | undefined;
  /** The same in one step a site. */
  end(untilMs: number): Stepped[];
};

/** No site has a state yet. `trace` hears what each stage of a rule said. */
export function createCourse(program: Program, trace?: Trace): Course {
  const states = new Map<string, State>();
  const stateOf = (site: string): State => {
    const known = states.get(site);
    if (known !== undefined) return known;
    const state = createState(site);
    states.set(site, state);
    return state;
  };

  /** Not the step's own `nextDueMs`: that one also counts the moments at which a daemon would store its clock. */
  function earliest(untilMs: number): { state: State; atMs: number } | undefined {
    let first: { state: State; atMs: number } | undefined;
    for (const state of states.values()) {
      const atMs = state.due.nextMs();
      if (atMs !== undefined && atMs <= untilMs && (first === undefined || atMs < first.atMs)) first = { state, atMs };
    }
    return first;
  }

  const stepTo = (state: State, atMs: number): Stepped =>
    step(state, { now: new Date(atMs).toISOString() }, program, trace);

  return {
    take: (event) => step(stateOf(event.site), { event }, program, trace),
    callsOf({ site, phone, at }) {
      const calls = stateOf(site).calls.byPhone.get(phone.id) ?? [];
      return calls.filter(({ lastMs }) => lastMs === Date.parse(at)).map(({ key }) => key);
    },
    *pass(untilMs) {
      for (let next = earliest(untilMs); next !== undefined; next = earliest(untilMs)) {
        const atMs = Math.max(next.atMs, next.state.nowMs);
        yield { atMs, stepped: stepTo(next.state, atMs) };
      }
    },
    nextMs: () => earliest(Number.POSITIVE_INFINITY)?.atMs,
    end: (untilMs) => [...states.values()].map((state) => stepTo(state, Math.max(untilMs, state.nowMs))),
  };
}
