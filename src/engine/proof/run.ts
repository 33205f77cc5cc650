// Runs the tests of rule files on virtual time, with a fresh state each: nothing is sent, nothing is stored.
import type { PhoneEvent, Slug } from '../../core/events.ts';
import type { PhoneCard } from '../../core/phone-card.ts';
import type { Path } from '../../core/problems.ts';
import type { EventsOf, SimulatedHit } from '../../core/simulation.ts';
import type { Program } from '../program.ts';
import type { CompiledRules } from '../rules/compiled.ts';
import { createCourse, type Moment } from './course.ts';
import { type Failure, judge } from './judge.ts';
import { firingsOf, withProbes } from './probe.ts';
import type { RuleTest, Send } from './rule-test.ts';
import { type Happening, timelineOf } from './timeline.ts';

export type ProofContext = {
  /** Of all files. */
  rules: CompiledRules;
  /** Phones of the config. */
  phones: readonly PhoneCard[];
  /** What the config makes of rules and phones. */
  programOf(rules: CompiledRules, phones: readonly PhoneCard[]): Program;
  eventsOf: EventsOf;
};

export type TestResult = {
  file: string;
  path: Path;
  name: string;
  failures: Failure[];
  /** What happened, a line each; empty where the test passed. */
  timeline: string[];
};

/** How long after the last hit a test goes on that does not say when it ends: 60 days. */
const REST_MS = 60 * 86_400_000;

/** Runs every test; the same tests always give the same results. */
export function runTests(tests: readonly RuleTest[], context: ProofContext): TestResult[] {
  const rules = withProbes(context.rules);
  const plain = context.programOf(rules, context.phones);
  return tests.map((test) => {
    const phones = withCards(context.phones, test.phones);
    const program = test.phones.length === 0 ? plain : context.programOf(rules, phones);
    const happened = [...play(test, program, phones, context.eventsOf)];
    const failures = judge(
      test,
      happened.flatMap(({ firings }) => firings),
    );
    const timeline = failures.length === 0 ? [] : timelineOf(happened, test.startMs);
    return { file: test.file, path: ['tests', test.place], name: test.name, failures, timeline };
  });
}

/** A test's own phone stands in the place of one of the config that has its id. */
function withCards(config: readonly PhoneCard[], own: readonly PhoneCard[]): readonly PhoneCard[] {
  const ids = new Set(own.map(({ id }) => id));
  return own.length === 0 ? config : [...config.filter(({ id }) => !ids.has(id)), ...own];
}

function* play(
  test: RuleTest,
  program: Program,
  phones: readonly PhoneCard[],
  eventsOf: EventsOf,
): Generator<Happening> {
  const course = createCourse(program);
  const events = eventsOfTest(test, phones, eventsOf);
  for (const event of events) {
    const atMs = Date.parse(event.at);
    for (const moment of course.pass(atMs)) yield happening(moment);
    yield happening({ atMs, event, stepped: course.take(event) });
  }
  const lastMs = Math.max(...events.map(({ at }) => Date.parse(at)));
  const untilMs = test.untilMs === undefined ? lastMs + REST_MS : test.startMs + test.untilMs;
  for (const moment of course.pass(untilMs)) yield happening(moment);
}

const happening = ({ atMs, event, stepped }: Moment): Happening => ({
  atMs,
  events: [...(event === undefined ? [] : [event]), ...stepped.events],
  firings: firingsOf(stepped, atMs),
});

/** Everything that the test sends, site by site as a receiver would have it, in the order of time. */
export function eventsOfTest(test: RuleTest, phones: readonly PhoneCard[], eventsOf: EventsOf): PhoneEvent[] {
  const cards = new Map(phones.map((card) => [card.id, card]));
  const sites = new Map<string, SimulatedHit[]>();
  for (const hit of test.send.flatMap((send) => hitsOf(send, test.startMs))) {
    const site = cards.get(hit.phone)?.site ?? 'default';
    sites.set(site, [...(sites.get(site) ?? []), hit]);
  }
  return [...sites]
    .flatMap(([site, hits]) => eventsOf(hits, site, (phone) => cards.get(phone)))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function hitsOf(send: Send, beginMs: number): SimulatedHit[] {
  const startMs = beginMs + send.atMs;
  if ('scenario' in send) {
    const { scenario, phones, number, name } = send;
    return scenario.play({ phones, number, startMs, draw: () => 0.5, ...(name === undefined ? {} : { name }) });
  }
  const slug = send.event.slice('phone.'.length) as Slug;
  return send.phones.map((phone) => ({ atMs: startMs, phone, slug, vars: send.vars }));
}
