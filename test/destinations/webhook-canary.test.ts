// Webhooks: a server that listens on every address of this machine, and six ways to lead a request to it. None arrives.
import { createServer, type Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { open } from '../../src/destinations/webhook/client.ts';
import { webhook } from '../../src/destinations/webhook/index.ts';
import type { WebhookSettings } from '../../src/destinations/webhook/settings.ts';
import { testContext } from '../support/destination-contract.ts';
import { PRIVATE_SPELLINGS } from '../support/private-addresses.ts';
import { openWebhook } from '../support/webhook-connection.ts';

/** The one address that the connections of these tests may reach; it stands for a public one. */
const ALLOWED = '127.0.0.2';

const SIX = PRIVATE_SPELLINGS.filter((host) => host.startsWith('['));
/** Every spelling of IPv6, and of IPv4 as many as make sixty. */
const SIXTY = [...SIX, ...PRIVATE_SPELLINGS.filter((host) => !host.startsWith('[')).slice(0, 60 - SIX.length)];

let server: Server;
let port = 0;
let allowed = 0;
const hits: string[] = [];
let location = '';

beforeAll(async () => {
  server = createServer((_request, response) => {
    if (location !== '') response.writeHead(307, { location: Buffer.from(location, 'utf8').toString('latin1') });
    response.end();
  });
  server.on('connection', (socket) => {
    const at = socket.localAddress?.replace('::ffff:', '') ?? '';
    if (at === ALLOWED) allowed += 1;
    else hits.push(at);
  });
  const listen = (host: string) =>
    new Promise<void>((resolve, reject) => void server.once('error', reject).listen(0, host, resolve));
  // A machine without IPv6 has no `::`.
  await listen('::').catch(() => listen('0.0.0.0'));
  port = (server.address() as { port: number }).port;
});
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

/** The same address as the URL standard writes it, without brackets. */
const addressOf = (host: string): string => new URL(`http://${host}/`).hostname.replace(/^\[|\]$/g, '');

/** An IPv4 address inside IPv6 ones; of an IPv6 address, other spellings of it. */
function embeddings(host: string): string[] {
  const address = addressOf(host);
  if (address.includes(':')) return [`${address}%lo`, address.toUpperCase()];
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  const hex = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  return [`::ffff:${address}`, `::ffff:${hex}`, `64:ff9b::${hex}`, `64:ff9b::${address}`, `2002:${hex}::1`, `::${hex}`];
}

/** The settings as if nobody had checked them. */
const unchecked = (url: string): WebhookSettings => ({
  url,
  method: 'POST',
  allowPrivate: [`${ALLOWED}/32`],
  allowHttp: true,
  timeoutMs: 5_000,
});

const post = async (url: string, resolve: () => Promise<string[]> = () => Promise.reject(new Error('no name'))) => {
  const connection = await open(unchecked(url), testContext(), resolve);
  const outcome = await connection.send({ body: 1 }, { id: 'a', attempt: 1, signal: AbortSignal.timeout(5_000) });
  await connection.close();
  return outcome;
};

const REFUSED = { kind: 'unavailable', code: 'refused' };

describe('60 spellings by 6 ways', () => {
  let cases = 0;

  it('are sixty', () => expect(new Set(SIXTY).size).toBe(60));

  it('as a literal: refused by the settings, and by the connection if nobody had checked them', async () => {
    for (const host of SIXTY) {
      const url = `http://${host}:${port}/`;
      expect(webhook.settings.safeParse({ url, allowHttp: true, allowPrivate: [ALLOWED] }).success).toBe(false);
      expect([host, await post(url)]).toEqual([host, expect.objectContaining(REFUSED)]);
      cases += 1;
    }
  });

  it('behind a name', async () => {
    for (const host of SIXTY) {
      const outcome = await post(`http://crm.example.net:${port}/`, async () => [ALLOWED, addressOf(host)]);
      expect([host, outcome]).toEqual([host, expect.objectContaining(REFUSED)]);
      cases += 1;
    }
  });

  it('behind a redirect of an allowed endpoint', async () => {
    for (const host of SIXTY) {
      location = `http://${host}:${port}/`;
      const outcome = await post(`http://crm.example.net:${port}/`, async () => [ALLOWED]);
      expect([host, outcome]).toEqual([host, expect.objectContaining({ kind: 'retry', code: '307' })]);
      cases += 1;
    }
    location = '';
    expect(allowed).toBe(60);
  });

  it('behind a name that is allowed first and private from then on', async () => {
    for (const host of SIXTY) {
      let asked = 0;
      const hook = await openWebhook(
        { url: `http://rebind.example:${port}/`, allowPrivate: [`${ALLOWED}/32`] },
        { resolve: async () => [asked++ === 0 ? ALLOWED : addressOf(host)] },
      );
      expect((await hook.post()).kind).toBe('delivered');
      expect(asked).toBe(1);
      expect([host, await hook.post()]).toEqual([host, expect.objectContaining(REFUSED)]);
      await hook.close();
      cases += 1;
    }
  });

  it('inside another address: mapped, NAT64, 6to4, compatible, or with a zone', async () => {
    for (const host of SIXTY) {
      for (const address of embeddings(host)) {
        const outcome = await post(`http://crm.example.net:${port}/`, async () => [address]);
        expect([address, outcome]).toEqual([address, expect.objectContaining(REFUSED)]);
      }
      cases += 1;
    }
  });

  it('beside a user name, a backslash, a fragment or dot segments', async () => {
    for (const host of SIXTY) {
      for (const url of [
        `http://crm.example.net@${host}:${port}/`,
        `http://crm.example.net:443@${host}:${port}/`,
        `http://crm.example.net%40${host}:${port}/`,
        `http://${host}:${port}\\@crm.example.net/`,
        `http://crm.example.net\\@${host}:${port}/`,
        `http://${host}:${port}#@crm.example.net/`,
        `http:/${host}:${port}/`,
        `http:\\\\${host}:${port}/`,
        `//${host}:${port}/`,
      ]) {
        const given = { url, allowHttp: true, allowPrivate: [ALLOWED] };
        expect([url, webhook.settings.safeParse(given).success]).toEqual([url, false]);
      }
      for (const path of [`../../${host}`, `..//${host}:${port}`, `%2e%2e/${host}`, `@${host}/..`, `//${host}/`])
        expect([path, webhook.check?.({ body: 1, path })]).toEqual([path, expect.stringContaining('path:')]);
      cases += 1;
    }
  });

  it('are 360 cases, none of which reached the server', () => {
    expect(cases).toBe(360);
    expect(hits).toEqual([]);
    expect(allowed).toBe(120);
  });
});

const outer = Object.values(networkInterfaces())
  .flat()
  .find((each) => each !== undefined && !each.internal && each.family === 'IPv4')?.address;

describe('a listener of ours on every address', () => {
  it.runIf(outer !== undefined)(
    'is let go before a byte is sent, where it is reached by an address that no list names (needs a network)',
    async () => {
      const requests: string[] = [];
      const own = createServer((request, response) => {
        requests.push(request.url ?? '');
        response.end();
      });
      await new Promise<void>((resolve) => void own.listen(0, '0.0.0.0', resolve));
      const ours = (own.address() as { port: number }).port;
      for (const listens of [true, false]) {
        const hook = await openWebhook(
          { url: `http://${outer}:${ours}/`, allowPrivate: ['0.0.0.0/0'], allowHttp: true },
          { ownAddresses: () => (listens ? [{ host: '0.0.0.0', port: ours }] : []) },
        );
        expect((await hook.post()).kind).toBe(listens ? 'unavailable' : 'delivered');
        await hook.close();
        expect(requests.length).toBe(listens ? 0 : 1);
      }
      await new Promise<void>((resolve) => void own.close(() => resolve()));
    },
  );

  it('is refused at once where loopback leads to it', async () => {
    const before = hits.length;
    const connection = await open(
      { ...unchecked(`http://127.0.0.1:${port}/`), allowPrivate: ['127.0.0.0/8'] },
      testContext({ ownAddresses: () => [{ host: '::', port }] }),
      async () => [],
    );
    const outcome = await connection.send({ body: 1 }, { id: 'a', attempt: 1, signal: AbortSignal.timeout(5_000) });
    expect(outcome).toMatchObject({ ...REFUSED, error: expect.stringContaining('Hookswitch itself') });
    expect(hits.length).toBe(before);
    await connection.close();
  });
});
