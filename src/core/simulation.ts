// Simulation: hits of phones that do not exist, as data; the simulator plays them, tests of rules and benchmarks live on them.
import type { PhoneEvent, Slug } from './events.ts';
import type { PhoneCard } from './phone-card.ts';

/** One hit: `vars` are decoded, as a receiver has them. `atMs`: ms since 1970. */
export type SimulatedHit = { atMs: number; phone: string; slug: Slug; vars: Readonly<Record<string, string>> };

export type CourseOptions = {
  /** Ids of the phones that take part, in their order. */
  phones: readonly string[];
  /** The other side's number; null: withheld. */
  number: string | null;
  /** The other side's display name. */
  name?: string;
  /** Which phone of a group answers (its place from 1), and how many seconds after the first ring; null: nobody. Without it, as
   * the scenario says. */
  answer?: { phone: number; afterSeconds: number } | null;
  /** How long the scenarios go on that last for hours; 1 unless given. */
  hours?: number;
  /** ms since 1970. */
  startMs: number;
  /** Uniform in [0, 1): chance. Where it always answers 0.5, every moment is the one that the scenario's line names. */
  draw(): number;
};

/** A named course of events at phones. */
export type Scenario = {
  name: string;
  /** One line for people: what happens and when. */
  summary: string;
  /** How many phones it needs, and how many it has where nobody says. */
  phonesMin: number;
  phonesUsual: number;
  /** The hits in the order of time. Throws a RangeError where phones are missing. */
  play(options: CourseOptions): SimulatedHit[];
};

/** What the receiver makes of the variables of a hit. Total. */
export type ReadVars = (
  vars: Readonly<Record<string, string>>,
) => Pick<PhoneEvent, 'vars' | 'local' | 'remote' | 'suspect'> & { mac?: string };

/** Makes events of hits, as if they had been received at a site: strictly one after the other. `cardOf`: phones that are known. */
export type EventsOf = (
  hits: readonly SimulatedHit[],
  site: string,
  cardOf: (phone: string) => PhoneCard | undefined,
) => PhoneEvent[];
