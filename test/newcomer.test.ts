// The newcomer's path: the blocks of the README's ten steps, as they stand and in their order, in a fresh copy with a real daemon.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './support/destination-contract.ts';
import { type DocBlock, docBlocks } from './support/doc-blocks.ts';
import { copyProgram, type ProgramCopy, type Ran } from './support/program-copy.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const path = readme.split('\n## Ten steps\n')[1]?.split('\n## ')[0] ?? '';
const steps = [...path.matchAll(/^\*\*(\d+)\.\*\* /gm)].map((match) => Number(match[1]));
const blocks = docBlocks('README.md', path).filter(({ language }) => language === 'sh');
const START = 'npm ci && npm start';
/** Both install first, which needs the network: they are run by the checks from a clean checkout. */
const ALL = 'npm ci && npm test';

let program: ProgramCopy;
beforeAll(async () => {
  program = await copyProgram();
}, 120_000);
afterAll(() => program.remove());

test('there are ten steps at most, each with its command', () => {
  expect(steps).toEqual(steps.map((_, index) => index + 1));
  expect([steps.length <= 10, blocks.length]).toEqual([true, steps.length]);
  expect([blocks[0]?.text.trim(), blocks.at(-1)?.text.trim()]).toEqual([START, ALL]);
});

test('they lead from a fresh copy to an own rule and a file for a phone', { timeout: 240_000 }, async () => {
  const here = (block: DocBlock | undefined): string => program.here(block?.text ?? 'false');
  const [, call, group, write, check, again, explain, provision, init] = blocks;
  const ran = async (block: DocBlock | undefined): Promise<Ran> => {
    const done = await program.run(here(block), program.path);
    expect([block?.text, done.code, done.code === 0 ? '' : done.out + done.err]).toEqual([block?.text, 0, '']);
    return done;
  };
  // `npm ci` has been done: the copy has the packages.
  const said = await program.start(START.replace('npm ci && ', ''), program.path);
  expect(said()).toMatch(/http:\/\/\S+\/a\/[\w-]{24}\/missed_call\?mac=\$mac/);
  expect(said()).toMatch(/Console: http:\/\/127\.0\.0\.1:\d+\n.*as admin with the password \S+/);

  expect((await ran(call)).out).toMatch(
    /missed-call-to-slack → team \(slack\): delivered, dry-run\n.*Erika Mustermann/,
  );
  expect((await ran(group)).out).toMatch(/\d+ hits sent in .*, \d+ answered 200 \(stored\)/);
  const told = await program.run('npm run -s hookswitch -- deliveries --to team --json', program.path);
  expect(told.out.match(/missed-call-to-slack/g)?.length).toBeGreaterThan(0);
  expect(told.out).not.toContain('10 phones rang');

  await ran(write);
  expect((await ran(check)).out).toMatch(/is right: .*tests passed, 0 failed/s);
  await eventually(() => said().includes('config_swapped'), 'the rule to be taken', 20_000);
  expect((await ran(again)).out).toContain('Call back +4930555555 (no name)');
  expect((await ran(explain)).out).toMatch(/call-back: when, fired/);

  await ran(provision);
  const [file, ...more] = readdirSync(join(program.path, 'phones'));
  expect([file, more]).toEqual(['cfg005058123456.xml', []]);
  const xml = readFileSync(join(program.path, 'phones', file ?? ''), 'utf8');
  expect(xml).toMatch(/<P3726 para="ActionUrl.\w+">http:\/\/[^<]+\/missed_call\?mac=\$mac&amp;/);

  await program.stop();
  const shown = await ran(init);
  expect(shown.out).toContain('"homeAssistant": {}');
  expect(existsSync(join(program.path, 'config.json'))).toBe(false);
});
