// Builds the program before the long suites: what they start is what users start.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Throws if the program does not compile. */
export default function build(): void {
  const compiler = [`${ROOT}node_modules/typescript/bin/tsc`, '-p', 'tsconfig.build.json'];
  const { status } = spawnSync(process.execPath, compiler, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error('the build failed');
}
