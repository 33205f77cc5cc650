// A week of 500 phones in 50 ring groups: five working days and a quiet weekend, the same every time.
import type { PhoneEvent } from '../src/core/events.ts';
import type { SimulatedHit } from '../src/core/simulation.ts';
import { hitEvents, scenarioNamed, seededDraw } from '../src/simulator/index.ts';
import { readVars } from '../src/virtual-hits.ts';

export const WEEK_START_MS = Date.UTC(2026, 10, 16);
const DAY_MS = 86_400_000;
export const DAYS = 7;
const GROUPS = 50;
const GROUP_PHONES = 10;
const CALLS_PER_GROUP_DAY = 95;
/** Of a working day. */
const WEEKEND_SHARE = 0.1;

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

const phonesOf = (group: number): string[] =>
  Array.from({ length: GROUP_PHONES }, (_, n) => `g${String(group).padStart(2, '0')}-${n}`);

/** The phones as a config lists them. */
export const weekPhones = (): { id: string; groups: string[] }[] =>
  Array.from({ length: GROUPS }, (_, group) => group).flatMap((group) =>
    phonesOf(group).map((id) => ({ id, groups: [`group-${group}`] })),
  );

/** The events of one day (0 is the Monday), in the order of time. */
export function dayOfEvents(day: number): PhoneEvent[] {
  const draw = seededDraw(day + 1);
  const hits: SimulatedHit[] = [];
  for (let group = 0; group < GROUPS; group++) {
    const calls = Math.round(CALLS_PER_GROUP_DAY * (day < 5 ? 1 : WEEKEND_SHARE));
    for (let n = 0; n < calls; n++) for (const hit of course(day, group, draw)) hits.push(hit);
  }
  return hitEvents(hits, 'default', readVars);
}

function course(day: number, group: number, draw: () => number): SimulatedHit[] {
  const scenario = scenarioNamed(drawn(draw));
  if (scenario === undefined) throw new Error('the mix names a scenario that is not there');
  const phones = phonesOf(group);
  const from = scenario.phonesMin > 1 ? 0 : Math.floor(draw() * GROUP_PHONES);
  return scenario.play({
    phones:
      scenario.phonesUsual > 2
        ? phones
        : [...phones.slice(from), ...phones.slice(0, from)].slice(0, scenario.phonesMin),
    number: `+4930${String(Math.floor(draw() * 5_000)).padStart(7, '0')}`,
    name: 'Erika Mustermann',
    // Eight in the morning to six in the evening.
    startMs: WEEK_START_MS + day * DAY_MS + (8 + 10 * draw()) * 3_600_000,
    draw,
  });
}

function drawn(draw: () => number): string {
  let rest = draw() * 100;
  for (const [name, percent] of MIX) {
    rest -= percent;
    if (rest < 0) return name;
  }
  return MIX[0]?.[0] ?? '';
}
