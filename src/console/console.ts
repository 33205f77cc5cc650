// The console's pages and API, put together from what each concern brings along.

import { createConsoleApp } from './app.ts';
import type { ConsoleDeps } from './deps.ts';

/** The whole console for these deps, as a Hono app. */
export const createConsole = (deps: ConsoleDeps) =>
  createConsoleApp(deps, {
    pages: [],
    api: [],
    audit: () => {},
    alive: async () => true,
    ready: async () => true,
  });
