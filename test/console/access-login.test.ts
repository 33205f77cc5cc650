// The way in: five tries a minute, one answer for whatever is wrong in the same time, cookies that no script sees, sessions that end.
import { expect, test } from 'vitest';
import { command } from '../running-daemon.ts';
import { form, openConsoleDesk } from '../support/console-desk.ts';

const MINUTE_MS = 60_000;

test('five tries a minute and address, whatever becomes of them; then it goes on', async () => {
  const desk = await openConsoleDesk();
  const tryOnce = async (password: string) =>
    (await desk.ask('POST', '/login', form({ name: 'read', password }))).status;
  for (let n = 0; n < 5; n++) expect(await tryOnce('wrong')).toBe(401);
  expect(await tryOnce('wrong')).toBe(429);
  // The right one, too: whoever guesses learns nothing by it.
  expect(await tryOnce(desk.passwordOf('read'))).toBe(429);
  desk.skip(MINUTE_MS + 1_000);
  expect(await tryOnce(desk.passwordOf('read'))).toBe(303);
}, 60_000);

test('an unknown name and a wrong password get the same answer, in the same time', async () => {
  const desk = await openConsoleDesk();
  const tried = async (name: string) => {
    desk.skip(MINUTE_MS);
    // The daemon is in this process: its own work counts, and not what else the machine does meanwhile.
    const began = process.cpuUsage();
    const answer = await desk.ask('POST', '/login', form({ name, password: 'not this one, I think' }));
    const { user, system } = process.cpuUsage(began);
    return { ...answer, tookMs: (user + system) / 1000 };
  };
  const [known, unknown] = [await tried('admin'), await tried('nobody')];
  expect([known.status, unknown.status]).toEqual([401, 401]);
  expect(known.body).toBe(unknown.body);
  const plain = ({ headers: { date: _, ...rest } }: typeof known) => rest;
  expect(plain(known)).toEqual(plain(unknown));
  const times = { known: [] as number[], unknown: [] as number[] };
  for (let n = 0; n < 9; n++) {
    times.known.push((await tried('admin')).tookMs);
    times.unknown.push((await tried(`nobody-${n}`)).tookMs);
  }
  // The least of each: what else goes on here only ever adds to it.
  const [a, b] = [Math.min(...times.known), Math.min(...times.unknown)];
  console.log(
    `a try with a known name took ${a.toFixed(1)} ms, with an unknown one ${b.toFixed(1)} ms of work (the least of 9)`,
  );
  // Hashing takes a tenth of a second; without it an unknown name would be answered in a few milliseconds.
  expect(Math.min(a, b) / Math.max(a, b)).toBeGreaterThan(0.8);
}, 60_000);

test('the cookie is for this host only, and no script and no other site gets it', async () => {
  const plain = await openConsoleDesk();
  const asked = form({ name: 'read', password: plain.passwordOf('read') });
  expect((await plain.ask('POST', '/login', asked)).headers['set-cookie']).toEqual([
    expect.stringMatching(/^hookswitch=[A-Za-z0-9_-]{32}; Path=\/; HttpOnly; SameSite=Strict$/),
  ]);
});

test('behind a proxy with TLS the cookie is bound to the host by its name', async () => {
  const desk = await openConsoleDesk({ console: { behindProxy: true, hosts: ['phones.example.net'] } });
  const answer = await fetch(`${desk.base}/login`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ name: 'read', password: desk.passwordOf('read') }),
  });
  expect(answer.headers.get('set-cookie')).toMatch(
    /^__Host-hookswitch=[A-Za-z0-9_-]{32}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
});

test('a session ends after two hours without use, after twelve hours at all, and when one logs out', async () => {
  const desk = await openConsoleDesk();
  const works = async ({ cookie }: { cookie: string }) =>
    (await desk.ask('GET', '/health', { headers: { cookie } })).status;
  const idle = await desk.login('read', desk.passwordOf('read'));
  desk.skip(119 * MINUTE_MS);
  expect(await works(idle)).toBe(200);
  desk.skip(121 * MINUTE_MS);
  expect(await works(idle)).toBe(303);
  const busy = await desk.login('read', desk.passwordOf('read'));
  for (let n = 0; n < 7; n++) {
    desk.skip(100 * MINUTE_MS);
    expect(await works(busy)).toBe(200);
  }
  desk.skip(21 * MINUTE_MS);
  expect(await works(busy)).toBe(303);
  const gone = await desk.login('read', desk.passwordOf('read'));
  const out = await desk.ask('POST', '/logout', form({ csrf: gone.csrf }, { cookie: gone.cookie }));
  expect([out.status, out.headers.location]).toEqual([303, '/login']);
  expect(await works(gone)).toBe(303);
});

test.each([
  ['another password', ['user', 'read', '--role', 'read', '--make']],
  ['another role', ['user', 'read', '--role', 'operate', '--keep']],
  ['the end of the account', ['remove', 'read']],
])('%s logs out everywhere, and nobody else', async (_what, args) => {
  const desk = await openConsoleDesk();
  const works = async ({ cookie }: { cookie: string }) =>
    (await desk.ask('GET', '/health', { headers: { cookie } })).status;
  const mine = [await desk.login('read', desk.passwordOf('read')), await desk.login('read', desk.passwordOf('read'))];
  const other = await desk.login('operate', desk.passwordOf('operate'));
  expect((await command(desk.folder, 'console', ...args)).code).toBe(0);
  for (const session of mine) expect(await works(session)).toBe(303);
  expect(await works(other)).toBe(200);
});

test('the live stream of a session that ended ends with it', async () => {
  const desk = await openConsoleDesk();
  const { cookie, csrf } = await desk.login('read', desk.passwordOf('read'));
  const answer = await fetch(`${desk.base}/live`, { headers: { cookie } });
  await desk.ask('POST', '/logout', form({ csrf }, { cookie }));
  // It is looked at every ten seconds.
  expect(await answer.text()).toContain('event: hello');
}, 30_000);
