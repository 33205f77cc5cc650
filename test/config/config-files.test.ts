// The files behind a config: which are read, which are refused, and what is known of them afterwards.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemFiles } from '../../src/files.ts';
import { recording, stampOf } from '../../src/stamps.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { configFolder, problemsOf, read, rightConfig, rule } from './reading.ts';

test('a config that is not there', async () => {
  expect(await problemsOf(tempFolder())).toEqual(['config.json  there is no such file; check the path']);
});
test('a folder instead of a config', async () => {
  const folder = tempFolder();
  mkdirSync(folder.at('config.json'));
  expect(await problemsOf(folder)).toEqual(['config.json  is not a file; name an ordinary file']);
});
test('a config that is not UTF-8', async () => {
  const folder = tempFolder();
  writeFileSync(folder.at('config.json'), Buffer.from('{"data": "\xff"}', 'latin1'), { mode: 0o600 });
  expect(await problemsOf(folder)).toEqual(['config.json  is not UTF-8 text; save it as UTF-8']);
});
test.each([0o620, 0o602, 0o666])(
  'a config that others can change (%o) is refused, with its other problems',
  async (mode) => {
    const folder = configFolder({ log: 5 });
    folder.write('config.json', { log: 5 }, mode);
    const [first, second] = await problemsOf(folder);
    expect(first).toBe('config.json  other accounts can change this file; chmod 600 config.json');
    expect(second).toContain('log: must be an object { … }, not 5');
  },
);
test('one that others can only read is fine', async () => {
  const folder = configFolder('{}');
  folder.write('config.json', '{}', 0o644);
  expect(await problemsOf(folder)).toEqual([]);
});
test('the config that comes with the program has the rights of the program', async () => {
  const folder = configFolder('{}');
  folder.write('config.json', '{}', 0o664);
  expect(await problemsOf(folder, { bundled: true })).toEqual([]);
});
test('a rule file that everybody can change is refused', async () => {
  const folder = configFolder('{}', { 'a.json': { rules: [] } });
  folder.write('rules/a.json', { rules: [] }, 0o646);
  expect(await problemsOf(folder)).toEqual([
    'rules/a.json:1:1  every account can change this file; chmod o-w rules/a.json',
  ]);
});
test('only rule files of a folder are read, sorted by name; a list may name files and folders', async () => {
  const folder = configFolder(
    { rules: ['more/z.json', './rules'] },
    {
      'b.json': { rules: [rule('b')] },
      'a.jsonc': { rules: [rule('a')] },
      '.hidden.json': 'broken',
      'rules.schema.json': { rules: [rule('schema')] },
      'README.md': 'no rule',
      'b.json~': 'broken',
    },
  );
  folder.write('more/z.json', { rules: [rule('z')] });
  expect((await rightConfig(folder)).config.rules.ids).toEqual(['z', 'a', 'b']);
});
test('a folder of rules that is not there is a problem at the key that names it', async () => {
  const folder = configFolder('{\n  "rules": "./rulez"\n}');
  rmSync(folder.at('rules'), { recursive: true });
  expect(await problemsOf(folder)).toEqual(['config.json:2:12  rules: rulez: there is no such file; check the path']);
});
test('every file that was looked at is known afterwards, also those that are missing', async () => {
  const folder = configFolder(
    { rules: ['./rules', './none.json'], connections: { t: { type: 'chat', token: { file: 'key' } } } },
    { 'a.json': { rules: [] } },
  );
  const { stamps } = await read(folder);
  expect([...stamps.keys()].sort()).toEqual(
    ['config.json', 'key', 'none.json', 'rules', 'rules/a.json'].map(folder.at).sort(),
  );
  expect(stamps.get(folder.at('key'))).toBe('missing');
});

test('what is noted of a file is how it was when it was read, not how it is a moment later', async () => {
  const folder = configFolder('{}');
  const path = folder.at('config.json');
  const stamps = new Map<string, string>();
  const files = recording(
    {
      ...systemFiles,
      async read(name, bytesMax) {
        const found = await systemFiles.read(name, bytesMax);
        folder.write('config.json', '{ "data": "swapped meanwhile" }');
        return found;
      },
    },
    stamps,
  );
  const before = await stampOf(systemFiles, path);
  expect((await files.read(path, 1_000)).text).toBe('{}');
  expect(stamps.get(path)).toBe(before);
  expect(await stampOf(systemFiles, path)).not.toBe(before);
});
