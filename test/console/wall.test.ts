// The wall in a real browser: a hit changes a tile and a card without a reload, and a page that comes later has what came before.
import { expect, onTestFinished, test } from 'vitest';
import { hit, startDaemon, TOKEN_SHA256 } from '../running-daemon.ts';
import { hasChromium, openChromium } from '../support/chromium.ts';
import { freePort } from '../support/free-port.ts';
import { sendRaw } from '../support/raw-http.ts';
import { tempFolder } from '../support/temp-folder.ts';

const WAIT = { timeout: 10_000 };

test.runIf(hasChromium)(
  'what phones say stands on the wall at once (needs chromium)',
  { timeout: 90_000 },
  async () => {
    const folder = tempFolder();
    const [port, consolePort] = [await freePort(), await freePort()];
    folder.write('rules/none.json', { rules: [] });
    folder.write('config.json', {
      receiver: { host: '127.0.0.1', port },
      console: { port: consolePort },
      sites: { default: { country: 'DE', token: { sha256: TOKEN_SHA256 } } },
      phones: [{ id: 'front', name: 'Front <desk>', mac: '00:50:58:a1:b2:c3', groups: ['hall'] }],
    });
    const daemon = await startDaemon(folder);
    onTestFinished(async () => void (await daemon.stop()));
    const page = await (await openChromium()).newPage();
    const said: string[] = [];
    // A warning is about this test's own looking; violations of the policy are errors.
    page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    const base = `http://127.0.0.1:${consolePort}`;
    await page.goto(`${base}/login`);
    await page.fill('input[name="name"]', 'admin');
    await page.fill('input[type="password"]', /with the password (\S+)/.exec(daemon.out())?.[1] ?? '');
    await page.click('form.login button');
    await page.waitForURL(`${base}/`);
    const tile = page.locator('[data-phone="front"]');
    const cards = page.locator('#calls > li');
    expect(await tile.locator('h3').innerText()).toBe('Front <desk>');
    expect(await cards.count()).toBe(0);

    await sendRaw(port, hit('incoming_call', 'Erika <b>'));
    await expect.poll(() => tile.locator('[data-word]').innerText(), WAIT).toBe('ringing');
    await expect.poll(() => cards.count(), WAIT).toBe(1);
    expect(await cards.innerText()).toContain('Erika <b>');
    await cards.locator('a').focus();
    await sendRaw(port, hit('established', 'Erika <b>'));
    await expect.poll(() => cards.locator('strong').innerText(), WAIT).toBe('in a call');
    // Whoever goes through the page by keyboard is not thrown back to its begin.
    expect(await page.evaluate('document.activeElement?.closest("[data-call]") !== null')).toBe(true);

    // A stream that breaks comes again, with all that happened meanwhile.
    await page.context().setOffline(true);
    await sendRaw(port, hit('terminated', 'Erika <b>'));
    await page.context().setOffline(false);
    await expect.poll(() => cards.count(), WAIT).toBe(0);
    await expect.poll(() => page.locator('#no-calls').isVisible(), WAIT).toBe(true);
    expect(said.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
  },
);
