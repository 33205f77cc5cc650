// One run: a seed becomes a scenario, the scenario happens to a chain of processes, and what is left is judged.
import type { Delivery } from '../../src/core/delivery.ts';
import type { PhoneEvent } from '../../src/core/events.ts';
import { createVirtualTime, type VirtualTime } from '../support/virtual-clock.ts';
import { type Database, openDatabase } from './database.ts';
import { judge } from './judge.ts';
import { judgeCalls } from './judge-calls.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { beginLife, type Life, type Steps } from './life.ts';
import { type Process, type ProcessWorld, startProcess } from './process.ts';
import { drawScenario, GENERATIONS, type Reload, type Scenario, SINKS, type SinkName } from './scenario.ts';
import { createSink, type Sink } from './sinks.ts';
import { createTrace, type Trace } from './trace.ts';

export type Outcome = {
  seed: number;
  failures: string[];
  hash: string;
  tail: string[];
  virtualMs: number;
  events: number;
};

/** How long everything may take once nothing goes wrong any more: the longest waits of the settings, twice. */
const CALM_MS_MAX = 60_000;

/** The longest that any state of a phone or call lasts without a word, in ms. */
const STATES_MS_MAX = 13 * 3_600_000;

/** What outlives every process. */
export type World = {
  scenario: Scenario;
  sinks: Record<SinkName, Sink>;
  /** Events that were offered, in order, with the rules and the life of that moment, and those whose phone got its 200. */
  offered: { event: PhoneEvent; generation: number; life: number }[];
  acknowledged: Set<string>;
  /** Generations of rules that were there so far. */
  generations: number;
  /** Deliveries that are on disk. */
  made: Set<string>;
  /** Of each lane and slot the newest delivery on disk; and of each delivery its lane and slot. */
  newest: Map<string, string>;
  slots: Map<string, string>;
  /** Deliveries that a person sent again. */
  retried: Set<string>;
  /** When, and in which life, the success of a delivery was first on disk. */
  durable: Map<string, { life: number; atMs: number }>;
  ledger: Ledger;
};

/** Runs a seed to its end. Never throws for what the run finds; `failures` is empty if everything held. */
export async function runSeed(seed: number): Promise<Outcome> {
  const scenario = drawScenario(seed);
  const time = createVirtualTime({ seed });
  const trace = createTrace(time.nowMs);
  const open = (name: SinkName): Sink =>
    createSink(name, {
      time,
      trace,
      scenario,
      isStored: (id) => world.made.has(id),
      isOvertaken: (id) => isOvertaken(world, id),
    });
  const sinks = { house: open('house'), team: open('team'), lead: open('lead') };
  const world: World = {
    scenario,
    sinks,
    offered: [],
    acknowledged: new Set(),
    generations: 1,
    made: new Set(),
    newest: new Map(),
    slots: new Map(),
    retried: new Set(),
    durable: new Map(),
    ledger: createLedger(),
  };
  const database = openDatabase();
  const chain = createChain(world, time, trace, database);
  schedule(chain, world, time, trace);
  chain.boot();
  const failures = await happen(world, time, chain, database).catch((error: unknown) => [String(error)]);
  database.close();
  for (const failure of failures) trace.say(`FAILED ${failure}`);
  return {
    seed,
    failures,
    hash: trace.hash(),
    tail: trace.tail(80),
    virtualMs: time.nowMs(),
    events: world.acknowledged.size,
  };
}

async function happen(world: World, time: VirtualTime, chain: Chain, database: Database): Promise<string[]> {
  const drained = async (): Promise<boolean> => {
    for (let waitedMs = 0; waitedMs < CALM_MS_MAX; waitedMs += 1_000) {
      if (await database.done()) return true;
      await time.advance(1_000);
    }
    return database.done();
  };
  await time.advance(world.scenario.calmAtMs);
  // Before half a day passes: nothing waits for that.
  if (!(await drained())) return [...judge(world, await database.rows()), 'not everything was done in time'];
  if (world.scenario.endsIdle) sayIdle(chain, world);
  await drained();
  await beLate(world, time);
  await drained();
  const rows = await database.rows();
  const failures = [...judge(world, rows), ...judgeCalls(world, rows)];
  return failures.length > 0 ? failures : restartAfterwards(chain, world, time);
}

function noteMade({ made, slots, newest }: World, { id, order, slot, state }: Delivery): void {
  // A unit that is written a second time makes nothing anew.
  if (made.has(id)) return;
  made.add(id);
  // What is dead from birth says nothing.
  if (slot === undefined || state !== 'waiting') return;
  slots.set(id, `${order} ${slot}`);
  newest.set(`${order} ${slot}`, id);
}

/** A newer one of its slot was on disk, so nobody may send it any more, unless a person says so. */
const isOvertaken = ({ slots, newest, retried }: World, id: string): boolean =>
  slots.has(id) && !retried.has(id) && newest.get(slots.get(id) ?? '') !== id;

/** Every phone that took part in a call says that it is over. */
function sayIdle(chain: Chain, { scenario }: World): void {
  const words = scenario.courses.flatMap(({ speeches }) => speeches);
  for (const phone of new Set(words.map((word) => word.phone)))
    chain.now((process) => process.speak({ atMs: 0, phone, slug: 'busy_to_idle', number: '', mac: '005058000001' }));
}

/** Time passes that no state outlives, as if the machine had slept; and whatever was said, it was said before. */
async function beLate({ offered }: World, time: VirtualTime): Promise<void> {
  const lastMs = Math.max(0, ...offered.map(({ event }) => Date.parse(event.at)));
  time.jump(Math.max(0, lastMs - time.clock.wallMs()) + STATES_MS_MAX);
  // A sleep moves no timer, so that those that run already still need their time.
  await time.advance(STATES_MS_MAX);
}

/** Everything is stored as done: a process that starts now has nothing to send. */
async function restartAfterwards(chain: Chain, world: World, time: VirtualTime): Promise<string[]> {
  const tries = (): number => SINKS.reduce((sum, name) => sum + world.sinks[name].tries.length, 0);
  const before = tries();
  chain.crash('after the end');
  chain.boot();
  await time.advance(30_000);
  const again = tries() - before;
  return again === 0 ? [] : [`${again} attempts after a restart at which nothing was left to do`];
}

type Chain = {
  boot(): void;
  crash(why: string): void;
  /** Does that to the process that runs, if one does. */
  now(use: (process: Process) => void): void;
  configured: Set<SinkName>;
};

/** One process after the other on the same disk. */
function createChain(world: World, time: VirtualTime, trace: Trace, database: Database): Chain {
  const { scenario } = world;
  const steps: Steps = { taken: 0, crashAt: scenario.crashAtStep, mayCrash: () => time.nowMs() < scenario.calmAtMs };
  const configured = new Set<SinkName>(SINKS);
  let life: Life | undefined;
  let process: Process | undefined;
  let lives = 0;
  const processWorld: ProcessWorld = {
    time,
    trace,
    scenario,
    sinks: world.sinks,
    configured,
    openStore: database.openStore,
    ledger: world.ledger,
    generation: () => world.generations - 1,
    offered: (event) => void world.offered.push({ event, generation: world.generations - 1, life: lives }),
    acknowledged: (event) => void world.acknowledged.add(event.id),
    onMade: (delivery) => noteMade(world, delivery),
    onRetried: (id) => void world.retried.add(id),
    onDelivered(id) {
      if (!world.durable.has(id)) world.durable.set(id, { life: lives, atMs: time.nowMs() });
    },
  };
  const boot = (): void => {
    lives += 1;
    trace.say(`boot ${lives}`);
    const born = beginLife({ number: lives, time, trace, steps, onCrash: () => crashed(born) });
    life = born;
    startProcess(born, processWorld).then((started) => {
      if (!born.over) process = started;
    });
  };
  const crashed = (dead: Life): void => {
    process = undefined;
    if (dead === life && time.nowMs() < scenario.calmAtMs)
      time.clock.after(Math.min(scenario.calmAtMs - time.nowMs(), Math.floor(time.draw() * 8_000)), boot);
  };
  return {
    boot,
    crash: (why) => life?.crash(why),
    now: (use) => {
      if (process !== undefined) use(process);
    },
    configured,
  };
}

/** Puts everything that the scenario says on the clock. */
function schedule(chain: Chain, world: World, time: VirtualTime, trace: Trace): void {
  const { scenario } = world;
  const { after } = time.clock;
  const words = [...scenario.speeches, ...scenario.courses.flatMap(({ speeches }) => speeches)];
  for (const speech of words) after(speech.atMs, () => chain.now((process) => process.speak(speech)));
  for (const { sink, toMs } of scenario.troubles)
    if (scenario.announces) after(toMs, () => world.sinks[sink].announce());
  for (const { sink, how, toMs } of scenario.troubles)
    if (how === 'gone') after(toMs, () => chain.now((process) => process.retry(sink)));
  for (const { atMs, byMs } of scenario.jumps)
    after(atMs, () => {
      trace.say(`the wall clock jumps by ${byMs} ms`);
      time.jump(byMs);
    });
  for (const atMs of scenario.crashAtMs) after(atMs, () => chain.crash('by plan'));
  for (const reload of scenario.reloads) after(reload.atMs, () => perform(reload, chain, world, time, trace));
}

function perform(reload: Reload, chain: Chain, world: World, time: VirtualTime, trace: Trace): void {
  trace.say(`reload ${JSON.stringify(reload)}`);
  if (reload.what === 'rules') {
    world.generations = Math.min(GENERATIONS, world.generations + 1);
    chain.now((process) => process.reloadRules());
    return;
  }
  const { sink } = reload;
  if (reload.what === 'replace') {
    if (chain.configured.has(sink)) chain.now((process) => process.connect(sink));
    return;
  }
  chain.configured.delete(sink);
  chain.now((process) => process.disconnect(sink));
  const backAtMs = Math.min(reload.backAtMs, world.scenario.calmAtMs - 1);
  time.clock.after(Math.max(0, backAtMs - time.nowMs()), () => {
    if (chain.configured.has(sink)) return;
    chain.configured.add(sink);
    chain.now((process) => process.connect(sink));
  });
}
