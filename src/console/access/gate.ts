// Gate: every request passes here: the right host, somebody who is known, who may do this, and who meant to.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Count } from '../../core/ports.ts';
import type { AccountBook } from './accounts.ts';
import { allows, type Role } from './roles.ts';
import type { Session, Sessions } from './sessions.ts';

/** Who asks: a person by a session, or a program by a token. */
export type Who = { name: string; role: Role; by: 'session' | 'token'; session?: Session };

/** `stillKnown`: whether whoever asked is still somebody, for answers that go on for long. */
export type Env = { Variables: { who: Who | undefined; stillKnown: () => boolean } };

export type GateOptions = {
  /** Hosts with their ports under which the console may be reached, in lower case: `127.0.0.1:8485`. */
  hosts(): readonly string[];
  /** Whether it is reached over TLS: then the cookie's name says so. */
  secure: boolean;
  accounts: AccountBook;
  sessions: Sessions;
  count: Count;
};

/** `__Host-` binds a cookie to this host, and needs TLS (RFC 6265bis, section 4.1.3.2). */
export const cookieName = (secure: boolean): string => (secure ? '__Host-hookswitch' : 'hookswitch');

/**
 * Refuses requests for another host (421): a page of elsewhere whose name leads here (DNS rebinding) is not ours. Finds out who
 * asks; nobody is `undefined`.
 */
export function identify(options: GateOptions): MiddlewareHandler<Env> {
  return async (c, next) => {
    const host = (c.req.header('host') ?? '').toLowerCase();
    if (!options.hosts().includes(host)) {
      options.count('console_refused', { reason: 'host' });
      return c.text('this is not the host that you asked for', 421);
    }
    const who = whoOf(c, options);
    c.set('who', who);
    c.set('stillKnown', () => isStillKnown(c, who, options));
    return next();
  };
}

function isStillKnown(c: Context<Env>, who: Who | undefined, options: GateOptions): boolean {
  if (who === undefined) return false;
  return who.session === undefined ? whoOf(c, options) !== undefined : options.sessions.isOn(who.session);
}

function whoOf(c: Context<Env>, { secure, accounts, sessions }: GateOptions): Who | undefined {
  const bearer = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(c.req.header('authorization') ?? '')?.[1];
  if (bearer !== undefined) {
    const token = accounts.tokenOf(createHash('sha256').update(bearer).digest('hex'));
    return token === undefined ? undefined : { ...token, by: 'token' };
  }
  const name = getCookie(c, cookieName(secure));
  const session = name === undefined ? undefined : sessions.use(name);
  return session === undefined ? undefined : { name: session.user, role: session.role, by: 'session', session };
}

/** Lets through who may do what needs this role. A person who is not logged in is shown the way there. */
export function needs(role: Role, options: Pick<GateOptions, 'count'>): MiddlewareHandler<Env> {
  return async (c, next) => {
    const who = c.get('who');
    if (who === undefined) {
      options.count('console_refused', { reason: 'login' });
      const isPage = c.req.method === 'GET' && !c.req.path.startsWith('/api/') && c.req.path !== '/live';
      return isPage ? c.redirect('/login', 303) : c.json(problem('log in first, or send a token'), 401);
    }
    if (!allows(who.role, role)) {
      options.count('console_refused', { reason: 'role' });
      return c.req.path.startsWith('/api/')
        ? c.json(problem(`this needs the role "${role}"; yours is "${who.role}"`), 403)
        : c.text(`This needs the role "${role}"; yours is "${who.role}".`, 403);
    }
    return next();
  };
}

/**
 * A request that changes something must come from a page of ours: with the session's own word (in the form or the header
 * `x-csrf-token`) and, where the browser says where it comes from, from here. A token's holder is no browser and needs neither.
 */
export function meant(options: Pick<GateOptions, 'count'>): MiddlewareHandler<Env> {
  return async (c, next) => {
    const who = c.get('who');
    if (who?.session === undefined) return next();
    const given = c.req.header('x-csrf-token') ?? (await formWord(c));
    if (!isFromHere(c) || !sameWord(given, who.session.csrf)) {
      options.count('console_refused', { reason: 'csrf' });
      const text = 'this was not sent from a page of the console; load the page again and try once more';
      return c.req.path.startsWith('/api/') ? c.json(problem(text), 403) : c.text(text, 403);
    }
    return next();
  };
}

export const problem = (message: string): { error: { problems: string[] } } => ({ error: { problems: [message] } });

/**
 * Whether a browser says that a request comes from a page of ours. A form of ours has the origin `null`, since our pages send no
 * referrer (Fetch, "append a request `Origin` header"); `sec-fetch-site` tells it from others that have none.
 */
export function isFromHere(c: Context<Env>): boolean {
  const origin = c.req.header('origin');
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === undefined || (origin === 'null' && site === 'same-origin')) return true;
  return URL.canParse(origin) && new URL(origin).host === (c.req.header('host') ?? '').toLowerCase();
}

async function formWord(c: Context<Env>): Promise<string> {
  if (!/^application\/x-www-form-urlencoded/i.test(c.req.header('content-type') ?? '')) return '';
  const { csrf } = await c.req.parseBody();
  return typeof csrf === 'string' ? csrf : '';
}

function sameWord(given: string, wanted: string): boolean {
  const [a, b] = [given, wanted].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
