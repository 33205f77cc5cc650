// The config and the rules that come with the program run as they are, on a machine that knows no secret yet.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { CONFIG_PARTS } from '../../src/config-parts.ts';
import { BUNDLED_CONFIG, findConfig, findData } from '../../src/config-path.ts';
import { formatProblem } from '../../src/core/problems.ts';
import { systemFiles } from '../../src/files.ts';
import { tempFolder } from '../support/temp-folder.ts';

const files = systemFiles;

test('the example is right, with all its rules, and warns of secrets that it will need', async () => {
  const { path } = tempFolder();
  const places = await findConfig({}, { folder: path, files });
  expect(places).toEqual({ configPath: BUNDLED_CONFIG, dataPath: join(path, 'data'), bundled: true });
  const result = await readConfig({ ...places, env: {}, files, folder: path, parts: CONFIG_PARTS });
  if ('problems' in result) throw new Error(result.problems.map(formatProblem).join('\n'));
  const { config, warnings, stamps } = result;
  expect(config.dataPath).toBe(join(path, 'data'));
  const dry = [...config.connections.values()].map(({ name, type, dryRun }) => [name, type, dryRun]);
  expect(dry).toEqual([
    ['house', 'mqtt', false],
    ['team', 'slack', true],
    ['office', 'email', true],
    ['crm', 'webhook', true],
  ]);
  expect(warnings.map((warning) => warning.path.slice(0, 2).join('.'))).toEqual([
    'connections.team',
    'connections.office',
    'connections.crm',
  ]);
  const rules = join(dirname(BUNDLED_CONFIG), 'rules');
  // Recipes in a folder below are for copying: they would tell people everything twice.
  const shipped = readdirSync(rules).filter((name) => name !== 'recipes');
  for (const name of shipped) expect(stamps.has(join(rules, name))).toBe(true);
  expect(new Set(config.rules.map((rule) => rule.file)).size).toBe(shipped.length);
});

describe('which config and which data', () => {
  test('the one that is named, else config.json here, else the example', async () => {
    const folder = tempFolder();
    const around = { folder: folder.path, files };
    expect((await findConfig({ config: 'etc/x.json' }, around)).configPath).toBe(folder.at('etc/x.json'));
    folder.write('config.json', '{');
    expect(await findConfig({}, around)).toEqual({ configPath: folder.at('config.json'), bundled: false });
  });
  test('the data folder is known even where the config has problems', async () => {
    const folder = tempFolder();
    const around = { folder: folder.path, files };
    expect(await findData({}, around)).toBe(folder.at('data'));
    folder.write('etc/config.json', '{ "data": "../var", "recever": 1');
    expect(await findData({ config: 'etc/config.json' }, around)).toBe(folder.at('var'));
    expect(await findData({ config: 'etc/config.json', data: 'x' }, around)).toBe(folder.at('x'));
    expect(await findData({ config: 'etc/none.json' }, around)).toBe(folder.at('etc/data'));
    folder.write('etc/config.json', '[]');
    expect(await findData({ config: 'etc/config.json' }, around)).toBe(folder.at('etc/data'));
  });
});
