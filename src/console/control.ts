// The control API: what the commands ask of a running daemon. It answers on a socket that only the daemon's account can open.
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Delivery, Json } from '../core/delivery.ts';
import type { Clock, Random } from '../core/ports.ts';
import { formatProblem } from '../core/problems.ts';
import type { Attempt, DeliveryQuery, EventQuery, StoredDelivery, StoredEvent } from '../core/store.ts';
import { StoreError } from '../core/store.ts';
import { deliveryQuery, eventQuery, ONCE_BODY, RETRY_BODY, readBody, readQuery, TOKEN_BODY } from './control-input.ts';
import { type PhoneDeps, phoneRoutes } from './control-phones.ts';
import { createTokens, type TokenDeps } from './control-tokens.ts';

export type ControlDeps = TokenDeps & {
  /** Of a running daemon only. */
  phones?: PhoneDeps;
  clock: Clock;
  random: Random;
  /** What `GET /status` answers, as it is. */
  status(): Json | Promise<Json>;
  events(query: EventQuery): Promise<StoredEvent[]>;
  deliveries(query: DeliveryQuery): Promise<StoredDelivery[]>;
  attempts(delivery: string): Promise<Attempt[]>;
  /** Dead and expired deliveries become waiting again and are sent. Answers with those it changed. */
  retry(ids: string[]): Promise<Delivery[]>;
};

/** An event as it is shown outside: DESIGN's shape, with its place in the journal and the request that it came from. */
export type ShownEvent = StoredEvent['event'] & { seq: number; processed: boolean; raw_b64: string | null };

const BODY_BYTES_MAX = 1024 * 1024;
const RETRY_AT_ONCE = 500;
/** Most deliveries that one `all` sends again; asking again goes on. */
const RETRY_MAX = 10_000;

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
    const body = readBody(RETRY_BODY, await c.req.text());
    if ('problems' in body) return c.json(refusals(body.problems), 400);
    return c.json('ids' in body.value ? await retryIds(deps, body.value.ids) : await retryAll(deps, body.value.to));
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

/** `retried`: ids that wait again. `unchanged`: those that are not dead or expired, or not there. */
type Retried = { retried: string[]; unchanged: string[]; more: boolean };

async function retryIds(deps: ControlDeps, ids: readonly string[]): Promise<Retried> {
  const wanted = [...new Set(ids)];
  const retried: string[] = [];
  for (let from = 0; from < wanted.length; from += RETRY_AT_ONCE) {
    const changed = await deps.retry(wanted.slice(from, from + RETRY_AT_ONCE));
    retried.push(...changed.map((delivery) => delivery.id));
  }
  const done = new Set(retried);
  return { retried, unchanged: wanted.filter((id) => !done.has(id)), more: false };
}

async function retryAll(deps: ControlDeps, to: string | undefined): Promise<Retried> {
  const retried = new Set<string>();
  for (;;) {
    const query: DeliveryQuery = {
      states: ['dead', 'expired'],
      limit: RETRY_AT_ONCE,
      ...(to === undefined ? {} : { to }),
    };
    // One that died again in the meantime has had its turn.
    const ids = (await deps.deliveries(query)).map((delivery) => delivery.id).filter((id) => !retried.has(id));
    const changed = ids.length === 0 ? [] : await deps.retry(ids);
    for (const delivery of changed) retried.add(delivery.id);
    const more = changed.length > 0;
    if (!more || retried.size >= RETRY_MAX) return { retried: [...retried], unchanged: [], more };
  }
}
