// Webhooks: no spelling of a private address, and no name that leads to one, is ever connected to.
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { judge, networksOf } from '../../src/destinations/webhook/address.ts';
import { webhook } from '../../src/destinations/webhook/index.ts';
import { makeCertificates } from '../support/certificates.ts';
import { answer, type HttpServer, startHttpServer } from '../support/http-server.ts';
import { itWithOpenssl } from '../support/mosquitto.ts';
import { PRIVATE_SPELLINGS as SPELLINGS } from '../support/private-addresses.ts';
import { openWebhook } from '../support/webhook-connection.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startCanary(): Promise<HttpServer> {
  const canary = await startHttpServer(answer(200));
  cleanups.push(() => canary.stop());
  return canary;
}

/** The same as addresses, as a resolver would hand them out. */
const ADDRESSES = SPELLINGS.map((host) => new URL(`http://${host}/`).hostname.replace(/^\[|\]$/g, ''));

describe('an address that is not public', () => {
  it('is known by at least 60 spellings, none of which a config may name', () => {
    expect(new Set(SPELLINGS).size).toBeGreaterThanOrEqual(60);
    for (const scheme of ['http', 'https'])
      for (const host of SPELLINGS) {
        const url = `${scheme}://${host}:9/x`;
        const issues = webhook.settings.safeParse({ url, allowHttp: true }).error?.issues;
        expect([url, issues?.map(({ message }) => message).join()]).toEqual([
          url,
          expect.stringContaining('allowPrivate'),
        ]);
      }
  });

  it.each(['', '?x=', '#', '\\', '@', '%40', '.'])('is not reached by a URL that hides it behind "%s"', (trick) => {
    for (const url of [`https://crm.example.net${trick}127.0.0.1/`, `https://127.0.0.1${trick}crm.example.net/`]) {
      const given = webhook.settings.safeParse({ url });
      if (given.success) expect(new URL(url).hostname).toContain('crm.example.net');
    }
  });

  it('is not reached through a name, alone or beside another address, nor through one that changes', async () => {
    const canary = await startCanary();
    for (const address of ADDRESSES) {
      for (const answers of [[address], [address, address], ['127.0.0.2', address]]) {
        const hook = await openWebhook(
          { url: `http://rebind.example:${canary.port}/`, allowHttp: true, allowPrivate: ['127.0.0.2'] },
          { resolve: async () => answers },
        );
        const outcome = await hook.post();
        expect([address, outcome]).toEqual([
          address,
          expect.objectContaining({ kind: 'unavailable', code: 'refused' }),
        ]);
        expect(outcome).toMatchObject({ error: expect.stringContaining('allowPrivate') });
        expect(JSON.stringify(outcome)).not.toContain('"127.');
        expect([...hook.context.counts.keys()][0]).toMatch(/^webhook_refused\{connection=under-test,reason=\w+\}$/);
        await hook.close();
      }
    }
    expect(canary.connections()).toBe(0);
  });

  it('is not reached by a name of this machine', async () => {
    const canary = await startCanary();
    for (const host of ['localhost', 'LOCALHOST', 'localhost.']) {
      const hook = await openWebhook({ url: `http://${host}:${canary.port}/`, allowHttp: true });
      expect(await hook.post()).not.toMatchObject({ kind: 'delivered' });
      await hook.close();
    }
    expect(canary.connections()).toBe(0);
  });

  it('is not reached by a name that changes between the check and the connection', async () => {
    const canary = await startCanary();
    const { createServer } = await import('node:http');
    const allowed = createServer((_request, response) => response.end());
    await new Promise<void>((resolve) => allowed.listen(canary.port, '127.0.0.2', resolve));
    cleanups.push(() => new Promise((resolve) => allowed.close(() => resolve())));
    let asked = 0;
    const hook = await openWebhook(
      { url: `http://rebind.example:${canary.port}/`, allowPrivate: ['127.0.0.2/32'] },
      { resolve: async () => [asked++ === 0 ? '127.0.0.2' : '127.0.0.1'] },
    );
    expect(await hook.post()).toEqual({ kind: 'delivered', code: '200' });
    expect(asked).toBe(1);
    expect(await hook.post()).toMatchObject({ kind: 'unavailable', code: 'refused' });
    await hook.close();
    expect(canary.connections()).toBe(0);
  });
});

describe('an allowed network', () => {
  it('is reached by name, which stays in the Host header', async () => {
    const canary = await startCanary();
    const hook = await openWebhook(
      { url: `http://nas.lan:${canary.port}/`, allowPrivate: ['127.0.0.0/8'] },
      { resolve: async () => ['127.0.0.1'] },
    );
    expect(await hook.post()).toEqual({ kind: 'delivered', code: '200' });
    expect(canary.requests[0]?.headers.host).toBe(`nas.lan:${canary.port}`);
    await hook.close();
  });

  itWithOpenssl(
    'is reached over TLS by name: the certificate must be for it, and of an authority that is known',
    async () => {
      const { ca, server: tls } = makeCertificates();
      const server = await startHttpServer(answer(200), tls);
      cleanups.push(() => server.stop());
      const trusted = { allowPrivate: ['127.0.0.0/8'], ca: new Secret(ca.cert) };
      const outcomes: string[] = [];
      for (const [host, settings] of [
        ['localhost', trusted],
        ['127.0.0.1', trusted],
        ['elsewhere.example', trusted],
        ['localhost', { allowPrivate: ['127.0.0.0/8'] }],
      ] as const) {
        const url = `https://${host}:${server.port}/`;
        const hook = await openWebhook({ url, ...settings }, { resolve: async () => ['127.0.0.1'] });
        const outcome = await hook.post();
        outcomes.push(`${outcome.kind} ${outcome.code}`);
        await hook.close();
      }
      expect(outcomes).toEqual([
        'delivered 200',
        'delivered 200',
        'retry ERR_TLS_CERT_ALTNAME_INVALID',
        'retry UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      ]);
      expect(server.requests[0]?.headers.host).toBe(`localhost:${server.port}`);
    },
  );

  it('opens nothing else, and http:// no further', async () => {
    const canary = await startCanary();
    const to = (allowPrivate: string[], addresses: string[]) =>
      openWebhook({ url: `http://nas.lan:${canary.port}/`, allowPrivate }, { resolve: async () => addresses });
    for (const [networks, addresses] of [
      [['127.0.0.0/32'], ['127.0.0.1']],
      [['10.0.0.0/8'], ['127.0.0.1']],
      [['::/0'], ['127.0.0.1']],
      [['127.0.0.0/8'], ['8.8.8.8']],
    ] as [string[], string[]][]) {
      const hook = await to(networks, addresses);
      expect(await hook.post()).toMatchObject({ kind: 'unavailable', code: 'refused' });
      await hook.close();
    }
    expect(canary.connections()).toBe(0);
  });

  it('counts a name without an address, and one that cannot be resolved, as a failed attempt', async () => {
    const open = (resolve: () => Promise<string[]>) => openWebhook({ url: 'https://crm.example.net/' }, { resolve });
    const none = await open(async () => []);
    expect(await none.post()).toMatchObject({ kind: 'retry', code: 'ENOTFOUND' });
    const broken = await open(() => Promise.reject(Object.assign(new Error('x'), { code: 'EAI_AGAIN' })));
    expect(await broken.post()).toMatchObject({ kind: 'retry', code: 'EAI_AGAIN' });
    await Promise.all([none.close(), broken.close()]);
  });
});

describe('the classes of addresses', () => {
  /** The list of the security rules and IANA's other special blocks, as plain ranges. */
  const BLOCKS = [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.31.196.0/24',
    '192.52.193.0/24',
    '192.88.99.0/24',
    '192.168.0.0/16',
    '192.175.48.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '224.0.0.0/3',
  ].map((text) => {
    const [base = '', bits = ''] = text.split('/');
    const from = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    return { from, to: from + 2 ** (32 - Number(bits)) - 1 };
  });
  const text = (n: number): string => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.');
  const isPrivate = (n: number): boolean => BLOCKS.some(({ from, to }) => n >= from && n <= to);

  it('agree with the list at every edge and at random, also inside IPv6', () => {
    const edges = BLOCKS.flatMap(({ from, to }) => [from - 1, from, to, to + 1]).filter((n) => n >= 0 && n < 2 ** 32);
    const holds = (n: number): void => {
      const v4 = text(n);
      const hex = `${Math.floor(n / 65_536).toString(16)}:${(n % 65_536).toString(16)}`;
      for (const spelling of [v4, `::ffff:${v4}`, `64:ff9b::${hex}`, `2002:${hex}::1`, `::ffff:0:${hex}`])
        expect([spelling, judge(spelling, []).privateClass !== undefined]).toEqual([spelling, isPrivate(n)]);
    };
    for (const n of edges) holds(n);
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), holds), { numRuns: 2_000 });
  });

  it('take public IPv6 as public and lists as they are written', () => {
    for (const address of ['2606:4700:4700::1111', '2a00:1450::1', '2001:4860:4860::8888'])
      expect(judge(address, []).privateClass).toBeUndefined();
    expect(judge('no address', []).privateClass).toBe('unreadable');
    expect(judge('fe80::1%eth0', networksOf(['fe80::/10']))).toEqual({ listed: true, privateClass: 'linkLocal' });
    expect(judge('::ffff:10.0.0.1', networksOf(['10.0.0.0/8'])).listed).toBe(true);
    expect(judge('11.0.0.1', networksOf(['10.0.0.0/8'])).listed).toBe(false);
  });
});
