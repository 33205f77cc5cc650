// Output safety: hostile texts go through the shipped rules and the probes, through the real engine and the real connections, and
// what arrived is read by the destination's grammar. Samples with harmless texts show which structures an author's rule can have;
// a hostile text must leave one of them as it is, and must be found in its places as the text that it is.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import { wellFormed } from '../../src/core/caller-text.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import type { Destination } from '../../src/core/destination.ts';
import { formatPath } from '../../src/core/problems.ts';
import { compileRules, createProgram, type Program } from '../../src/engine/index.ts';
import { readCleanLine } from './clean-line.ts';
import { hostileTexts } from './hostile-text.ts';
import type { Reading } from './oracles/reading.ts';
import { bookOf, PHONES, play, type Texts } from './output-course.ts';
import { openPeer, type Peer } from './output-peers.ts';
import { probeRules } from './output-probes.ts';
import { plainOf, type Samples, samplesOf } from './output-samples.ts';

export type SafetyOptions = {
  destinations: readonly Destination[];
  seed: number;
  /** How many deliveries are examined, all destinations together; those that are dead at once count, too. */
  checks: number;
  /** Ends at the first offence. */
  endOnOffence?: boolean;
  /** Without the shipped rules: more texts for the same number of messages. */
  probesOnly?: boolean;
};

export type SafetyReport = {
  checks: number;
  /** By type of destination: deliveries examined, and those that were dead from the start. */
  byType: Record<string, { examined: number; dead: number }>;
  /** `rule/action` of every template that spoke. */
  templates: string[];
  offences: string[];
  tookMs: number;
};

const OFFENCES_MAX = 10;
/** Messages that may hold a text from outside; what is made of the config alone need not be reached. */
const SAYS_WHO_CALLED = /\b(?:remote|local|line|vars|callers|call\.(?:remote|claimed))\b|"(?:card|digest|body)":true/;

type RuleFile = { rules?: { id: string; do?: Record<string, { to?: string }>[] }[]; [key: string]: unknown };

/** Every file below rules/ that holds rules. */
export function shippedRules(root = join(import.meta.dirname, '../../rules')): { file: string; value: RuleFile }[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.jsonc?$/.test(name))
    .sort()
    .map((file) => ({ file, value: parse(readFileSync(join(root, file), 'utf8')) as RuleFile }));
}

type Bench = {
  programOf(contact: () => string | undefined): Program;
  peers: Map<string, [Peer, ...Peer[]]>;
  actions: string[];
};

/** Connections to each destination, side by side; a mail waits 40 ms for its server, which is nobody's work. */
const PEERS_OF: Readonly<Record<string, number>> = { email: 12 };
const PEERS_USUAL = 2;
/** Courses whose messages are on their way together. */
const COURSES_AT_ONCE = 12;
/** Messages of one destination among those: where many rules speak to one, its rules take turns. */
const MESSAGES_AT_ONCE = 150;

async function openBench({ destinations, probesOnly }: SafetyOptions): Promise<Bench> {
  const peers: Bench['peers'] = new Map();
  for (const destination of destinations) {
    const more = (PEERS_OF[destination.type] ?? PEERS_USUAL) - 1;
    const list: [Peer, ...Peer[]] = [await openPeer(destination)];
    peers.set(destination.type, list);
    for (let n = 0; n < more; n++) list.push(await openPeer(destination));
  }
  const types = destinations.map(({ type }) => type);
  const files = (probesOnly === true ? [] : shippedRules()).map(({ file, value }) => ({
    file,
    value: only(value, types),
  }));
  const connections: Record<string, { type: string; settings: unknown }> = {};
  const to = (type: string): string => `probe-${type}`;
  for (const type of types) connections[to(type)] = { type, settings: peers.get(type)?.[0].settings };
  const actions: string[] = [];
  for (const { value } of files)
    for (const rule of value.rules ?? [])
      for (const [n, action] of (rule.do ?? []).entries())
        for (const [type, message] of Object.entries(action)) {
          if (!types.includes(type)) continue;
          if (SAYS_WHO_CALLED.test(JSON.stringify(message))) actions.push(`${rule.id}/${n}`);
          if (message.to !== undefined) connections[message.to] = { type, settings: peers.get(type)?.[0].settings };
        }
  const probes = { file: 'probes.json', value: { rules: probeRules(types, to) } };
  const compiled = compileRules([...files, probes], { destinations, connections });
  if ('problems' in compiled)
    throw new Error(compiled.problems.map((p) => `${p.file} ${formatPath(p.path)}: ${p.message}`).join('\n'));
  const { rules } = compiled;
  const expires = new Map(Object.keys(connections).map((name) => [name, {}]));
  const programOf = (contact: () => string | undefined) =>
    createProgram({ rules, phones: PHONES, connections: expires, book: bookOf(contact) });
  return { programOf, peers, actions };
}

/** A file without the actions of destinations that are not examined, and without its own tests. */
function only({ tests: _tests, ...file }: RuleFile, types: readonly string[]): RuleFile {
  const ours = (action: object): boolean => Object.keys(action).some((key) => types.includes(key));
  const rules = (file.rules ?? []).flatMap((rule) => {
    const kept = (rule.do ?? []).filter(ours);
    return kept.length === 0 ? [] : [{ ...rule, do: kept }];
  });
  return { ...file, rules };
}

/** Runs until so many deliveries were examined. Offences are told, not thrown; at most ten of them. */
export async function examineOutput(options: SafetyOptions): Promise<SafetyReport> {
  const { destinations, seed, checks } = options;
  const startedMs = performance.now();
  const bench = await openBench(options);
  const report: SafetyReport = { checks: 0, byType: {}, templates: [], offences: [], tookMs: 0 };
  for (const { type } of destinations) report.byType[type] = { examined: 0, dead: 0 };
  let contact: string | undefined;
  const program = bench.programOf(() => contact);
  try {
    const deliveriesOf = (texts: Texts): Delivery[] => {
      contact = texts.contact;
      return distinct(play(program, texts));
    };
    const samples = await samplesOf(deliveriesOf, bench.peers);
    report.templates = samples.templates();
    const missing = bench.actions.filter((action) => !samples.templates().includes(action));
    if (missing.length > 0) report.offences.push(`the course never reaches ${missing.join(', ')}`);
    const draw = textsOf(seed);
    const [most, courses] = options.endOnOffence === true ? [1, 1] : [OFFENCES_MAX, COURSES_AT_ONCE];
    while (report.checks < checks && report.offences.length < most) {
      const cases = Array.from({ length: courses }, draw).flatMap((texts) => {
        const forms = formsOf(texts);
        return deliveriesOf(texts).map((delivery): Case => ({ delivery, texts, forms }));
      });
      await examine(bench, cases, samples, report);
    }
  } finally {
    await Promise.all([...bench.peers.values()].flat().map((peer) => peer.close()));
  }
  report.tookMs = Math.round(performance.now() - startedMs);
  return report;
}

/** Without those that say the same as an earlier one. */
function distinct(deliveries: Delivery[]): Delivery[] {
  const byText = new Map(deliveries.toReversed().map((each) => [`${each.rule} ${JSON.stringify(each.message)}`, each]));
  return deliveries.filter((each) => byText.get(`${each.rule} ${JSON.stringify(each.message)}`) === each);
}

type Case = { delivery: Delivery; texts: Texts; forms: (field: keyof Texts) => string[] };

/** Each peer has one message under way, so that what arrives belongs to what was sent. */
async function examine({ peers }: Bench, cases: readonly Case[], samples: Samples, report: SafetyReport) {
  await Promise.all(
    [...peers].map(async ([type, list]) => {
      const counts = report.byType[type] ?? { examined: 0, dead: 0 };
      // Without a caller's text in it, it was examined with the samples.
      const all = cases.filter(({ delivery }) => delivery.type === type && !samples.isKnown(delivery));
      const every = Math.ceil(all.length / MESSAGES_AT_ONCE);
      const queue = all.filter((_case, n) => (n + report.checks) % every === 0);
      report.checks += queue.length;
      const worker = async (peer: Peer): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const { delivery, texts } = next;
          counts[delivery.state === 'dead' ? 'dead' : 'examined'] += 1;
          const offence = delivery.state === 'dead' ? undefined : await offenceOf(peer, next, samples);
          if (offence === undefined || report.offences.length >= OFFENCES_MAX) continue;
          report.offences.push(`${delivery.rule} (${type}): ${offence}; texts ${JSON.stringify(texts).slice(0, 600)}`);
        }
      };
      await Promise.all(list.map(worker));
    }),
  );
}

async function offenceOf(peer: Peer, { delivery, forms }: Case, samples: Samples): Promise<string | undefined> {
  let readings: Reading[] | string;
  try {
    readings = await peer.pass(delivery);
  } catch (error) {
    return `it does not read: ${(error as Error).message}`;
  }
  if (typeof readings === 'string') return `what the engine took for good is dead: ${readings}`;
  if (readings.length !== 1) return `${readings.length} messages arrived instead of one`;
  return samples.difference(delivery, readings[0] as Reading, forms);
}

/** What a text may look like where it arrives: as it was, as one clean line, and with what is no character replaced. */
function formsOf(texts: Texts): (field: keyof Texts) => string[] {
  const known = new Map<keyof Texts, string[]>();
  return (field) => {
    const found = known.get(field);
    if (found !== undefined) return found;
    const text = texts[field] ?? '';
    const clean = readCleanLine(text, Number.POSITIVE_INFINITY);
    const forms = [wellFormed(text), clean, clean.replace(/\p{Noncharacter_Code_Point}/gu, '\uFFFD')];
    const plain = [...new Set(forms.map(plainOf))];
    known.set(field, plain);
    return plain;
  };
}

/** Hostile texts of a caller: the name always, the rest by turns. */
function textsOf(seed: number): () => Texts {
  const text = hostileTexts(seed);
  let turn = 0;
  return () => {
    turn += 1;
    return {
      name: text(),
      extra: text(),
      uri: text(),
      number: turn % 3 === 0 ? text() : '+493012345',
      ...(turn % 4 === 0 ? { contact: text() } : {}),
    };
  };
}
