// The API of a number's data: what is stored of it, and its removal.
import type { Json } from '../../core/delivery.ts';
import { formatProblem } from '../../core/problems.ts';
import { exported, NUMBER_BODY, purge } from '../control-numbers.ts';
import type { ConsoleDeps } from '../deps.ts';
import { type ApiRoute, apiRoute } from '../http/route.ts';

export const numberApi = (deps: ConsoleDeps): ApiRoute[] => [
  apiRoute({
    method: 'POST',
    path: '/api/v1/purge',
    role: 'admin',
    summary:
      'Removes everything that holds a number, in any spelling, from database and memory. What already left cannot be recalled.',
    body: NUMBER_BODY,
    async handle({ body }) {
      const done = await purge(deps, body);
      return 'problems' in done
        ? { problems: done.problems.map(formatProblem), status: 400 }
        : { json: done as unknown as Json };
    },
  }),
  apiRoute({
    method: 'GET',
    path: '/api/v1/export',
    role: 'admin',
    summary:
      'Everything that holds a number, in any spelling: events with their requests, calls, deliveries, and what is remembered.',
    query: NUMBER_BODY,
    async handle({ query, who }) {
      const done = await exported(deps, query);
      if ('problems' in done) return { problems: done.problems.map(formatProblem), status: 400 };
      // Whose data it was is not put down: that would be one more place that holds the number.
      await deps.audit({ atMs: deps.ports.clock.wallMs(), who: who.name, action: 'export number', detail: '' });
      return { json: done.found };
    },
  }),
];
