// Fuzz: 20,000 requests of random and damaged bytes straight into the head reader and the routes; the same ones for the same seed.
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { type PhoneEvent, SLUGS } from '../../src/core/events.ts';
import type { Ports } from '../../src/core/ports.ts';
import type { JournalEntry } from '../../src/core/store.ts';
import { finishHead, newHead, readHead } from '../../src/receiver/head.ts';
import { createArrivals } from '../../src/receiver/hit.ts';
import { createRoutes } from '../../src/receiver/routes.ts';
import { vendorPosts, vendorVariables } from '../../src/vendors/index.ts';
import { createDraw, createVirtualTime } from '../support/virtual-clock.ts';
import { directoryOf, TOKEN } from './desk.ts';

const RUNS = 20_000;
const LIMITS = { lineBytesMax: 8192, headBytesMax: 16_384 };
const draw = createDraw(20_261_124);
const below = (limit: number): number => Math.floor(draw() * limit);
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;

const rows = readFileSync(new URL('../corpus/hits.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const samples = rows.map((row) =>
  Buffer.from(JSON.parse(row).raw_b64, 'base64').toString('latin1').replaceAll('/a/TOKEN', `/a/${TOKEN}`),
);
const TRICKS = [
  '&',
  '=',
  '%',
  '%0',
  '%zz',
  '\r\n',
  '\n',
  '\0',
  ' HTTP/1.1',
  '\xff\xfe',
  '&_=.',
  '&mac=',
  '?',
  '/',
  '#',
  '\u0080',
];

function damaged(): string {
  let text = pick(samples);
  for (let n = below(4); n >= 0; n--) {
    const at = below(text.length + 1);
    const kind = below(4);
    if (kind === 0) text = text.slice(0, at) + pick(TRICKS) + text.slice(at);
    else if (kind === 1) text = text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + 1);
    else if (kind === 2) text = text.slice(0, at) + text.slice(at + below(40));
    else text = text.slice(0, at) + pick(samples).slice(below(300), 500);
  }
  return text;
}

const noise = (): string => {
  const bytes = Array.from({ length: below(120) }, () => String.fromCharCode(below(256))).join('');
  return pick(['', 'GET ', `GET /a/${TOKEN}/dnd_on?`]) + bytes + pick(['', '\r\n\r\n', ' HTTP/1.1\r\n\r\n']);
};

const entries: JournalEntry[] = [];
const failures: string[] = [];
const statuses = new Map<number, number>();

beforeAll(async () => {
  const { clock, random } = createVirtualTime();
  const silent = (): void => {};
  const error = (event: string): void => void failures.push(event);
  const ports: Ports = { clock, random, count: silent, log: { debug: silent, info: silent, warn: silent, error } };
  const routes = createRoutes({
    ports,
    append: async (hits) => hits.map((entry) => ({ seq: entries.push(entry), duplicate: false })),
    vendorVariables,
    posts: vendorPosts,
    arrivals: createArrivals(new Map()),
    rates: { take: () => true },
    parametersMax: 64,
    current: { directory: directoryOf(), paths: [] },
  });
  for (let n = 0; n < RUNS; n++) {
    const bytes = Buffer.from(n % 4 === 0 ? noise() : damaged(), 'latin1');
    const result = bytes.length === 0 ? 'more' : finishHead(newHead(), bytes, LIMITS);
    if (bytes.length > 0 && n % 10 === 0) comparePieces(bytes);
    if (result === 'more' || 'refuse' in result) continue;
    const { status } = await routes({ head: result.head, peer: '10.0.0.7' });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
}, 60_000);

/** Whatever the pieces in which a request comes, it is read as if it had come at once. */
function comparePieces(bytes: Buffer): void {
  const whole = readHead(newHead(), bytes, LIMITS);
  const progress = newHead();
  let pieced: typeof whole = 'more';
  for (
    let to = 1;
    to <= bytes.length && pieced === 'more';
    to = Math.min(to + 1 + below(30), bytes.length + (to === bytes.length ? 1 : 0))
  ) {
    pieced = readHead(progress, bytes.subarray(0, to), LIMITS);
  }
  if (JSON.stringify(pieced) !== JSON.stringify(whole)) failures.push(`in pieces: ${bytes.toString('latin1')}`);
}

test('nothing fails', () => {
  expect(failures).toEqual([]);
});

test('every answer is one of those there are, and all kinds occur', () => {
  expect([...statuses.keys()].sort()).toEqual([200, 404, 405]);
  expect(statuses.get(200)).toBe(entries.length);
  expect(entries.length).toBeGreaterThan(RUNS / 4);
});

test('every event is well formed, and no token is in its raw bytes', () => {
  const types = new Set<string>(SLUGS.map((slug) => `phone.${slug}`));
  for (const { event: kept, raw } of entries) {
    const event = kept as PhoneEvent;
    expect(types.has(event.type) && event.phone.id === 'front-desk').toBe(true);
    expect(Object.getPrototypeOf(event.vars)).toBeNull();
    expect(JSON.stringify(event)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]|\\u00[01]/);
    expect(Buffer.from(raw).toString('latin1').startsWith(`GET /a/${TOKEN}`)).toBe(false);
  }
});
