// Tokens made by command, the URLs that carry them, and who is who for the receiver.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { actionUrls, localBase, phoneBase, URL_LENGTH_MAX } from '../../src/action-url.ts';
import type { Vendor } from '../../src/core/vendor.ts';
import { createDirectory } from '../../src/directory.ts';
import { systemFiles } from '../../src/files.ts';
import { openTokenBook, TokenBookError } from '../../src/tokens.ts';
import { vendors } from '../../src/vendors/index.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';
import { rightConfig } from './reading.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const HOUR_MS = 3_600_000;

describe('the book of tokens', () => {
  async function book() {
    const folder = tempFolder();
    const time = createVirtualTime();
    const open = () => openTokenBook(folder.path, systemFiles, time.clock);
    return { folder, time, open, book: await open() };
  }
  test('is empty at first, and keeps hashes over a restart, in a file for this account only', async () => {
    const { folder, book: first, open } = await book();
    expect(first.find(hash('a'))).toBeUndefined();
    await first.add({ site: 'default' }, hash('a'));
    await first.add({ site: 'lab', phone: 'desk' }, hash('b'));
    for (const one of [first, await open()]) {
      expect(one.find(hash('a'))).toEqual({ site: 'default' });
      expect(one.find(hash('b'))).toEqual({ site: 'lab', phone: 'desk' });
    }
    expect(statSync(folder.at('tokens.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(folder.at('tokens.json'), 'utf8')).toContain(hash('a'));
  });
  test('a new token replaces the old one of the same holder after 24 hours, also over a restart', async () => {
    const { folder, book: first, open, time } = await book();
    await first.add({ site: 'default' }, hash('old'));
    await first.add({ site: 'default', phone: 'p' }, hash('other'));
    await time.advance(HOUR_MS);
    await first.add({ site: 'default' }, hash('new'));
    await time.advance(23 * HOUR_MS);
    expect((await open()).find(hash('old'))).toEqual({ site: 'default' });
    await first.add({ site: 'default' }, hash('newest'));
    await time.advance(HOUR_MS + 1);
    for (const one of [first, await open()]) {
      expect(one.find(hash('old'))).toBeUndefined();
      expect(one.find(hash('new'))).toBeDefined();
      expect(one.find(hash('newest'))).toBeDefined();
      expect(one.find(hash('other'))).toBeDefined();
    }
    await first.add({ site: 'default' }, hash('last'));
    expect(readFileSync(folder.at('tokens.json'), 'utf8')).not.toContain(hash('old'));
  });
  test('two at once are both kept', async () => {
    const { book: first, open } = await book();
    const holders = Array.from({ length: 20 }, (_, n) => `p${n}`);
    await Promise.all(holders.map((phone) => first.add({ site: 'default', phone }, hash(phone))));
    const again = await open();
    for (const phone of holders) expect(again.find(hash(phone))).toEqual({ site: 'default', phone });
  });
  test('one for once lives in memory, by the clock that never jumps', async () => {
    const { book: first, open, time } = await book();
    first.addOnce({ site: 'default' }, hash('once'), time.clock.monotonicMs() + 60_000);
    time.jump(HOUR_MS);
    expect(first.find(hash('once'))).toEqual({ site: 'default' });
    expect((await open()).find(hash('once'))).toBeUndefined();
    await time.advance(60_000);
    expect(first.find(hash('once'))).toBeUndefined();
  });
  test('any number of those for once does not fill the memory, and the newest counts', async () => {
    const { book: first } = await book();
    for (let n = 0; n < 3_000; n++) first.addOnce({ site: 'default' }, hash(`t${n}`), 60_000);
    expect(first.find(hash('t2999'))).toBeDefined();
    expect(first.find(hash('t0'))).toBeUndefined();
  });
  test.each(['{', '[]', '{"version":2,"tokens":[]}', '{"version":1,"tokens":[{"sha256":"x"}]}'])(
    'a file that makes no sense (%s) stops it, rather than forget the tokens of all phones',
    async (text) => {
      const { folder, open } = await book();
      folder.write('tokens.json', text);
      await expect(open()).rejects.toThrow(TokenBookError);
    },
  );
  test('what cannot be written is not in force', async () => {
    const { folder } = await book();
    const failing = { ...systemFiles, writeAside: () => Promise.reject(new Error('full')) };
    const broken = await openTokenBook(folder.path, failing, createVirtualTime().clock);
    await expect(broken.add({ site: 'default' }, hash('a'))).rejects.toThrow('full');
    expect(broken.find(hash('a'))).toBeUndefined();
  });
});

describe('the URLs for phones', () => {
  const token = 'A'.repeat(24);
  const vendor = (name: string): Vendor => vendors.get(name) as Vendor;
  test('of a Sangoma: its own variables first, what a caller controls last, then the end mark', () => {
    const urls = actionUrls('http://192.168.1.10:8484', token, vendor('sangoma'));
    expect(Object.keys(urls)).toHaveLength(34);
    expect(urls.missed_call).toBe(
      `http://192.168.1.10:8484/a/${token}/missed_call?mac=$mac&ip=$ip&model=$model&firmware=$firmware&user=$active_user&host=$active_host&call_id=$call_id&local=$local&display_local=$display_local&remote=$remote&display_remote=$display_remote&_=.`,
    );
  });
  test('of a Snom: in its dialect', () => {
    expect(actionUrls('http://h', token, vendor('snom')).missed_call).toContain('&call_id=$call-id&');
  });
  test('of every maker: end with the mark, stay below the limit, name no variable twice', () => {
    expect(vendors.size).toBeGreaterThan(5);
    for (const [name, profile] of vendors) {
      for (const url of Object.values(actionUrls('https://hookswitch.example.net:8484', token, profile))) {
        expect(url, name).toMatch(/[?&]_=\.$/);
        expect(url.length, name).toBeLessThanOrEqual(URL_LENGTH_MAX);
        const names = (url.split('?')[1] ?? '').split('&').map((pair) => pair.split('=')[0]);
        expect(new Set(names).size, name).toBe(names.length);
      }
    }
  });
  const address = (text: string, family: 'IPv4' | 'IPv6', internal: boolean) =>
    ({ address: text, family, internal, netmask: '', mac: '', cidr: null, scopeid: 0 }) as never;
  const interfaces = {
    lo: [address('127.0.0.1', 'IPv4', true)],
    eth0: [address('fe80::1', 'IPv6', false), address('192.168.1.7', 'IPv4', false)],
  };
  test.each([
    [{ host: '0.0.0.0', port: 8484 }, 'http://192.168.1.7:8484', 'http://127.0.0.1:8484'],
    [{ host: '::', port: 1 }, 'http://192.168.1.7:1', 'http://[::1]:1'],
    [{ host: '10.0.0.5', port: 80 }, 'http://10.0.0.5:80', 'http://10.0.0.5:80'],
    [{ host: '::1', port: 80 }, 'http://[::1]:80', 'http://[::1]:80'],
    [{ host: '0.0.0.0', port: 8484, publicUrl: 'https://h/in' }, 'https://h/in', 'http://127.0.0.1:8484'],
  ])('%j begin with the address that reaches it', (receiver, outside, inside) => {
    expect(phoneBase(receiver, interfaces)).toBe(outside);
    expect(localBase(receiver)).toBe(inside);
  });
  test('without a network there is still an address', () => {
    expect(phoneBase({ host: '0.0.0.0', port: 8484 }, {})).toBe('http://127.0.0.1:8484');
  });
});

describe('who is who', () => {
  async function directory(pin?: string) {
    const folder = tempFolder();
    folder.write('config.json', {
      rules: './r.json',
      sites: { default: { token: { sha256: hash('site') }, allowFrom: ['10.0.0.0/8'] }, lab: {} },
      phones: [
        { id: 'desk', mac: '00:50:58:a1:b2:c3', token: { sha256: hash('desk') }, allowFrom: ['10.1.0.1'] },
        { id: 'bench', site: 'lab', mac: '00:50:58:a1:b2:c4' },
      ],
    });
    folder.write('r.json', '{}');
    const { config } = await rightConfig(folder);
    const book = await openTokenBook(folder.path, systemFiles, createVirtualTime().clock);
    return { book, who: createDirectory(config, book, () => pin), config };
  }
  test('by tokens of the config', async () => {
    const { who } = await directory();
    expect(who.find(hash('site'))).toEqual({ site: 'default', allowFrom: ['10.0.0.0/8'] });
    expect(who.find(hash('desk'))).toMatchObject({ site: 'default', phone: { id: 'desk' }, allowFrom: ['10.1.0.1'] });
    expect(who.find(hash('nobody'))).toBeUndefined();
  });
  test('by tokens made by command, as long as their holder is in the config', async () => {
    const { who, book } = await directory();
    await book.add({ site: 'lab' }, hash('made'));
    await book.add({ site: 'lab', phone: 'bench' }, hash('bench'));
    await book.add({ site: 'gone' }, hash('gone site'));
    await book.add({ site: 'lab', phone: 'gone' }, hash('gone phone'));
    expect(who.find(hash('made'))).toEqual({ site: 'lab' });
    expect(who.find(hash('bench'))).toMatchObject({ site: 'lab', phone: { id: 'bench' } });
    expect(who.find(hash('gone site'))).toBeUndefined();
    expect(who.find(hash('gone phone'))).toBeUndefined();
  });
  test('by MAC and id within a site', async () => {
    const { who } = await directory('pin');
    expect(who.byMac('default', '005058a1b2c3')?.id).toBe('desk');
    expect(who.byMac('lab', '005058a1b2c3')).toBeUndefined();
    expect(who.byId('lab', 'bench')?.mac).toBe('005058a1b2c4');
    expect(who.byId('default', 'bench')).toBeUndefined();
    expect(who.allowFromOf?.('default', 'desk')).toEqual(['10.1.0.1']);
    expect(who.pinOf('desk')).toBe('pin');
  });
});
