// Paths: URLs of other shapes, the vendors' own examples among them, and what is wrong with an entry that is refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatProblem } from '../../src/core/problems.ts';
import { checkWith } from '../../src/core/schema-problems.ts';
import { receiverSettings } from '../../src/receiver/index.ts';
import { sendRaw } from '../support/raw-http.ts';
import { type Desk, get, MAC, openDesk, PHONE, TOKEN } from './desk.ts';

const open = { allowUnauthenticated: true };
const ENTRIES = [
  { path: '/help.xml', event: 'registered', vars: { IP: 'ip', user: 'user' }, phone: PHONE.id, ...open },
  { path: '/status/:mac/:ip', event: 'ip_changed', allowFrom: ['127.0.0.0/8'] },
  { path: '/secret/:token/:mac', event: 'off_hook' },
  { path: '/far', event: 'mute', allowFrom: ['10.0.0.0/8'] },
  { path: '/mac=:mac&local=:local&remote=:remote', event: 'missed_call', ...open },
  { path: '/door/state=:relay:mac=:mac', event: 'answer_new_call', ...open },
  { path: '/by/:event', event: { var: 'event', map: { ring: 'incoming_call' } }, ...open },
  {
    path: '/cgi',
    event: { var: 'e', map: { '1': 'dnd_on' } },
    vars: { num: 'remote', name: 'display_remote' },
    ...open,
  },
  { path: '/plain', event: 'hold', site: 'north', ...open },
  { path: '/Grüße', event: 'unhold', ...open },
];

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ settings: { paths: ENTRIES } });
});
afterAll(() => desk.close());

async function sent(
  target: string,
): Promise<{ status: number; event: ReturnType<Desk['events']>[number] | undefined }> {
  const before = desk.entries.length;
  const { status } = await sendRaw(desk.port, get(target));
  return { status, event: desk.events()[before] };
}

test("the vendor's own example, without a sentinel, is no truncated hit", async () => {
  const { event } = await sent('/help.xml?IP=192.168.1.51&user=$active_user');
  expect(event).toMatchObject({ type: 'phone.registered', phone: { id: PHONE.id, ip: '192.168.1.51' }, suspect: [] });
  expect({ ...event?.vars }).toEqual({ ip: '192.168.1.51' });
});

test('a name of ours that another one is mapped to does not come in by itself as well', async () => {
  const { event } = await sent('/help.xml?IP=10.0.0.7&ip=10.6.6.6&user=201');
  expect({ ...event?.vars }).toEqual({ ip: '10.0.0.7&ip=10.6.6.6', user: '201' });
  expect((await sent('/help.xml?ip=10.6.6.6')).event?.phone.ip).toBeUndefined();
});

test('a sentinel at the end is taken for one', async () => {
  const { event } = await sent('/help.xml?IP=192.168.1.51&user=20 1&_=.');
  expect({ ...event?.vars }).toEqual({ ip: '192.168.1.51', user: '20 1' });
  expect(event?.suspect).toEqual([]);
});

test('a MAC that is not of the phone that the entry names marks the hit', async () => {
  expect((await sent('/help.xml?mac=665544332211')).event?.suspect).toEqual(['mac-mismatch']);
});

test('data in the path', async () => {
  const { event } = await sent('/status/00%3A50-58/10.0.0.7');
  expect([event?.phone.id, event?.phone.ip, event?.suspect]).toEqual([
    'ip-127-0-0-1',
    '10.0.0.7',
    ['bad-mac', 'no-mac'],
  ]);
  expect((await sent(`/status/${MAC}/10.0.0.7`)).event).toMatchObject({ phone: { id: MAC, mac: MAC }, suspect: [] });
  expect((await sent(`/status/${MAC}`)).status).toBe(404);
  expect((await sent(`/status/${MAC}/10.0.0.7/x`)).status).toBe(404);
});

test('what stands in the path cannot be said again in the query', async () => {
  const { event } = await sent(`/status/${MAC}/10.0.0.7?user=201&mac=665544332211`);
  expect({ ...event?.vars }).toEqual({ mac: MAC, ip: '10.0.0.7', user: '201&mac=665544332211' });
});

test('a token in the path is the identity, and does not stand in the raw bytes', async () => {
  expect((await sent(`/secret/${TOKEN}/665544332211`)).event).toMatchObject({
    phone: { id: PHONE.id },
    suspect: ['mac-mismatch'],
  });
  expect(Buffer.from(desk.entries.at(-1)?.raw ?? []).toString()).toBe('GET /secret/***/665544332211 HTTP/1.1');
  expect({ ...desk.events().at(-1)?.vars }).toEqual({ mac: '665544332211' });
  expect((await sent('/secret/wrong/665544332211')).status).toBe(404);
});

test('addresses outside allowFrom get the same 404 as an unknown path', async () => {
  const refused = await sendRaw(desk.port, get('/far'));
  expect(refused.text).toBe((await sendRaw(desk.port, get('/nowhere'))).text);
  expect(desk.refused('address')).toBe(1);
});

test('pairs in the path, up to the end of the target', async () => {
  const { event } = await sent(`/mac=${MAC}&local=100&remote=sip:Who?/x@y&mac=665544332211`);
  expect(event).toMatchObject({ type: 'phone.missed_call', phone: { id: MAC }, suspect: ['repeated:mac'] });
  expect({ ...event?.vars }).toEqual({ mac: MAC, local: '100', remote: 'sip:Who?/x@y&mac=665544332211' });
  const door = await sent(`/door/state=1:mac=00:50:58:a1:b2:c3`);
  expect({ ...door.event?.vars }).toEqual({ relay: '1', mac: '00:50:58:a1:b2:c3' });
});

test('the event may come from a variable', async () => {
  expect((await sent('/by/ring')).event?.type).toBe('phone.incoming_call');
  expect((await sent('/by/Missed-Call')).event?.type).toBe('phone.missed_call');
  expect((await sent('/by/nothing')).status).toBe(404);
  expect((await sent('/by/constructor')).status).toBe(404);
  expect((await sent('/cgi?e=1&num=0301')).event).toMatchObject({ type: 'phone.dnd_on', remote: { number: '0301' } });
});

test('a caller can supply neither the event nor anything of ours', async () => {
  expect((await sent('/cgi?num=0301&name=x&e=1')).status).toBe(404);
  const { event } = await sent('/cgi?e=1&name=x&e=2&mac=665544332211&remote=1&num=5');
  expect(event?.phone.mac).toBeUndefined();
  expect(event?.remote).toEqual({ number: '5', name: 'x&e=2&mac=665544332211&remote=1' });
  expect(event?.suspect).toEqual(['late:mac', 'no-mac', 'repeated:e']);
});

test('a fixed text is compared decoded, and nothing else fits', async () => {
  expect((await sent('/plain?mac=AABBCCDDEEFF')).event).toMatchObject({ site: 'north', phone: { id: 'north-1' } });
  expect((await sent('/pl%61in')).status).toBe(200);
  expect((await sent('/Gr%C3%BC%c3%9fe')).event?.type).toBe('phone.unhold');
  for (const target of ['/plain/', '//plain', '/Plain', '/plain%2F', '/x/../plain']) {
    expect((await sent(target)).status).toBe(404);
  }
});

test('new entries count from the next request on', async () => {
  const own = await openDesk({ settings: { paths: [ENTRIES[0]] } });
  own.receiver.setDirectory(
    { find: () => undefined, byMac: () => undefined, byId: () => undefined, pinOf: () => undefined },
    receiverSettings.parse({ paths: [ENTRIES[8]] }).paths,
  );
  expect((await sendRaw(own.port, get('/help.xml'))).status).toBe(404);
  expect((await sendRaw(own.port, get('/plain'))).status).toBe(200);
  await own.close();
});

const problemsIn = (result: ReturnType<typeof checkWith>): string[] =>
  'problems' in result ? result.problems.map(formatProblem) : [];

describe('an entry that is refused says why', () => {
  const problemsOf = (...paths: object[]): string[] => problemsIn(checkWith(receiverSettings, { paths }));

  test.each([
    [{ path: '/x', event: 'hold' }, 'paths[0]: nothing protects this URL'],
    [{ path: '/a/x', event: 'hold', ...open }, 'paths[0].path: must not start with "/a/"'],
    [{ path: 'x', event: 'hold', ...open }, 'paths[0].path: must start with "/"'],
    [{ path: '/x?mac=1', event: 'hold', ...open }, 'paths[0].path: must be the path alone'],
    [{ path: '/x/$mac', event: 'hold', ...open }, 'paths[0].path: "$mac" is neither'],
    [{ path: '/:mac/:mac', event: 'hold', ...open }, 'paths[0].path: ":mac" occurs twice'],
    [{ path: '/mac=:mac/x', event: 'hold', ...open }, 'paths[0].path: pairs must be the last part'],
    [
      { path: '/x', event: 'mised_call', ...open },
      'paths[0].event: "mised_call" is not allowed; did you mean "missed_call"?',
    ],
    [{ path: '/x', event: 7, ...open }, 'paths[0].event: 7 is not allowed'],
    [
      { path: '/x', event: { var: 'e', map: { a: 'mised_call' } }, ...open },
      'paths[0].event.map.a: "mised_call" is not allowed; did you mean "missed_call"?',
    ],
    [
      { path: '/x', event: 'hold', vars: { A: 'mac', B: 'mac' }, ...open },
      'paths[0].vars.B: "mac" has a second source',
    ],
    [{ path: '/:mac', event: 'hold', vars: { A: 'mac' }, ...open }, 'paths[0].vars.A: "mac" has a second source'],
    [{ path: '/x', event: 'hold', vars: { _: 'mac' }, ...open }, 'paths[0].vars._: "_" cannot be mapped'],
    [{ path: '/:token', event: 'hold', phone: 'p' }, 'paths[0].phone: the ":token" in the path'],
    [{ path: '/x', event: 'hold', allowFrom: ['10.0.0.0/33'] }, 'paths[0].allowFrom[0]: must be an address or a range'],
    [{ path: '/x', event: 'hold', allowUnauthenticated: false }, 'paths[0].allowUnauthenticated'],
    [{ path: '/x', event: 'hold', colour: 'red', ...open }, 'paths[0].colour: unknown key'],
  ])('%j', (entry, message) => {
    expect(problemsOf(entry).join('\n')).toContain(message);
  });

  test('a second entry for the same URLs', () => {
    const entry = { event: 'hold', ...open };
    expect(problemsOf({ path: '/x/:mac', ...entry }, { path: '/x/:ip', ...entry })).toEqual([
      'paths[1].path: is never reached: paths[0] takes the same URLs',
    ]);
    expect(problemsOf(...ENTRIES)).toEqual([]);
  });
});
