// Every route of the console, as its router knows them: what is added later is found by itself.
import { createConsole } from '../../src/console/console.ts';
import type { ConsoleDeps } from '../../src/console/index.ts';

export type Route = { method: string; path: string };

/** Stands for whatever the console is given: the routes are the same. */
const anything: unknown = new Proxy(() => {}, { get: () => anything, apply: () => anything });

/** Middleware left out. */
export function consoleRoutes(): Route[] {
  const { routes } = createConsole(anything as ConsoleDeps);
  const found = routes.filter(({ path, method }) => !path.includes('*') && method !== 'ALL');
  return [...new Map(found.map(({ method, path }) => [`${method} ${path}`, { method, path }])).values()];
}

/** What is not for people to look at. */
const NO_PAGE = /^\/(?:api|assets|live|metrics|livez|readyz)|preview|[.]csv$/;

/** Paths of the pages that a person can open. */
export const pagePaths = (): string[] =>
  consoleRoutes().flatMap(({ method, path }) => (method === 'GET' && !NO_PAGE.test(path) ? [path] : []));
