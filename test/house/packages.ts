// The rules for what is installed: how many packages, which of them run a script, and nothing of where they came from.
import { HOMES } from './rooms.ts';
import type { Files, Offence } from './sources.ts';

const DIRECT_MAX = 22;
/** The only package that may bring an install script: it ships its binary, so that nothing is compiled. */
const SCRIPTED = ['node_modules/@photostructure/sqlite'];

type Manifest = Partial<Record<'dependencies' | 'optionalDependencies', Record<string, string>>>;
type Locked = {
  dev?: boolean;
  resolved?: string;
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
};
type Lock = { packages: Record<string, Locked> };

/** What package.json and package-lock.json break. */
export function packageOffences(files: Files): Offence[] {
  const manifest = JSON.parse(files['package.json'] ?? '{}') as Manifest;
  const lock = JSON.parse(files['package-lock.json'] ?? '{"packages":{}}') as Lock;
  const direct = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  const found: Offence[] = [];
  if (direct.length > DIRECT_MAX)
    found.push(`package.json: ${direct.length} direct dependencies; ${DIRECT_MAX} at most`);
  for (const name of direct) {
    if (!HOMES[name]) found.push(`package.json: ${name} has no home`);
    const quoted = [`'${name}'`, `'${name}/`];
    const used = Object.entries(files).some(
      ([path, text]) => path.startsWith('src/') && quoted.some((form) => text.includes(form)),
    );
    if (!used) found.push(`package.json: nothing in src imports ${name}`);
  }
  const locked = Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1));
  for (const [path, entry] of Object.entries(lock.packages)) {
    // What a registry did not have when the lock was made is left out of it, and `npm ci` then refuses the lock as a whole.
    for (const name of Object.keys(entry.optionalDependencies ?? {}))
      if (!locked.includes(name)) found.push(`package-lock.json: ${path} wants ${name}, which has no entry`);
    if (entry.resolved) found.push(`package-lock.json: ${path} says where it was downloaded`);
    if (entry.hasInstallScript && !entry.dev && !SCRIPTED.includes(path))
      found.push(`package-lock.json: ${path} runs a script when it is installed`);
  }
  return found;
}
