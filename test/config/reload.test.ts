// Reload: what lies on disk comes into use whole and right, or not at all, however it was put there.
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../src/core/problems.ts';
import type { TempFolder } from '../support/temp-folder.ts';
import { areaOf, CONFIG, home, RULES, watched } from './watching.ts';

test('nothing changes: nothing is read', async () => {
  const { ticks, reads } = await watched(home());
  await ticks(5);
  expect(reads()).toBe(0);
});

test('a change is used once two looks agree about it', async () => {
  const folder = home();
  const { reload, ticks, swapped, lines } = await watched(folder);
  folder.write('config.json', CONFIG('roof'));
  await ticks(1);
  expect(swapped).toHaveLength(0);
  folder.write('config.json', CONFIG('yard'));
  await ticks(1);
  expect(swapped).toHaveLength(0);
  await ticks(1);
  expect(swapped.map(areaOf)).toEqual(['yard']);
  await ticks(3);
  expect(swapped).toHaveLength(1);
  expect(lines).toEqual(['config_swapped']);
  expect(reload.status()).toEqual({ ok: true, problems: [], generation: 2, loadedAtMs: 1_000 });
});

describe('seen', () => {
  test.each<[string, (folder: TempFolder) => void]>([
    ['a changed rule file', (f) => f.write('rules/a.json', RULES('b'))],
    ['a new rule file', (f) => f.write('rules/b.json', RULES('b'))],
    ['a removed rule file', (f) => rmSync(f.at('rules/a.json'))],
    ['a renamed rule file', (f) => renameSync(f.at('rules/a.json'), f.at('rules/z.json'))],
    ['a changed secret', (f) => f.write('key', 'anders')],
    [
      'a file written aside and renamed',
      (f) => renameSync(f.write('config.json.new', CONFIG('hal2')), f.at('config.json')),
    ],
    ['the same size in the same place', (f) => f.write('config.json', CONFIG('hal1'))],
  ])('%s', async (_, change) => {
    const folder = home();
    const { ticks, swapped } = await watched(folder);
    await ticks(1);
    change(folder);
    await ticks(2);
    expect(swapped).toHaveLength(1);
  });
  test('a symbolic link that leads elsewhere now', async () => {
    const folder = home();
    folder.write('v1/config.json', CONFIG('hall'));
    folder.write('v2/config.json', CONFIG('hall'));
    for (const version of ['v1', 'v2']) folder.write(`${version}/key`, 'geheim');
    rmSync(folder.at('config.json'));
    symlinkSync('v1', folder.at('current'));
    symlinkSync('current/config.json', folder.at('config.json'));
    const { ticks, swapped } = await watched(folder);
    symlinkSync('v2', folder.at('next'));
    renameSync(folder.at('next'), folder.at('current'));
    await ticks(2);
    expect(swapped).toHaveLength(1);
  });
  test('not: what editors leave beside the rules', async () => {
    const folder = home();
    const { ticks, reads } = await watched(folder);
    folder.write('rules/.a.json.swp', 'x');
    folder.write('rules/a.json~', 'x');
    await ticks(3);
    expect(reads()).toBe(0);
  });
});

describe('a bad file', () => {
  test('keeps the good one, says why once, and heals', async () => {
    const folder = home();
    const { reload, ticks, swapped, lines, counters } = await watched(folder);
    folder.write('config.json', JSON.stringify(CONFIG('roof')).slice(0, -3));
    folder.write('rules/a.json', { rules: [{ id: 'a', on: 'phone.mised' }] });
    await ticks(5);
    expect(swapped).toEqual([]);
    const problems = reload.status().problems.map(formatProblem);
    expect(problems.length).toBeGreaterThan(0);
    expect(reload.status()).toMatchObject({ ok: false, generation: 1 });
    expect(lines.filter((line) => line.startsWith('config_problem'))).toEqual(
      problems.map((p) => `config_problem ${p}`),
    );
    expect(counters.snapshot()).toEqual([{ name: 'config_reloads', labels: { result: 'refused' }, value: 1 }]);
    folder.write('config.json', CONFIG('roof'));
    folder.write('rules/a.json', RULES('a'));
    await ticks(2);
    expect(swapped.map(areaOf)).toEqual(['roof']);
    expect(reload.status()).toMatchObject({ ok: true, problems: [], generation: 2 });
  });
  test('one that is missing for a moment comes back unharmed', async () => {
    const folder = home();
    const { reload, ticks, swapped } = await watched(folder);
    rmSync(folder.at('config.json'));
    await ticks(2);
    expect(reload.status().problems.map(formatProblem)).toEqual(['config.json  there is no such file; check the path']);
    folder.write('config.json', CONFIG('back'));
    await ticks(2);
    expect(swapped.map(areaOf)).toEqual(['back']);
  });
  test('a secret that others can read now is refused, and taken again after chmod', async () => {
    const folder = home();
    const { reload, ticks, swapped } = await watched(folder);
    folder.write('key', 'anders', 0o644);
    await ticks(2);
    expect(reload.status().ok).toBe(false);
    folder.write('key', 'anders', 0o600);
    await ticks(2);
    expect([reload.status().ok, swapped.length]).toEqual([true, 1]);
  });
});

test('a swap that fails leaves the old one in use, without telling what the error says, and the next one works', async () => {
  const folder = home();
  const failures = [new Error('canary')];
  const { reload, ticks, lines, swapped } = await watched(folder, {
    swap: async () => {
      const failure = failures.pop();
      if (failure !== undefined) throw failure;
    },
  });
  folder.write('config.json', CONFIG('roof'));
  await ticks(2);
  expect(reload.status()).toMatchObject({ ok: false, generation: 1 });
  expect(JSON.stringify([reload.status(), lines])).not.toContain('canary');
  folder.write('config.json', CONFIG('yard'));
  await ticks(2);
  expect(reload.status()).toMatchObject({ ok: true, generation: 2 });
  expect(swapped.map(areaOf)).toEqual(['yard']);
});

test('what changes while it is read is read again: never half of one and half of the other', async () => {
  const folder = home();
  const { ticks, swapped, reads } = await watched(folder, {
    afterRead: (count) => {
      if (count === 1) folder.write('rules/a.json', RULES('late'));
    },
  });
  folder.write('config.json', CONFIG('roof'));
  await ticks(2);
  expect(reads()).toBe(2);
  expect(swapped.map((config) => [areaOf(config), config.rules.ids])).toEqual([['roof', ['late']]]);
});

test('what never stops changing is left alone, said and counted, until it rests', async () => {
  const folder = home();
  let restless = true;
  const { ticks, swapped, lines, counters } = await watched(folder, {
    afterRead: (count) => {
      if (restless) folder.write('config.json', CONFIG(`roof-${count}`));
    },
  });
  folder.write('config.json', CONFIG('roof'));
  await ticks(2);
  expect(swapped).toEqual([]);
  expect(lines).toEqual(['config_changes_too_fast']);
  expect(counters.snapshot()).toEqual([{ name: 'config_reload_unsteady', labels: {}, value: 1 }]);
  restless = false;
  await ticks(2);
  expect(swapped.map(areaOf)).toEqual(['roof-5']);
});

test('asked to (SIGHUP), it reads at once, also where nothing seems to have changed; never two at a time', async () => {
  const folder = home();
  const { reload, swapped, reads } = await watched(folder);
  const [first, second] = await Promise.all([reload.now(), reload.now()]);
  expect([first.generation, second.generation]).toEqual([2, 3]);
  folder.write('config.json', '{');
  expect(await reload.now()).toMatchObject({ ok: false, generation: 3 });
  expect([swapped.length, reads()]).toEqual([2, 3]);
});

test('after stop nothing is looked at any more', async () => {
  const folder = home();
  const { reload, ticks } = await watched(folder);
  await reload.stop();
  await expect(ticks(1)).rejects.toThrow('nobody waits');
});

test('under any series of edits only whole and right ones come into use, and in the end the last one', async () => {
  const pair = (n: number): [object, object] => [CONFIG(`area-${n}`), RULES(`rule-${n}`)];
  type Edit = { n: number; how: 'both' | 'truncated' | 'bad-rule' | 'renamed'; ticks: number };
  const edit: fc.Arbitrary<Edit> = fc.record({
    n: fc.nat(999),
    how: fc.constantFrom('both', 'truncated', 'bad-rule', 'renamed'),
    ticks: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
      const folder = home();
      const { reload, ticks, swapped } = await watched(folder);
      for (const { n, how, ticks: count } of edits) {
        const [config, rules] = pair(n);
        if (how === 'truncated') writeFileSync(folder.at('config.json'), JSON.stringify(config).slice(0, 20));
        else if (how === 'bad-rule') folder.write('rules/a.json', { rules: [{ id: `rule-${n}`, on: 'phone.no' }] });
        else if (how === 'both') {
          folder.write('config.json', config);
          folder.write('rules/a.json', rules);
        } else {
          renameSync(folder.write('aside', config), folder.at('config.json'));
          renameSync(folder.write('aside', rules), folder.at('rules/a.json'));
        }
        await ticks(count);
      }
      const [config, rules] = pair(1_000);
      folder.write('config.json', config);
      folder.write('rules/a.json', rules);
      await ticks(3);
      const all = swapped.map((one) => [areaOf(one), one.rules.ids[0]]);
      for (const [area, id] of all) expect(id?.replace('rule', 'area')).toBe(area);
      expect(all.at(-1)).toEqual(['area-1000', 'rule-1000']);
      expect(reload.status().ok).toBe(true);
      await reload.stop();
      rmSync(folder.path, { recursive: true });
    }),
    { numRuns: 40 },
  );
});
