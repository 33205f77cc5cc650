// The control API: what the commands ask of a running daemon. It answers on a socket that only the daemon's account can open.
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Json } from '../core/delivery.ts';
import type { Clock, Random } from '../core/ports.ts';
import { didYouMean, formatProblem, type Problem } from '../core/problems.ts';
import type { Attempt, EventQuery, StoredEvent } from '../core/store.ts';
import { StoreError } from '../core/store.ts';
import { type AccountDeps, accountRoutes } from './control-accounts.ts';
import { cancel, type DeliveryDeps, retry } from './control-deliveries.ts';
import {
  deliveryQuery,
  eventQuery,
  ONCE_BODY,
  readBody,
  readQuery,
  TEST_BODY,
  TOKEN_BODY,
  WHICH_BODY,
} from './control-input.ts';
import { exported, NUMBER_BODY, type NumberDeps, purge } from './control-numbers.ts';
import { type PhoneDeps, phoneRoutes } from './control-phones.ts';
import { createTokens, type TokenDeps } from './control-tokens.ts';

export type ControlDeps = TokenDeps &
  NumberDeps &
  DeliveryDeps & {
    /** Of a running daemon only. */
    phones?: PhoneDeps;
    /** Of a running daemon only: the console's accounts. */
    consoleAccounts?: AccountDeps;
    clock: Clock;
    random: Random;
    /** What `GET /status` answers, as it is. */
    status(): Json | Promise<Json>;
    events(query: EventQuery): Promise<StoredEvent[]>;
    attempts(delivery: string): Promise<Attempt[]>;
    /** The connections of the config by name. */
    connections(): ReadonlyMap<string, { type: string; dryRun: boolean }>;
    /** Sends a test message over a connection; resolves with the id of its delivery. */
    test(to: string): Promise<string>;
  };

/** What `POST /test` answers: the delivery to look for, and what kind of connection it goes over. */
export type MadeTest = { delivery: string; to: string; type: string; dryRun: boolean };

/** An event as it is shown outside: DESIGN's shape, with its place in the journal and the request that it came from. */
export type ShownEvent = StoredEvent['event'] & { seq: number; processed: boolean; raw_b64: string | null };

const BODY_BYTES_MAX = 1024 * 1024;

/** The API as a Hono app. Refusals: 400 with `{ error: { problems } }`, 404, 413; 503 where the store cannot answer. */
export function createControlApi(deps: ControlDeps): Hono {
  const app = new Hono();
  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX, onError: (c) => c.json(refusal('the request is too large'), 413) }));
  app.get('/status', async (c) => c.json({ status: await deps.status() }));
  app.get('/events', async (c) => {
    const query = readQuery(eventQuery, c.req.queries());
    if ('problems' in query) return c.json(refusals(query.problems), 400);
    const found = await deps.events(query.value);
    return c.json({ events: found.map(shownEvent) });
  });
  app.get('/deliveries', async (c) => {
    const query = readQuery(deliveryQuery, c.req.queries());
    if ('problems' in query) return c.json(refusals(query.problems), 400);
    return c.json({ deliveries: await deps.deliveries(query.value) });
  });
  app.get('/attempts', async (c) => c.json({ attempts: await deps.attempts(c.req.query('delivery') ?? '') }));
  app.post('/retry', async (c) => {
    const body = readBody(WHICH_BODY, await c.req.text());
    if ('problems' in body) return c.json(refusals(body.problems), 400);
    return c.json(await retry(deps, body.value));
  });
  app.post('/cancel', async (c) => {
    const body = readBody(WHICH_BODY, await c.req.text());
    if ('problems' in body) return c.json(refusals(body.problems), 400);
    return c.json(await cancel(deps, body.value));
  });
  app.post('/test', async (c) => {
    const body = readBody(TEST_BODY, await c.req.text());
    if ('problems' in body) return c.json(refusals(body.problems), 400);
    const made = await makeTest(deps, body.value.to);
    return 'problems' in made ? c.json(refusals(made.problems), 404) : c.json(made, 202);
  });
  app.post('/purge', async (c) => {
    const body = readBody(NUMBER_BODY, await c.req.text());
    if ('problems' in body) return c.json(refusals(body.problems), 400);
    const done = await purge(deps, body.value);
    return 'problems' in done ? c.json(refusals(done.problems), 400) : c.json(done);
  });
  app.get('/export', async (c) => {
    const query = readQuery(NUMBER_BODY, c.req.queries());
    if ('problems' in query) return c.json(refusals(query.problems), 400);
    const done = await exported(deps, query.value);
    return 'problems' in done ? c.json(refusals(done.problems), 400) : c.json(done.found as never);
  });
  const tokens = createTokens(deps);
  app.post('/tokens', async (c) => {
    const body = readBody(TOKEN_BODY, await c.req.text());
    if ('problems' in body) return c.json(refusals(body.problems), 400);
    const made = await tokens.make(body.value);
    return 'problems' in made ? c.json(refusals(made.problems), 404) : c.json(made, 201);
  });
  app.post('/tokens/once', async (c) => {
    const body = readBody(ONCE_BODY, await c.req.text());
    if ('problems' in body) return c.json(refusals(body.problems), 400);
    const made = await tokens.makeOnce(body.value);
    return 'problems' in made ? c.json(refusals(made.problems), 404) : c.json(made, 201);
  });
  if (deps.phones !== undefined) phoneRoutes(app, deps.phones, tokens);
  if (deps.consoleAccounts !== undefined) accountRoutes(app, deps.consoleAccounts);
  app.notFound((c) => c.json(refusal('there is no such address'), 404));
  app.onError((error, c) => {
    // An error's text may hold anything; a store's code says enough.
    if (error instanceof StoreError) return c.json(refusal(`the store cannot answer (${error.code})`), 503);
    return c.json(refusal('the daemon failed to answer'), 500);
  });
  return app;
}

type Refusal = { error: { problems: string[] } };
const refusals = (problems: Parameters<typeof formatProblem>[0][]): Refusal => ({
  error: { problems: problems.map(formatProblem) },
});
const refusal = (message: string): Refusal => refusals([{ path: [], message }]);

const shownEvent = ({ event, seq, processed, raw }: StoredEvent): ShownEvent => ({
  ...event,
  seq,
  processed,
  raw_b64: raw === null ? null : Buffer.from(raw).toString('base64'),
});

async function makeTest(deps: ControlDeps, to: string): Promise<MadeTest | { problems: Problem[] }> {
  const connections = deps.connections();
  const connection = connections.get(to);
  if (connection !== undefined) return { ...connection, to, delivery: await deps.test(to) };
  const names = [...connections.keys()];
  const hint = names.length === 0 ? 'write one under "connections"' : didYouMean(to, names);
  const message = `the config has no connection ${JSON.stringify(to.slice(0, 64))}`;
  return { problems: [{ path: [], message, ...(hint === undefined ? {} : { hint }) }] };
}
