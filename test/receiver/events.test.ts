// What comes of a hit: id, moment, identity, claims, marks and the raw bytes that are kept.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendRaw } from '../support/raw-http.ts';
import { createVirtualTime, START_WALL_MS } from '../support/virtual-clock.ts';
import {
  type Desk,
  directoryOf,
  get,
  hit,
  MAC,
  NAMELESS_TOKEN,
  openDesk,
  PHONE,
  SITE_TOKEN,
  sha256,
  TOKEN,
} from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const lastRaw = (d: Desk = desk): string => Buffer.from(d.entries.at(-1)?.raw ?? []).toString('latin1');
const basic = (text: string): string => `Authorization: Basic ${Buffer.from(text).toString('base64')}\r\n`;

describe('identity', () => {
  test('a phone is its token; what the URL says are claims', async () => {
    const query = `mac=00-50-58-A1-B2-C3&ip=10.9.9.9&model=s505&firmware=4.1&user=201&host=pbx&url=sip:201@pbx&call_id=77`;
    await sendRaw(desk.port, hit('established', query));
    const event = desk.events().at(-1);
    expect(event).toMatchObject({
      type: 'phone.established',
      site: 'default',
      phone: { id: PHONE.id, mac: MAC, ip: '10.9.9.9', model: 's505', firmware: '4.1', vendor: 'sangoma' },
      line: { user: '201', host: 'pbx', uri: 'sip:201@pbx' },
      callId: '77',
      suspect: [],
    });
    expect(event?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('another MAC than its own marks a hit, which is kept', async () => {
    expect((await sendRaw(desk.port, hit('dnd_on', 'mac=665544332211'))).status).toBe(200);
    expect(desk.events().at(-1)).toMatchObject({
      phone: { id: PHONE.id, mac: '665544332211' },
      suspect: ['mac-mismatch'],
    });
  });

  test('a phone without a MAC in the config is compared with the pinned one', async () => {
    const pinned = await openDesk({
      directory: directoryOf({ pinOf: (id) => (id === 'no-mac-phone' ? MAC : undefined) }),
    });
    await sendRaw(pinned.port, hit('dnd_on', `mac=${MAC}`, NAMELESS_TOKEN));
    await sendRaw(pinned.port, hit('dnd_on', 'mac=665544332211', NAMELESS_TOKEN));
    await sendRaw(pinned.port, hit('dnd_on', 'mac=', NAMELESS_TOKEN));
    expect(pinned.events().map((event) => event.suspect)).toEqual([[], ['mac-mismatch'], []]);
    await pinned.close();
  });

  test("under a site's token the MAC tells the phone, else the address", async () => {
    for (const mac of ['AA:BB:CC:DD:EE:FF', '112233445566', '$mac', 'nonsense']) {
      await sendRaw(desk.port, hit('dnd_on', `mac=${mac}`, SITE_TOKEN));
    }
    const four = desk.events().slice(-4);
    expect(four.map((event) => [event.site, event.phone.id, event.suspect])).toEqual([
      ['north', 'north-1', []],
      ['north', '112233445566', []],
      ['north', 'ip-127-0-0-1', ['no-mac']],
      ['north', 'ip-127-0-0-1', ['bad-mac', 'no-mac']],
    ]);
  });

  test.each([
    ['the same token as password', basic(`phone:${TOKEN}`), 200],
    ['another password', basic('admin:222222'), 404],
    ['no password', basic(TOKEN.slice(0, 5)), 404],
    ['something that is not Basic', 'Authorization: Digest username="x"\r\n', 200],
  ])('Authorization with %s', async (_name, header, status) => {
    expect((await sendRaw(desk.port, get(`/a/${TOKEN}/dnd_on?_=.`, header))).status).toBe(status);
  });

  test('addresses outside allowFrom get the 404 of an unknown token', async () => {
    const holder = { site: 'default', phone: PHONE, allowFrom: ['192.168.0.0/16', '::1'] };
    const limited = await openDesk({ directory: directoryOf({ find: () => holder }) });
    const unknown = await sendRaw(desk.port, hit('dnd_on', '', 'x'));
    expect((await sendRaw(limited.port, hit('dnd_on'))).text).toBe(unknown.text);
    expect(limited.refused('address')).toBe(1);
    holder.allowFrom = ['127.0.0.0/8'];
    expect((await sendRaw(limited.port, hit('dnd_on'))).status).toBe(200);
    await limited.close();
  });

  test('a phone found by its MAC has its own allowFrom', async () => {
    const limited = await openDesk({
      directory: directoryOf({ allowFromOf: (_site, id) => (id === 'north-1' ? ['10.0.0.1'] : undefined) }),
    });
    expect((await sendRaw(limited.port, hit('dnd_on', 'mac=aabbccddeeff', SITE_TOKEN))).status).toBe(404);
    expect((await sendRaw(limited.port, hit('dnd_on', 'mac=112233445566', SITE_TOKEN))).status).toBe(200);
    await limited.close();
  });

  test('a new directory counts from the next request on', async () => {
    const own = await openDesk();
    expect((await sendRaw(own.port, hit('dnd_on', '', 'fresh-token'))).status).toBe(404);
    own.receiver.setDirectory(
      directoryOf({ find: (hash) => (hash === sha256('fresh-token') ? { site: 'east' } : undefined) }),
      [],
    );
    expect((await sendRaw(own.port, hit('dnd_on', '', 'fresh-token'))).status).toBe(200);
    expect((await sendRaw(own.port, hit('dnd_on'))).status).toBe(404);
    await own.close();
  });
});

describe('the moment of arrival', () => {
  test('is later than any before it at the same site, also when the clock is set back', async () => {
    const time = createVirtualTime();
    const storedMs = START_WALL_MS + 5000;
    const own = await openDesk({ clock: time.clock, lastAtMs: new Map([['default', storedMs]]) });
    await sendRaw(own.port, hit('dnd_on'));
    await sendRaw(own.port, hit('dnd_off'));
    await time.advance(10_000);
    await sendRaw(own.port, hit('dnd_on'));
    time.jump(-3_600_000);
    await sendRaw(own.port, hit('dnd_off'));
    await sendRaw(own.port, hit('dnd_off', 'mac=112233445566', SITE_TOKEN));
    expect(own.events().map((event) => Date.parse(event.at) - START_WALL_MS)).toEqual([
      5001, 5002, 10_000, 10_001, -3_590_000,
    ]);
    expect(own.events()[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const ids = own.events().map((event) => event.id);
    expect(new Set(ids).size).toBe(5);
    await own.close();
  });
});

describe('the raw bytes', () => {
  test('are the first line as it came, with the token taken out', async () => {
    await sendRaw(desk.port, `GET /a/${TOKEN}/dnd_on?remote=J\xf6rg %C3 #&_=. HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(lastRaw()).toBe('GET /a/***/dnd_on?remote=J\xf6rg %C3 #&_=. HTTP/1.1');
  });

  test('hold no credentials of an absolute URL either', async () => {
    await sendRaw(desk.port, `GET http://u:${TOKEN}@host:8484/a/${TOKEN}/dnd_on?_=. HTTP/1.1\r\n\r\n`);
    expect(lastRaw()).toBe('GET http://***@host:8484/a/***/dnd_on?_=. HTTP/1.1');
  });

  test('are capped', async () => {
    const own = await openDesk({ settings: { limits: { lineBytesMax: 20_000, headBytesMax: 40_000 } } });
    expect((await sendRaw(own.port, hit('dnd_on', `remote=${'9'.repeat(15_000)}`))).status).toBe(200);
    expect(own.entries[0]?.raw.length).toBe(8192);
    await own.close();
  });
});
