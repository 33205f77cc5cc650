// Post: bodies of phones that POST what happened, on raw sockets: whole, split, too long, without a length, and not XML at all.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readXmlEvent } from '../../src/receiver/xml-body.ts';
import { connectRaw, type Manner, sendRaw } from '../support/raw-http.ts';
import { createVirtualTime, settled } from '../support/virtual-clock.ts';
import { type Desk, NAMELESS_TOKEN, openDesk, SITE_TOKEN, TOKEN } from './desk.ts';

const MAC = '0004f214b89e';
const IN =
  '<IncomingCallEvent><PhoneIP>172.24.132.135</PhoneIP><MACAddress>0004f214b89e</MACAddress><CallingPartyName>Erika Mustermann</CallingPartyName><CallingPartyNumber>20701@172.18.186.94</CallingPartyNumber><CalledPartyName>20300</CalledPartyName><CalledPartyNumber>20300</CalledPartyNumber><TimeStamp>2008-07-11T13:19:53-08:00</TimeStamp></IncomingCallEvent>';
const OUT = IN.replaceAll('IncomingCallEvent', 'OutgoingCallEvent');

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

type Parts = { token?: string; query?: string; headers?: string; name?: string };

/** A POST as a phone writes it; the body in UTF-8. */
function post(
  body: string | Buffer,
  { token = NAMELESS_TOKEN, query = `mac=${MAC}&_=.`, headers, name = 'poly' }: Parts = {},
): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const said = headers ?? `Content-Type: application/xml\r\nContent-Length: ${bytes.length}\r\n`;
  const head = `POST /a/${token}/${name}?${query} HTTP/1.1\r\nHost: h\r\nUser-Agent: Polycom\r\n${said}\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

const refusals = (): string[] =>
  desk.counts.filter(({ name }) => name === 'hits_refused').map(({ labels }) => labels.reason ?? '');

describe.each(['whole', 'bytes', 'lines'] as Manner[])('sent %s', (manner) => {
  test('an incoming call: the caller is the other side', async () => {
    const before = desk.entries.length;
    const answer = await sendRaw(desk.port, post(`<PolycomIPPhone>\r\n${IN}\r\n</PolycomIPPhone>`), manner);
    expect([answer.status, answer.body, answer.reset]).toEqual([200, '', false]);
    expect(desk.entries.length).toBe(before + 1);
    expect(desk.events().at(-1)).toMatchObject({
      type: 'phone.incoming_call',
      phone: { id: 'no-mac-phone', vendor: 'poly', mac: MAC, ip: '172.24.132.135' },
      remote: { uri: '20701@172.18.186.94', number: '20701', name: 'Erika Mustermann' },
      local: { number: '20300', name: '20300' },
      suspect: [],
    });
    expect(desk.events().at(-1)?.vars.timestamp).toBe('2008-07-11T13:19:53-08:00');
  });
});

test('the journal keeps the bytes of line and body, without the token', async () => {
  await sendRaw(desk.port, post(IN));
  const raw = Buffer.from(desk.entries.at(-1)?.raw ?? []).toString();
  expect(raw).toBe(`POST /a/***/poly?mac=${MAC}&_=. HTTP/1.1\r\n\r\n${IN}`);
});

test('an outgoing call: who is called is the other side', async () => {
  await sendRaw(desk.port, post(OUT));
  expect(desk.events().at(-1)).toMatchObject({
    type: 'phone.outgoing_call',
    remote: { number: '20300', name: '20300' },
    local: { number: '20701', name: 'Erika Mustermann' },
  });
});

test.each([
  ['OffHookEvent', 'off_hook'],
  ['OnHookEvent', 'on_hook'],
  ['LineRegistrationEvent', 'registered'],
  ['LineUnregistrationEvent', 'unregistered'],
])('%s is %s', async (element, slug) => {
  const body = `<?xml version="1.0" encoding="UTF-8"?><PolycomIPPhone><${element}><MACAddress>${MAC}</MACAddress><LineNumber>2</LineNumber></${element}></PolycomIPPhone>`;
  expect((await sendRaw(desk.port, post(body))).status).toBe(200);
  expect(desk.events().at(-1)).toMatchObject({ type: `phone.${slug}`, remote: {}, local: {} });
  expect(desk.events().at(-1)?.vars.line).toBe('2');
});

test('under the token of a site the body tells which phone speaks', async () => {
  await sendRaw(desk.port, post(IN, { token: SITE_TOKEN, query: '_=.' }));
  expect(desk.events().at(-1)?.phone).toMatchObject({ id: MAC, mac: MAC, vendor: 'poly' });
});

test('the MAC that Hookswitch wrote into the URL counts, not one in the body', async () => {
  await sendRaw(desk.port, post(IN.replace(MAC, '005058a1b2c3'), { token: SITE_TOKEN }));
  expect(desk.events().at(-1)?.phone.mac).toBe(MAC);
});

test.each([
  ['entities and numeric references', 'Smith &amp; S&#246;hne &lt;&#x31;&gt;', 'Smith & Söhne <1>'],
  ['a bare & as sloppy phones write it', 'Smith & Sons', 'Smith & Sons'],
  ['an entity that nobody defined', '&boom; &__proto__;', '&boom; &__proto__;'],
  ['a control character and a bidi control by reference', 'a&#10;b&#x202e;c', 'a\ufffdbc'],
  ['other scripts', 'Ελένη 田中 שלום', 'Ελένη 田中 שלום'],
])('a name with %s', async (_what, written, read) => {
  await sendRaw(desk.port, post(IN.replace('Erika Mustermann', written)));
  expect(desk.events().at(-1)?.remote.name).toBe(read);
});

test('a body that is not UTF-8 is windows-1252', async () => {
  await sendRaw(desk.port, post(Buffer.from(IN.replace('Erika', 'J\xf6rg'), 'latin1')));
  expect(desk.events().at(-1)?.remote.name).toBe('Jörg Mustermann');
});

test('what stands twice counts once, and is marked', async () => {
  await sendRaw(desk.port, post(IN.replace('<TimeStamp>', '<CallingPartyName>Other</CallingPartyName><TimeStamp>')));
  expect(desk.events().at(-1)).toMatchObject({
    remote: { name: 'Erika Mustermann' },
    suspect: ['repeated:CallingPartyName'],
  });
});

describe('is refused, counted, and stored nowhere', () => {
  const long = (bytes: number): string => IN.replace('Erika', 'E'.repeat(bytes - IN.length + 5));
  test.each<[string, Buffer, number, string]>([
    ['text', post('hello'), 400, 'body'],
    ['an empty body', post(''), 400, 'body'],
    ['JSON', post('{"a":1}'), 400, 'body'],
    ['XML that ends early', post(IN.slice(0, -5)), 400, 'body'],
    ['elements that do not match', post(IN.replace('</PhoneIP>', '</PhoneId>')), 400, 'body'],
    ['deeper XML', post(IN.replace('172.24', '<a>172</a>')), 400, 'body'],
    ['a document type', post(`<!DOCTYPE x [<!ENTITY a "b">]>${IN}`), 400, 'body'],
    ['an event without a meaning', post('<CallStateChangeEvent CallState="Connected"/>'), 404, 'event'],
    ['an unknown token', post(IN, { token: 'nobody-0123456789abcdef' }), 404, 'token'],
    ['no token and no XML: the same answer', post('hello', { token: 'nobody-0123456789abcdef' }), 404, 'token'],
    ['a body over 16 KiB', post(long(16_385)), 413, 'body-too-long'],
    ['no length', post(IN, { headers: '' }), 411, 'body-length'],
    ['a length that is no number', post(IN, { headers: 'Content-Length: x1\r\n' }), 411, 'body-length'],
    ['two lengths', post(IN, { headers: 'Content-Length: 5\r\nContent-Length: 6\r\n' }), 411, 'body-length'],
    ['chunks', post(IN, { headers: 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n' }), 411, 'body-length'],
    ['a browser', post(IN, { headers: `Origin: http://x\r\nContent-Length: ${IN.length}\r\n` }), 403, 'browser'],
    ['a POST of an event', post(IN, { name: 'incoming_call' }), 405, 'method'],
    ['a POST to a maker who does not', post(IN, { name: 'sangoma' }), 405, 'method'],
    ['a GET', Buffer.from(`GET /a/${NAMELESS_TOKEN}/poly?_=. HTTP/1.1\r\n\r\n`), 405, 'method'],
    ['a PUT', Buffer.from(`PUT /a/${TOKEN}/poly HTTP/1.1\r\nContent-Length: 0\r\n\r\n`), 405, 'method'],
  ])('%s', async (_what, request, status, reason) => {
    const before = [desk.entries.length, refusals().filter((one) => one === reason).length];
    const answer = await sendRaw(desk.port, request);
    expect([answer.status, answer.body]).toEqual([status, '']);
    expect([desk.entries.length, refusals().filter((one) => one === reason).length - 1]).toEqual(before);
  });

  test('16 KiB to the byte is taken', async () => {
    expect((await sendRaw(desk.port, post(long(16_384)))).status).toBe(200);
  });

  test('a sender that ends before its body is whole', async () => {
    const connection = await connectRaw(desk.port);
    await connection.write(post(IN).subarray(0, -10));
    connection.end();
    expect((await connection.closed()).status).toBe(400);
  });

  test('a store that cannot write: 503, as for every hit', async () => {
    const full = await openDesk({ append: () => Promise.reject(new Error('full')) });
    expect((await sendRaw(full.port, post(IN))).status).toBe(503);
    await full.close();
  });

  test('a body that does not come in the time of a head', async () => {
    const time = createVirtualTime();
    const slow = await openDesk({ clock: time.clock });
    const connection = await connectRaw(slow.port);
    await connection.write(post(IN).subarray(0, -10));
    await settled();
    await time.advance(5_001);
    expect((await connection.closed()).status).toBe(408);
    expect(slow.refused('timeout')).toBe(1);
    await slow.close();
  });
});

test('damaged requests: each is answered or ended, none fails inside, and what is stored is well formed', async () => {
  const whole = post(`<PolycomIPPhone>${IN}</PolycomIPPhone>`).toString('latin1');
  const trick = fc.constantFrom(
    '<',
    '>',
    '&',
    '"',
    '</',
    '<!--',
    '\0',
    '\r\n',
    '\r\n\r\n',
    '\xff',
    '&#x0;',
    'Content-Length: 3\r\n',
    '&mac=',
  );
  const damage = fc.record({
    at: fc.nat(whole.length),
    cut: fc.nat(30),
    text: fc.oneof(trick, fc.string({ maxLength: 4 })),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
      let text = whole;
      for (const { at, cut, text: more } of damages) text = text.slice(0, at) + more + text.slice(at + cut);
      const connection = await connectRaw(desk.port);
      await connection.write(text);
      connection.end();
      const { status, body } = await connection.closed();
      expect([200, 400, 403, 404, 405, 411, 413, 414, 431]).toContain(status);
      expect(body).toBe('');
    }),
    { numRuns: 500 },
  );
  expect(desk.lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(desk.refused('internal')).toBe(0);
  for (const { type, phone, vars } of desk.events()) {
    expect(type).toMatch(/^phone\.[a-z_]+$/);
    expect(phone.mac ?? MAC).toMatch(/^[0-9a-f]{12}$/);
    for (const value of Object.values(vars)) expect(value).not.toMatch(/[\x00-\x1f\x7f]/);
  }
});

test('any text: nothing throws, and what is read stands in the text', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '</',
    '/>',
    'a',
    'b',
    ' x="1"',
    '&amp;',
    '&#0;',
    '<!--',
    '-->',
    '<?xml ?>',
    'é',
    '\n',
  );
  const bodies = fc
    .array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 60 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(bodies, (body) => {
      const event = readXmlEvent(`<a>${body}</a>`, 'PolycomIPPhone');
      expect(event === undefined || event.name === 'a').toBe(true);
      for (const [name] of event?.parts ?? []) expect(body).toContain(name);
    }),
    { numRuns: 5_000 },
  );
});

test('a hostile body of 16 KiB is read in no time', () => {
  for (const body of [
    '<a '.repeat(5_000),
    '<!--'.repeat(4_000),
    `<a ${'b="'.repeat(5_000)}`,
    '&#'.repeat(8_000),
    `<a>${'<b>'.repeat(5_000)}`,
  ]) {
    const before = performance.now();
    readXmlEvent(body, 'PolycomIPPhone');
    expect(performance.now() - before).toBeLessThan(100);
  }
});
