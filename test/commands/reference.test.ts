// `hookswitch reference`: writes the pages, and tells which of them are out of date.
import { appendFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandWorld } from './world.ts';

test('writes the pages, and finds them fresh', async () => {
  const world = commandWorld();
  const { code, out } = await world.run('reference');
  const folder = world.folder.at('docs/reference');
  const names = readdirSync(folder);
  expect(code).toBe(0);
  expect(names).toEqual(expect.arrayContaining(['rules.md', 'fields.md', 'operators.md', 'filters.md', 'events.md']));
  expect(names).toEqual(expect.arrayContaining(['config.md', 'commands.md', 'destinations-mqtt.md']));
  expect(out.trimEnd().split('\n')).toHaveLength(names.length);
  expect(await world.run('reference', '--check')).toEqual({ code: 0, out: '', err: '' });
});

test('names the pages that are out of date or missing, and changes nothing', async () => {
  const world = commandWorld();
  await world.run('reference', '--out', 'pages');
  appendFileSync(world.folder.at('pages/events.md'), 'x\n');
  rmSync(world.folder.at('pages/rules.md'));
  const { code, out } = await world.run('reference', '--out', 'pages', '--check');
  expect(code).toBe(1);
  expect(out.match(/^\S+(?= is out of date)/gm)).toEqual(['rules.md', 'events.md']);
  expect(out).toContain('hookswitch reference --out pages');
  expect(readFileSync(world.folder.at('pages/events.md'), 'utf8')).toMatch(/x\n$/);
  expect(readdirSync(world.folder.at('pages'))).not.toContain('rules.md');
  await world.run('reference', '--out', 'pages');
  expect((await world.run('reference', '--out', 'pages', '--check')).code).toBe(0);
});

test('a page of a destination that is gone is told, other files are not', async () => {
  const world = commandWorld();
  await world.run('reference', '--out', 'pages');
  world.folder.write('pages/destinations-fax.md', '# Fax');
  world.folder.write('pages/notes.txt', 'mine');
  const { code, out } = await world.run('reference', '--out', 'pages', '--check');
  expect(code).toBe(1);
  expect(out.match(/^\S+/gm)).toEqual(['destinations-fax.md']);
});

test('the pages do not depend on the config of the folder', async () => {
  const [one, other] = [commandWorld(), commandWorld()];
  other.folder.write('config.json', { connections: { elsewhere: { type: 'slack' } } });
  await one.run('reference');
  await other.run('reference');
  const text = (world: typeof one) => readFileSync(world.folder.at('docs/reference/destinations-slack.md'), 'utf8');
  expect(text(other)).toBe(text(one));
});
