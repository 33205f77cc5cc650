// The scenarios: what they come to when the engine hears them, for even chance and for any.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CallEvent, type Event, PHONE_EVENT_TYPES, type PhoneEvent } from '../../src/core/events.ts';
import type { CourseOptions, Scenario } from '../../src/core/simulation.ts';
import { createProgram, createState, step } from '../../src/engine/index.ts';
import { evenDraw, hitEvents, SCENARIOS, scenarioNamed, seededDraw } from '../../src/simulator/index.ts';
import { readVars } from '../../src/virtual-hits.ts';

const START_MS = Date.UTC(2026, 10, 24, 10);
const NUMBER = '+493023125100';
const program = createProgram({ rules: [], phones: [], connections: new Map() });

const phonesOf = (count: number): string[] => Array.from({ length: count }, (_, n) => `p${n + 1}`);

function played({ play, phonesUsual }: Scenario, more: Partial<CourseOptions> = {}) {
  return play({ phones: phonesOf(phonesUsual), number: NUMBER, startMs: START_MS, draw: evenDraw, ...more });
}

/** `missed A 10`: what the engine makes of a course, with the other side and the count of phones. */
function story(events: readonly PhoneEvent[]): string[] {
  const state = createState();
  const made: Event[] = events.flatMap((event) => step(state, { event }, program).events);
  made.push(...step(state, { now: new Date(START_MS + 2 * 86_400_000).toISOString() }, program).events);
  expect([...state.phones.values()].filter(({ calls }) => calls.length > 0)).toEqual([]);
  return made.filter((event): event is CallEvent => 'call' in event).map(toldOf);
}

function toldOf({ type, call }: CallEvent): string {
  const { number } = call.remote;
  const who = number === NUMBER ? 'A' : number === '+493023125101' ? 'B' : (number ?? 'withheld');
  return `${type.slice('call.'.length)} ${who} ${call.phones.length}`;
}

const STORIES: [name: string, told: string[]][] = [
  ['ring-group-answered', ['ringing A 1', 'answered A 10', 'ended A 10']],
  ['ring-group-missed', ['ringing A 1', 'missed A 10']],
  ['call-answered', ['ringing A 1', 'answered A 1', 'ended A 1']],
  ['call-missed', ['ringing A 1', 'missed A 1']],
  ['call-rejected', ['ringing A 1', 'ended A 1']],
  ['called-back', ['ringing A 1', 'missed A 10', 'dialing A 1', 'answered A 1', 'returned A 10', 'ended A 1']],
  ['second-try', ['ringing A 1', 'missed A 10', 'ringing A 1', 'answered A 10', 'returned A 10', 'ended A 10']],
  ['out-of-order', ['ringing A 1', 'answered A 1', 'ended A 1']],
  ['call-waiting', ['ringing A 1', 'answered A 1', 'ringing B 1', 'answered B 1', 'ended B 1', 'ended A 1']],
  ['call-held', ['ringing A 1', 'answered A 1', 'ended A 1']],
  ['call-out', ['dialing A 1', 'answered A 1', 'ended A 1']],
  ['call-out-unanswered', ['dialing A 1', 'ended A 1']],
  ['blind-transfer', ['ringing A 1', 'answered A 1', 'ended A 2']],
  [
    'attended-transfer',
    [
      'ringing A 1',
      'answered A 1',
      'dialing 202 1',
      'ringing 201 1',
      'answered 201 1',
      'answered 202 1',
      'ended 202 1',
      'ended 201 1',
      'ended A 2',
    ],
  ],
  ['forwarded', ['ringing A 1', 'ended A 1']],
  ['power-cut', []],
  ['registration-lost', []],
  ['dnd-day', []],
  ['forward-day', []],
  ['register-flap', []],
  ['reboot-storm', []],
  ['missed-call', ['ringing A 1', 'missed A 1']],
  ['ring-group', ['ringing A 1', 'answered A 10', 'ended A 10']],
];
/** Its calls are many and drawn; it has tests of its own. */
const BUSY = 'busy-day';

describe('the catalogue', () => {
  test('has a name, a line and a course for each, and each is in the table below', () => {
    expect(SCENARIOS.map(({ name }) => name)).toEqual([...STORIES.map(([name]) => name), BUSY]);
    for (const { name, summary } of SCENARIOS) {
      expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
      expect(summary).toMatch(/^[A-Z][^\n]{10,120}\.$/);
      expect(scenarioNamed(name)?.name).toBe(name);
    }
    expect(scenarioNamed('toString')).toBeUndefined();
  });
  test.each(STORIES)('%s comes to %j', (name, told) => {
    const scenario = scenarioNamed(name) as Scenario;
    expect(story(hitEvents(played(scenario), 'default', readVars))).toEqual(told);
  });
  test.each(SCENARIOS.map((each) => [each.name, each] as const))('%s needs its phones, and says so', (_, scenario) => {
    const { name, phonesMin } = scenario;
    expect(played(scenario, { phones: phonesOf(phonesMin) }).length).toBeGreaterThan(0);
    expect(() => played(scenario, { phones: phonesOf(phonesMin - 1) })).toThrow(`${name} needs ${phonesMin} phones`);
  });
});

describe('whatever chance says', () => {
  const anyScenario = fc.constantFrom(...SCENARIOS);
  test('hits stand in the order of time, come from those phones only, and are events that phones know', () => {
    fc.assert(
      fc.property(anyScenario, fc.integer(), fc.integer({ min: 2, max: 12 }), (scenario, seed, count) => {
        const phones = phonesOf(count);
        const hits = played(scenario, { phones, draw: seededDraw(seed) });
        for (const [n, hit] of hits.entries()) {
          expect(hit.atMs).toBeGreaterThanOrEqual(hits[n - 1]?.atMs ?? START_MS);
          expect(Number.isInteger(hit.atMs)).toBe(true);
          expect(phones).toContain(hit.phone);
          expect(PHONE_EVENT_TYPES).toContain(`phone.${hit.slug}`);
        }
      }),
    );
  });
  test('the same seed gives the same course, another one another', () => {
    const group = scenarioNamed('ring-group-answered') as Scenario;
    const course = (seed: number) => played(group, { draw: seededDraw(seed) });
    expect(course(7)).toEqual(course(7));
    expect(course(7)).not.toEqual(course(8));
  });
  const groupTold = (name: string) => (seed: number, number: string | null) => {
    const hits = played(scenarioNamed(name) as Scenario, { draw: seededDraw(seed), number });
    return story(hitEvents(hits, 'default', readVars));
  };
  test('a ring group that is answered is never missed; one that is not is missed exactly once', () => {
    const answered = groupTold('ring-group-answered');
    const missed = groupTold('ring-group-missed');
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(answered(seed, NUMBER)).toEqual(['ringing A 1', expect.stringMatching(/^answered A/), 'ended A 10']);
        expect(missed(seed, NUMBER)).toEqual(['ringing A 1', 'missed A 10']);
      }),
    );
  });
  test('chance is even over the whole range', () => {
    const draw = seededDraw(1);
    const tenths = new Array<number>(10).fill(0);
    for (let n = 0; n < 20_000; n++) {
      const drawn = draw();
      expect(drawn >= 0 && drawn < 1).toBe(true);
      tenths[Math.floor(drawn * 10)] = (tenths[Math.floor(drawn * 10)] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(1_800);
    expect(Math.max(...tenths)).toBeLessThan(2_200);
  });
});

test('a withheld caller has neither number nor URI of his own', () => {
  const hits = played(scenarioNamed('call-missed') as Scenario, { number: null });
  expect(story(hitEvents(hits, 'default', readVars))).toEqual(['ringing withheld 1', 'missed withheld 1']);
});

describe('what is asked for', () => {
  const ringGroup = scenarioNamed('ring-group') as Scenario;
  test('the third phone answers after six seconds, or nobody does', () => {
    const hits = played(ringGroup, { answer: { phone: 3, afterSeconds: 6 } });
    const answered = hits.find(({ slug }) => slug === 'established');
    expect([answered?.phone, answered?.atMs]).toEqual(['p3', START_MS + 6_100]);
    const nobody = played(ringGroup, { answer: null });
    expect(story(hitEvents(nobody, 'default', readVars))).toEqual(['ringing A 1', 'missed A 10']);
    expect(() => played(ringGroup, { answer: { phone: 11, afterSeconds: 6 } })).toThrow('no phone 11 of 10');
  });
  test('a busy day lasts as long as that, has all kinds of calls, and leaves no phone busy', () => {
    const hits = played(scenarioNamed(BUSY) as Scenario, { draw: seededDraw(1), hours: 8, phones: phonesOf(25) });
    const lastMs = hits.at(-1)?.atMs ?? 0;
    expect(lastMs - START_MS).toBeGreaterThan(7.5 * 3_600_000);
    expect(lastMs - START_MS).toBeLessThan(9 * 3_600_000);
    expect(new Set(hits.map(({ phone }) => phone)).size).toBe(25);
    const told = new Set(story(hitEvents(hits, 'default', readVars)).map((line) => line.split(' ')[0]));
    expect(told).toEqual(new Set(['ringing', 'dialing', 'answered', 'ended', 'missed', 'returned']));
  });
});
