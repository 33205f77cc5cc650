// The contract that every destination passes, against real servers on loopback. A new destination calls this and is held by it.
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Json, Outcome } from '../../src/core/delivery.ts';
import type { Connection, Destination, OpenContext } from '../../src/core/destination.ts';
import { Secret } from '../../src/core/secret.ts';
import { createRandom, systemClock } from '../../src/ports.ts';
import { HOSTILE_STRINGS } from './hostile-strings.ts';

/** A local server and the settings that lead to it. `settings` is what the schema's parse is given: secrets are Secrets. */
export type Peer = {
  settings: unknown;
  /** Rendered message to send instead of the declaration's example, where the example does not fit the server. */
  message?: Record<string, Json>;
  /** Messages that arrived complete so far. */
  received?(): number;
  stop(): Promise<void>;
};

export type ContractCases = {
  /** A server that takes everything. `received` is required here. */
  live(): Promise<Peer & { received(): number }>;
  /** An address where nobody listens (a port that was just closed). */
  gone(): Promise<Peer>;
  /** A server that accepts the TCP connection and never says a word. */
  silent(): Promise<Peer>;
  /**
   * One entry for every template field that has an `encode`. `parse` puts the encoded value where an author would, reads the
   * whole by the destination's grammar, and returns what that place holds; it throws if anything else changed. `expected` says
   * what must come back, by default the value itself with lone surrogates replaced by U+FFFD.
   */
  grammar: Record<string, { parse(encoded: string): unknown; expected?(value: string): unknown }>;
};

export type TestContext = OpenContext & {
  lines: { level: string; event: string; fields: Record<string, unknown> }[];
  counts: Map<string, number>;
};

/** An OpenContext with the real clock that remembers log lines and counts (`name{label=value,…}` → total). */
export function testContext(overrides: Partial<OpenContext> = {}): TestContext {
  const lines: TestContext['lines'] = [];
  const counts: TestContext['counts'] = new Map();
  const write = (level: string) => (event: string, fields?: Record<string, unknown>) => {
    lines.push({ level, event, fields: { ...fields } });
  };
  return {
    name: 'under-test',
    clock: systemClock,
    random: createRandom(),
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    count(name, labels = {}, by = 1) {
      const text = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      const key = text.length === 0 ? name : `${name}{${text.join(',')}}`;
      counts.set(key, (counts.get(key) ?? 0) + by);
    },
    lines,
    counts,
    ...overrides,
  };
}

/** An example with `{ "env": … }` and `{ "file": … }` replaced by Secrets, as the config reader does it. */
export function resolveReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolveReferences);
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && (keys[0] === 'env' || keys[0] === 'file')) return new Secret('example-secret');
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolveReferences(inner)]));
}

const wellFormed = (value: string): string =>
  value.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]/g, (unit) => (unit.length === 2 ? unit : '\uFFFD'));

const SOCKETS = new Set(['TCPSocketWrap', 'TLSWrap', 'TCPConnectWrap', 'PipeWrap']);
const socketsOpen = (): number => process.getActiveResourcesInfo().filter((kind) => SOCKETS.has(kind)).length;

/** Waits until `test` holds; throws after `limitMs` ms. */
export async function eventually(test: () => boolean | Promise<boolean>, what: string, limitMs = 5_000): Promise<void> {
  const end = systemClock.monotonicMs() + limitMs;
  while (!(await test())) {
    if (systemClock.monotonicMs() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise<void>((resolve) => systemClock.after(5, resolve));
  }
}

function secretsIn(value: unknown): string[] {
  if (value instanceof Secret) return [value.reveal()];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}

type Properties = Record<string, { description?: string }>;

function propertiesOf(schema: unknown): Properties {
  const node = schema as { properties?: Properties; anyOf?: unknown[]; oneOf?: unknown[]; allOf?: unknown[] };
  const parts = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  return Object.assign({}, ...parts.map(propertiesOf), node.properties ?? {});
}

const jsonSchema = (schema: Destination['settings']): unknown =>
  z.toJSONSchema(schema, { io: 'input', target: 'draft-07', unrepresentable: 'any' });

/** Declares the suite. `name` is the destination's type; each case starts its own servers and stops them. */
export function destinationContract(name: string, options: { declaration: Destination; cases: ContractCases }): void {
  describe(`${name} keeps the destination contract`, () => {
    describeDeclaration(name, options.declaration);
    describeEncoders(options.declaration, options.cases);
    describeSending(options.declaration, options.cases);
  });
}

function describeDeclaration(name: string, declaration: Destination): void {
  const settingsExample = resolveReferences(declaration.example.settings) as object;
  const messageExample = declaration.example.message as Record<string, Json>;

  it('is declared under its own name, with a summary and limits', () => {
    expect(declaration.type).toBe(name);
    expect(declaration.summary.length).toBeGreaterThan(10);
    expect(declaration.concurrency).toBeGreaterThanOrEqual(1);
    expect(declaration.timeoutMs).toBeGreaterThanOrEqual(1_000);
  });

  it('has an example that is plain JSON and that its schemas, lint and check accept', () => {
    expect(JSON.parse(JSON.stringify(declaration.example))).toEqual(declaration.example);
    const settings = declaration.settings.parse(settingsExample);
    const message = declaration.message.parse(messageExample);
    expect(declaration.lint?.(message, settings) ?? []).toEqual([]);
  });

  it('refuses a key that it does not know', () => {
    expect(declaration.settings.safeParse({ ...settingsExample, unknownKey: 1 }).success).toBe(false);
    expect(declaration.message.safeParse({ ...messageExample, unknownKey: 1 }).success).toBe(false);
  });

  it('describes every setting and every message field', () => {
    for (const schema of [declaration.settings, declaration.message]) {
      const properties = propertiesOf(jsonSchema(schema));
      expect(Object.keys(properties).length).toBeGreaterThan(0);
      const silent = Object.entries(properties).filter(([, property]) => !property.description);
      expect(silent.map(([key]) => key)).toEqual([]);
    }
  });

  it('names only template fields that its messages have', () => {
    const known = Object.keys(propertiesOf(jsonSchema(declaration.message)));
    expect(Object.keys(declaration.templates).length).toBeGreaterThan(0);
    for (const field of Object.keys(declaration.templates)) expect(known).toContain(field.split('.')[0]);
  });
}

function describeEncoders(declaration: Destination, cases: ContractCases): void {
  const encoded = Object.entries(declaration.templates).filter(([, spec]) => 'encode' in spec);

  it('has a grammar case for every encoder, and no other', () => {
    expect(Object.keys(cases.grammar).sort()).toEqual(encoded.map(([field]) => field).sort());
  });

  for (const [field, spec] of encoded) {
    it(`encodes any caller's text in "${field}" so that it reads back as one value`, () => {
      const oracle = cases.grammar[field];
      if (oracle === undefined || !('encode' in spec)) throw new Error(`no grammar case for ${field}`);
      const holds = (value: string): void => {
        const expected = oracle.expected === undefined ? wellFormed(value) : oracle.expected(value);
        expect(oracle.parse(spec.encode(value))).toEqual(expected);
      };
      for (const value of HOSTILE_STRINGS) holds(value);
      const units = fc.constantFrom('grapheme', 'binary', 'grapheme-ascii') as fc.Arbitrary<'grapheme' | 'binary'>;
      const text = units.chain((unit) => fc.string({ unit, maxLength: 40 }));
      const codeUnits = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 });
      const raw = codeUnits.map((list) => String.fromCharCode(...list));
      fc.assert(fc.property(fc.oneof(text, raw, fc.constantFrom(...HOSTILE_STRINGS)), holds), { numRuns: 300 });
    });
  }
}

const failed = (outcome: Outcome): boolean => outcome.kind === 'retry' || outcome.kind === 'unavailable';

const send = (connection: Connection, message: Record<string, Json>, signal: AbortSignal) =>
  connection.send(message, { id: 'event-1/rule-1/0', attempt: 1, signal });

/** The first send may find the connection not up yet; that is `unavailable`, and the next one finds it. */
async function deliver(connection: Connection, message: Record<string, Json>): Promise<Outcome> {
  let outcome: Outcome = { kind: 'unavailable', error: 'not tried' };
  for (let tries = 0; tries < 200 && outcome.kind === 'unavailable'; tries++) {
    outcome = await send(connection, message, AbortSignal.timeout(5_000));
    if (outcome.kind === 'unavailable') await new Promise<void>((resolve) => systemClock.after(20, resolve));
  }
  return outcome;
}

function describeSending(declaration: Destination, cases: ContractCases): void {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function openTo<P extends Peer>(start: () => Promise<P>) {
    const peer = await start();
    cleanups.push(() => peer.stop());
    const context = testContext();
    const connection = await declaration.open(declaration.settings.parse(peer.settings), context);
    cleanups.push(() => connection.close());
    const message = declaration.message.parse(peer.message ?? declaration.example.message) as Record<string, Json>;
    expect(declaration.check?.(message)).toBeUndefined();
    return { peer, context, connection, message };
  }

  it('delivers once to a real server', async () => {
    const { peer, connection, message } = await openTo(cases.live);
    expect(await deliver(connection, message)).toMatchObject({ kind: 'delivered' });
    await eventually(() => peer.received() > 0, 'the message arrives');
    expect(peer.received()).toBe(1);
  });

  it('leaves no socket behind when it is closed', async () => {
    const peer = await cases.live();
    cleanups.push(() => peer.stop());
    await new Promise<void>((resolve) => systemClock.after(50, resolve));
    const before = socketsOpen();
    const connection = await declaration.open(declaration.settings.parse(peer.settings), testContext());
    const message = declaration.message.parse(peer.message ?? declaration.example.message) as Record<string, Json>;
    expect((await deliver(connection, message)).kind).toBe('delivered');
    await connection.close();
    await eventually(() => socketsOpen() <= before, 'sockets are closed', 2_000);
    await connection.close();
    const late = await send(connection, message, AbortSignal.timeout(1_000));
    expect(failed(late)).toBe(true);
    expect(peer.received()).toBe(1);
  });

  it('says retry or unavailable when nobody listens, never rejects, and never shows a secret', async () => {
    const { peer, context, connection, message } = await openTo(cases.gone);
    const outcome = await send(connection, message, AbortSignal.timeout(declaration.timeoutMs));
    expect(failed(outcome), JSON.stringify(outcome)).toBe(true);
    const said = JSON.stringify([outcome, context.lines]);
    for (const text of secretsIn(peer.settings)) expect(said).not.toContain(text);
  });

  it('ends an attempt when its signal says so, and does not start one that is over', async () => {
    const { connection, message } = await openTo(cases.silent);
    const abort = new AbortController();
    const attempt = send(connection, message, abort.signal);
    systemClock.after(100, () => abort.abort());
    const startedMs = systemClock.monotonicMs();
    expect(failed(await attempt)).toBe(true);
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(3_000);
    expect(failed(await send(connection, message, AbortSignal.abort()))).toBe(true);
  });
}
