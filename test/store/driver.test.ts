// Which SQLite is used, and what is said if it is an old one.
import { expect, test } from 'vitest';
import { StoreError } from '../../src/core/store.ts';
import { type Candidate, chooseDriver, openMemoryDatabase } from '../../src/store/sqlite/driver.ts';

/** A driver whose SQLite says that it has this version. */
const candidate = (name: Candidate['name'], version: string): Candidate => ({
  name,
  load: () =>
    function open() {
      return { prepare: () => ({ get: () => ({ version }) }), close() {} };
    } as unknown as ReturnType<Candidate['load']>,
});
const missing = (name: Candidate['name']): Candidate => ({
  name,
  load() {
    throw new Error('not installed');
  },
});

test('the driver of this machine is recent enough', () => {
  expect(chooseDriver().warning).toBeUndefined();
  expect(openMemoryDatabase().prepare('SELECT 1 AS one').get()).toEqual({ one: 1 });
});

test.each([
  ['what comes with Node, if it is recent enough', '3.51.3', '3.53.0', 'node:sqlite', false],
  ['the package, if what comes with Node is too old', '3.50.4', '3.51.3', '@photostructure/sqlite', false],
  ['versions are compared as numbers', '3.9.10', '3.100.0', '@photostructure/sqlite', false],
  ['the newer of two that are too old', '3.49.2', '3.50.0', '@photostructure/sqlite', true],
  ['what comes with Node, if the package is not there', '3.50.4', undefined, 'node:sqlite', true],
  ['the package, on a Node without SQLite', undefined, '3.53.0', '@photostructure/sqlite', false],
] as const)('%s', (_, builtIn, added, name, warned) => {
  const driver = chooseDriver([
    builtIn === undefined ? missing('node:sqlite') : candidate('node:sqlite', builtIn),
    added === undefined ? missing('@photostructure/sqlite') : candidate('@photostructure/sqlite', added),
  ]);
  expect(driver.name).toBe(name);
  expect(driver.warning !== undefined).toBe(warned);
  if (warned) expect(driver.warning).toContain('3.51.3');
});

test('without any driver it says what to install', () => {
  const choose = () => chooseDriver([missing('node:sqlite'), missing('@photostructure/sqlite')]);
  expect(choose).toThrow(StoreError);
  expect(choose).toThrow(/Node 22\.13.*@photostructure\/sqlite/);
});
