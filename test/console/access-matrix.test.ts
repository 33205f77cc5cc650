// Who may do what: every route of the console with every kind of credential, over real sockets; a route that nobody put into the
// table of writes is found by the router itself.
import { expect, test } from 'vitest';
import { type Asked, type ConsoleDesk, openConsoleDesk, ROLES, type Role } from '../support/console-desk.ts';
import { consoleRoutes, type Route } from '../support/console-routes.ts';

/** Open to everybody: what is watched from outside, the way in, and the files. */
const OPEN = new Set(['GET /livez', 'GET /readyz', 'GET /login', 'POST /login', 'GET /assets/:name']);
/** Answered under any host's name. */
const ANY_HOST = new Set(['GET /livez', 'GET /readyz']);
const ADMIN_READS = new Set(['GET /audit', 'GET /api/v1/calls.csv']);
/** Somebody with a password only. */
const PEOPLE_ONLY = new Set(['POST /account']);
/** Every write has its place here. A trial of rules changes nothing, and every reader may make one. */
const WRITES: Readonly<Record<string, Role>> = {
  'POST /logout': 'read',
  'POST /account': 'read',
  'POST /deliveries': 'operate',
  'POST /api/v1/deliveries/retry': 'operate',
  'POST /api/v1/deliveries/cancel': 'operate',
  'POST /phones': 'operate',
  'POST /phones/:id/name': 'operate',
  'POST /phones/:id/groups': 'operate',
  'POST /phones/:id/forget': 'admin',
  'POST /phones/:id/repin': 'admin',
  'POST /phones/:id/token': 'admin',
  'POST /phones/:id/provision': 'admin',
  'POST /api/v1/phones': 'operate',
  'POST /api/v1/phones/:id/name': 'operate',
  'POST /api/v1/phones/:id/groups': 'operate',
  'POST /api/v1/phones/:id/forget': 'admin',
  'POST /api/v1/phones/:id/repin': 'admin',
  'POST /api/v1/phones/:id/token': 'admin',
  'POST /api/v1/phones/:id/provision': 'admin',
  'POST /bench': 'read',
  'POST /replay': 'read',
  'POST /replay/cancel': 'read',
  'POST /api/v1/bench': 'read',
  'POST /api/v1/replay': 'read',
  'POST /api/v1/replay/cancel': 'read',
};

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;
const roleOf = (route: Route): Role =>
  route.method === 'GET' ? (ADMIN_READS.has(nameOf(route)) ? 'admin' : 'read') : (WRITES[nameOf(route)] ?? 'admin');
const mayDo = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** A parameter that names nothing, so that what is allowed does no harm. */
const concrete = (path: string): string => path.replace(/:[A-Za-z]+(?:\{[^}]*\})?/g, 'nobody-there');

type Credential = { name: string; asked: Asked; role: Role | undefined; proven: boolean; refusedWith?: number };

async function credentials(desk: ConsoleDesk): Promise<Credential[]> {
  const old = await desk.login('admin', desk.passwordOf('admin'));
  desk.skip(12 * 3_600_000 + 1_000);
  const found: Credential[] = [
    { name: 'nobody', asked: {}, role: undefined, proven: false },
    { name: 'a session that is over', asked: headed(old), role: undefined, proven: false },
    {
      name: 'a cookie that was made up',
      asked: { headers: { cookie: `hookswitch=${'A'.repeat(32)}` } },
      role: undefined,
      proven: false,
    },
    {
      name: 'a token that was made up',
      asked: { headers: { authorization: `Bearer ${'A'.repeat(32)}` } },
      role: undefined,
      proven: false,
    },
  ];
  for (const role of ROLES) {
    const session = await desk.login(role, desk.passwordOf(role));
    expect(session.csrf).not.toBe('');
    const token = { authorization: `Bearer ${desk.tokenOf(role)}` };
    found.push(
      { name: `session ${role}`, asked: headed(session), role, proven: true },
      { name: `session ${role} without its word`, asked: { headers: { cookie: session.cookie } }, role, proven: false },
      {
        name: `session ${role} with the word of another`,
        asked: headed({ ...session, csrf: old.csrf }),
        role,
        proven: false,
      },
      {
        name: `session ${role} from elsewhere`,
        asked: headed(session, { origin: 'https://evil.example' }),
        role,
        proven: false,
      },
      {
        name: `session ${role} from another site, said by the browser`,
        asked: headed(session, { 'sec-fetch-site': 'cross-site' }),
        role,
        proven: false,
      },
      {
        name: `session ${role} at a foreign host`,
        asked: headed(session, { host: 'evil.example' }),
        role,
        proven: true,
        refusedWith: 421,
      },
      { name: `token ${role}`, asked: { headers: token }, role, proven: true },
      {
        name: `token ${role} at a foreign host`,
        asked: { headers: { ...token, host: 'evil.example' } },
        role,
        proven: true,
        refusedWith: 421,
      },
    );
  }
  return found;
}

const headed = ({ cookie, csrf }: { cookie: string; csrf: string }, more: Record<string, string> = {}): Asked => ({
  headers: { cookie, 'x-csrf-token': csrf, ...more },
});

/** What is wrong with an answer; undefined: nothing. */
function judged(
  route: Route,
  { name: credential, role, proven, refusedWith }: Credential,
  status: number,
): string | undefined {
  const name = nameOf(route);
  if (refusedWith !== undefined && !ANY_HOST.has(name))
    return status === refusedWith ? undefined : `not ${refusedWith}`;
  if (OPEN.has(name)) return status < 500 || name === 'GET /readyz' ? undefined : 'an open address failed';
  if (role === undefined) return status === 401 || status === 303 ? undefined : 'somebody unknown was not sent away';
  if (!mayDo(role, roleOf(route))) return status === 403 ? undefined : 'the role is not enough, and it was not 403';
  if (route.method !== 'GET' && !proven)
    return status === 403 ? undefined : 'it was not proven to be meant, and it was not 403';
  if (PEOPLE_ONLY.has(name) && credential.startsWith('token')) return status === 403 ? undefined : 'a program got in';
  return [401, 403, 421].includes(status) || status >= 500 ? 'it was refused, or it failed' : undefined;
}

test('every route answers every kind of credential as its role says', async () => {
  const desk = await openConsoleDesk();
  const routes = consoleRoutes();
  expect(routes.length).toBeGreaterThan(35);
  expect(
    routes.filter((route) => route.method !== 'GET' && !OPEN.has(nameOf(route)) && !(nameOf(route) in WRITES)),
  ).toEqual([]);
  const unexpected: string[] = [];
  let pairs = 0;
  // Logging out ends the session that the others need.
  const inOrder = [...routes].sort((a, b) => Number(a.path === '/logout') - Number(b.path === '/logout'));
  const all = (await credentials(desk)).sort((a, b) => Number(a.proven) - Number(b.proven));
  for (const route of inOrder)
    for (const credential of all) {
      if (nameOf(route) === 'POST /login') desk.skip(61_000);
      const asked = { ...credential.asked, headOnly: route.path === '/live' };
      const { status } = await desk.ask(route.method, concrete(route.path), asked);
      pairs += 1;
      const wrong = judged(route, credential, status);
      if (wrong !== undefined) unexpected.push(`${nameOf(route)} with ${credential.name}: ${status}, ${wrong}`);
    }
  console.log(`${routes.length} routes × ${all.length} credentials: ${pairs} pairs, ${unexpected.length} unexpected`);
  expect(unexpected).toEqual([]);
}, 120_000);
