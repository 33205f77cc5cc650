// Routes as data: what may be asked, by whom, and what it is given; the server, the tests and the API's description live on them.
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { ZodType, z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import { formatProblem } from '../../core/problems.ts';
import { type Env, meant, needs, type Who } from '../access/gate.ts';
import type { Role } from '../access/roles.ts';
import { readBody, readQuery } from '../control-input.ts';
import { page } from '../pages/layout.ts';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What a route is asked: its query and body, checked; the parts of its path, decoded; and who asks. */
export type Asked<Query, Body> = {
  query: Query;
  body: Body;
  params: Record<string, string>;
  who: Who;
  c: Context<Env>;
};

/** `json`: answered as it is. `text`: with its own type. `missing`: 404, with what is not there. */
export type Answer = (
  | { json: Json; status?: 200 | 201 | 202 }
  | { text: string; type: string; fileName?: string }
  | { problems: string[]; status: 400 | 403 | 404 | 409 | 503 }
  | { to: string }
) & {
  /** What it was about, for the audit log, where the path does not tell; no secret. */
  of?: string;
};

export type ApiRoute<Query = unknown, Body = unknown> = {
  method: 'GET' | 'POST' | 'DELETE';
  /** In Hono's words: `/api/v1/events/:id`. */
  path: string;
  role: Role;
  summary: string;
  query?: ZodType<Query>;
  body?: ZodType<Body>;
  /** What a good answer looks like, for the API's description. */
  answer?: ZodType;
  /** Whether it stands in the audit log; every route that changes something does, unless it says false. */
  audit?: boolean;
  handle(asked: Asked<Query, Body>): Promise<Answer> | Answer;
};

/** Declares a route; exists so that query and body types are inferred from their schemas. */
export const apiRoute = <Q extends ZodType = ZodType<undefined>, B extends ZodType = ZodType<undefined>>(
  route: Omit<ApiRoute<z.output<Q>, z.output<B>>, 'query' | 'body'> & { query?: Q; body?: B },
): ApiRoute => route as unknown as ApiRoute;

export type PageRoute = {
  path: string;
  role: Role;
  title: string;
  /** Assets besides `console.js`. */
  scripts?: readonly string[];
  /** Assets besides `console.css`. */
  styles?: readonly string[];
  render(asked: Asked<Record<string, string>, undefined>): Promise<Html | undefined> | Html | undefined;
};

export type Mounting = {
  count: (name: string, labels?: Record<string, string>) => void;
  /** Puts down who did what; `detail` holds no secret. */
  audit(who: Who, action: string, detail: string): void;
};

/** Mounts the routes of the API, each behind its role and, where it changes something, behind the proof that it was meant. */
export function mountApi(app: Hono<Env>, routes: readonly ApiRoute[], mounting: Mounting): void {
  for (const route of routes) {
    const gates: MiddlewareHandler<Env>[] = [needs(route.role, mounting)];
    if (route.method !== 'GET') gates.push(meant(mounting));
    app.on(route.method, [route.path], ...gates, (c) => answer(c, route, mounting));
  }
}

async function answer(c: Context<Env>, route: ApiRoute, mounting: Mounting): Promise<Response> {
  const query = route.query === undefined ? { value: undefined } : readQuery(route.query, c.req.queries());
  if ('problems' in query) return refuse(c, query.problems.map(formatProblem), 400);
  const body = route.body === undefined ? { value: undefined } : await bodyOf(c, route.body);
  if ('problems' in body) return refuse(c, body.problems.map(formatProblem), 400);
  const who = c.get('who') as Who;
  const given = await route.handle({ query: query.value, body: body.value, params: c.req.param(), who, c });
  if (route.method !== 'GET' && route.audit !== false)
    mounting.audit(
      who,
      `${route.method} ${route.path}`,
      'problems' in given ? 'refused' : (given.of ?? JSON.stringify(c.req.param())),
    );
  if ('problems' in given) return refuse(c, given.problems, given.status);
  if ('to' in given) return c.redirect(given.to, 303);
  if ('json' in given) return c.json(given.json as never, given.status ?? 200);
  const headers: Record<string, string> = { 'content-type': given.type };
  if (given.fileName !== undefined) headers['content-disposition'] = `attachment; filename="${given.fileName}"`;
  return c.body(given.text, 200, headers);
}

/** A program is told in JSON; somebody who sent a form is told on a page. */
async function refuse(c: Context<Env>, problems: string[], status: 400 | 403 | 404 | 409 | 503): Promise<Response> {
  if (c.req.path.startsWith('/api/')) return c.json({ error: { problems } }, status);
  const body = html`${problems.map((text) => html`<p class="said" role="alert">${text}</p>`)}
<p>Nothing was changed. Go back in the browser to correct it.</p>`;
  return c.html(page({ title: 'Not done', path: c.req.path, who: c.get('who'), body }), status);
}

/** JSON, or a form of a page: its fields as texts, the session's word left out. */
async function bodyOf<T>(c: Context<Env>, schema: ZodType<T>) {
  if (!/^application\/x-www-form-urlencoded/i.test(c.req.header('content-type') ?? ''))
    return readBody(schema, await c.req.text());
  const { csrf: _, ...fields } = await c.req.parseBody({ all: true });
  return readBody(schema, JSON.stringify(fields));
}
