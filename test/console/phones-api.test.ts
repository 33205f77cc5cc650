// Phones over the admin API and by the forms: adopted, named, grouped, forgotten, given tokens, and told where to call.
import { expect, test } from 'vitest';
import { TOKEN } from '../running-daemon.ts';
import { form, openConsoleDesk, type Role } from '../support/console-desk.ts';
import { sendRaw } from '../support/raw-http.ts';

const RULES = [{ id: 'missed', on: 'phone.missed_call', do: [{ log: { text: 'missed {{ remote.number }}' } }] }];

async function world() {
  const desk = await openConsoleDesk({}, RULES);
  const api = async (method: 'GET' | 'POST', path: string, body?: object, role: Role = 'admin') => {
    const headers = { authorization: `Bearer ${desk.tokenOf(role)}` };
    const answer = await desk.ask(method, `/api/v1/phones${path}`, {
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: JSON.parse(answer.body) as never };
  };
  const speaks = async (token: string, query: string): Promise<number> =>
    (await sendRaw(desk.hitPort, `GET /a/${token}/dnd_on?${query}&_=. HTTP/1.1\r\nHost: x\r\n\r\n`)).status;
  return { desk, api, speaks };
}

test('a stranger is shown with what he says of himself, adopted, named, grouped and forgotten', async () => {
  const { desk, api, speaks } = await world();
  expect(await speaks(TOKEN, 'mac=00aabbcc1000&model=s505&firmware=9')).toBe(200);
  await expect
    .poll(async () => (await api('GET', '')).body)
    .toMatchObject({
      quarantine: [{ id: '00aabbcc1000', why: 'unknown', model: 's505', firmware: '9', hits: 1 }],
    });
  expect(await api('POST', '', { who: '00:aa:bb:cc:10:00', name: 'Kitchen', groups: ['house'] }, 'operate')).toEqual({
    status: 200,
    body: { phone: { id: 'kitchen', site: 'default', name: 'Kitchen' } },
  });
  expect((await api('POST', '/kitchen/name', { name: 'Big kitchen' }, 'operate')).status).toBe(200);
  expect((await api('POST', '/kitchen/groups', { groups: ['house', 'back'] }, 'operate')).status).toBe(200);
  expect((await api('GET', '/kitchen')).body).toMatchObject({
    known: { name: 'Big kitchen', groups: ['house', 'back'], from: 'adopted' },
  });
  expect(await api('POST', '/front-desk/name', { name: 'x' })).toMatchObject({
    status: 404,
    body: { error: { problems: [expect.stringContaining('in the config')] } },
  });
  expect(await api('POST', '/kitchen/name', { name: 'two\nlines' })).toMatchObject({ status: 400 });
  expect((await api('POST', '/kitchen/forget', {})).status).toBe(200);
  expect((await api('GET', '/kitchen')).status).toBe(404);
  const audit = await desk.ask('GET', '/audit', { headers: { authorization: `Bearer ${desk.tokenOf('admin')}` } });
  expect(audit.body).toContain('POST /api/v1/phones</td><td>kitchen');
});

test('a new token is shown once; the one before goes on, or ends at once', async () => {
  const { api, speaks } = await world();
  const made = async (now: boolean): Promise<string> =>
    ((await api('POST', '/front-desk/token', { now })).body as { token: string }).token;
  const [first, second] = [await made(false), await made(false)];
  expect([await speaks(first, 'mac=005058a1b2c3'), await speaks(second, 'mac=005058a1b2c3')]).toEqual([200, 200]);
  const third = await made(true);
  expect(await speaks(third, 'mac=005058a1b2c3')).toBe(200);
  for (const ended of [first, second]) expect(await speaks(ended, 'mac=005058a1b2c3')).toBeGreaterThanOrEqual(400);
});

test('a provision sheet holds what rules need, with a token that works; without a MAC there is a table and no file', async () => {
  const { api, desk, speaks } = await world();
  type Made = {
    token: string;
    sheet: { file?: { name: string; text: string }; rows: { slug: string; url: string }[]; warnings: string[] };
  };
  const { body, status } = await api('POST', '/front-desk/provision', {});
  const made = body as Made;
  expect(status).toBe(201);
  expect(made.sheet.rows.map(({ slug }) => slug)).toEqual(['missed_call']);
  expect(made.sheet.file?.name).toContain('005058a1b2c3');
  expect(made.sheet.file?.text).toContain(made.token);
  expect(await speaks(made.token, 'mac=005058a1b2c3')).toBe(200);
  const all = (await api('POST', '/front-desk/provision', { all: true })).body as Made;
  expect(all.sheet.rows.length).toBeGreaterThan(20);
  const hall = (await api('POST', '/hall/provision', {})).body as Made;
  expect(hall.sheet.file).toBeUndefined();
  expect(hall.sheet.warnings.join()).toContain('copy the table');
  const { cookie, csrf } = await desk.login('admin', desk.passwordOf('admin'));
  const asFile = await desk.ask('POST', '/phones/hall/provision', form({ csrf, as: 'file' }, { cookie }));
  expect(asFile.status).toBe(409);
  expect(asFile.body).toContain('take the table');
  const file = await desk.ask('POST', '/phones/front-desk/provision', form({ csrf, as: 'file' }, { cookie }));
  expect(file.headers['content-disposition']).toMatch(/^attachment; filename="[\w.-]*005058a1b2c3[\w.-]*"$/);
  expect(file.headers['content-type']).toBe('application/octet-stream');
  expect(await desk.ask('POST', '/phones/nobody/provision', form({ csrf, as: 'table' }, { cookie }))).toMatchObject({
    status: 404,
  });
  const log = desk.daemon.out();
  expect(log).not.toContain(made.token);
});

test('a form that is filled in wrongly says so on a page, and changes nothing', async () => {
  const { desk } = await world();
  const { cookie, csrf } = await desk.login('operate', desk.passwordOf('operate'));
  const sent = await desk.ask('POST', '/phones', form({ csrf, who: 'no <b>MAC</b>', name: '' }, { cookie }));
  expect(sent.status).toBe(400);
  expect(sent.headers['content-type']).toContain('text/html');
  expect(sent.body).toContain('must be a MAC address');
  expect(sent.body).not.toContain('<b>');
  const page = await desk.ask('GET', '/phones/hall', { headers: { cookie } });
  expect(page.body).not.toContain('New token');
});
