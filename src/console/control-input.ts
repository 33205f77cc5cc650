// What the control API is asked: query strings and bodies, checked, with every problem of them at once.
import { type ZodType, z } from 'zod';
import { DELIVERY_STATES } from '../core/delivery.ts';
import type { Problem } from '../core/problems.ts';
import { checkWith } from '../core/schema-problems.ts';
import type { DeliveryQuery, EventQuery } from '../core/store.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;
const IDS_MAX = 10_000;

const id = () => z.string().min(1).max(256);
const whole = (error: string) =>
  z
    .string()
    .regex(/^\d{1,15}$/, error)
    .transform(Number);

const limit = whole('must be a whole number')
  .refine((n) => n >= 1 && n <= LIMIT_MAX, `must be 1 to ${LIMIT_MAX}`)
  .default(LIMIT_DEFAULT);

/** ISO 8601 with a zone, or milliseconds since 1970. */
const moment = z.string().transform((text, context) => {
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : isoMs(text);
  if (ms === undefined) context.addIssue('must be a time like "2026-11-24T09:15:02Z", or milliseconds since 1970');
  return ms ?? z.NEVER;
});

function isoMs(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Without the keys that were not given: absent and undefined are two things to a store. */
const given = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

export const eventQuery: ZodType<EventQuery> = z
  .strictObject({
    since: moment.optional(),
    after: whole('must be the seq of an event').optional(),
    limit,
    phone: id().optional(),
    id: id().optional(),
    type: id().optional(),
    newest: z.enum(['true', 'false']).default('false'),
    raw: z.enum(['true', 'false']).default('true'),
    journal: z.enum(['true', 'false']).default('false'),
  })
  .transform(({ since, after, newest, raw, journal, limit: most, phone, id: one, type }) => ({
    limit: most,
    ...given({ sinceMs: since, afterSeq: after, phone, id: one, type }),
    ...(newest === 'true' ? { newestFirst: true } : {}),
    ...(raw === 'false' ? { raw: false } : {}),
    ...(journal === 'true' ? { journal: true } : {}),
  })) as unknown as ZodType<EventQuery>;

export const deliveryQuery: ZodType<DeliveryQuery> = z
  .strictObject({
    event: id().optional(),
    to: id().optional(),
    id: id().optional(),
    before: id().optional(),
    state: z.enum(DELIVERY_STATES).optional(),
    limit,
  })
  .transform(({ event, to, id: one, before, state, limit: most }) => ({
    limit: most,
    ...given({
      event,
      to,
      before,
      ids: one === undefined ? undefined : [one],
      states: state === undefined ? undefined : [state],
    }),
  })) as unknown as ZodType<DeliveryQuery>;

/** The query of an address; a name that stands twice is a problem, as it is nowhere said which one counts. */
export function readQuery<T>(
  schema: ZodType<T>,
  queries: Record<string, string[]>,
): { value: T } | { problems: Problem[] } {
  const twice = Object.entries(queries).filter(([, values]) => values.length !== 1);
  if (twice.length > 0)
    return { problems: twice.map(([name]) => ({ path: [name], message: 'stands more than once' })) };
  return checkWith(schema, Object.fromEntries(Object.entries(queries).map(([name, [value]]) => [name, value])));
}

/** Which deliveries are sent again or called off. */
export const WHICH_BODY = z.union([
  z.strictObject({ ids: z.array(id()).min(1).max(IDS_MAX) }),
  z.strictObject({ all: z.literal(true), to: id().optional() }),
]);

export const TEST_BODY = z.strictObject({ to: id() });

const holder = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of the characters A-Z a-z 0-9 _ -');

/** Whom a token is for: a site (all of its phones) or one phone. */
export const TOKEN_BODY = z.union([z.strictObject({ site: holder }), z.strictObject({ phone: holder })]);
export const ONCE_BODY = z.strictObject({ phone: holder.optional(), site: holder.optional() });

/** A JSON body. */
export function readBody<T>(schema: ZodType<T>, text: string): { value: T } | { problems: Problem[] } {
  try {
    return checkWith(schema, text === '' ? {} : JSON.parse(text));
  } catch {
    return { problems: [{ path: [], message: 'the body is not JSON' }] };
  }
}
