// Holds the rules of the house (ARCHITECTURE.md §3 and §10), and shows on planted offenders that it would notice.
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { packageOffences } from './house/packages.ts';
import { idleExceptions, importOffences, importRings, portOffences } from './house/rooms.ts';
import { fileOffences, forbiddenWords, longFunctions, testOffences } from './house/shape.ts';
import { type Files, parse, readFiles } from './house/sources.ts';

const files = readFiles(fileURLToPath(new URL('..', import.meta.url)));
const sources = parse(files);

describe('the house', () => {
  test('has its rooms', () => {
    const rooms = new Set(Object.keys(files).flatMap((path) => path.match(/^src\/([^/]+)\//)?.[1] ?? []));
    expect([...rooms]).toEqual(
      expect.arrayContaining(['core', 'destinations', 'engine', 'outbox', 'receiver', 'store']),
    );
    expect(sources.size).toBeGreaterThan(60);
  });
  test('a room imports only itself and core, members do not know each other, a package has one home', () => {
    expect(importOffences(files, sources)).toEqual([]);
  });
  test('no exception from that is left over', () => expect(idleExceptions(sources)).toEqual([]));
  test('no file imports itself by way of others', () => expect(importRings(sources)).toEqual([]));
  test('rooms reach time, randomness and the network through the ports', () => {
    expect(portOffences(sources)).toEqual([]);
  });
  test('files are short, start with a header line and have a name that says something', () => {
    expect(fileOffences(files)).toEqual([]);
  });
  test('functions are short', () => expect(longFunctions(sources)).toEqual([]));
  test('every test expects something, and none is switched off', () => expect(testOffences(sources)).toEqual([]));
  test('no open ends, no paths of one machine', () => expect(forbiddenWords(files)).toEqual([]));
  test('few packages, no scripts, no download addresses', () => expect(packageOffences(files)).toEqual([]));
});

const core = { 'src/core/events.ts': 'export const a = 1;' };

/** What the checker says of these files, without path and line. */
function judged(check: (files: Files, parsed: ReturnType<typeof parse>) => string[], planted: Files): string[] {
  return check(planted, parse(planted)).map((text) => text.replace(/^\S+: /, ''));
}

describe('the house notices', () => {
  test.each<[string, Files, RegExp]>([
    [
      'a room in a room',
      { 'src/outbox/a.ts': "import { b } from '../store/b.ts';", 'src/store/b.ts': '' },
      /outbox must not import store/,
    ],
    [
      'even for a type',
      { 'src/outbox/a.ts': "import type { B } from '../store/b.ts';", 'src/store/b.ts': '' },
      /must not import store/,
    ],
    [
      'and in the middle of a type',
      { 'src/outbox/a.ts': "let b: import('../store/b.ts').B;", 'src/store/b.ts': '' },
      /must not import/,
    ],
    [
      'the hallway in a room',
      { 'src/engine/a.ts': "import '../app.ts';", 'src/app.ts': '' },
      /engine must not import hallway/,
    ],
    [
      'a room in core',
      { 'src/core/a.ts': "export * from '../engine/b.ts';", 'src/engine/b.ts': '' },
      /core must not import engine/,
    ],
    [
      'a command in a room',
      { 'src/console/a.ts': "await import('../commands/b.ts');", 'src/commands/b.ts': '' },
      /must not import hallway/,
    ],
    ['tests in src', { 'src/app.ts': "import '../test/b.ts';", 'test/b.ts': '' }, /not part of src/],
    ['a missing extension', { ...core, 'src/engine/a.ts': "import '../core/events';" }, /does not exist/],
    [
      'a member in a member',
      { 'src/destinations/mqtt/a.ts': "import '../slack/b.ts';", 'src/destinations/slack/b.ts': '' },
      /only src\/destinations\/index/,
    ],
    [
      'a member beside the list',
      { 'src/destinations/a.ts': "import './slack/b.ts';", 'src/destinations/slack/b.ts': '' },
      /only src\/destinations\/index/,
    ],
    [
      'a vendor beside the list',
      { 'src/vendors/a.ts': "import v from './snom.json' with { type: 'json' };", 'src/vendors/snom.json': '' },
      /only src\/vendors\/index/,
    ],
    [
      'the list in a member',
      { 'src/destinations/mqtt/a.ts': "import '../index.ts';", 'src/destinations/index.ts': '' },
      /the list that it stands in/,
    ],
    ['a package away from home', { 'src/engine/a.ts': "import { Hono } from 'hono/tiny';" }, /hono is not at home/],
    ['a package without a home', { 'src/engine/a.ts': "import x from 'left-pad';" }, /has no home/],
    ['a package in core', { 'src/core/a.ts': "import type { X } from 'undici';" }, /core imports zod only/],
    ['a door in core', { 'src/core/a.ts': "import { join } from 'node:path';" }, /core imports zod only/],
    [
      'the file system in a room',
      { 'src/engine/a.ts': "import { readFileSync } from 'node:fs';" },
      /take it from the ports/,
    ],
    ['the same without node:', { 'src/engine/a.ts': "import { readFileSync } from 'fs';" }, /take it from the ports/],
    [
      'the network in a room',
      { 'src/receiver/a.ts': "const net = await import('node:net');" },
      /take it from the ports/,
    ],
    ['DNS beside webhook', { 'src/destinations/email/a.ts': "import dns from 'node:dns';" }, /take it from the ports/],
    [
      'a file system in webhook',
      { 'src/destinations/webhook/a.ts': "import fs from 'node:fs';" },
      /take it from the ports/,
    ],
  ])('%s', (_name, planted, problem) => {
    const found = judged(importOffences, planted);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(problem);
  });

  test('no import that the rules allow', () => {
    const allowed = {
      ...core,
      'src/app.ts':
        "import { a } from './core/events.ts'; import './engine/a.ts'; import { readFileSync } from 'node:fs';",
      'src/engine/a.ts':
        "import type { Server } from 'node:net'; import { createHash } from 'node:crypto'; import { a } from '../core/events.ts';",
      'src/store/sqlite/a.ts': "import { Worker } from 'node:worker_threads'; import type { Hono } from 'hono';",
      'src/destinations/index.ts': "import { mqtt } from './mqtt/index.ts';",
      'src/destinations/mqtt/index.ts': "import { connect } from 'mqtt'; import { z } from 'zod';",
    };
    expect(judged(importOffences, allowed)).toEqual([]);
  });

  test('a ring of files, but not of types', () => {
    const ring = { 'src/engine/a.ts': "import './b.ts';", 'src/engine/b.ts': "import { a } from './a.ts';" };
    expect(importRings(parse(ring))).toEqual(['src/engine/a.ts → src/engine/b.ts → src/engine/a.ts']);
    expect(importRings(parse({ ...ring, 'src/engine/b.ts': "import type { A } from './a.ts';" }))).toEqual([]);
  });

  test.each([
    'Date.now()',
    'new Date()',
    'new Date',
    'Date()',
    'performance.now()',
    'globalThis.performance.now()',
    'Math.random()',
    'const r = Math.random',
    'setTimeout(f, 1)',
    'const later = setInterval',
    'globalThis.setTimeout(f, 1)',
    "fetch('http://x')",
    'process.hrtime.bigint()',
    'AbortSignal.timeout(5)',
    "import { randomUUID } from 'node:crypto'",
  ])('%s in a room', (code) => {
    expect(portOffences(parse({ 'src/engine/a.ts': code }))).toHaveLength(1);
    expect(portOffences(parse({ 'src/ports.ts': code }))).toEqual([]);
    expect(portOffences(parse({ 'src/destinations/slack/a.ts': code }))).toHaveLength(code.startsWith('fetch') ? 0 : 1);
  });

  test.each([
    'new Date(ms)',
    'Date.parse(text)',
    'Math.max(1, 2)',
    'clock.now()',
    'let t: typeof setTimeout',
    'const x = { fetch: 1 }; x.fetch',
    '(fetch: Fetch) => fetch(1)',
    "'Date.now()' // Date.now()",
    "import { createHash } from 'node:crypto'",
  ])('nothing wrong with %s', (code) => expect(portOffences(parse({ 'src/engine/a.ts': code }))).toEqual([]));

  test('long files, missing headers, vague names', () => {
    const header = '// Keeps what this test needs.\n';
    expect(fileOffences({ 'src/engine/a.ts': header + 'x;\n'.repeat(299) })).toEqual([]);
    expect(fileOffences({ 'src/engine/a.ts': header + 'x;\n'.repeat(300) })).toHaveLength(1);
    expect(fileOffences({ 'src/engine/a.ts': 'x;' })).toHaveLength(1);
    for (const name of ['utils.ts', 'text-helper.ts', 'common/a.ts', 'lane_manager.ts', 'laneManager.ts'])
      expect(fileOffences({ [`src/engine/${name}`]: header })).toHaveLength(1);
    expect(fileOffences({ 'src/engine/command.ts': header, 'src/engine/utilisation.ts': header })).toEqual([]);
  });

  test('long functions of every kind', () => {
    const lines = (count: number): string => 'x;\n'.repeat(count);
    const parsed = (code: string) => longFunctions(parse({ 'src/engine/a.ts': code }));
    expect(parsed(`function f() {\n${lines(68)}}`)).toEqual([]);
    expect(parsed(`function f() {\n${lines(69)}}`)).toHaveLength(1);
    expect(parsed(`const f = async () => {\n${lines(69)}};`)).toHaveLength(1);
    expect(parsed(`const o = { f() {\n${lines(69)}} };`)).toHaveLength(1);
    expect(parsed(`describe('a', () => {\n${lines(69)}});`)).toEqual([]);
  });

  test('tests that are switched off or expect nothing', () => {
    const judge = (code: string): number => testOffences(parse({ 'test/engine/a.test.ts': code })).length;
    const good = "test('a', () => expect(1).toBe(1));";
    expect(judge(good)).toBe(0);
    expect(judge("const same = (x: number) => expect(x).toBe(1); test('a', () => same(1));")).toBe(0);
    expect(judge("test.each([1])('a %s', (n) => { expect(n).toBe(1); });")).toBe(0);
    expect(judge("storeContract(open); import { storeContract } from '../support/store-contract.ts';")).toBe(0);
    expect(judge('const a = 1;')).toBe(1);
    expect(judge("test('a', () => { go(); });")).toBe(1);
    expect(judge("test.each([1])('a %s', (n) => { go(n); });")).toBe(1);
    expect(judge("test.runIf(has)('a (needs openssl)', () => expect(1).toBe(1));")).toBe(0);
    for (const off of ['it.only', 'describe.skip', 'test.todo', 'test.skipIf(true)', 'describe.concurrent.only'])
      expect(judge(`${good} ${off}('b', () => expect(1).toBe(1));`)).toBeGreaterThan(0);
  });

  test('open ends and paths of one machine', () => {
    for (const words of [`// TO${'DO'}: later`, `const path = '/wo${'rk'}/main';`, `# https://regis${'try.npm'}js.org`])
      expect(forbiddenWords({ 'src/engine/a.ts': `x;\n${words}\n` })).toHaveLength(1);
    expect(forbiddenWords({ 'src/engine/a.ts': "fetch('/api/work/x'); // to do" })).toEqual([]);
  });

  test('packages that are too many, homeless, unused, scripted or located', () => {
    const manifest = (names: string[]) =>
      JSON.stringify({ dependencies: Object.fromEntries(names.map((n) => [n, '1'])) });
    const used = { 'src/app.ts': "import 'zod'; import 'left-pad';" };
    expect(packageOffences({ 'package.json': manifest(['zod']), ...used })).toEqual([]);
    expect(packageOffences({ 'package.json': manifest(['left-pad']), ...used })).toHaveLength(1);
    expect(packageOffences({ 'package.json': manifest(['zod']) })).toHaveLength(1);
    const many = manifest(Array.from({ length: 23 }, (_, n) => `p${n}`));
    expect(packageOffences({ 'package.json': many })[0]).toMatch(/23 direct dependencies/);
    const locked = (entry: object) => ({
      'package-lock.json': JSON.stringify({ packages: { 'node_modules/x': entry } }),
    });
    expect(packageOffences(locked({ resolved: 'https://example.net/x.tgz' }))).toHaveLength(1);
    expect(packageOffences(locked({ hasInstallScript: true }))).toHaveLength(1);
    expect(packageOffences(locked({ hasInstallScript: true, dev: true }))).toEqual([]);
    expect(packageOffences(locked({ optionalDependencies: { 'x-for-android': '1.0.0' } }))).toHaveLength(1);
    expect(packageOffences(locked({ optionalDependencies: { x: '1.0.0' } }))).toEqual([]);
  });
});
