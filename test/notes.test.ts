// Notes of people: a claim from a connection comes into the journal and is told as an event; nothing of it is lost by a restart.

import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { Config } from '../src/config.ts';
import { createConnections } from '../src/connections.ts';
import type { CallClaim, OpenContext } from '../src/core/destination.ts';
import { defineDestination } from '../src/core/destination.ts';
import type { Ports } from '../src/core/ports.ts';
import { createProgram } from '../src/engine/index.ts';
import { createOutbox } from '../src/outbox/index.ts';
import { createArrivals } from '../src/receiver/index.ts';
import { createSites } from '../src/sites.ts';
import { type EmbeddedStore, openInlineStore, openMemoryDatabase } from '../src/store/index.ts';
import { journalEntry, phoneEvent } from './support/journal.ts';
import { createVirtualTime, START_WALL_MS } from './support/virtual-clock.ts';

const QUIET: Ports['log'] = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function world(store: EmbeddedStore = openInlineStore({ database: openMemoryDatabase() })) {
  onTestFinished(() => store.close());
  const { clock, random, advance } = createVirtualTime();
  const ports: Ports = { clock, random, log: QUIET, count: () => {} };
  const arrivals = createArrivals(new Map([['default', START_WALL_MS + 10_000]]));
  const failed = (error: unknown): never => {
    throw error;
  };
  const nothing = { add: () => {}, restore: () => {}, stepped: () => undefined };
  const sites = createSites({ ports, store, arrivals, ...nothing, onFatal: failed });
  sites.open('default', createProgram({ rules: [], phones: [], connections: new Map() }));
  const claimed = async () => (await store.events({ type: 'call.claimed', limit: 10 })).map(({ event }) => event);
  return { sites, ports, advance, store, claimed };
}

const HIT = phoneEvent(5, { slug: 'incoming_call' });

describe('a claim', () => {
  test('of a call that is known is durable when it resolves, and becomes call.claimed', async () => {
    const { sites, claimed, store } = world();
    await sites.start();
    await sites.accept([journalEntry(HIT)]);
    await sites.idle();
    expect(await sites.claim({ site: 'default', call: HIT.id, by: ' Kim\u202e\n<b> ' })).toBe(true);
    expect((await store.events({ type: 'note.claimed', limit: 10 })).map(({ event }) => event)).toMatchObject([
      { site: 'default', claim: { call: HIT.id, by: 'Kim <b>' } },
    ]);
    await sites.idle();
    expect(await claimed()).toMatchObject([{ id: `${HIT.id}-claimed`, call: { key: HIT.id, claimedBy: 'Kim <b>' } }]);
  });

  test.each<[string, Partial<CallClaim>]>([
    ['of a call that nobody knows', { call: 'other' }],
    ['at a site that is not there', { site: 'lab' }],
    ['by nobody', { by: ' \n' }],
  ])('%s: false, and nothing is written', async (_what, wrong) => {
    const { sites, store } = world();
    await sites.start();
    await sites.accept([journalEntry(HIT)]);
    await sites.idle();
    expect(await sites.claim({ site: 'default', call: HIT.id, by: 'Kim', ...wrong })).toBe(false);
    await sites.idle();
    expect(await store.events({ type: 'note.claimed', limit: 10 })).toEqual([]);
  });

  test('a name as long as a letter is cut', async () => {
    const { sites, claimed } = world();
    await sites.start();
    await sites.accept([journalEntry(HIT)]);
    await sites.idle();
    await sites.claim({ site: 'default', call: HIT.id, by: 'K'.repeat(10_000) });
    await sites.idle();
    expect(JSON.stringify(await claimed()).match(/K+…/)?.[0]).toHaveLength(128);
  });
});

test('every connection that is opened can claim', async () => {
  const { ports } = world();
  const opened: OpenContext[] = [];
  const place = defineDestination({
    type: 'place',
    summary: 'For this test.',
    settings: z.strictObject({}),
    message: z.strictObject({ text: z.string() }),
    templates: {},
    trial: () => ({ text: 'a test' }),
    concurrency: 1,
    timeoutMs: 1_000,
    example: { settings: {}, message: { text: 'x' } },
    open: async (_settings, context) => {
      opened.push(context);
      return { send: async () => ({ kind: 'delivered' as const }), close: async () => {} };
    },
  });
  const outbox = createOutbox({
    ports,
    settle: async () => {},
    fetch: async () => [],
    reopen: async () => Promise.reject(new Error('no')),
  });
  const claims: CallClaim[] = [];
  const claim = async (one: CallClaim): Promise<boolean> => {
    claims.push(one);
    return true;
  };
  const connections = createConnections(outbox, [place], ports, { claim });
  const desk = { name: 'desk', type: 'place', dryRun: false, callerData: 'full' as const, delivery: {}, settings: {} };
  await connections.apply({ connections: new Map([['desk', desk]]) } as unknown as Config);
  expect(await opened[0]?.claim?.({ site: 'default', call: 'x', by: 'Kim' })).toBe(true);
  expect(claims).toEqual([{ site: 'default', call: 'x', by: 'Kim' }]);
  await outbox.close();
});
