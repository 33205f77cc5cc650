// `hookswitch schema`: what it prints and writes, and that an editor can work with it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { JsonSchema } from '../../src/engine/schema/index.ts';
import { editorWith } from '../engine/schema-editor.ts';
import { commandWorld } from './world.ts';

const connectionNames = (schema: JsonSchema, type: string): unknown =>
  schema.definitions?.action?.properties?.[type]?.properties?.to?.examples;

test('prints the schema of rules, with the connections of the config', async () => {
  const world = commandWorld();
  world.folder.write('config.json', {
    connections: { alarm: { type: 'slack' }, tv: { type: 'mqtt', broker: 'embedded' } },
  });
  const { code, out, err } = await world.run('schema', 'rules');
  expect([code, err]).toEqual([0, '']);
  const schema = JSON.parse(out) as JsonSchema;
  expect(schema.$id).toBe('rules.schema.json');
  expect(connectionNames(schema, 'slack')).toEqual(['alarm']);
  expect(connectionNames(schema, 'mqtt')).toEqual(['tv']);
  const editor = editorWith(schema);
  const rule = { id: 'r', on: 'call.missed', do: [{ slack: { to: 'another', text: 'x' } }] };
  expect(await editor.marks(JSON.stringify({ rules: [rule] }))).toEqual([]);
  expect(await editor.marks(JSON.stringify({ rules: [{ ...rule, on: 'call.mised' }] }))).toHaveLength(1);
});

test('prints the schema of the config, every type of connection in it', async () => {
  const { code, out } = await commandWorld().run('schema', 'config');
  expect(code).toBe(0);
  const editor = editorWith(JSON.parse(out) as JsonSchema);
  expect(
    await editor.marks('{ "connections": { "a": { "type": "mqtt", "broker": "embedded", "qos": 3 } } }'),
  ).toHaveLength(1);
});

test('a config that is broken or not there costs names, not the schema', async () => {
  const world = commandWorld();
  for (const config of ['{ "connections": ', '[]', '{ "connections": [1], "x": 1 }', '{ "connections": { "a": 1 } }']) {
    writeFileSync(world.folder.at('config.json'), config);
    const { code, out } = await world.run('schema', 'rules');
    expect([code, connectionNames(JSON.parse(out) as JsonSchema, 'slack')]).toEqual([0, ['my-slack']]);
  }
  const { code, out } = await world.run('schema', 'rules', '--config', 'none.json');
  expect([code, JSON.parse(out).title]).toEqual([0, 'Rules of Hookswitch']);
});

test('writes one or both into a folder, which it makes', async () => {
  const world = commandWorld();
  expect((await world.run('schema', '--out', 'etc/schemas')).code).toBe(0);
  expect(readdirSync(world.folder.at('etc/schemas')).sort()).toEqual(['config.schema.json', 'rules.schema.json']);
  const printed = await world.run('schema', 'config');
  expect(readFileSync(world.folder.at('etc/schemas/config.schema.json'), 'utf8')).toBe(printed.out);
  const { out } = await world.run('schema', 'rules', '--out', 'rules');
  expect(out).toBe(`${world.folder.at('rules/rules.schema.json')}\n`);
  expect(readdirSync(world.folder.at('rules'))).toEqual(['rules.schema.json']);
});

test('a schema among the rules is not read as rules', async () => {
  const world = commandWorld();
  world.folder.write('config.json', { rules: './rules' });
  world.folder.write('rules/a.json', { $schema: './rules.schema.json', rules: [] });
  await world.run('schema', 'rules', '--out', 'rules');
  expect((await world.run('check')).code).toBe(0);
});

test('says what is missing or wrong on the command line', async () => {
  const world = commandWorld();
  const none = await world.run('schema');
  expect([none.code, none.out]).toEqual([2, '']);
  expect(none.err).toContain('"schema rules" or "schema config", or write both with --out <folder>');
  expect((await world.run('schema', 'phones')).err).toContain('Allowed choices are rules, config');
});

test('a folder that cannot be made is told', async () => {
  const world = commandWorld();
  writeFileSync(world.folder.at('taken'), '');
  const { code, out, err } = await world.run('schema', '--out', 'taken/x');
  expect([code, out]).toEqual([1, '']);
  expect(err).toContain(world.folder.at('taken/x'));
});
