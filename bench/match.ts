// What it costs to find the rules that accept an event: many rules against few, and against other rule engines.
import { createMatcher, type Matcher } from '../src/engine/match/matcher.ts';
import { createCatalogue } from '../src/engine/rules/catalogue.ts';
import { readConditionTree } from '../src/engine/rules/condition.ts';
import type { Figures, Say } from './load-rounds.ts';
import { type Facts, factsOf, type Rival, rivalsIn } from './match-rivals.ts';
import { type BenchEvent, type BenchRule, drawFrom, hosterEvents, hosterRules, LIST_ENTRIES } from './match-rules.ts';
import { median, rounded } from './statistics.ts';

const ROUNDS = 5;
const ROUND_MS = 150;
const EVENTS = 2_000;
/** Which ten rules are the few decides much of their cost: the mean of many tens is taken. */
const SMALL_SETS = 40;

/** CPU time of this process so far: what else runs on the machine is not counted. */
function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

type Ready = { place: number };

function matcherOf(rules: readonly BenchRule[]): Matcher<Ready & Parameters<typeof createMatcher>[0][number]> {
  const catalogue = createCatalogue();
  const lists = new Map(Object.entries(LIST_ENTRIES));
  const report = (_path: unknown, message: string): never => {
    throw new Error(message);
  };
  return createMatcher(
    rules.map(({ on, when }, place) => {
      const condition = readConditionTree(when, [], { catalogue, lists, report });
      return { on, order: place, place, condition };
    }),
  );
}

type Cost = { ns: number; matches: number };

/** Runs all events through all matchers for a while; what one event costs one of them. */
function pass(matchers: readonly Matcher<unknown>[], events: readonly BenchEvent[]): Cost {
  let [count, matches] = [0, 0];
  const beganMs = usedMs();
  while (usedMs() - beganMs < ROUND_MS)
    for (const matcher of matchers) {
      for (const { event, known } of events) matches += matcher.find(event, known).length;
      count += events.length;
    }
  return { ns: ((usedMs() - beganMs) * 1e6) / count, matches: matches / count };
}

/** Medians of five rounds in turn, after one that warms up. */
function compare(few: readonly Matcher<unknown>[], many: Matcher<unknown>, events: readonly BenchEvent[]) {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => ({
    few: pass(few, events),
    many: pass([many], events),
  })).slice(1);
  const of = (name: 'few' | 'many'): Cost => ({
    ns: median(rounds.map((round) => round[name].ns)),
    matches: rounds[0]?.[name].matches ?? Number.NaN,
  });
  return { few: of('few'), many: of('many'), ratio: median(rounds.map(({ few: f, many: m }) => m.ns / f.ns)) };
}

/** Ns per event of a rival, over as many events as it manages in a round. */
async function passOf(rival: Rival, facts: readonly Facts[]): Promise<number> {
  let count = 0;
  const beganMs = usedMs();
  for (; usedMs() - beganMs < ROUND_MS; count++) await rival.find(facts[count % facts.length] as Facts);
  return ((usedMs() - beganMs) * 1e6) / count;
}

/** Throws where a rival does not find the same rules: then its cost would say nothing. */
async function agree(rival: Rival, matcher: Matcher<Ready>, events: readonly BenchEvent[], facts: readonly Facts[]) {
  for (const [n, { event, known }] of events.entries()) {
    const ours = matcher.find(event, known).map(({ place }) => place);
    const theirs = [...(await rival.find(facts[n] as Facts))].sort((a, b) => a - b);
    if (ours.join() !== theirs.join())
      throw new Error(`${rival.name} finds rules ${theirs} for event ${n}, not ${ours}`);
  }
}

async function againstRivals(folder: string, say: Say): Promise<Figures> {
  const figures: Figures = {};
  const rules = hosterRules(1_000, drawFrom(3));
  const events = hosterEvents(200, drawFrom(4), false);
  const facts = events.map(factsOf);
  const matcher = matcherOf(rules);
  for (const rival of rivalsIn(folder, rules)) {
    await agree(rival, matcher, events, facts);
    const rounds: { ours: number; theirs: number }[] = [];
    for (let n = 0; n <= ROUNDS; n++)
      rounds.push({ ours: pass([matcher], events).ns, theirs: await passOf(rival, facts) });
    const [ours, theirs] = [
      median(rounds.slice(1).map((round) => round.ours)),
      median(rounds.slice(1).map((round) => round.theirs)),
    ];
    say(
      `match: 1,000 rules, ${rival.name} ${rival.version} ${rounded(theirs / 1e3)} µs per event, ` +
        `Hookswitch ${rounded(ours / 1e3)} µs`,
    );
    const ratio = median(rounds.slice(1).map(({ ours: o, theirs: t }) => t / o));
    figures[`match_${rival.name.replaceAll('-', '_')}_ratio`] = rounded(ratio);
  }
  return figures;
}

/**
 * CPU time, medians of five rounds. `match_growth_10k`: what an event costs with 10,000 rules over what it costs with ten, where about 1.5 of the 10,000 accept
 * it and hardly ever one of the ten; `…_none`: where none does. Rivals with 1,000 rules are compared where HOOKSWITCH_RIVALS names a
 * folder in which json-rules-engine and json-logic-engine are installed.
 */
export async function matching(say: Say): Promise<Figures> {
  const many = matcherOf(hosterRules(10_000, drawFrom(1)));
  const few = Array.from({ length: SMALL_SETS }, (_, n) => matcherOf(hosterRules(10, drawFrom(100 + n))));
  const figures: Figures = {};
  for (const strangers of [false, true]) {
    const cost = compare(few, many, hosterEvents(EVENTS, drawFrom(2), strangers));
    say(
      `match: 10,000 rules ${Math.round(cost.many.ns)} ns per event, ${rounded(cost.many.matches)} accept it; ` +
        `10 rules ${Math.round(cost.few.ns)} ns, ${rounded(cost.few.matches)}`,
    );
    figures[strangers ? 'match_growth_10k_none' : 'match_growth_10k'] = rounded(cost.ratio);
    if (!strangers) figures.match_ns_10k = Math.round(cost.many.ns);
  }
  const folder = process.env.HOOKSWITCH_RIVALS;
  if (folder) Object.assign(figures, await againstRivals(folder, say));
  else say('match: not compared with other engines; HOOKSWITCH_RIVALS names no folder in which they are installed');
  return figures;
}
