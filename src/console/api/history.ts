// The API of the history: calls, events with what followed, deliveries with their attempts; and calls as CSV.
import { z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import type { CallRecord } from '../../core/history.ts';
import type { StoredEvent } from '../../core/store.ts';
import type { ConsoleDeps } from '../deps.ts';
import { type ApiRoute, apiRoute } from '../http/route.ts';
import { callFilter, callQueryOf, nextOf } from '../pages/calls.ts';
import { deliveryFilter, deliveryQueryOf } from '../pages/deliveries.ts';
import { eventFilter, eventQueryOf } from '../pages/events.ts';
import { csvOf } from './csv.ts';

const asJson = (value: unknown): Json => value as Json;
const missing = (what: string) => ({ problems: [`there is no such ${what}, or not any more`], status: 404 as const });

const shown = ({ event, seq, raw }: StoredEvent): Json =>
  asJson({ ...event, seq, raw_b64: raw === null ? null : Buffer.from(raw).toString('base64') });

const EXPORT_MAX = 50_000;
const PAGE = 500;

export const historyApi = (deps: ConsoleDeps): ApiRoute[] => [...callApi(deps), ...eventApi(deps)];

const callApi = (deps: ConsoleDeps): ApiRoute[] => [
  apiRoute({
    method: 'GET',
    path: '/api/v1/calls',
    role: 'read',
    summary: 'Calls, the newest first.',
    query: callFilter,
    async handle({ query }) {
      const asked = callQueryOf(query);
      const calls = await deps.history.calls(asked);
      return { json: asJson({ calls, before: nextOf(calls, asked.limit) ?? null }) };
    },
  }),
  apiRoute({
    method: 'GET',
    path: '/api/v1/calls.csv',
    role: 'admin',
    summary: 'Calls as CSV, the newest first, at most 50,000; no cell is a formula to a spreadsheet.',
    query: callFilter,
    audit: true,
    async handle({ query, who }) {
      const calls = await allCalls(deps, callQueryOf(query));
      await deps.audit({
        atMs: deps.ports.clock.wallMs(),
        who: who.name,
        action: 'export calls',
        detail: `${calls.length} calls`,
      });
      return {
        text: csvOf(CALL_COLUMNS, calls.map(callCells)),
        type: 'text/csv; charset=utf-8',
        fileName: 'calls.csv',
      };
    },
  }),
  apiRoute({
    method: 'GET',
    path: '/api/v1/calls/:key',
    role: 'read',
    summary: 'One call, and what was said of it.',
    async handle({ params }) {
      const call = await deps.history.call(params.key ?? '');
      if (call === undefined) return missing('call');
      return { json: asJson({ call, events: (await deps.history.eventsOf(call)).map(shown) }) };
    },
  }),
];

const eventApi = (deps: ConsoleDeps): ApiRoute[] => [
  apiRoute({
    method: 'GET',
    path: '/api/v1/events',
    role: 'read',
    summary: 'What phones said and what was made of it, the newest first.',
    query: eventFilter,
    async handle({ query }) {
      const events = await deps.history.events(eventQueryOf(query));
      return { json: asJson({ events: events.map(shown), before: events.at(-1)?.seq ?? null }) };
    },
  }),
  apiRoute({
    method: 'GET',
    path: '/api/v1/events/:id',
    role: 'read',
    summary: 'One event, its request, what each rule said of it, and the deliveries that followed.',
    async handle({ params }) {
      const id = params.id ?? '';
      const [stored] = await deps.history.events({ id, limit: 1 });
      if (stored === undefined) return missing('event');
      return { json: asJson({ event: shown(stored), explained: (await deps.explain(id)) ?? null }) };
    },
  }),
  apiRoute({
    method: 'GET',
    path: '/api/v1/deliveries',
    role: 'read',
    summary: 'Deliveries, the newest first.',
    query: deliveryFilter,
    async handle({ query }) {
      const deliveries = await deps.history.deliveries(deliveryQueryOf(query));
      return { json: asJson({ deliveries, before: deliveries.at(-1)?.id ?? null }) };
    },
  }),
  apiRoute({
    method: 'GET',
    path: '/api/v1/attempts',
    role: 'read',
    summary: 'The attempts of one delivery.',
    query: z.strictObject({ delivery: z.string().max(300) }),
    handle: async ({ query }) => ({ json: asJson({ attempts: await deps.history.attempts(query.delivery) }) }),
  }),
];

async function allCalls(deps: ConsoleDeps, query: ReturnType<typeof callQueryOf>): Promise<CallRecord[]> {
  const calls: CallRecord[] = [];
  let asked = { ...query, limit: PAGE };
  for (;;) {
    const page = await deps.history.calls(asked);
    calls.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE || calls.length >= EXPORT_MAX) return calls.slice(0, EXPORT_MAX);
    asked = { ...asked, before: last };
  }
}

const CALL_COLUMNS =
  'began,direction,outcome,number,name,contact,kind,phones,answered_by,rang_seconds,talked_seconds,returned_by,claimed_by,key'.split(
    ',',
  );

const callCells = (call: CallRecord): (string | number | null)[] => [
  new Date(call.startedAtMs).toISOString(),
  call.direction,
  call.state,
  call.number,
  call.name,
  call.contact,
  call.kind,
  call.phones.map(({ id }) => id).join(' '),
  call.answeredBy,
  call.ringSeconds,
  call.talkSeconds,
  call.returnedBy,
  call.claimedBy,
  call.key,
];
