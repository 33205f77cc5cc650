// A house as a browser meets it: phones that called, messages that went, wait and failed, strangers in quarantine; and somebody logged in.
import type { BrowserContext, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { openChromium } from '../support/chromium.ts';
import { type ConsoleDesk, openConsoleDesk, type Role } from '../support/console-desk.ts';
import { pagePaths } from '../support/console-routes.ts';
import { eventually } from '../support/destination-contract.ts';
import { answer, startHttpServer } from '../support/http-server.ts';

export type World = { desk: ConsoleDesk; browser: BrowserContext; page: Page };

/** Messages to a place that takes them, one that refuses them with a text of its own, one that is not there, and two dry runs. */
const RULES = [
  { id: 'to-crm', on: 'phone.incoming_call', do: [{ webhook: { to: 'crm', body: { caller: '{{ remote.name }}' } } }] },
  {
    id: 'to-nowhere',
    on: 'phone.missed_call',
    do: [{ webhook: { to: 'nowhere', body: { caller: '{{ remote.name }}' } } }],
  },
  {
    id: 'by-mail',
    on: 'phone.incoming_call',
    do: [{ email: { to: 'office', subject: 'Call of {{ remote.name }}', text: '{{ remote.name }} called' } }],
  },
  { id: 'to-team', on: 'call.missed', do: [{ slack: { to: 'team', text: 'Missed: {{ remote.name }}' } }] },
];

/** Opens the console of a daemon with two phones and three connections; `refusal` is what one of them answers to every message. */
export async function openWorld(refusal = 'no such customer', contacts: readonly object[] = []): Promise<World> {
  const crm = await startHttpServer(answer(422, { 'content-type': 'text/plain' }, refusal));
  onTestFinished(() => crm.stop());
  const desk = await openConsoleDesk(
    {
      connections: {
        crm: { type: 'webhook', url: `${crm.url}/hook`, allowPrivate: ['127.0.0.0/8'] },
        nowhere: { type: 'webhook', url: 'http://127.0.0.1:9/hook', allowPrivate: ['127.0.0.0/8'] },
        office: {
          type: 'email',
          dryRun: true,
          host: '127.0.0.1',
          from: { address: 'a@example.net' },
          recipients: ['b@example.net'],
        },
        team: { type: 'slack', dryRun: true, token: { file: 'slack.token' }, channel: '#phones' },
      },
      ...(contacts.length === 0 ? {} : { contacts: ['contacts.json'] }),
    },
    RULES,
    { 'slack.token': 'xoxb-none', ...(contacts.length === 0 ? {} : { 'contacts.json': contacts }) },
  );
  const browser = await openChromium();
  return { desk, browser, page: await browser.newPage() };
}

/** By the form, as a person does. */
export async function logIn({ desk, page }: World, role: Role): Promise<void> {
  await page.goto(`${desk.base}/login`);
  await page.fill('input[name="name"]', role);
  await page.fill('input[name="password"]', desk.passwordOf(role));
  await page.click('form.login button');
  await page.waitForURL(`${desk.base}/`);
}

export type Texts = { name: string; model: string; firmware: string; ip: string; extra: string };

const encode = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

/** One incoming call after the other, each from a number of its own; every second one is missed. And as many words of strangers. */
export async function callers({ desk }: World, texts: readonly Texts[], strangers = 20): Promise<void> {
  for (const [n, { name, model, firmware, ip, extra }] of texts.entries()) {
    const call = `mac=005058a1b2c3&ip=${encode(ip)}&model=${encode(model)}&firmware=${encode(firmware)}&user=${encode(extra)}&call_id=${n}&own=${encode(extra)}&local=201&display_local=${encode(extra)}&remote=%2B49301${String(n).padStart(6, '0')}&display_remote=${encode(name)}`;
    await desk.hit('incoming_call', call);
    if (n % 2 === 0) await desk.hit('missed_call', call);
    if (n < strangers)
      await desk.hit(
        'dnd_on',
        `mac=00aabbcc${String(1000 + n)}&ip=${encode(ip)}&model=${encode(model)}&firmware=${encode(firmware)}`,
      );
  }
}

/** Everything was decided, and the message of the last caller that the place refuses has ended. */
export async function settled({ desk }: World, dead: number): Promise<void> {
  const headers = { authorization: `Bearer ${desk.tokenOf('admin')}` };
  await eventually(
    async () => {
      const { body } = await desk.ask('GET', '/api/v1/deliveries?to=crm&state=dead&limit=500', { headers });
      return (JSON.parse(body) as { deliveries: unknown[] }).deliveries.length >= dead;
    },
    'messages to be refused',
    60_000,
  );
}

/** What a page's path stands for here: each parameter with something that is there. */
export async function addresses({ desk }: World): Promise<string[]> {
  const headers = { authorization: `Bearer ${desk.tokenOf('admin')}` };
  const found = async (path: string): Promise<Record<string, never[]>> =>
    JSON.parse((await desk.ask('GET', path, { headers })).body) as Record<string, never[]>;
  const first = async (path: string, key: string, id: string): Promise<string> =>
    encodeURIComponent((((await found(path))[key] ?? [])[0] as unknown as Record<string, string>)?.[id] ?? 'none');
  const call = await first('/api/v1/calls?state=missed', 'calls', 'key');
  const event = await first('/api/v1/events?type=phone.incoming_call', 'events', 'id');
  const mail = await first('/api/v1/deliveries?to=office', 'deliveries', 'id');
  const refused = await first('/api/v1/deliveries?to=crm', 'deliveries', 'id');
  return pagePaths().flatMap((path) => {
    if (path === '/login') return [];
    if (path === '/calls/:key') return [`/calls/${call}`];
    if (path === '/events/:id') return [`/events/${event}`];
    if (path === '/phones/:id') return ['/phones/front-desk', '/phones/hall'];
    if (path === '/rules/:id') return ['/rules/to-crm'];
    if (path === '/deliveries/one') return [`${path}?id=${mail}`, `${path}?id=${refused}`];
    return [path];
  });
}
