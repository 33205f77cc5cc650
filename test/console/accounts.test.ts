// `hookswitch console`: accounts and tokens with a daemon and without one; nothing secret lies about; and one's own password.
import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runProgram } from '../../src/commands/program.ts';
import { command, commandIo } from '../running-daemon.ts';
import { form, openConsoleDesk } from '../support/console-desk.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('without a daemon accounts go straight into the data folder, as hashes, readable by this account only', async () => {
  const folder = tempFolder();
  folder.write('config.json', {});
  const made = await command(folder, 'console', 'user', 'erika', '--role', 'operate', '--make');
  const password = /shown this once: (\S{20})$/m.exec(made.out)?.[1] ?? 'none';
  const token = JSON.parse((await command(folder, 'console', 'token', 'crm', '--role', 'read', '--json')).out) as {
    token: string;
  };
  const text = readFileSync(folder.at('data/accounts.json'), 'utf8');
  expect(text).not.toContain(password);
  expect(text).not.toContain(token.token);
  expect(statSync(folder.at('data/accounts.json')).mode & 0o777).toBe(0o600);
  expect(JSON.parse((await command(folder, 'console', 'list', '--json')).out)).toEqual({
    accounts: [{ name: 'erika', role: 'operate' }],
    tokens: [{ name: 'crm', role: 'read' }],
  });
  expect((await command(folder, 'console', 'remove', 'erika')).out).toContain('erika is gone');
  expect(await command(folder, 'console', 'remove', 'erika')).toMatchObject({
    code: 1,
    err: expect.stringContaining('there is no account'),
  });
});

test('the password is asked twice, and nothing changes where it is not the same', async () => {
  const folder = tempFolder();
  folder.write('config.json', {});
  const typing = async (...lines: (string | undefined)[]) => {
    const { io, said } = commandIo(folder.path);
    const asked: string[] = [];
    io.prompt = () => ({
      ask: () => Promise.reject(new Error('a password would be shown')),
      async askSecret(question) {
        asked.push(question);
        return lines.shift();
      },
      close() {},
    });
    return { code: await runProgram(['console', 'user', 'max', '--role', 'admin'], io), asked, ...said };
  };
  expect(await typing('a long password', 'another password')).toMatchObject({
    code: 2,
    err: expect.stringContaining('same way twice'),
  });
  expect(await typing('short', 'short')).toMatchObject({ code: 2, err: expect.stringContaining('at least 12') });
  expect(await typing(undefined)).toMatchObject({ code: 2, err: expect.stringContaining('--password-file') });
  expect((await command(folder, 'console')).out).toContain('nobody can log in yet');
  const good = await typing('a long password', 'a long password');
  expect(good).toMatchObject({ code: 0, asked: ['Password: ', 'Once more: '] });
  expect(good.out + good.err).not.toContain('a long password');
});

test.each([
  [['user', 'x y', '--role', 'read', '--make'], 2, 'A-Z a-z 0-9'],
  [['user', 'max'], 2, '--role <role>'],
  [['user', 'max', '--role', 'boss'], 2, 'Allowed choices'],
  [['user', 'max', '--role', 'read', '--keep'], 1, 'needs a password'],
  [['user', 'max', '--role', 'read', '--password-file', 'open'], 1, 'chmod 600'],
  [['user', 'max', '--role', 'read', '--password-file', 'gone'], 1, 'no such file'],
  [['user', 'max', '--role', 'read', '--make', '--keep'], 2, 'cannot be used'],
  [['token'], 2, 'hookswitch console token <name> --role <role>'],
])('%j is refused', async (args, code, why) => {
  const folder = tempFolder();
  folder.write('config.json', {});
  folder.write('open', 'a password that all may read', 0o644);
  const answer = await command(folder, 'console', ...args);
  expect(answer.code).toBe(code);
  expect(answer.err).toContain(why);
});

test('a running daemon takes them at once: a new account logs in, a token that was replaced or removed ends', async () => {
  const desk = await openConsoleDesk();
  const made = await command(desk.folder, 'console', 'user', 'erika', '--role', 'read', '--make', '--json');
  const { password } = JSON.parse(made.out) as { password: string };
  expect((await desk.login('erika', password)).csrf).not.toBe('');
  const works = async (token: string) =>
    (await desk.ask('GET', '/api/v1/phones', { headers: { authorization: `Bearer ${token}` } })).status;
  const old = desk.tokenOf('read');
  expect(await works(old)).toBe(200);
  const next = JSON.parse(
    (await command(desk.folder, 'console', 'token', 'program-read', '--role', 'read', '--json')).out,
  ) as { token: string };
  expect([await works(old), await works(next.token)]).toEqual([401, 200]);
  expect((await command(desk.folder, 'console', 'remove', 'program-read')).code).toBe(0);
  expect(await works(next.token)).toBe(401);
  expect(desk.daemon.out()).not.toContain(next.token);
});

test('one’s own password: the present one must be right, within the limit of the login; then one is logged out everywhere', async () => {
  const desk = await openConsoleDesk();
  const { cookie, csrf } = await desk.login('read', desk.passwordOf('read'));
  const change = (current: string, password: string, again = password) =>
    desk.ask('POST', '/account', form({ csrf, current, password, again }, { cookie }));
  const mine = desk.passwordOf('read');
  expect(await change(mine, 'short')).toMatchObject({ status: 400, body: expect.stringContaining('at least 12') });
  expect(await change(mine, 'a new password', 'another one!!')).toMatchObject({
    status: 400,
    body: expect.stringContaining('same way twice'),
  });
  expect(await change('not mine at all', 'a new password')).toMatchObject({
    status: 403,
    body: expect.stringContaining('another one'),
  });
  for (let n = 0; n < 4; n++) await change('not mine at all', 'a new password');
  expect((await change(mine, 'a new password')).status).toBe(429);
  desk.skip(61_000);
  expect(await change(mine, 'a new password')).toMatchObject({ status: 303, headers: { location: '/login?changed' } });
  expect((await desk.ask('GET', '/health', { headers: { cookie } })).status).toBe(303);
  expect((await desk.login('read', mine)).csrf).toBe('');
  expect((await desk.login('read', 'a new password')).csrf).not.toBe('');
}, 30_000);
