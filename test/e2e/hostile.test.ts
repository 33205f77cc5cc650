// Whatever a stranger calls himself: no page makes an element, a dialog, a request or a violation of it.
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { writeText } from '../../src/store/sqlite/text.ts';
import { storePath } from '../../src/store-path.ts';
import { hasChromium } from '../support/chromium.ts';
import { pagePaths } from '../support/console-routes.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { hostileTexts } from '../support/hostile-text.ts';
import { addresses, callers, logIn, openWorld, settled, type Texts, type World } from './world.ts';

const NAMES = 200;
const STRANGERS = 60;
const SEED = 20_261_128;

/** The known ones first, then drawn from a seed; a request line ends at 8 KB, so none is longer than what a phone can send. */
function hostileNames(): string[] {
  const draw = hostileTexts(SEED);
  const texts = [...HOSTILE_STRINGS];
  while (texts.length < NAMES) texts.push(draw());
  return texts.map((text) => text.slice(0, 300));
}

const textsOf = (names: readonly string[]): Texts[] =>
  names.map((name, n) => {
    const other = (by: number): string => names[(n + by) % names.length] ?? '';
    return { name, model: other(1), firmware: other(2), ip: other(3), extra: other(4) };
  });

/**
 * Each kind of element once: where it stands (which cell of its row), and which attributes it has; and every address that is not ours.
 * What waits and what has ended differs from run to run, so that pages are not compared element by element.
 */
const SHAPES = `(() => {
  const nameOf = (e) => e.localName + (/^(td|th)$/.test(e.localName) ? e.cellIndex : '');
  const pathOf = (e) => e.parentElement === null ? '' : pathOf(e.parentElement) + '>' + nameOf(e);
  const shapes = [...document.querySelectorAll('*')].map((e) => pathOf(e) + '[' + e.getAttributeNames().sort().join(' ') + ']');
  const addresses = [...document.querySelectorAll('[href], [src], [action]')].map((e) => e.href?.baseVal ?? e.href ?? e.src ?? e.action);
  return [...new Set([...shapes, ...addresses.filter((url) => !String(url).startsWith(location.origin + '/')).map((url) => 'an address: ' + url)])];
})()`;

const REPORT_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (e) => console.error('violation ' + e.violatedDirective + ' ' + e.blockedURI))`;

type Noticed = { dialogs: string[]; elsewhere: string[]; complaints: string[] };

/** Listens to everything that hostile data could bring about. */
async function watch(page: Page, base: string): Promise<Noticed> {
  const noticed: Noticed = { dialogs: [], elsewhere: [], complaints: [] };
  await page.context().addInitScript(REPORT_VIOLATIONS);
  page.on('dialog', (dialog) => {
    noticed.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.context().on('request', (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith('about:')) noticed.elsewhere.push(request.url());
  });
  page.context().on('page', (opened) => noticed.elsewhere.push(`a page of its own: ${opened.url()}`));
  page.on('console', (message) => message.type() !== 'log' && noticed.complaints.push(message.text()));
  page.on('pageerror', (error) => noticed.complaints.push(error.message));
  return noticed;
}

/** A colleague took the call, by a click elsewhere; the name came from there. */
function claim(world: World, names: readonly string[]): void {
  const { DatabaseSync } = createRequire(import.meta.url)(
    '@photostructure/sqlite',
  ) as typeof import('@photostructure/sqlite');
  const database = new DatabaseSync(storePath(world.desk.folder.at('data')));
  database.exec('PRAGMA busy_timeout = 5000');
  const rows = database.prepare('SELECT key FROM calls ORDER BY started_ms').all() as { key: string }[];
  const put = database.prepare('UPDATE calls SET claimed_by = ? WHERE key = ?');
  for (const [n, { key }] of rows.entries()) put.run(writeText(names[n % names.length] ?? ''), key);
  database.close();
}

async function listed(world: World, path: string, key: string, id: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${world.desk.tokenOf('read')}` };
  const { body } = await world.desk.ask('GET', path, { headers });
  return ((JSON.parse(body) as Record<string, Record<string, string>[]>)[key] ?? []).map((row) =>
    encodeURIComponent(row[id] ?? ''),
  );
}

/** Every page, and each call; then what the pages are made of, by the page. */
async function visited(names: readonly string[], refusal: string) {
  const contacts = names
    .slice(0, 40)
    .map((name, n) => ({ name: `${name} ${n}`, numbers: [`+49301${String(n).padStart(6, '0')}`] }));
  const world = await openWorld(refusal, contacts);
  const { desk, page } = world;
  await logIn(world, 'admin');
  const noticed = await watch(page, desk.base);
  // The wall is open while they call.
  await page.goto(`${desk.base}/`);
  await callers(world, textsOf(names), STRANGERS);
  await settled(world, Math.min(names.length, 150));
  claim(world, names);
  const calls = await listed(world, '/api/v1/calls?limit=500', 'calls', 'key');
  const events = await listed(world, '/api/v1/events?type=phone.incoming_call&limit=500', 'events', 'id');
  const messages = await listed(world, '/api/v1/deliveries?limit=60', 'deliveries', 'id');
  /** By kind of page. */
  const made = new Map<string, Set<string>>();
  const paths = [...(await addresses(world)), '/events?limit=500', '/calls?limit=500', '/deliveries?limit=500'];
  const details = [
    ...calls.map((key) => `/calls/${key}`),
    ...events.slice(0, 60).map((id) => `/events/${id}`),
    ...messages.map((id) => `/deliveries/one?id=${id}`),
  ];
  const all = [...paths, ...details];
  for (const path of all) {
    const answer = await page.goto(`${desk.base}${path}`);
    expect(answer?.status(), path).toBe(200);
    const kind = path.replace(/[?].*/, '').replace(/^(\/(?:calls|events|phones|rules))\/.*/, '$1/one');
    const shapes = made.get(kind) ?? new Set<string>();
    for (const shape of (await page.evaluate(SHAPES)) as string[]) shapes.add(shape);
    made.set(kind, shapes);
  }
  return { noticed, made, calls: calls.length, pages: all.length };
}

test.runIf(hasChromium)(
  `${NAMES} hostile callers leave every page as harmless ones do (needs chromium)`,
  async () => {
    expect(pagePaths().length).toBeGreaterThan(10);
    const hostile = await visited(
      hostileNames(),
      `<script>alert(1)</script>${HOSTILE_STRINGS.slice(20, 40).join(' ')}`,
    );
    const harmless = await visited(
      Array.from({ length: NAMES }, (_, n) => `Erika Mustermann ${n}`),
      'no such customer',
    );
    const added = [...hostile.made].flatMap(([kind, shapes]) =>
      [...shapes].filter((shape) => harmless.made.get(kind)?.has(shape) !== true).map((shape) => `${kind}: ${shape}`),
    );
    const { dialogs, complaints, elsewhere } = hostile.noticed;
    console.log(
      `${NAMES} names, ${hostile.calls} calls, ${hostile.pages} pages: ${dialogs.length} dialogs, ${complaints.length} complaints, ${elsewhere.length} requests elsewhere, ${added.length} elements made by data`,
    );
    expect(hostile.noticed).toEqual({ dialogs: [], elsewhere: [], complaints: [] });
    expect(hostile.calls).toBeGreaterThanOrEqual(NAMES / 2);
    expect(added).toEqual([]);
  },
  600_000,
);
