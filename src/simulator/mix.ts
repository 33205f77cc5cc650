// The mix of a working day: which calls there are, how often, at which phones; for days at the desk and for benchmarks.
import type { CourseOptions, Scenario, SimulatedHit } from '../core/simulation.ts';
import { NAMES } from './names.ts';

/** Scenarios by how often they come, in percent. */
const MIX: readonly (readonly [name: string, percent: number])[] = [
  ['ring-group-answered', 26],
  ['ring-group-missed', 8],
  ['call-answered', 25],
  ['call-missed', 6],
  ['call-rejected', 2],
  ['called-back', 3],
  ['second-try', 2],
  ['call-out', 18],
  ['call-out-unanswered', 4],
  ['call-held', 3],
  ['call-waiting', 1],
  ['blind-transfer', 1],
  ['attended-transfer', 1],
];
const USUAL = 'call-answered';

const GROUP_PHONES = 10;
/** A busy office: 95 calls a day in a group of ten. */
const CALLS_PER_PHONE_HOUR = 1;
const HOUR_MS = 3_600_000;
const CALLERS = 5_000;

export type Find = (name: string) => Scenario;

type Call = Pick<CourseOptions, 'number' | 'startMs'> & { name?: string };

/** One call of the mix, at phones of this group. `callOf` is asked once the scenario and its phones are drawn. */
export function mixedCourse(
  group: readonly string[],
  find: (name: string) => Scenario | undefined,
  draw: () => number,
  callOf: () => Call,
): SimulatedHit[] {
  const drawn = find(drawnName(draw));
  const scenario = drawn !== undefined && drawn.phonesMin <= group.length ? drawn : find(USUAL);
  if (scenario === undefined) throw new Error('the mix names a scenario that is not there');
  const from = scenario.phonesMin > 1 ? 0 : Math.floor(draw() * group.length);
  const phones =
    scenario.phonesUsual > 2 ? group : [...group.slice(from), ...group.slice(0, from)].slice(0, scenario.phonesMin);
  return scenario.play({ phones, ...callOf(), draw });
}

/** Hours of calls at all phones, in ring groups of ten; spread evenly, so that even chance makes an ordinary day, too. */
export function playBusyHours({ phones, hours = 1, startMs, draw }: CourseOptions, find: Find): SimulatedHit[] {
  const hits: SimulatedHit[] = [];
  for (let from = 0; from < phones.length; from += GROUP_PHONES) {
    const group = phones.slice(from, from + GROUP_PHONES);
    const calls = Math.max(1, Math.round(group.length * hours * CALLS_PER_PHONE_HOUR));
    for (let n = 0; n < calls; n++) {
      const course = mixedCourse(group, find, draw, () => ({
        number: `+4930${String((Math.floor(draw() * CALLERS) + n) % CALLERS).padStart(7, '0')}`,
        name: NAMES[(Math.floor(draw() * NAMES.length) + n) % NAMES.length] ?? '',
        startMs: startMs + Math.round(((n + draw()) / calls) * hours * HOUR_MS),
      }));
      for (const hit of course) hits.push(hit);
    }
  }
  return hits.sort((a, b) => a.atMs - b.atMs);
}

function drawnName(draw: () => number): string {
  let rest = draw() * 100;
  for (const [name, percent] of MIX) {
    rest -= percent;
    if (rest < 0) return name;
  }
  return USUAL;
}
