// What is done about phones: looked up, adopted, named, grouped, forgotten, repinned, and told where to call; for programs.
import { z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import { formatProblem } from '../../core/problems.ts';
import { ADOPT_BODY, groups, type PhoneAnswer, title } from '../control-phones.ts';
import { createTokens, type MadeToken } from '../control-tokens.ts';
import type { ConsoleDeps } from '../deps.ts';
import { type Answer, type ApiRoute, apiRoute } from '../http/route.ts';
import { NO_TOKEN, type ProvisionSheet } from '../provision-sheet.ts';

const asJson = (value: unknown): Json => value as Json;

/** What a program is told: the phone as it is now, or why not. */
const answered = (done: PhoneAnswer): Answer =>
  'problems' in done
    ? { problems: done.problems.map(formatProblem), status: 404 }
    : { json: asJson(done), of: done.phone.id };

const NAME_BODY = z.strictObject({ name: title() });
const GROUPS_BODY = z.strictObject({ groups: groups() });
const TOKEN_BODY = z.strictObject({ now: z.boolean().default(false).describe('true: the token before it ends now.') });
const SHEET_BODY = z.strictObject({
  all: z.boolean().default(false).describe('true: every event with the usual variables, whatever rules need.'),
});

type Refused = { problems: string[]; status: 404 | 409 };

/** A new token for a phone; the one before it goes on for a day, or ends at once. */
export async function newToken(deps: ConsoleDeps, phone: string, atOnce: boolean): Promise<MadeToken | Refused> {
  const problems = deps.fleet.whyNotRotate(phone, atOnce);
  if (problems.length > 0) return { problems: problems.map(formatProblem), status: 404 };
  const made = await createTokens(deps).make({ phone }, atOnce ? 'end' : 'overlap');
  if ('problems' in made) return { problems: made.problems.map(formatProblem), status: 404 };
  deps.fleet.rotated(phone, atOnce);
  return made;
}

/** A sheet with a new token. Everything is looked at before the token is made: a token that is made ends the one before it. */
export async function newSheet(
  deps: ConsoleDeps,
  phone: string,
  { all, asFile }: { all: boolean; asFile: boolean },
): Promise<{ sheet: ProvisionSheet; token: string } | Refused> {
  const draft = deps.sheetOf(phone, NO_TOKEN, all);
  if (draft === undefined) return { problems: ['there is no such phone'], status: 404 };
  if (draft.problems.length > 0) return { problems: draft.problems, status: 409 };
  if (asFile && draft.file === undefined)
    return { problems: ['this phone has no file: its MAC address is not known; take the table'], status: 409 };
  const made = await newToken(deps, phone, false);
  if ('problems' in made) return made;
  const sheet = deps.sheetOf(phone, made.token, all);
  return sheet === undefined ? { problems: ['there is no such phone'], status: 404 } : { sheet, token: made.token };
}

export const phoneApi = (deps: ConsoleDeps): ApiRoute[] => [...lookUps(deps), ...orders(deps), ...tokens(deps)];

const lookUps = (deps: ConsoleDeps): ApiRoute[] => [
  apiRoute({
    method: 'GET',
    path: '/api/v1/phones',
    role: 'read',
    summary: 'Every phone as it is now, what is known of it, and who is kept from the rules.',
    handle: () => {
      const { phones: known, quarantine } = deps.fleet.list();
      return { json: asJson({ phones: deps.phones.all(), known, quarantine }) };
    },
  }),
  apiRoute({
    method: 'GET',
    path: '/api/v1/phones/:id',
    role: 'read',
    summary: 'One phone as it is now, and what is known of it.',
    handle: ({ params }) => {
      const known = deps.fleet.list().phones.find(({ id }) => id === params.id);
      if (known === undefined) return { problems: ['there is no such phone'], status: 404 };
      return { json: asJson({ known, phone: deps.phones.all().find(({ id }) => id === params.id) ?? null }) };
    },
  }),
];

const orders = (deps: ConsoleDeps): ApiRoute[] => [
  apiRoute({
    method: 'POST',
    path: '/api/v1/phones',
    role: 'operate',
    summary: 'Makes a phone known: it meets the rules from now on.',
    body: ADOPT_BODY,
    handle: async ({ body }) => answered(await deps.fleet.adopt(body)),
  }),
  apiRoute({
    method: 'POST',
    path: '/api/v1/phones/:id/name',
    role: 'operate',
    summary: 'What an adopted phone is called.',
    body: NAME_BODY,
    handle: async ({ params, body }) => answered(await deps.fleet.rename(params.id ?? '', body.name)),
  }),
  apiRoute({
    method: 'POST',
    path: '/api/v1/phones/:id/groups',
    role: 'operate',
    summary: 'Groups of an adopted phone.',
    body: GROUPS_BODY,
    handle: async ({ params, body }) => answered(await deps.fleet.regroup(params.id ?? '', body.groups)),
  }),
  apiRoute({
    method: 'POST',
    path: '/api/v1/phones/:id/forget',
    role: 'admin',
    summary: 'An adopted phone is unknown again.',
    handle: async ({ params }) => answered(await deps.fleet.forget(params.id ?? '')),
  }),
  apiRoute({
    method: 'POST',
    path: '/api/v1/phones/:id/repin',
    role: 'admin',
    summary: 'The MAC address that was pinned is let go; the next one that the phone names is pinned.',
    handle: async ({ params }) => answered(await deps.fleet.repin(params.id ?? '')),
  }),
];

const tokens = (deps: ConsoleDeps): ApiRoute[] => [
  apiRoute({
    method: 'POST',
    path: '/api/v1/phones/:id/token',
    role: 'admin',
    summary: 'A new token for a phone, shown this once with the URLs that carry it.',
    body: TOKEN_BODY,
    async handle({ params, body }) {
      const made = await newToken(deps, params.id ?? '', body.now);
      return 'problems' in made ? made : { json: asJson(made), status: 201 };
    },
  }),
  apiRoute({
    method: 'POST',
    path: '/api/v1/phones/:id/provision',
    role: 'admin',
    summary: "A new token, and what the phone has to be told with it: its maker's own file, and a table to type from.",
    body: SHEET_BODY,
    async handle({ params, body }) {
      const made = await newSheet(deps, params.id ?? '', { all: body.all, asFile: false });
      return 'problems' in made ? made : { json: asJson(made), status: 201 };
    },
  }),
];
