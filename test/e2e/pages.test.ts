// Every page in a real browser: at the width of a telephone and of a desk, light and dark; nothing serious for axe, reachable by keyboard.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { hasChromium } from '../support/chromium.ts';
import { addresses, callers, logIn, openWorld, settled, type World } from './world.ts';

const PICTURES = 'test-artefacts';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [360, 1440] as const;
const SCHEMES = ['light', 'dark'] as const;

const TEXTS = [
  { name: 'Erika Mustermann', model: 's505', firmware: '3.2.1', ip: '192.168.1.51', extra: '201' },
  { name: 'Max Mustermann', model: 's505', firmware: '3.2.1', ip: '192.168.1.51', extra: '201' },
  {
    name: 'A company with a rather long name GmbH & Co. KG',
    model: 's505',
    firmware: '3.2.1',
    ip: '192.168.1.51',
    extra: '201',
  },
];

async function furnished(): Promise<World> {
  const world = await openWorld();
  await callers(world, TEXTS, 3);
  await settled(world, TEXTS.length);
  const { desk } = world;
  const headers = { authorization: `Bearer ${desk.tokenOf('admin')}` };
  const made = await desk.ask('POST', '/api/v1/phones', {
    headers,
    body: JSON.stringify({ who: '00:aa:bb:cc:10:00', name: 'Kitchen' }),
  });
  expect(made.status).toBe(200);
  return world;
}

type Found = { id: string; impact: string; nodes: { html: string; failureSummary: string }[] };

/** What axe finds that is serious or worse, in one line each. */
async function serious(page: Page, where: string): Promise<string[]> {
  await page.evaluate(AXE);
  const found = (await page.evaluate('axe.run(document, { iframes: false })')) as { violations: Found[] };
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${where}: ${id}: ${nodes[0]?.html.slice(0, 160)} (${nodes.length})`);
}

/** What is wider than the window, if the page can be pushed sideways. */
const SIDEWAYS = `(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= window.innerWidth) return [];
  return [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1 && e.closest('.scroll') === null)
    .slice(0, 3).map((e) => e.outerHTML.slice(0, 120));
})()`;

test.runIf(hasChromium)(
  'every page at 360 and 1440 px, light and dark: nothing serious for axe, nothing sideways, nothing on the console (needs chromium)',
  async () => {
    mkdirSync(PICTURES, { recursive: true });
    const world = await furnished();
    const { desk, page } = world;
    const complaints: string[] = [];
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
    page.on('response', (answer) => answer.status() >= 400 && complaints.push(`${answer.status()} ${answer.url()}`));
    const visited = ['/login', ...(await addresses(world))];
    expect(visited.length).toBeGreaterThan(13);
    let audits = 0;
    for (const path of visited) {
      if (path === visited[1]) await logIn(world, 'admin');
      for (const width of WIDTHS)
        for (const colorScheme of SCHEMES) {
          const where = `${
            path
              .replace(/[/?=%]+/g, '-')
              .replace(/^-/, '')
              .slice(0, 40) || 'wall'
          }-${width}-${colorScheme}`;
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 800 });
          await page.goto(`${desk.base}${path}`);
          await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`);
          complaints.push(...(await serious(page, where)));
          complaints.push(
            ...((await page.evaluate(SIDEWAYS)) as string[]).map((html) => `${where}: sideways: ${html}`),
          );
          await page.screenshot({ path: join(PICTURES, `${where}.png`), fullPage: true });
          audits += 1;
        }
    }
    console.log(`${visited.length} pages, ${audits} audits, ${complaints.length} complaints`);
    expect(complaints).toEqual([]);
  },
);

/** Everything that the keyboard must reach, in order; of radio buttons the one that is chosen. A frame is a stop only where it scrolls. */
const REACHABLE = `window.wanted = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.type !== 'hidden' && (e.type !== 'radio' || e.checked));
window.wanted.length`;
/** Resolves when nothing on the page has changed for a while. */
const STILL = `new Promise((resolve) => {
  let timer = setTimeout(resolve, 300);
  new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(resolve, 300); })
    .observe(document.querySelector('main'), { subtree: true, childList: true });
})`;
/** The fields and the button within a date are stops of their own. */
const STOPS_OF_DATES = `8 * document.querySelectorAll('input[type^="date"]').length`;
const FOCUSED = `(() => {
  const e = document.activeElement;
  const style = getComputedStyle(e);
  return { index: window.wanted.indexOf(e), shown: e.tagName === 'IFRAME' || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2), html: e.outerHTML.slice(0, 100) };
})()`;

test.runIf(hasChromium)(
  'every control is reached by Tab in its order, and one sees where one is (needs chromium)',
  async () => {
    const world = await furnished();
    const { desk, page } = world;
    await logIn(world, 'admin');
    const offences: string[] = [];
    let reached = 0;
    for (const path of await addresses(world)) {
      await page.goto(`${desk.base}${path}`);
      // What the stream says at its opening makes cards anew; then the wall stands still.
      await page.waitForFunction(
        `document.querySelector('#live') === null || document.querySelector('#live').textContent === 'Live'`,
      );
      await page.evaluate(STILL);
      const count = (await page.evaluate(REACHABLE)) as number;
      const stops = count + ((await page.evaluate(STOPS_OF_DATES)) as number) + 5;
      const seen = new Set<number>();
      let before = -1;
      for (let n = 0; n < stops && seen.size < count; n++) {
        await page.keyboard.press('Tab');
        const { index, shown, html } = (await page.evaluate(FOCUSED)) as {
          index: number;
          shown: boolean;
          html: string;
        };
        if (index < 0) continue;
        if (n === 0 && !html.includes('class="skip"')) offences.push(`${path}: the first is ${html}`);
        if (!shown) offences.push(`${path}: nothing shows that one is at ${html}`);
        if (index < before) offences.push(`${path}: back to ${html}`);
        before = index;
        seen.add(index);
      }
      if (seen.size < count)
        offences.push(
          `${path}: not reached: ${await page.evaluate(`JSON.stringify(window.wanted.flatMap((e, n) => ${JSON.stringify([...seen])}.includes(n) ? [] : [e.outerHTML.slice(0, 100), e.isConnected]))`)}`,
        );
      reached += seen.size;
    }
    console.log(`${reached} controls reached by Tab, ${offences.length} offences`);
    expect(offences).toEqual([]);
    await page.goto(`${desk.base}/calls`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement.type')).toBe('search');
    await page.keyboard.type('Erika');
    await page.keyboard.press('Enter');
    await page.waitForURL(/text=Erika/);
    expect(await page.locator('main table tbody tr').count()).toBe(1);
  },
);
