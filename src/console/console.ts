// The console's pages and API, put together from what each concern brings along.

import { needs } from './access/gate.ts';
import { deliveryApi, mountPreview } from './api/deliveries.ts';
import { figureApi } from './api/figures.ts';
import { historyApi } from './api/history.ts';
import { numberApi } from './api/numbers.ts';
import { phoneForms } from './api/phone-forms.ts';
import { phoneApi } from './api/phones.ts';
import { replayApi } from './api/replay.ts';
import { mountBenchPreview, ruleApi } from './api/rules.ts';
import { createConsoleApp } from './app.ts';
import type { ConsoleDeps } from './deps.ts';
import { createLive } from './live.ts';
import { auditPage } from './pages/audit.ts';
import { benchPage } from './pages/bench.ts';
import { callPage, callsPage } from './pages/calls.ts';
import { chartsPage } from './pages/charts.ts';
import { deliveriesPage, deliveryPage } from './pages/deliveries.ts';
import { eventPage, eventsPage } from './pages/events.ts';
import { healthPage } from './pages/health.ts';
import { phonePage } from './pages/phone.ts';
import { phonesPage } from './pages/phones.ts';
import { replayPage } from './pages/replay.ts';
import { rulePage, rulesPage } from './pages/rules.ts';
import { wallPage } from './pages/wall.ts';

/** The whole console for these deps, as a Hono app; `close` ends its live streams. */
export function createConsole(deps: ConsoleDeps) {
  const { ports } = deps;
  const live = createLive(deps, ports.clock, ports.count);
  const app = createConsoleApp(deps, {
    pages: [
      wallPage(deps),
      callsPage(deps),
      callPage(deps),
      eventsPage(deps),
      eventPage(deps),
      deliveriesPage(deps),
      deliveryPage(deps),
      rulesPage(deps),
      rulePage(deps),
      benchPage(deps),
      replayPage(deps),
      phonesPage(deps),
      phonePage(deps),
      chartsPage(deps),
      healthPage(deps),
      auditPage(deps),
    ],
    api: [
      ...historyApi(deps),
      ...deliveryApi(deps),
      ...ruleApi(deps),
      ...replayApi(deps),
      ...phoneApi(deps),
      ...phoneForms(deps),
      ...figureApi(deps),
      ...numberApi(deps),
    ],
    mount(app) {
      live.mount(app);
      mountPreview(app, deps);
      mountBenchPreview(app, deps);
      app.get('/metrics', needs('read', ports), async (c) =>
        c.body(await deps.metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
      );
    },
    audit: ({ name }, action, detail) => {
      ports.log.info('console_action', { who: name, action });
      void deps
        .audit({ atMs: ports.clock.wallMs(), who: name, action, detail })
        .catch(() => ports.count('audit_failures'));
    },
    alive: deps.alive,
    ready: async () => (await deps.notReady()).length === 0,
  });
  return { fetch: app.fetch, routes: app.routes, request: app.request, close: live.close };
}
