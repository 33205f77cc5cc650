// The login page, and what its form does.
import type { Context, Hono } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import { cookieName, type Env, isFromHere, meant, type Who } from '../access/gate.ts';
import type { LoginLimit } from '../access/login-limit.ts';
import { isPassword, NO_PASSWORD } from '../access/passwords.ts';
import type { Sessions } from '../access/sessions.ts';
import type { ConsoleDeps } from '../deps.ts';
import { page } from './layout.ts';

/** One text for everything that can be wrong: it must not tell which. */
const REFUSED = 'This name and password do not go together.';
export const TOO_OFTEN = 'Too many tries. Wait a minute.';
const CHANGED = 'Your password was changed. Log in with the new one.';

export type LoginOptions = Pick<ConsoleDeps, 'ports' | 'accounts' | 'secure'> & {
  sessions: Sessions;
  limit: LoginLimit;
  audit(who: Pick<Who, 'name'>, action: string, detail: string): void;
  /** The peer's address, for the limit. */
  addressOf(c: Context<Env>): string;
};

/** Mounts `/login` and `/logout`. */
export function mountLogin(app: Hono<Env>, options: LoginOptions): void {
  const { accounts, sessions, ports, secure, limit } = options;
  app.get('/login', (c) =>
    c.get('who') === undefined
      ? c.html(form(accounts.isEmpty(), c.req.query('changed') === undefined ? '' : CHANGED))
      : c.redirect('/', 303),
  );
  app.post('/login', async (c) => {
    // There is no session yet whose word could be asked for: the browser's own must do.
    if (!isFromHere(c)) return c.text('this was not sent from the login page', 403);
    const address = options.addressOf(c);
    if (!limit.mayTry(address)) {
      ports.count('console_refused', { reason: 'login-limit' });
      return c.html(form(false, TOO_OFTEN), 429);
    }
    const { name, password } = await c.req.parseBody();
    const account = typeof name === 'string' ? accounts.find(name) : undefined;
    const fits = await isPassword(String(password ?? ''), account?.passwordHash ?? NO_PASSWORD);
    if (account === undefined || !fits) {
      ports.count('console_refused', { reason: 'password' });
      ports.log.warn('console_login_refused', { address });
      return c.html(form(accounts.isEmpty(), REFUSED), 401);
    }
    limit.succeeded(address);
    const { name: session } = sessions.begin(account.name, account.role);
    setCookie(c, cookieName(secure), session, { path: '/', httpOnly: true, secure, sameSite: 'Strict' });
    options.audit({ name: account.name }, 'login', address);
    return c.redirect('/', 303);
  });
  app.post('/logout', meant(ports), (c) => {
    const who = c.get('who');
    const cookie = c.req.header('cookie') ?? '';
    const name = cookie.match(new RegExp(`(?:^|; )${cookieName(secure)}=([A-Za-z0-9_-]+)`))?.[1];
    if (name !== undefined) sessions.end(name);
    if (who !== undefined) options.audit(who, 'logout', '');
    deleteCookie(c, cookieName(secure), { path: '/', secure });
    return c.redirect('/login', 303);
  });
}

const form = (nobody: boolean, said: string) =>
  page({
    title: 'Log in',
    path: '/login',
    who: undefined,
    body: html`${said === '' ? '' : html`<p class="said" role="alert">${said}</p>`}
${nobody ? html`<p>Nobody can log in yet. Make the first account with <code>hookswitch console user admin --role admin</code>.</p>` : ''}
<form method="post" action="/login" class="login">
<label>Name <input name="name" autocomplete="username" required autofocus maxlength="64"></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required maxlength="256"></label>
<button>Log in</button>
</form>`,
  });
