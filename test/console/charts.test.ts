// The charts in a real browser: drawn under the console's own policy, the same numbers as a table, in both colours and any width.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { startDaemon, TOKEN_SHA256 } from '../running-daemon.ts';
import { hasChromium, openChromium } from '../support/chromium.ts';
import { freePort } from '../support/free-port.ts';
import { fillStore } from '../support/history-fill.ts';
import { tempFolder } from '../support/temp-folder.ts';

const CALLS = 200;
const HOUR_MS = 3_600_000;

/** A browser that is logged in at a console with some history; `said` is what it complained of. */
async function loggedIn(): Promise<{ page: Page; base: string; said: string[] }> {
  const folder = tempFolder();
  const [port, consolePort] = [await freePort(), await freePort()];
  mkdirSync(folder.at('data'), { mode: 0o700 });
  const nowMs = Date.now();
  fillStore(folder.at('data'), { calls: CALLS, phones: 5, fromMs: nowMs - 20 * HOUR_MS, toMs: nowMs - HOUR_MS });
  folder.write('rules/none.json', { rules: [] });
  folder.write('config.json', {
    receiver: { host: '127.0.0.1', port },
    console: { port: consolePort },
    timezone: 'Europe/Berlin',
    sites: { default: { token: { sha256: TOKEN_SHA256 } } },
    phones: [{ id: 'desk-001', name: 'Desk <img src=x onerror=alert(1)>' }],
  });
  const daemon = await startDaemon(folder);
  onTestFinished(async () => void (await daemon.stop()));
  const password = /with the password (\S+)/.exec(daemon.out())?.[1] ?? '';
  const page = await (await openChromium()).newPage();
  const said: string[] = [];
  // A warning is about this test's own looking; violations of the policy are errors.
  page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  const base = `http://127.0.0.1:${consolePort}`;
  await page.goto(`${base}/login`);
  await page.fill('input[name="name"]', 'admin');
  await page.fill('input[type="password"]', password);
  await page.click('form.login button');
  await page.waitForURL(`${base}/`);
  // A browser asks for an icon by itself, once; what is not there is no violation.
  said.length = 0;
  return { page, base, said };
}

/** Colours of the first chart, by how much there is of each. A text, because the compiler of the tests knows no browser. */
const COLOURS = `(() => {
  const canvas = document.querySelector('[data-chart="calls"] canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const counts = new Map();
  for (let n = 0; n < data.length; n += 4) {
    const name = data[n] + ',' + data[n + 1] + ',' + data[n + 2];
    if (data[n + 3] === 255) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name);
})()`;

test.runIf(hasChromium)(
  'charts are drawn, and their tables say the same (needs chromium)',
  { timeout: 90_000 },
  async () => {
    const { page, base, said } = await loggedIn();
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(`${base}/charts?period=24h`);
    await page.waitForSelector('[data-chart="hits"] canvas');
    expect(await page.locator('[data-chart] canvas').count()).toBe(6);

    await page.click('[data-chart="calls"] summary');
    const rows = await page.locator('[data-chart="calls"] [data-table] tbody tr').allInnerTexts();
    expect(rows).toHaveLength(24);
    const numbers = rows.flatMap((row) => row.split('\t').slice(1).map(Number));
    expect(numbers.reduce((sum, n) => sum + n, 0)).toBe(CALLS);
    await page.click('[data-chart="phones"] summary');
    const phones = await page.locator('[data-chart="phones"] [data-table] tbody').innerText();
    expect(phones).toContain('Desk <img src=x onerror=alert(1)>');

    expect((await page.evaluate<string[]>(COLOURS))[0]).toBe('26,127,55');
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(async () => (await page.evaluate<string[]>(COLOURS))[0], { timeout: 10_000 }).toBe('63,185,80');

    await page.setViewportSize({ width: 360, height: 700 });
    const widthOfChart = `document.querySelector('[data-chart="calls"] canvas')?.clientWidth`;
    await expect.poll(() => page.evaluate<number>(widthOfChart), { timeout: 10_000 }).toBeLessThan(350);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);

    const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
    const findings = await seriousOf(page, axe);
    expect(findings).toEqual([]);
    // No violation of the policy, no error of a script.
    expect(said).toEqual([]);
  },
);

/** What axe finds that is serious or worse; it is run apart from the page, whose policy allows it no script. */
async function seriousOf(page: Page, path: string): Promise<string[]> {
  const { readFileSync } = await import('node:fs');
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  await session.send('Runtime.evaluate', { contextId: executionContextId, expression: readFileSync(path, 'utf8') });
  const { result } = await session.send('Runtime.evaluate', {
    contextId: executionContextId,
    awaitPromise: true,
    returnByValue: true,
    expression: `axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`,
  });
  return result.value as string[];
}
