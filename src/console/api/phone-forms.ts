// What the forms of the phones' pages do: the same as the API, answered with a page.
import { z } from 'zod';
import { formatProblem } from '../../core/problems.ts';
import type { Who } from '../access/gate.ts';
import { ADOPT_BODY, groups, type PhoneAnswer, title } from '../control-phones.ts';
import type { ConsoleDeps } from '../deps.ts';
import { type Answer, type ApiRoute, apiRoute, type Html } from '../http/route.ts';
import { page } from '../pages/layout.ts';
import { sheetBody, tokenBody } from '../pages/sheet.ts';
import { newSheet, newToken } from './phones.ts';

/** Groups as somebody types them: with commas between. */
const typedGroups = z
  .string()
  .max(1_000)
  .transform((text) => text.split(',').flatMap((group) => (group.trim() === '' ? [] : [group.trim()])));

const ADOPT_FORM = z
  .strictObject({
    who: z.string().max(64),
    site: z.string().max(64).optional(),
    id: z.string().max(64).optional(),
    name: z.string().max(128).optional(),
    groups: typedGroups.optional(),
  })
  // A field that was left empty was not filled in.
  .transform((form) => Object.fromEntries(Object.entries(form).filter(([, value]) => value !== '')))
  .pipe(ADOPT_BODY);

const ticked = z.literal('yes').optional();
const NAME_FORM = z.strictObject({ name: title() });
const GROUPS_FORM = z.strictObject({ groups: typedGroups.pipe(groups()) });
const TOKEN_FORM = z.strictObject({ now: ticked });
const SHEET_FORM = z.strictObject({ all: ticked, as: z.enum(['file', 'table']) });

const pathOf = (id: string): string => `/phones/${encodeURIComponent(id)}`;

const then = (done: PhoneAnswer, to: (id: string) => string): Answer =>
  'problems' in done
    ? { problems: done.problems.map(formatProblem), status: 404 }
    : { to: to(done.phone.id), of: done.phone.id };

async function shown(title: string, path: string, who: Who, body: Html): Promise<Answer> {
  return { text: String(await page({ title, path, who, body })), type: 'text/html; charset=utf-8' };
}

export const phoneForms = (deps: ConsoleDeps): ApiRoute[] => [...plainForms(deps), ...tokenForms(deps)];

const plainForms = (deps: ConsoleDeps): ApiRoute[] => [
  apiRoute({
    method: 'POST',
    path: '/phones',
    role: 'operate',
    summary: 'The form that makes a phone known.',
    body: ADOPT_FORM,
    handle: async ({ body }) => then(await deps.fleet.adopt(body), pathOf),
  }),
  apiRoute({
    method: 'POST',
    path: '/phones/:id/name',
    role: 'operate',
    summary: 'The form that names a phone.',
    body: NAME_FORM,
    handle: async ({ params, body }) => then(await deps.fleet.rename(params.id ?? '', body.name), pathOf),
  }),
  apiRoute({
    method: 'POST',
    path: '/phones/:id/groups',
    role: 'operate',
    summary: 'The form that says which groups a phone is in.',
    body: GROUPS_FORM,
    handle: async ({ params, body }) => then(await deps.fleet.regroup(params.id ?? '', body.groups), pathOf),
  }),
  apiRoute({
    method: 'POST',
    path: '/phones/:id/forget',
    role: 'admin',
    summary: 'The button that forgets a phone.',
    handle: async ({ params }) => then(await deps.fleet.forget(params.id ?? ''), () => '/phones'),
  }),
  apiRoute({
    method: 'POST',
    path: '/phones/:id/repin',
    role: 'admin',
    summary: 'The button that lets go of a MAC address.',
    handle: async ({ params }) => then(await deps.fleet.repin(params.id ?? ''), pathOf),
  }),
];

const tokenForms = (deps: ConsoleDeps): ApiRoute[] => [
  apiRoute({
    method: 'POST',
    path: '/phones/:id/token',
    role: 'admin',
    summary: 'The button that makes a token.',
    body: TOKEN_FORM,
    async handle({ params: { id = '' }, body, who }) {
      const made = await newToken(deps, id, body.now !== undefined);
      if ('problems' in made) return made;
      return shown('New token', pathOf(id), who, tokenBody(id, made, body.now !== undefined));
    },
  }),
  apiRoute({
    method: 'POST',
    path: '/phones/:id/provision',
    role: 'admin',
    summary: 'The buttons that make a file or a table.',
    body: SHEET_FORM,
    async handle({ params: { id = '' }, body, who }) {
      const asFile = body.as === 'file';
      const made = await newSheet(deps, id, { all: body.all !== undefined, asFile });
      if ('problems' in made) return made;
      const { file } = made.sheet;
      if (asFile && file !== undefined)
        return { text: file.text, type: 'application/octet-stream', fileName: file.name };
      return shown('What it has to be told', pathOf(id), who, sheetBody(id, made.sheet));
    },
  }),
];
