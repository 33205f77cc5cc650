// The control API: what it answers from a real store, and that it refuses what it does not understand.
import { createHash } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ControlDeps, createControlApi, type Holder, type ShownEvent } from '../../src/console/index.ts';
import type { StoredDelivery } from '../../src/core/store.ts';
import { openInlineStore, openMemoryDatabase } from '../../src/store/index.ts';
import { delivery, phoneEvent, record } from '../support/journal.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';

function world(changes: Partial<ControlDeps> = {}) {
  const store = openInlineStore({ database: openMemoryDatabase() });
  onTestFinished(() => store.close());
  const time = createVirtualTime();
  /** What is being sent at the moment. */
  const inFlight = new Set<string>();
  const kept: { holder: Holder; sha256: string; untilMs?: number }[] = [];
  const app = createControlApi({
    clock: time.clock,
    random: time.random,
    status: () => ({ running: true }),
    events: (query) => store.events(query),
    deliveries: (query) => store.deliveries(query),
    attempts: (delivery) => store.attempts(delivery),
    retry: (ids) => store.replay(ids, time.clock.wallMs()),
    connections: () =>
      new Map([
        ['team', { type: 'slack', dryRun: false }],
        ['house', { type: 'mqtt', dryRun: true }],
      ]),
    test: async (to) => `note of ${to}/(test)/0`,
    cancel: async (ids) => {
      const waiting = await store.deliveries({ ids, states: ['waiting'], limit: ids.length });
      const cancelled = waiting.map(({ id }) => id).filter((id) => !inFlight.has(id));
      const settled = cancelled.map((id) => ({ id, state: 'cancelled' as const, attempts: 0, dueAtMs: 0 }));
      await store.commit({ site: 'default', epoch: 1, processed: [], made: [], state: [], deliveries: [], settled });
      return { cancelled, inFlight: ids.filter((id) => inFlight.has(id)) };
    },
    spellingOf: () => null,
    purge: () => Promise.reject(new Error('not asked')),
    export: () => Promise.reject(new Error('not asked')),
    holders: () => ({ sites: ['default', 'lab'], phones: [{ id: 'desk', site: 'lab' }] }),
    addToken: async (holder, sha256) => void kept.push({ holder, sha256 }),
    addOnceToken: (holder, sha256, untilMs) => void kept.push({ holder, sha256, untilMs }),
    actionUrls: (token) => ({ missed_call: `http://host/a/${token}/missed_call?_=.` }),
    localUrl: () => 'http://127.0.0.1:8484',
    ...changes,
  });
  const ask = async (method: string, route: string, body?: unknown) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await app.request(route, { method, ...(body === undefined ? {} : { body: text }) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { store, time, kept, ask, inFlight };
}

const seqs = (body: Record<string, unknown>): number[] => (body.events as ShownEvent[]).map((event) => event.seq);
const ids = (body: Record<string, unknown>): string[] => (body.deliveries as StoredDelivery[]).map((one) => one.id);

test('status is answered as it is', async () => {
  expect(await world().ask('GET', '/status')).toEqual({ status: 200, body: { status: { running: true } } });
});

describe('events', () => {
  async function filled() {
    const made = world();
    const events = [
      phoneEvent(1),
      phoneEvent(2, { slug: 'dnd_on' }),
      phoneEvent(3, { phone: { id: 'lab-1', vendor: 'snom' } }),
    ];
    await record(made.store, events);
    return { ...made, events };
  }
  test('come oldest first, with seq and the raw request', async () => {
    const { ask, events } = await filled();
    const { status, body } = await ask('GET', '/events');
    expect(status).toBe(200);
    expect(body.events).toEqual(
      events.map((event, index) => ({
        ...event,
        seq: index + 1,
        processed: true,
        raw_b64: Buffer.from(`GET /a/***/${event.type.slice(6)}?_=. HTTP/1.1`).toString('base64'),
      })),
    );
  });
  test.each([
    ['since=2026-11-24T09:00:02Z', [2, 3]],
    ['since=2026-11-24T10:00:03%2B01:00', [3]],
    [`since=${Date.UTC(2026, 10, 24, 9, 0, 3)}`, [3]],
    ['after=1', [2, 3]],
    ['limit=1', [1]],
    ['limit=2&newest=true', [3, 2]],
    ['phone=lab-1', [3]],
    ['type=phone.dnd_on', [2]],
    ['id=019ab000-0000-7000-8000-000000000001', [1]],
    ['id=nothing', []],
  ])('%s', async (query, expected) => {
    const { ask } = await filled();
    expect(seqs((await ask('GET', `/events?${query}`)).body)).toEqual(expected);
  });
  test.each([
    ['since=yesterday', 'since: must be a time like "2026-11-24T09:15:02Z", or milliseconds since 1970'],
    ['since=2026-13-45T09:00:00Z', 'since: must be a time like "2026-11-24T09:15:02Z", or milliseconds since 1970'],
    ['limit=0', 'limit: must be 1 to 1000'],
    ['limit=1001', 'limit: must be 1 to 1000'],
    ['limit=1e3', 'limit: must be a whole number'],
    ['after=-1', 'after: must be the seq of an event'],
    ['phone=a&phone=b', 'phone: stands more than once'],
    ['phon=a', 'phon: unknown key; did you mean "phone"?'],
  ])('%s is refused', async (query, problem) => {
    expect(await world().ask('GET', `/events?${query}`)).toEqual({
      status: 400,
      body: { error: { problems: [problem] } },
    });
  });
});

describe('deliveries and retry', () => {
  async function filled(count = 4) {
    const made = world();
    const events = Array.from({ length: count }, (_, n) => phoneEvent(n + 1));
    const states = ['waiting', 'delivered', 'dead', 'expired'] as const;
    const deliveries = events.map((event, n) =>
      delivery(event, {
        state: states[n % 4] ?? 'waiting',
        attempts: 3,
        to: n === 3 ? 'crm' : 'team',
        lastError: 'no',
      }),
    );
    await record(made.store, events, deliveries);
    return { ...made, id: (n: number): string => `${events[n]?.id}/tell/0` };
  }
  test('are found by event, connection, state and id', async () => {
    const { ask, id } = await filled();
    const found = async (query: string) => ids((await ask('GET', `/deliveries?${query}`)).body).sort();
    expect(await found('')).toEqual([id(0), id(1), id(2), id(3)]);
    expect(await found('state=dead')).toEqual([id(2)]);
    expect(await found('to=crm')).toEqual([id(3)]);
    expect(await found(`event=${id(1).split('/')[0]}`)).toEqual([id(1)]);
    expect(await found(`id=${encodeURIComponent(id(0))}`)).toEqual([id(0)]);
    expect((await ask('GET', '/deliveries?state=gone')).body.error).toEqual({
      problems: ['state: "gone" is not allowed; known: waiting, delivered, dead, expired, replaced, cancelled'],
    });
  });
  test('by id: dead and expired ones wait again with no attempts; the others are named', async () => {
    const { ask, id } = await filled();
    const { body } = await ask('POST', '/retry', { ids: [id(2), id(3), id(3), id(1), 'nothing'] });
    expect(body).toEqual({ retried: [id(2), id(3)], unchanged: [id(1), 'nothing'], more: false });
    const waiting = (await ask('GET', '/deliveries?state=waiting')).body.deliveries as StoredDelivery[];
    expect(waiting.map((one) => [one.id, one.attempts]).sort()).toEqual([
      [id(0), 0],
      [id(2), 0],
      [id(3), 0],
    ]);
  });
  test('all, or all of one connection', async () => {
    const { ask, id } = await filled();
    expect((await ask('POST', '/retry', { all: true, to: 'crm' })).body).toMatchObject({ retried: [id(3)] });
    expect((await ask('POST', '/retry', { all: true })).body).toMatchObject({ retried: [id(2)] });
    expect((await ask('POST', '/retry', { all: true })).body).toEqual({ retried: [], unchanged: [], more: false });
  });
  test('cancel by id: what waits is called off; what is being sent, and what does not wait, is named', async () => {
    const { ask, id, inFlight } = await filled(5);
    inFlight.add(id(4));
    const { body } = await ask('POST', '/cancel', { ids: [id(0), id(4), id(2), id(0), 'nothing'] });
    expect(body).toEqual({ cancelled: [id(0)], inFlight: [id(4)], unchanged: [id(2), 'nothing'], more: false });
    expect(ids((await ask('GET', '/deliveries?state=cancelled')).body)).toEqual([id(0)]);
    expect((await ask('POST', '/retry', { ids: [id(0)] })).body).toMatchObject({ retried: [id(0)] });
  });
  test('cancel all: beyond one page, past what is being sent, or of one connection only', async () => {
    const { ask, id, inFlight } = await filled(2_600);
    for (let n = 0; n < 2_600; n += 40) inFlight.add(id(n));
    expect((await ask('POST', '/cancel', { all: true, to: 'crm' })).body).toMatchObject({ cancelled: [] });
    const { body } = await ask('POST', '/cancel', { all: true });
    expect([(body.cancelled as string[]).length, (body.inFlight as string[]).length]).toEqual([585, 65]);
    expect(body).toMatchObject({ unchanged: [], more: false });
    expect(ids((await ask('GET', '/deliveries?state=waiting')).body)).toHaveLength(65);
  });
  test('all means also those beyond one page', async () => {
    const { ask } = await filled(2_600);
    const { body } = await ask('POST', '/retry', { all: true });
    expect((body.retried as string[]).length).toBe(1_300);
    expect((await ask('GET', '/deliveries?state=dead')).body.deliveries).toEqual([]);
  });
  test('all ends also where what is retried dies again at once', async () => {
    const dead = delivery(phoneEvent(1), { state: 'dead' });
    const { ask } = world({ deliveries: async () => [dead], retry: async () => [dead] });
    expect((await ask('POST', '/retry', { all: true })).body).toMatchObject({ retried: [dead.id] });
  });
  test.each([
    ['not JSON', '{', ['the body is not JSON']],
    ['neither', {}, [expect.any(String)]],
    ['both', { ids: ['a'], all: true }, [expect.any(String)]],
    ['no ids', { ids: [] }, ['ids: must have at least 1 entry']],
    ['all: false', { all: false }, ['all: false is not allowed (only true)']],
  ])('%s is refused', async (_, body, problems) => {
    expect(await world().ask('POST', '/retry', body)).toEqual({ status: 400, body: { error: { problems } } });
  });
});

describe('tokens', () => {
  const sha256 = (text: unknown): string => createHash('sha256').update(String(text)).digest('hex');
  test.each([
    [{ site: 'lab' }, { site: 'lab' }],
    [{ phone: 'desk' }, { site: 'lab', phone: 'desk' }],
  ])('%j: shown once, kept as a hash only', async (asked, holder) => {
    const { ask, kept } = world();
    const { status, body } = await ask('POST', '/tokens', asked);
    expect(status).toBe(201);
    expect(body.token).toMatch(/^[A-Za-z0-9_-]{22,}$/);
    expect(body).toMatchObject({ holder, urls: { missed_call: `http://host/a/${body.token}/missed_call?_=.` } });
    expect(kept).toEqual([{ holder, sha256: sha256(body.token) }]);
    expect((await ask('POST', '/tokens', asked)).body.token).not.toBe(body.token);
  });
  test('for once: 60 s of the clock that never jumps', async () => {
    const { ask, kept, time } = world();
    await time.advance(5_000);
    const { body } = await ask('POST', '/tokens/once', { phone: 'desk' });
    expect(body).toMatchObject({
      holder: { site: 'lab', phone: 'desk' },
      base: 'http://127.0.0.1:8484',
      validMs: 60_000,
    });
    expect(kept).toEqual([{ holder: { site: 'lab', phone: 'desk' }, sha256: sha256(body.token), untilMs: 65_000 }]);
    expect((await ask('POST', '/tokens/once', {})).body.holder).toEqual({ site: 'default' });
  });
  test.each([
    [{ site: 'labb' }, 'site: the config has no site "labb"; did you mean "lab"?'],
    [{ phone: 'dest' }, 'phone: the config has no phone "dest"; did you mean "desk"?'],
  ])('%j is not there', async (asked, problem) => {
    const { ask, kept } = world();
    for (const route of ['/tokens', '/tokens/once'])
      expect(await ask('POST', route, asked)).toEqual({ status: 404, body: { error: { problems: [problem] } } });
    expect(kept).toEqual([]);
  });
  test.each([[{}], [{ site: 'a', phone: 'b' }], [{ site: '../x' }], [[]], ['null']])('%j is refused', async (body) => {
    expect((await world().ask('POST', '/tokens', body)).status).toBe(400);
  });
});

describe('refusals', () => {
  test('unknown addresses and methods', async () => {
    const { ask } = world();
    expect((await ask('GET', '/nothing')).status).toBe(404);
    expect((await ask('GET', '/retry')).status).toBe(404);
    expect((await ask('POST', '/events')).status).toBe(404);
  });
  test('a request that is too large', async () => {
    expect((await world().ask('POST', '/retry', { ids: ['x'.repeat(2 ** 20)] })).status).toBe(413);
  });
  test('a store that cannot answer: 503 with its code', async () => {
    const { store, ask } = world();
    await store.close();
    expect(await ask('GET', '/events')).toEqual({
      status: 503,
      body: { error: { problems: ['the store cannot answer (closed)'] } },
    });
  });
  test('a failure says nothing of what the error holds', async () => {
    const { ask } = world({ status: () => Promise.reject(new Error('canary')) });
    const { status, body } = await ask('GET', '/status');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('canary');
  });
});

describe('test messages', () => {
  test('are asked for by the name of a connection; the answer names the delivery to look for', async () => {
    const { ask } = world();
    expect(await ask('POST', '/test', { to: 'house' })).toEqual({
      status: 202,
      body: { to: 'house', type: 'mqtt', dryRun: true, delivery: 'note of house/(test)/0' },
    });
  });
  test.each([
    [{ to: 'hosue' }, 404, 'the config has no connection "hosue"; did you mean "house"?'],
    [{ to: 'x'.repeat(200) }, 404, `the config has no connection "${'x'.repeat(64)}"; known: team, house`],
    [{}, 400, 'to: is missing; it must be text in double quotes'],
    [{ to: 'house', text: 'x' }, 400, 'text: unknown key; known: to'],
    ['{', 400, 'the body is not JSON'],
  ])('%j is refused', async (body, status, problem) =>
    expect(await world().ask('POST', '/test', body)).toEqual({ status, body: { error: { problems: [problem] } } }),
  );
  test('where there are no connections, it says so', async () => {
    const { body } = await world({ connections: () => new Map() }).ask('POST', '/test', { to: 'x' });
    expect(JSON.stringify(body)).toContain('the config has no connection \\"x\\"; write one under');
  });
});
