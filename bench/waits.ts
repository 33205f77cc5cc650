// What waiting costs: 100,000 waits opened, cancelled and fired through the engine's own step, and the memory that one takes.
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { PhoneEvent } from '../src/core/events.ts';
import { compileRules, createProgram, createState, type Program, type State, step } from '../src/engine/index.ts';
import type { Figures, Say } from './load-rounds.ts';
import { median, rounded } from './statistics.ts';

const WAITS = 100_000;
/** One rule keeps 10,000 keys at most. */
const RULES = 10;
const PHONES = 50;
const ROUNDS = 5;
const BEGIN_MS = Date.UTC(2026, 10, 24, 9);
/** What a phone of the house sends with each hit. */
const VARS = {
  mac: '005058a1b2c3',
  ip: '192.168.1.51',
  model: 's505',
  firmware: '4.63.1.100',
  active_user: '201',
  active_host: 'pbx.example.net',
  local: 'sip:201@pbx.example.net',
  display_local: 'Reception',
  display_remote: 'Erika Mustermann',
};

function program(wait: boolean): Program {
  const rules = Array.from({ length: RULES }, (_, n) => ({
    id: `not-called-back-${n}`,
    on: 'phone.dnd_on',
    when: { 'phone.id': { suffix: `-${n}` } },
    ...(wait ? { wait: { for: '1h', by: ['remote.number'], unless: { on: 'phone.dnd_off', before: '0s' } } } : {}),
    do: [{ log: { text: '{{ remote.number }} {{ count }}' } }],
  }));
  const compiled = compileRules([{ file: 'waits', value: { rules } }], { destinations: [], connections: {} });
  if ('problems' in compiled) throw new Error(compiled.problems[0]?.message);
  return createProgram({ rules: compiled.rules, phones: [], connections: new Map() });
}

/** The `n`th event: all numbers differ. */
function eventOf(n: number, type: PhoneEvent['type'], atMs: number): PhoneEvent {
  const number = `+4930${String(n).padStart(8, '0')}`;
  return {
    id: `019ab000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    type,
    at: new Date(BEGIN_MS + atMs).toISOString(),
    site: 'default',
    phone: { id: `desk-${n % PHONES}-${n % RULES}`, mac: VARS.mac, ip: VARS.ip, model: VARS.model, vendor: 'sangoma' },
    line: { user: VARS.active_user, host: VARS.active_host },
    local: { uri: VARS.local, number: '201', name: VARS.display_local },
    remote: { uri: `sip:${number}@pbx.example.net`, number, name: VARS.display_remote },
    vars: Object.assign(Object.create(null), VARS, { remote: `sip:${number}@pbx.example.net` }),
    suspect: [],
  };
}

/** Says 100,000 events, one a millisecond, and returns µs each. The events are made before the clock runs. */
function sayAll(state: State, by: Program, type: PhoneEvent['type'], fromMs: number): number {
  const events = Array.from({ length: WAITS }, (_, n) => eventOf(n, type, fromMs + n));
  const began = performance.now();
  for (const event of events) step(state, { event }, by);
  return ((performance.now() - began) * 1_000) / WAITS;
}

/** Lets time pass by a second at a time, in which a thousand of them end, and returns µs each. */
function fireAll(state: State, by: Program, fromMs: number): number {
  let fired = 0;
  const began = performance.now();
  for (let atMs = fromMs; atMs <= fromMs + WAITS; atMs += 1_000)
    fired += step(state, { now: new Date(BEGIN_MS + atMs).toISOString() }, by).matched.length;
  const tookMs = performance.now() - began;
  if (fired !== WAITS) throw new Error(`${fired} waits fired, not ${WAITS}`);
  return (tookMs * 1_000) / WAITS;
}

type Round = { open: number; cancel: number; fire: number };

/** µs each: a wait opened, cancelled, and fired; what the same events cost a rule that does not wait is taken off. */
function round(waits: Program, plain: Program): Round {
  const bareOpen = sayAll(createState(), plain, 'phone.dnd_on', 0);
  const bareCancel = sayAll(createState(), plain, 'phone.dnd_off', 0);
  const state = createState();
  const open = sayAll(state, waits, 'phone.dnd_on', 0) - bareOpen;
  const cancel = sayAll(state, waits, 'phone.dnd_off', WAITS) - bareCancel;
  sayAll(state, waits, 'phone.dnd_on', 2 * WAITS);
  const fire = fireAll(state, waits, 2 * WAITS + 3_600_000);
  return { open, cancel, fire };
}

/** The collector of garbage, which only runs when asked where a process was told so. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Heap bytes that one wait takes while it waits. */
async function bytesEach(waits: Program): Promise<number> {
  const collect = collector();
  const heap = async (): Promise<number> => {
    await sleep(10);
    collect();
    return process.memoryUsage().heapUsed;
  };
  const state = createState();
  // The phones are known, and all code has run, before memory is looked at.
  for (let n = 0; n < 1_000; n++) step(state, { event: eventOf(n, 'phone.dnd_on', n) }, waits);
  const before = await heap();
  for (let n = 1_000; n < WAITS; n++) step(state, { event: eventOf(n, 'phone.dnd_on', n) }, waits);
  const after = await heap();
  const waiting = [...state.memory.rules.values()].reduce((sum, { waits: { rows } }) => sum + rows.size, 0);
  if (waiting !== WAITS) throw new Error(`${waiting} wait, not ${WAITS}`);
  return (after - before) / (WAITS - 1_000);
}

/**
 * `wait_open_us`, `wait_cancel_us`, `wait_fire_us`: µs each with 100,000 waits pending, the median of 5 rounds; without what the
 * event costs anyway. `wait_bytes`: heap that one takes.
 */
export async function waits(say: Say): Promise<Figures> {
  const [waiting, plain] = [program(true), program(false)];
  round(waiting, plain);
  const rounds = Array.from({ length: ROUNDS }, () => round(waiting, plain));
  const of = (name: keyof Round): number => rounded(median(rounds.map((each) => each[name])));
  const bytes = await bytesEach(waiting);
  say(`waits: ${WAITS} pending in ${RULES} rules, ${ROUNDS} rounds`);
  return {
    wait_open_us: of('open'),
    wait_cancel_us: of('cancel'),
    wait_fire_us: of('fire'),
    wait_bytes: Math.round(bytes),
  };
}
