// The API of the rules, and the bench: tried by a program as by a person; and the documents of what was made on it.
import type { Hono } from 'hono';
import type { Json } from '../../core/delivery.ts';
import { formatProblem } from '../../core/problems.ts';
import { type Env, needs, type Who } from '../access/gate.ts';
import { allows } from '../access/roles.ts';
import type { ConsoleDeps } from '../deps.ts';
import { PREVIEW_POLICY } from '../http/headers.ts';
import { type ApiRoute, apiRoute } from '../http/route.ts';
import { type BenchResult, benchBodyOf } from '../pages/bench.ts';
import { page } from '../pages/layout.ts';
import { problemJson } from '../pages/problems.ts';
import type { BenchOrder } from '../rule-desk.ts';
import { benchBody, benchForm, benchOrderOf } from './trial-input.ts';

const asJson = (value: unknown): Json => value as Json;

/** Edited rules cost time of the process: whoever only reads tries those in use. */
export const mayEdit = (who: Pick<Who, 'role'>): boolean => allows(who.role, 'operate');
export const NEEDS_OPERATE = 'edited rules need the role "operate"';

export const ruleApi = (deps: ConsoleDeps): ApiRoute[] => [
  apiRoute({
    method: 'GET',
    path: '/api/v1/rules',
    role: 'read',
    summary: 'Every rule in use, how often it acted since the start, and the problems of the last reload.',
    async handle() {
      const problems = (await deps.rules.problems()).map(problemJson);
      return { json: asJson({ rules: deps.rules.all(), problems }) };
    },
  }),
  apiRoute({
    method: 'GET',
    path: '/api/v1/rules/:id',
    role: 'read',
    summary: 'One rule, and how it is written.',
    async handle({ params }) {
      const rule = deps.rules.find(params.id ?? '');
      if (rule === undefined) return { problems: ['there is no such rule'], status: 404 };
      return { json: asJson({ rule, written: (await deps.rules.written(rule.id)) ?? null }) };
    },
  }),
  apiRoute({
    method: 'POST',
    path: '/api/v1/bench',
    role: 'read',
    summary: 'What every rule would do about an event, over virtual time. Sends nothing, stores nothing.',
    body: benchBody,
    async handle({ body, who }) {
      if (body.edited !== undefined && !mayEdit(who)) return { problems: [NEEDS_OPERATE], status: 403 };
      const done = await deps.bench.run(body as BenchOrder);
      if ('refused' in done) return { problems: [done.refused], status: done.status };
      if ('problems' in done)
        return { problems: done.problems.map(({ problem }) => formatProblem(problem)), status: 400 };
      return { json: asJson(done.run) };
    },
  }),
  apiRoute({
    method: 'POST',
    path: '/bench',
    role: 'read',
    summary: 'What the form of the bench does.',
    body: benchForm,
    async handle({ body, who }) {
      const result = await tried(benchOrderOf(body), who, deps);
      const shown = page({ title: 'Bench', path: '/bench', who, body: benchBodyOf(body, who, deps, result) });
      return { text: String(await shown), type: 'text/html; charset=utf-8' };
    },
  }),
];

async function tried(read: ReturnType<typeof benchOrderOf>, who: Who, deps: ConsoleDeps): Promise<BenchResult> {
  if ('problems' in read) return { problems: read.problems.map((problem) => ({ problem })) };
  if (read.order.edited !== undefined && !mayEdit(who)) return { refused: NEEDS_OPERATE };
  return deps.bench.run(read.order);
}

/** Mounts the document of a message of the bench: it is shown in a frame that may do nothing. */
export function mountBenchPreview(app: Hono<Env>, deps: ConsoleDeps): void {
  app.get('/bench/preview', needs('read', deps.ports), (c) => {
    const delivery = deps.bench.made(c.req.query('run') ?? '', Number(c.req.query('n')));
    const document = delivery === undefined ? undefined : deps.previewOf(delivery).html;
    if (document === undefined) return c.text('there is nothing to be shown any more; try it again', 404);
    return c.body(document, 200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': PREVIEW_POLICY,
    });
  });
}
