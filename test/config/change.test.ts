// Two configs compared: what is opened anew, and what only a restart can change.
import { expect, test } from 'vitest';
import { connectionChanges, restartKeys } from '../../src/config-change.ts';
import { configFolder, rightConfig } from './reading.ts';

const bus = (broker: string, more: object = {}) => ({ type: 'bus', broker, ...more });

const configOf = async (config: object, env: Record<string, string> = {}) =>
  (await rightConfig(configFolder(config), { env, dataPath: '/var/lib/same' })).config;

test('connections that came, went and changed; those that did not are left alone', async () => {
  const before = await configOf({ connections: { same: bus('a'), gone: bus('b'), moved: bus('c'), slower: bus('d') } });
  const after = await configOf({
    connections: { new: bus('x'), slower: bus('d', { delivery: { retryMax: '1h' } }), moved: bus('z'), same: bus('a') },
  });
  expect(connectionChanges(before, after)).toEqual({ added: ['new'], removed: ['gone'], changed: ['slower', 'moved'] });
  expect(connectionChanges(before, before)).toEqual({ added: [], removed: [], changed: [] });
});

test('a secret that says something else is a change, one that says the same is none', async () => {
  const config = { connections: { house: bus('a', { password: { env: 'P' } }) } };
  const [first, same, other] = [
    await configOf(config, { P: 'one' }),
    await configOf(config, { P: 'one' }),
    await configOf(config, { P: 'two' }),
  ];
  expect(connectionChanges(first, same).changed).toEqual([]);
  expect(connectionChanges(first, other).changed).toEqual(['house']);
});

test('going from a dry run to the real thing is a change', async () => {
  const before = await configOf({ connections: { house: bus('a', { dryRun: true }) } });
  const after = await configOf({ connections: { house: bus('a') } });
  expect(connectionChanges(before, after).changed).toEqual(['house']);
});

test('what only a restart can change is named', async () => {
  const before = await configOf({ receiver: { port: 1 } });
  const after = await configOf({
    receiver: { port: 2, host: '127.0.0.1' },
    broker: { port: 5 },
    store: { maxBytes: '2GB', keep: { raw: '1h' } },
    log: { level: 'debug' },
    connections: { a: bus('a') },
  });
  expect(restartKeys(before, after)).toEqual(['receiver.host', 'receiver.port', 'broker', 'store.maxBytes']);
  expect(restartKeys(before, { ...before, dataPath: '/elsewhere' })).toEqual(['data']);
  expect(restartKeys(before, before)).toEqual([]);
});
