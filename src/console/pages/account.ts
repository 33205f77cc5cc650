// One's own account: who one is, and another password. All sessions of that name end with the old one.
import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import { type Env, meant, needs, type Who } from '../access/gate.ts';
import { hashPassword, isPassword, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN, SALT_BYTES } from '../access/passwords.ts';
import { csrfField, page } from './layout.ts';
import { type LoginOptions, TOO_OFTEN } from './login.ts';

/** Mounts `/account`, for people: a program's token has no password. */
export function mountAccount(app: Hono<Env>, options: LoginOptions): void {
  const { ports, audit } = options;
  app.get('/account', needs('read', ports), (c) => shown(c, []));
  app.post('/account', needs('read', ports), meant(ports), async (c) => {
    const who = c.get('who') as Who;
    if (who.session === undefined) return c.text('A token has no password.', 403);
    const { current, password, again } = await c.req.parseBody();
    const problems = whyNot(String(password ?? ''), String(again ?? ''));
    if (problems.length > 0) return shown(c, problems, 400);
    const refused = await wrongPassword(c, who, String(current ?? ''), options);
    if (refused !== undefined) return shown(c, [refused.text], refused.status);
    const hash = await hashPassword(String(password), ports.random.bytes(SALT_BYTES));
    await options.accounts.setPassword(who.name, hash);
    audit(who, 'password changed', '');
    return c.redirect('/login?changed', 303);
  });
}

function whyNot(password: string, again: string): string[] {
  const problems: string[] = [];
  if (password.length < PASSWORD_LENGTH_MIN)
    problems.push(`The new password must have at least ${PASSWORD_LENGTH_MIN} characters.`);
  if (password.length > PASSWORD_LENGTH_MAX)
    problems.push(`The new password may have ${PASSWORD_LENGTH_MAX} characters at most.`);
  if (password !== again) problems.push('The new password was not written the same way twice.');
  return problems;
}

/** Somebody at an open browser is held up as at the login. */
async function wrongPassword(
  c: Context<Env>,
  who: Who,
  current: string,
  { accounts, limit, addressOf, ports }: LoginOptions,
): Promise<{ text: string; status: 403 | 429 } | undefined> {
  const address = addressOf(c);
  if (!limit.mayTry(address)) {
    ports.count('console_refused', { reason: 'login-limit' });
    return { text: TOO_OFTEN, status: 429 };
  }
  const account = accounts.find(who.name);
  if (account === undefined || !(await isPassword(current, account.passwordHash))) {
    ports.count('console_refused', { reason: 'password' });
    return { text: 'The present password is another one.', status: 403 };
  }
  limit.succeeded(address);
  return undefined;
}

function shown(c: Context<Env>, problems: readonly string[], status: 200 | 400 | 403 | 429 = 200) {
  const who = c.get('who') as Who;
  const input = (label: string, name: string, autocomplete: string) =>
    html`<label>${label} <input name="${name}" type="password" autocomplete="${autocomplete}" required maxlength="${PASSWORD_LENGTH_MAX}"></label>`;
  const body = html`<p>You are <strong>${who.name}</strong>, with the role <strong>${who.role}</strong>.</p>
${
  who.session === undefined
    ? ''
    : html`<h2>Another password</h2>${problems.map((text) => html`<p class="said" role="alert">${text}</p>`)}
<form method="post" action="/account" class="login">${csrfField(who)}
${input('Present password', 'current', 'current-password')}
${input(`New password, at least ${PASSWORD_LENGTH_MIN} characters`, 'password', 'new-password')}
${input('The new one once more', 'again', 'new-password')}
<button class="primary">Change it, and log in anew</button></form>
<p class="quiet">All browsers that are logged in with this name are logged out.</p>`
}`;
  return c.html(page({ title: 'Your account', path: '/account', who, body }), status);
}
