// A week of 500 phones in 50 ring groups: five working days and a quiet weekend, the same every time.
import type { PhoneEvent } from '../src/core/events.ts';
import type { SimulatedHit } from '../src/core/simulation.ts';
import { hitEvents, mixedCourse, scenarioNamed, seededDraw } from '../src/simulator/index.ts';
import { readVars } from '../src/virtual-hits.ts';

export const WEEK_START_MS = Date.UTC(2026, 10, 16);
const DAY_MS = 86_400_000;
export const DAYS = 7;
const GROUPS = 50;
const GROUP_PHONES = 10;
const CALLS_PER_GROUP_DAY = 95;
/** Of a working day. */
const WEEKEND_SHARE = 0.1;

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
  return mixedCourse(phonesOf(group), scenarioNamed, draw, () => ({
    number: `+4930${String(Math.floor(draw() * 5_000)).padStart(7, '0')}`,
    name: 'Erika Mustermann',
    // Eight in the morning to six in the evening.
    startMs: WEEK_START_MS + day * DAY_MS + (8 + 10 * draw()) * 3_600_000,
  }));
}
