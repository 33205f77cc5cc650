// The README and the guides: their two commands are real, its config and rule blocks are right, its commands exist.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { command } from './running-daemon.ts';
import { tempFolder } from './support/temp-folder.ts';

const root = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const guides = readdirSync(new URL('docs/', root))
  .filter((name) => name.endsWith('.md'))
  .map((name) => readFileSync(new URL(`docs/${name}`, root), 'utf8'));
const scripts = (JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: Record<string, string> })
  .scripts;

const blocks = (language: string): string[] =>
  [...[readme, ...guides].join('\n').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter((m) => m[1] === language)
    .map((m) => m[2] ?? '');

describe('README', () => {
  it('shows the two commands that do all set-up, and scripts that exist', () => {
    expect(blocks('sh').map((block) => block.trim())).toEqual(
      expect.arrayContaining(['npm ci && npm start', 'npm ci && npm test']),
    );
    for (const [, script = ''] of readme.matchAll(/npm run (?:-s )?([\w:]+)/g))
      expect(scripts).toHaveProperty([script]);
    expect(scripts).toHaveProperty('start');
  });

  it('shows rules and configs that `check` finds right', async () => {
    const example = JSON.parse(readFileSync(new URL('config.example.json', root), 'utf8')) as { connections: object };
    const [rule, ...moreRules] = blocks('jsonc');
    const configs = blocks('json');
    expect([moreRules, configs.length > 1]).toEqual([[], true]);
    const folder = tempFolder();
    folder.write('rules/my-first.jsonc', rule ?? '');
    for (const config of configs) {
      const shown = JSON.parse(config) as { connections?: object };
      const connections = { ...example.connections, ...shown.connections };
      folder.write('config.json', { ...example, ...shown, connections });
      const checked = await command(folder, 'check');
      expect(checked.err).not.toContain('my-first');
      expect([checked.code, checked.err.split('\n').filter((line) => !line.includes('(warning)'))]).toEqual([0, ['']]);
    }
  });

  it('lists every command, and no other', async () => {
    const { out } = await command(tempFolder(), '--help');
    const real = [...out.matchAll(/^ {2}(\w+) (?:\[options\]|<|\[)/gm)].map((m) => m[1]);
    const listed = [...readme.matchAll(/^\| `(\w+)[^|]*\|/gm)].map((m) => m[1]);
    expect(real.length).toBeGreaterThan(5);
    expect(listed).toEqual(expect.arrayContaining(real.filter((name) => name !== 'help')));
  });

  it('names every exit code that the commands have', async () => {
    const { out } = await command(tempFolder(), '--help');
    const codes = [...out.matchAll(/^ +(\d+) {2}/gm)].map((m) => m[1] ?? '');
    expect(codes.length).toBeGreaterThan(7);
    for (const code of codes) expect(readme).toMatch(new RegExp(`\\b${code} [a-z]`));
  });
});
