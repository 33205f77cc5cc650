// The README: its scripts are real, and it lists every command and exit code. Its steps are run by newcomer.test.ts.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vendors } from '../src/vendors/index.ts';
import { command } from './running-daemon.ts';
import { tempFolder } from './support/temp-folder.ts';

const root = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const scripts = (JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: Record<string, string> })
  .scripts;

describe('README', () => {
  it('names scripts that exist', () => {
    for (const [, script = ''] of readme.matchAll(/npm run (?:-s )?([\w:]+)/g))
      expect(scripts).toHaveProperty([script]);
    expect(scripts).toHaveProperty('start');
    expect(scripts).toHaveProperty('test');
  });

  it('lists every command', async () => {
    const { out } = await command(tempFolder(), '--help');
    const real = [...out.matchAll(/^ {2}(\w+) (?:\[options\]|<|\[)/gm)].map((m) => m[1]);
    const cells = [...readme.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].map((m) => m[1] ?? '');
    const listed = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map((m) => m[1]));
    expect(real.length).toBeGreaterThan(5);
    expect(listed).toEqual(expect.arrayContaining(real.filter((name) => name !== 'help')));
  });

  it('names every exit code that the commands have', async () => {
    const { out } = await command(tempFolder(), '--help');
    const codes = [...out.matchAll(/^ +(\d+) {2}/gm)].map((m) => m[1] ?? '');
    expect(codes.length).toBeGreaterThan(7);
    for (const code of codes) expect(readme).toMatch(new RegExp(`\\b${code} [a-z]`));
  });

  it('names every maker whose phones are known', () => {
    const makers = /\*\*Phones of eleven makers\*\*: (.*)\.$/m.exec(readme)?.[1]?.toLowerCase().split(', ');
    expect(makers?.sort()).toEqual([...vendors.keys()].sort());
  });
});
