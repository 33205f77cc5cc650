// How long `hookswitch replay` takes for a week of 500 phones, from a store as the daemon leaves it.
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Config, readConfig } from '../src/config.ts';
import { CONFIG_PARTS } from '../src/config-parts.ts';
import type { AppendResult, UnitOfWork } from '../src/core/store.ts';
import type { CompiledRules } from '../src/engine/index.ts';
import { createState, type Stepped, step } from '../src/engine/index.ts';
import { systemFiles } from '../src/files.ts';
import { programOf } from '../src/program-of.ts';
import { openInlineStore } from '../src/store/index.ts';
import { storePath } from '../src/store-path.ts';
import { newFolder } from './daemon.ts';
import type { Figures, Say } from './load-rounds.ts';
import { median, rounded } from './statistics.ts';
import { DAYS, dayOfEvents, WEEK_START_MS, weekPhones } from './week.ts';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const BATCH = 500;
const ROUNDS = 3;
const RAW = Buffer.from(`GET /a/***/incoming_call?${'x'.repeat(250)}&_=. HTTP/1.1`);

const RULES = [
  {
    id: 'missed',
    on: 'call.missed',
    do: [{ slack: { to: 'team', text: 'Missed call from {{ remote.number }} ({{ call.phones.size }} phones rang)' } }],
  },
  {
    id: 'state',
    on: 'phone.state_changed',
    do: [{ mqtt: { to: 'house', topic: 'phones/{{ phone.id }}/state', payload: '{{ to }}', retain: true } }],
  },
  {
    id: 'long-talk',
    on: 'call.ended',
    when: { 'call.talkSeconds': { '>': 30 }, 'remote.kind': 'external' },
    do: [{ slack: { to: 'team', text: '{{ remote.number }} talked {{ call.talkSeconds }} s' } }],
  },
];

function writeConfig(folder: string): string {
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  writeFileSync(join(folder, 'rules.json'), JSON.stringify({ rules: RULES }), { mode: 0o600 });
  const path = join(folder, 'config.json');
  const config = {
    rules: './rules.json',
    phones: weekPhones(),
    connections: {
      team: { type: 'slack', dryRun: true, channel: '#a', token: { env: 'BENCH_SLACK' } },
      house: { type: 'mqtt', broker: 'mqtt://127.0.0.1' },
    },
  };
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

const unitOf = (steps: readonly Stepped[], appended: readonly AppendResult[] = []): UnitOfWork => ({
  site: 'default',
  epoch: 1,
  processed: appended.map(({ seq }) => seq),
  made: steps.flatMap((each) => each.events),
  // What a replay never reads.
  state: [],
  deliveries: steps.flatMap((each) => each.deliveries),
  settled: [],
});

/** Writes what phones said, and what the rules decided, as the daemon would have; the number of hits. */
async function fill(folder: string, config: Config<CompiledRules>): Promise<number> {
  const program = programOf(config);
  const state = createState();
  const store = openInlineStore({ path: storePath(join(folder, 'data')), bytesMax: 2 ** 33, nowMs: WEEK_START_MS });
  let hits = 0;
  for (let day = 0; day < DAYS; day++) {
    const events = dayOfEvents(day);
    for (let from = 0; from < events.length; from += BATCH) {
      const batch = events.slice(from, from + BATCH);
      const appended = await store.append(batch.map((event) => ({ event, raw: RAW })));
      const steps = batch.map((event) => step(state, { event }, program));
      await store.commit(unitOf(steps, appended));
    }
    hits += events.length;
  }
  const weekEnd = new Date(WEEK_START_MS + DAYS * 86_400_000).toISOString();
  await store.commit(unitOf([step(state, { now: weekEnd }, program)]));
  await store.close();
  return hits;
}

/** `replay_events`: hits of the week. `replay_s`: seconds from the start of the process to its end, the median of three. */
export async function replayed(say: Say): Promise<Figures> {
  const folder = newFolder();
  try {
    const configPath = writeConfig(folder);
    const result = await readConfig({ configPath, env: {}, files: systemFiles, parts: CONFIG_PARTS, folder });
    if ('problems' in result) throw new Error(`the config of the replay is wrong: ${JSON.stringify(result.problems)}`);
    const hits = await fill(folder, result.config);
    const period = ['--from', '2026-11-16', '--to', '2026-11-23'];
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const beganMs = performance.now();
      const { stdout } = await promisify(execFile)(process.execPath, [
        MAIN,
        'replay',
        '--config',
        configPath,
        ...period,
      ]);
      seconds.push((performance.now() - beganMs) / 1_000);
      say(`replay: ${hits} hits of a week in ${seconds.at(-1)?.toFixed(1)} s: ${stdout.trimEnd().split('\n').at(-1)}`);
    }
    return { replay_events: hits, replay_s: rounded(median(seconds)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
