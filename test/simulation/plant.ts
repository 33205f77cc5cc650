// Runs the simulation over a copy of the sources with one planted bug in it, in a process of its own.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Planted } from './planted.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A bug that lets the run stand still in one task is no finding of the simulation. */
const RUN_MS_MAX = 60_000;
const COPIED = ['package.json', 'tsconfig.json', 'src', 'test/simulation', 'test/support/virtual-clock.ts'];

/** The first seed from 1 to `seeds` that notices the bug, or undefined; `output` is what the run printed. */
export async function firstSeedThatNotices(
  planted: Planted,
  seeds: number,
): Promise<{ seed: number | undefined; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'hookswitch-planted-'));
  try {
    for (const path of COPIED) cpSync(join(root, path), join(folder, path), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const path = join(folder, planted.file);
    writeFileSync(path, applied(planted, readFileSync(path, 'utf8')));
    const output = await run(folder, seeds);
    const seed = /^seed (\d+) failed/m.exec(output)?.[1];
    return { seed: seed === undefined ? undefined : Number(seed), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The text with the bug in it. Throws if the place it belongs to has changed: then the bug must be planted anew. */
export function applied(planted: Planted, text: string): string {
  let changed = text;
  for (const { find, put, everywhere } of planted.edits) {
    const count = changed.split(find).length - 1;
    if (count === 0 || (count > 1 && everywhere !== true))
      throw new Error(
        `${planted.file}: "${planted.name}" belongs to a text that stands there ${count} times; must be once`,
      );
    changed = changed.replaceAll(find, () => put);
  }
  return changed;
}

function run(folder: string, seeds: number): Promise<string> {
  const tsx = join(dirname(fileURLToPath(import.meta.resolve('tsx/package.json'))), 'dist/cli.mjs');
  const child = spawn(
    process.execPath,
    [tsx, join(folder, 'test/simulation/run.ts'), '--seeds', String(seeds), '--first'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const tooLong = setTimeout(() => child.kill('SIGKILL'), RUN_MS_MAX);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(tooLong);
      resolve(output);
    });
  });
}
