// Accounts over the control API: who may log in to the console, and which tokens programs use. Passwords and tokens come as hashes.
import { Hono } from 'hono';
import { z } from 'zod';
import { formatProblem } from '../core/problems.ts';
import { ACCOUNT_NAME } from './access/accounts.ts';
import { isPasswordHash } from './access/passwords.ts';
import { ROLES, type Role } from './access/roles.ts';
import { readBody } from './control-input.ts';

export type AccountList = { accounts: { name: string; role: Role }[]; tokens: { name: string; role: Role }[] };

/** Each resolves when it is on disk; sessions of that account have ended then. */
export type AccountDeps = {
  list(): AccountList;
  /** Makes an account, or gives one that is there another role, and another password unless that is undefined. */
  put(account: { name: string; role: Role; passwordHash?: string | undefined }): Promise<'done' | 'no-password'>;
  putToken(token: { name: string; role: Role; sha256: string }): Promise<void>;
  /** False if there is neither an account nor a token of that name. */
  remove(name: string): Promise<boolean>;
};

const name = () => z.string().regex(ACCOUNT_NAME, 'must be 1 to 64 of the characters A-Z a-z 0-9 . _ -');
const USER_BODY = z.strictObject({
  name: name(),
  role: z.enum(ROLES),
  passwordHash: z.string().refine(isPasswordHash, 'is no hash of a password').optional(),
});
const TOKEN_BODY = z.strictObject({ name: name(), role: z.enum(ROLES), sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const REMOVE_BODY = z.strictObject({ name: name() });

const refusal = (problems: readonly string[]) => ({ error: { problems } });

/** Adds what is about accounts. Refusals: 400 for what is asked wrongly, 404 for what cannot be. */
export function accountRoutes(app: Hono, deps: AccountDeps): void {
  app.get('/console', (c) => c.json(deps.list()));
  app.post('/console/users', async (c) => {
    const body = readBody(USER_BODY, await c.req.text());
    if ('problems' in body) return c.json(refusal(body.problems.map(formatProblem)), 400);
    const done = await deps.put(body.value);
    if (done === 'done') return c.json({ name: body.value.name, role: body.value.role }, 201);
    return c.json(refusal([`there is no account ${body.value.name} yet, so it needs a password`]), 404);
  });
  app.post('/console/tokens', async (c) => {
    const body = readBody(TOKEN_BODY, await c.req.text());
    if ('problems' in body) return c.json(refusal(body.problems.map(formatProblem)), 400);
    await deps.putToken(body.value);
    return c.json({ name: body.value.name, role: body.value.role }, 201);
  });
  app.post('/console/remove', async (c) => {
    const body = readBody(REMOVE_BODY, await c.req.text());
    if ('problems' in body) return c.json(refusal(body.problems.map(formatProblem)), 400);
    if (await deps.remove(body.value.name)) return c.json({ name: body.value.name });
    return c.json(
      refusal([`there is no account and no token ${body.value.name}; see \`hookswitch console list\``]),
      404,
    );
  });
}

/** The same by itself, for a command that has the book and no daemon. */
export function createAccountApi(deps: AccountDeps): Hono {
  const app = new Hono();
  accountRoutes(app, deps);
  return app;
}
