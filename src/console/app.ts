// The console as a Hono app: pages, API and live stream behind one gate. It listens apart from the receiver.
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { html } from 'hono/html';
import { StoreError } from '../core/store.ts';
import { type Env, identify, needs, problem, type Who } from './access/gate.ts';
import { createLoginLimit } from './access/login-limit.ts';
import { createSessions } from './access/sessions.ts';
import type { ConsoleDeps } from './deps.ts';
import { safeHeaders } from './http/headers.ts';
import { openApiOf } from './http/openapi.ts';
import { type ApiRoute, mountApi, type PageRoute } from './http/route.ts';
import { mountAccount } from './pages/account.ts';
import { page } from './pages/layout.ts';
import { mountLogin } from './pages/login.ts';

const BODY_BYTES_MAX = 1024 * 1024;

export type ConsoleParts = {
  pages: readonly PageRoute[];
  api: readonly ApiRoute[];
  /** More routes than pages and API, such as the live stream; behind `needs` of their own. */
  mount?(app: Hono<Env>): void;
  audit(who: Pick<Who, 'name'>, action: string, detail: string): void;
  /** Whether the process lives and may be given work: what `/livez` and `/readyz` answer. */
  alive(): Promise<boolean>;
  ready(): Promise<boolean>;
};

/** The whole console. Nothing but `/livez`, `/login` and the assets is answered to somebody who is not known. */
export function createConsoleApp(deps: ConsoleDeps, parts: ConsoleParts): Hono<Env> {
  const { ports, secure, accounts, hosts } = deps;
  const sessions = createSessions(ports.clock, ports.random);
  const limit = createLoginLimit(ports.clock);
  accounts.onChange(sessions.endAllOf);
  const app = new Hono<Env>();
  app.use(safeHeaders);
  // Whoever watches the process asks by an address of their own choice.
  app.get('/livez', async (c) => ((await parts.alive()) ? c.text('ok') : c.text('not alive', 503)));
  app.get('/readyz', async (c) => {
    // Why not stands on the health page: it is nobody's business who is not logged in.
    const ok = await parts.ready();
    return c.text(ok ? 'ok' : 'not ready', ok ? 200 : 503);
  });
  app.use(identify({ hosts, secure, accounts, sessions, count: ports.count }));
  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX, onError: (c) => c.json(problem('the request is too large'), 413) }));
  app.get('/assets/:name', (c) => {
    const asset = deps.assets.get(c.req.param('name'));
    if (asset === undefined) return c.text('not found', 404);
    return c.body(asset.text, 200, { 'content-type': asset.type, 'cache-control': 'max-age=300' });
  });
  const login = { ...deps, sessions, limit, audit: parts.audit, addressOf };
  mountLogin(app, login);
  mountAccount(app, login);
  mountApi(app, parts.api, { count: ports.count, audit: parts.audit });
  const description = openApiOf(
    parts.api.filter(({ path }) => path.startsWith('/api/')),
    deps.version,
  );
  app.get('/api/v1/openapi.json', needs('read', ports), (c) => c.json(description as never));
  for (const each of parts.pages) app.get(each.path, needs(each.role, ports), (c) => show(c, each));
  parts.mount?.(app);
  app.notFound((c) => {
    if (c.req.path.startsWith('/api/'))
      return c.json(problem('there is no such address'), c.get('who') === undefined ? 401 : 404);
    return c.get('who') === undefined ? c.redirect('/login', 303) : c.text('There is no such page.', 404);
  });
  app.onError((error, c) => {
    const code = error instanceof StoreError ? error.code : error.name;
    ports.log.error('console_failed', { path: c.req.routePath, error: code });
    return c.json(problem(`the console failed to answer (${code})`), error instanceof StoreError ? 503 : 500);
  });
  return app;
}

async function show(c: Context<Env>, each: PageRoute): Promise<Response> {
  const who = c.get('who') as Who;
  const query = Object.fromEntries(Object.entries(c.req.queries()).map(([name, [value = '']]) => [name, value]));
  const body = await each.render({ query, body: undefined, params: c.req.param(), who, c });
  if (body === undefined)
    return c.html(
      page({
        title: 'Not found',
        path: each.path,
        who,
        body: html`<p>There is nothing here, or nothing any more.</p>`,
      }),
      404,
    );
  return c.html(
    page({ title: each.title, path: c.req.path, who, body, scripts: each.scripts ?? [], styles: each.styles ?? [] }),
  );
}

/** The peer's address as the socket has it; `unknown` where there is no socket, as in a test of the app alone. */
function addressOf(c: { env: unknown }): string {
  const env = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined;
  return env?.incoming?.socket?.remoteAddress ?? 'unknown';
}
