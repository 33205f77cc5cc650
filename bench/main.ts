// `npm run bench`: every figure in one run, as ratios to bare servers on the same machine; `-- --json` prints one object.
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { acknowledged } from './acknowledge.ts';
import { besideLoad, live } from './console.ts';
import { folded } from './fold.ts';
import { historyAsked } from './history.ts';
import { idle } from './idle.ts';
import type { Figures } from './load-rounds.ts';
import { matching } from './match.ts';
import { published } from './publish.ts';
import { replayed } from './replay.ts';
import { waits } from './waits.ts';

const FIGURES = ['ack', 'mqtt', 'latency', 'idle', 'fold', 'match', 'waits', 'replay', 'history', 'wall', 'beside'];
const USAGE = `npm run bench -- [--json] [--only ${FIGURES.join(',')}] [--seconds 4] [--rounds 5]`;

type Options = { json: boolean; only: Set<string>; seconds: number; rounds: number };

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', default: FIGURES.join(',') },
      seconds: { type: 'string', default: '4' },
      rounds: { type: 'string', default: '5' },
    },
  });
  const only = values.only.split(',');
  const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
  const unknown = only.filter((name) => !FIGURES.includes(name));
  if (unknown.length > 0)
    throw new Error(`--only: ${unknown.join(', ')} is not a figure; known: ${FIGURES.join(', ')}`);
  if (!(seconds > 0 && rounds >= 1)) throw new Error('--seconds and --rounds: must be above 0');
  return { json: values.json, only: new Set(only), seconds, rounds };
}

function build(): void {
  const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('the build failed');
}

async function measure({ only, ...span }: Options, say: (text: string) => void): Promise<Figures> {
  const figures: Figures = { node: process.version, cpus: cpus().length };
  const add = (more: Figures): void => {
    Object.assign(figures, more);
  };
  if (only.has('fold')) add(await folded(say));
  if (only.has('match')) add(await matching(say));
  if (only.has('waits')) add(await waits(say));
  if (only.has('replay')) add(await replayed(say));
  if (only.has('history')) add(await historyAsked(say));
  if (only.has('wall')) add(await live(say));
  if (only.has('beside')) add(await besideLoad());
  if (only.has('idle')) add(await idle(say));
  if (only.has('ack')) {
    add(await acknowledged(false, span, say));
    add(await acknowledged(true, span, say));
  }
  const parts = { mqtt: only.has('mqtt'), latency: only.has('latency') };
  if (parts.mqtt || parts.latency) add(await published(parts, span, say));
  return figures;
}

try {
  const options = readOptions();
  build();
  const figures = await measure(options, (text) => console.error(text));
  if (options.json) console.log(JSON.stringify(figures));
  else for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(32)} ${value}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 1;
}
// Also after a failure in the middle: the `exit` handler ends what was started.
process.exit();
