// Phones over the control API: who is known, who waits in quarantine, and what a person orders about them.
import type { Hono } from 'hono';
import { z } from 'zod';
import { normaliseMac } from '../core/phone-card.ts';
import { formatProblem, type Problem } from '../core/problems.ts';
import { readBody } from './control-input.ts';
import type { createTokens } from './control-tokens.ts';

/** One known phone; null where nobody knows. Times are ISO 8601. `macFrom`: where its MAC comes from. */
export type PhoneRow = {
  id: string;
  site: string;
  name: string | null;
  from: 'config' | 'adopted';
  mac: string | null;
  macFrom: 'config' | 'adopted' | 'pinned' | null;
  vendor: string;
  maker: string;
  model: string | null;
  firmware: string | null;
  ip: string | null;
  groups: string[];
  area: string | null;
  state: string | null;
  registered: boolean | null;
  silent: boolean;
  lastSeen: string | null;
};

/** Who spoke and is kept from the rules. */
export type QuarantineRow = {
  id: string;
  site: string;
  why: 'unknown' | 'mac-mismatch';
  mac: string | null;
  ip: string | null;
  model: string | null;
  firmware: string | null;
  hits: number;
  firstSeen: string;
  lastSeen: string;
};

export type PhoneList = { phones: PhoneRow[]; quarantine: QuarantineRow[] };

/** What a person says of a phone that is to be known. `who`: its MAC, or its id in quarantine. */
export type AdoptAsked = {
  who: string;
  id?: string | undefined;
  name?: string | undefined;
  groups?: string[] | undefined;
  area?: string | undefined;
  vendor?: string | undefined;
  site?: string | undefined;
};

/** The phone as it is now, or why not. */
export type PhoneAnswer = { phone: { id: string; site: string; name?: string } } | { problems: Problem[] };

export type PhoneDeps = {
  list(): PhoneList;
  /** Each resolves when it is on disk and in force. */
  adopt(asked: AdoptAsked): Promise<PhoneAnswer>;
  rename(id: string, name: string): Promise<PhoneAnswer>;
  regroup(id: string, groups: string[]): Promise<PhoneAnswer>;
  forget(id: string): Promise<PhoneAnswer>;
  repin(id: string): Promise<PhoneAnswer>;
  /** Why the phone cannot have a new token, or not in this way. `atOnce`: the old one is to end now. */
  whyNotRotate(id: string, atOnce: boolean): Problem[];
  rotated(id: string, atOnce: boolean): void;
};

const id = () => z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of the characters A-Z a-z 0-9 _ -');
/** A name in one line, for people. */
export const title = () =>
  z.string().regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u, 'must be 1 to 128 characters in one line');
export const groups = () => z.array(title()).max(64);

/** Whom a person makes known, and what is said of the phone. */
export const ADOPT_BODY = z.strictObject({
  who: z.string().transform((text, context) => {
    const who = normaliseMac(text) ?? (/^ip-[0-9A-Za-z-]{1,61}$/.test(text) ? text : undefined);
    if (who === undefined)
      context.addIssue(
        'must be a MAC address like 00:50:58:a1:b2:c3, or an id that `hookswitch phones` shows in quarantine',
      );
    return who ?? z.NEVER;
  }),
  id: id().optional(),
  name: title().optional(),
  groups: groups().optional(),
  area: title().optional(),
  vendor: z.string().optional(),
  site: id().optional(),
});
const ID_BODY = z.strictObject({ id: id() });
const NAME_BODY = z.strictObject({ id: id(), name: title() });
const GROUP_BODY = z.strictObject({ id: id(), groups: groups() });
const ROTATE_BODY = z.strictObject({ id: id(), now: z.boolean().default(false) });

const refusals = (problems: readonly Problem[]) => ({ error: { problems: problems.map(formatProblem) } });

/** Adds what is about phones. Refusals: 400 for what is asked wrongly, 404 for what cannot be. */
export function phoneRoutes(app: Hono, deps: PhoneDeps, tokens: ReturnType<typeof createTokens>): void {
  const order = <T>(route: string, schema: z.ZodType<T>, act: (asked: T) => Promise<PhoneAnswer>): void => {
    app.post(route, async (c) => {
      const body = readBody(schema, await c.req.text());
      if ('problems' in body) return c.json(refusals(body.problems), 400);
      const done = await act(body.value);
      return 'problems' in done ? c.json(refusals(done.problems), 404) : c.json(done);
    });
  };
  app.get('/phones', (c) => c.json(deps.list()));
  order('/phones/adopt', ADOPT_BODY, deps.adopt);
  order('/phones/name', NAME_BODY, (asked) => deps.rename(asked.id, asked.name));
  order('/phones/group', GROUP_BODY, (asked) => deps.regroup(asked.id, asked.groups));
  order('/phones/forget', ID_BODY, (asked) => deps.forget(asked.id));
  order('/phones/repin', ID_BODY, (asked) => deps.repin(asked.id));
  app.post('/phones/rotate-token', async (c) => {
    const body = readBody(ROTATE_BODY, await c.req.text());
    if ('problems' in body) return c.json(refusals(body.problems), 400);
    const { id: phone, now } = body.value;
    const problems = deps.whyNotRotate(phone, now);
    if (problems.length > 0) return c.json(refusals(problems), 404);
    const made = await tokens.make({ phone }, now ? 'end' : 'overlap');
    if ('problems' in made) return c.json(refusals(made.problems), 404);
    deps.rotated(phone, now);
    return c.json(made, 201);
  });
}
