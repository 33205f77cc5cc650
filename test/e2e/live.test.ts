// The wall in a real browser: how soon it shows what a phone said; and what forms do.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hasChromium } from '../support/chromium.ts';
import { eventually } from '../support/destination-contract.ts';
import { callers, logIn, openWorld, settled } from './world.ts';

const SHOWN_MS_MAX = 300;
const CHANGES = 20;

/** Notes when the tile's word changes; both clocks are those of this machine. */
const WATCH = `
window.changes = [];
new MutationObserver(() => window.changes.push({ word: document.querySelector('[data-phone="front-desk"] [data-word]').textContent, atMs: Date.now() }))
  .observe(document.querySelector('[data-phone="front-desk"] [data-word]'), { childList: true, characterData: true, subtree: true });`;

test.runIf(hasChromium)(
  'shows a phone ringing within 300 ms after the phone had its answer (needs chromium)',
  async () => {
    const world = await openWorld();
    const { desk, page } = world;
    await logIn(world, 'read');
    await page.waitForFunction(`document.getElementById('live').textContent === 'Live'`);
    await page.evaluate(WATCH);
    const took: number[] = [];
    for (let n = 0; n < CHANGES; n++) {
      const call = `mac=005058a1b2c3&call_id=${n}&remote=%2B4930123&display_remote=Erika`;
      for (const [slug, word] of [
        ['incoming_call', 'ringing'],
        ['missed_call', 'idle'],
      ] as const) {
        const before = (await page.evaluate('window.changes.length')) as number;
        expect(await desk.hit(slug, call)).toBe(200);
        const answeredMs = Date.now();
        await page.waitForFunction(`window.changes.length > ${before}`);
        const change = (await page.evaluate('window.changes.at(-1)')) as { word: string; atMs: number };
        expect(change.word).toBe(word);
        took.push(change.atMs - answeredMs);
      }
    }
    took.sort((a, b) => a - b);
    const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
    console.log(
      `from 200 to shown: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms (${took.length} changes)`,
    );
    expect(at(0.5)).toBeLessThanOrEqual(SHOWN_MS_MAX);
    expect(at(0.95)).toBeLessThanOrEqual(SHOWN_MS_MAX);
  },
);

test.runIf(hasChromium)(
  'forms: adopt, name, group, token, file, retry, cancel, another password (needs chromium)',
  async () => {
    const world = await openWorld();
    const { desk, page } = world;
    page.on('dialog', (dialog) => void dialog.accept());
    await callers(world, [{ name: 'Erika', model: 's505', firmware: '1', ip: '192.168.1.51', extra: '201' }], 1);
    await settled(world, 1);
    await logIn(world, 'admin');
    await page.goto(`${desk.base}/phones`);
    await page.click('summary:has-text("Adopt 00:aa:bb:cc:10:00")');
    const adopt = page.locator('details[open] form');
    await adopt.locator('input[name="name"]').fill('Kitchen');
    await adopt.locator('input[name="groups"]').fill('house, kitchen');
    await adopt.locator('button').click();
    await page.waitForURL(`${desk.base}/phones/kitchen`);
    expect(await page.locator('main').textContent()).toContain('house, kitchen');
    await page.locator('form[action$="/name"] input[name="name"]').fill('Kitchen, first floor');
    await page.locator('form[action$="/name"] button').click();
    await eventually(async () => (await page.textContent('.tile h3')) === 'Kitchen, first floor', 'its name');
    await page.locator('form[action$="/token"] button').click();
    const token = (await page.textContent('main pre')) ?? '';
    expect(token).toMatch(/^[A-Za-z0-9_-]{24}$/);
    expect(await page.locator('main table tbody tr').count()).toBeGreaterThan(20);
    await page.goto(`${desk.base}/phones/kitchen`);
    await page.locator('form[action$="/provision"] input[name="all"]').check();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('button:has-text("and its file")'),
    ]);
    expect(download.suggestedFilename()).toContain('00aabbcc1000');
    const text = readFileSync(await download.path(), 'utf8');
    expect(text).toMatch(/\/a\/[A-Za-z0-9_-]{24}\/incoming_call\?/);
    expect(text).not.toContain(token);
    await page.goto(`${desk.base}/deliveries?to=crm`);
    await page.check('input[name="ids"]');
    await page.click('button:has-text("Send picked ones again")');
    await eventually(async () => (await page.textContent('main table')) !== null, 'the list');
    await page.goto(`${desk.base}/deliveries?to=nowhere&state=waiting`);
    await page.check('input[name="ids"]');
    await page.click('button:has-text("Call picked ones off")');
    await page.goto(`${desk.base}/deliveries?to=nowhere&state=cancelled`);
    expect(await page.locator('main table tbody tr').count()).toBe(1);
    await page.goto(`${desk.base}/audit`);
    const audit = (await page.textContent('main table')) ?? '';
    for (const done of ['login', 'POST /phones', 'POST /phones/:id/token', 'POST /deliveries'])
      expect(audit).toContain(done);
    expect(audit).not.toContain(token);
    await page.goto(`${desk.base}/account`);
    await page.fill('input[name="current"]', desk.passwordOf('admin'));
    for (const name of ['password', 'again']) await page.fill(`input[name="${name}"]`, 'another good password');
    await page.click('button.primary');
    await page.waitForURL(`${desk.base}/login?changed`);
    await page.fill('input[name="name"]', 'admin');
    await page.fill('input[name="password"]', 'another good password');
    await page.click('form.login button');
    await page.waitForURL(`${desk.base}/`);
  },
);

test.runIf(hasChromium)(
  'the browser takes the plain cookie over http, no script sees it, and no other site sends it (needs chromium)',
  async () => {
    const world = await openWorld();
    const { desk, page, browser } = world;
    await logIn(world, 'read');
    const [cookie] = await browser.cookies(desk.base);
    expect(cookie).toMatchObject({ name: 'hookswitch', httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(await page.evaluate('document.cookie')).toBe('');
    // Whether a Secure cookie of that prefix would be kept over http on loopback: browsers differ, so it is not relied on.
    await page.route(`${desk.base}/probe`, (route) =>
      route.fulfill({ status: 200, headers: { 'set-cookie': '__Host-probe=1; Path=/; Secure; HttpOnly' }, body: 'x' }),
    );
    await page.goto(`${desk.base}/probe`);
    console.log(
      `__Host- over http on 127.0.0.1 is kept: ${(await browser.cookies(desk.base)).some(({ name }) => name === '__Host-probe')}`,
    );
    const elsewhere = await browser.newPage();
    const sent: string[] = [];
    page.context().on('request', (request) => request.url().includes('/phones') && sent.push(request.method()));
    await elsewhere.route('http://evil.example/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${desk.base}/phones"><input name="who" value="00:50:58:00:00:09"></form><script>document.forms[0].submit()</script>`,
      }),
    );
    await elsewhere.goto('http://evil.example/');
    await eventually(() => sent.includes('POST'), 'the foreign form to be sent');
    await elsewhere.waitForLoadState();
    const headers = { authorization: `Bearer ${desk.tokenOf('read')}` };
    expect((await desk.ask('GET', '/api/v1/phones', { headers })).body).not.toContain('005058000009');
    const framing = await browser.newPage();
    await framing.route('http://evil.example/', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<iframe src="${desk.base}/login"></iframe>` }),
    );
    await framing.goto('http://evil.example/');
    expect(
      await framing
        .frames()[1]
        ?.locator('form.login')
        .count()
        .catch(() => 0),
    ).toBe(0);
  },
);
