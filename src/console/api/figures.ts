// The API of the figures: what the charts show, as numbers.
import type { Json } from '../../core/delivery.ts';
import type { Span } from '../../core/history.ts';
import type { ConsoleDeps } from '../deps.ts';
import { bucketsOf } from '../figures/buckets.ts';
import { figureFilter, periodOf } from '../figures/period.ts';
import { figuresOf } from '../figures/sums.ts';
import { type ApiRoute, apiRoute } from '../http/route.ts';

export const figureApi = (deps: ConsoleDeps): ApiRoute[] => [
  apiRoute({
    method: 'GET',
    path: '/api/v1/figures',
    role: 'read',
    summary:
      'What the charts show: calls, missed ones, time to answer, phones, deliveries (by whole hours UTC) and hits.',
    query: figureFilter,
    async handle({ query }) {
      const nowMs = deps.ports.clock.wallMs();
      const timezone = deps.timezone();
      const period = periodOf(query, nowMs, timezone);
      const counted = await countedIn(period.span, bucketsOf(period.span, 'day', timezone), deps);
      const names = new Map(deps.phones.all().map(({ id, state }) => [id, state.name]));
      const nameOf = (phone: string): string => names.get(phone) ?? phone;
      return { json: figuresOf(period, counted, { nowMs, timezone, nameOf }) as unknown as Json };
    },
  }),
];

async function countedIn(span: Span, days: number[], { history }: Pick<ConsoleDeps, 'history'>) {
  // One after the other: the history has one thread, and somebody's search should come in between.
  return {
    calls: await history.callFigures(span),
    rings: await history.ringFigures(days, span.toMs),
    phones: await history.phoneFigures(span),
    deliveries: await history.deliveryFigures(span),
    hits: await history.hitFigures(span),
  };
}
