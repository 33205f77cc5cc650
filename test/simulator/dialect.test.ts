// Dialects: what a maker's phones put on the wire for a hit, byte by byte.
import { describe, expect, test } from 'vitest';
import type { SimulatedHit } from '../../src/core/simulation.ts';
import type { Habits, Vendor } from '../../src/core/vendor.ts';
import { requestOf } from '../../src/simulator/index.ts';
import { vendors } from '../../src/vendors/index.ts';

const SENDER = { mac: '005058a1b2c3', ip: '10.0.0.7', model: 's505', firmware: '4.6' };
const HIT: SimulatedHit = {
  atMs: 0,
  phone: 'desk',
  slug: 'incoming_call',
  vars: { user: '201', local: 'sip:201@pbx', remote: 'sip:+4930@pbx', display_remote: 'J\u00f6rg & Co 50%' },
};
const profile = (name: string): Vendor => vendors.get(name) as Vendor;

function sent(query: string, habits: Partial<Habits> = {}, hit: SimulatedHit = HIT, name = 'yealink'): string {
  const vendor = { ...profile(name), habits: { ...profile(name).habits, ...habits } };
  const url = `http://10.0.0.1:8484/a/T/${hit.slug}?${query}&_=.`;
  return requestOf(hit, SENDER, { vendor, url })?.toString('latin1') ?? '';
}
const query = (...args: Parameters<typeof sent>): string => /\?(.*)&_=\. HTTP/s.exec(sent(...args))?.[1] ?? '';

describe('a GET', () => {
  test('is a whole request, with the name by which the maker is known', () => {
    expect(sent('mac=$mac')).toBe(
      'GET /a/T/incoming_call?mac=005058a1b2c3&_=. HTTP/1.1\r\nHost: 10.0.0.1:8484\r\nUser-Agent: Yealink SIP-T46U 108.87.14.1 00:50:58:a1:b2:c3\r\nConnection: close\r\n\r\n',
    );
  });
  test.each<[string, Partial<Habits>, string]>([
    ['nothing is encoded', { encode: 'nothing' }, 'J\xc3\xb6rg & Co 50%'],
    ['spaces are', { encode: 'spaces' }, 'J\xc3\xb6rg%20&%20Co%2050%'],
    ['everything is', { encode: 'all' }, 'J%C3%B6rg%20%26%20Co%2050%25'],
    ['another charset', { charset: 'windows-1252' }, 'J\xf6rg & Co 50%'],
    ['another charset, encoded', { charset: 'windows-1252', encode: 'all' }, 'J%F6rg%20%26%20Co%2050%25'],
  ])('%s', (_what, habits, name) => {
    expect(query('display_remote=$display_remote', habits)).toBe(`display_remote=${name}`);
  });
  test.each<[Habits['address'], string]>([
    ['uri', 'sip:+4930@pbx'],
    ['user@host', '+4930@pbx'],
    ['number', '+4930'],
  ])('an address as %s', (address, written) => {
    expect(query('remote=$remote', { address })).toBe(`remote=${written}`);
  });
  test.each<[Habits['mac'], string]>([
    ['plain', '005058a1b2c3'],
    ['upper', '005058A1B2C3'],
    ['colons', '00:50:58:a1:b2:c3'],
    ['upper-colons', '00:50:58:A1:B2:C3'],
    ['dashes', '00-50-58-a1-b2-c3'],
  ])('a MAC in the spelling %s', (mac, written) => {
    expect(query('mac=$mac', { mac })).toBe(`mac=${written}`);
  });
  test('what has no value is the literal variable, or nothing', () => {
    expect(query('call_id=$call_id', { unfilled: 'literal' })).toBe('call_id=$call_id');
    expect(query('call_id=$call_id', { unfilled: 'empty' })).toBe('call_id=');
  });
  test('a variable that begins like another is not mistaken for it', () => {
    expect(query('a=$active_user&u=$active_url', {})).toBe('a=201&u=$active_url');
  });
  test('a name cannot end the line, and is not filled in itself', () => {
    const hit = { ...HIT, vars: { display_remote: 'a\r\nX: y\0$mac' } };
    expect(query('display_remote=$display_remote', {}, hit)).toBe('display_remote=a  X: y $mac');
  });
  test('other variables: those of the maker', () => {
    const mitel = 'ip=$$LOCALIP$$&remote=$$REMOTENUMBER$$&display_remote=$$INCOMINGNAME$$';
    expect(query(mitel, {}, HIT, 'mitel')).toBe('ip=10.0.0.7&remote=+4930&display_remote=J\xc3\xb6rg%20&%20Co%2050%');
  });
});

test('a POST: the event is the element, and the sides go by their roles', () => {
  const text = requestOf(HIT, SENDER, { vendor: profile('poly'), url: 'http://h/a/T/poly?_=.' })?.toString() ?? '';
  const [head = '', body = ''] = text.split('\r\n\r\n');
  expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
  expect(body).toContain('<CallingPartyName>J\u00f6rg &amp; Co 50%</CallingPartyName>');
  expect(body).toContain('<CallingPartyNumber>+4930@pbx</CallingPartyNumber>');
  expect(body).toContain('<CalledPartyNumber>201@pbx</CalledPartyNumber>');
  const held = { ...HIT, slug: 'hold' as const };
  expect(requestOf(held, SENDER, { vendor: profile('poly'), url: 'http://h/a/T/poly?_=.' })).toBeUndefined();
});
