// A vendor of a recipe's test: refuses what is not by its document, takes the rest, and drops a repeat where the real one does.
import { z } from 'zod';
import { SECRETS } from './recipe-desk.ts';

export type Asked = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: unknown;
};
/** `body`: what is said about a refusal, for the test's reader. */
export type Reply = { status: number; body?: unknown };

export type Vendor = {
  /** Records that there are, by whatever the vendor tells them apart by. */
  records: Map<string, unknown>;
  answer(asked: Asked): Reply;
  /** Whether a repeat whose answer was lost makes no second record. */
  dropsRepeats: boolean;
};

type Plan = {
  method: string;
  path: RegExp;
  headers: Record<string, string>;
  body: z.ZodType;
  ok?: number;
  query?: Record<string, string>;
  dropsRepeats: boolean;
  /** The name of the record; undefined: a new one each time. */
  name?(asked: Asked): string | undefined;
  refuses?(asked: Asked, known: unknown): Reply | undefined;
};

/** 404 for another place, 405, 401, 415 and 400, in that order; then it is taken. */
export function vendor({
  method,
  path,
  headers,
  body,
  ok = 200,
  query = {},
  dropsRepeats,
  name,
  refuses,
}: Plan): Vendor {
  const records = new Map<string, unknown>();
  return {
    records,
    dropsRepeats,
    answer(asked) {
      if (!path.test(asked.path)) return { status: 404 };
      if (asked.method !== method) return { status: 405 };
      for (const [key, value] of Object.entries(headers))
        if (asked.headers[key] !== value) return { status: 401, body: key };
      for (const [key, value] of Object.entries(query))
        if (asked.query.get(key) !== value) return { status: 401, body: key };
      if (asked.headers['content-type'] !== 'application/json') return { status: 415 };
      const read = body.safeParse(asked.body);
      if (!read.success) return { status: 400, body: z.prettifyError(read.error) };
      const key = name?.(asked) ?? `new-${records.size + 1}`;
      const refused = refuses?.(asked, records.get(key));
      if (refused !== undefined) return refused;
      records.set(key, asked.body);
      return { status: ok };
    },
  };
}

export const secret = (name: string): string => SECRETS[name] ?? '';
export const text = (max: number) => z.string().min(1).max(max);
export const e164 = z.string().regex(/^(?:\+?\d{1,15})?$/);
export const field = (asked: Asked, ...path: (string | number)[]): string =>
  String(path.reduce<unknown>((value, step) => (value as Record<string | number, unknown>)[step], asked.body));
