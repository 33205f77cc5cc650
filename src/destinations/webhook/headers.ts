// Headers of a request: which names may be set, what a value may hold, and how a caller's text becomes part of one.
import { wellFormed } from '../../core/caller-text.ts';
import type { Json } from '../../core/delivery.ts';
import { Secret } from '../../core/secret.ts';

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
export const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]{0,4000}[\x21-\x7e])?$/;
export const VISIBLE = 'must be visible ASCII characters, blanks only between them';
/** They frame the request, or say who it is from: nobody sets them but the client. */
const OWN_HEADER =
  /^(?:host|connection|keep-alive|content-length|content-type|transfer-encoding|accept-encoding|te|trailer|upgrade|expect|webhook-.*|proxy-.*)$/i;
/** Names that say that the value opens something. An idempotency key opens nothing. */
const CREDENTIAL = /auth|cookie|key|token|secret|passw|signature|session/i;
const NO_CREDENTIAL = /^idempotency-key$/i;

const opens = (name: string): boolean => CREDENTIAL.test(name) && !NO_CREDENTIAL.test(name);

/** What every header's name must be, or undefined if it is. */
const nameProblem = (name: string): string | undefined =>
  HEADER_NAME.test(name) ? (OWN_HEADER.test(name) ? 'is set by Hookswitch itself' : undefined) : 'is no header name';

/** What is wrong with the headers of a connection: one entry each, with the header's name. */
export function settingProblems(
  headers: Readonly<Record<string, string | Secret>>,
): { name: string; message: string }[] {
  const seen = new Set<string>();
  return Object.entries(headers).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    const wrong =
      nameProblem(name) ??
      (seen.has(lower) ? 'stands twice' : undefined) ??
      (opens(name) && !(value instanceof Secret)
        ? 'must be { "env": "NAME" } or { "file": "path" }: by its name it holds a secret'
        : undefined);
    seen.add(lower);
    const text = value instanceof Secret ? value.reveal() : value;
    return [wrong, HEADER_VALUE.test(text) ? undefined : VISIBLE]
      .filter((message) => message !== undefined)
      .map((message) => ({ name, message }));
  });
}

/** What is wrong with the headers of a message as an author wrote them. `taken`: names that the connection sets, in lower case. */
export function messageProblems(
  headers: Readonly<Record<string, string>>,
  taken: ReadonlySet<string>,
): { name: string; message: string }[] {
  const seen = new Set<string>();
  return Object.entries(headers).flatMap(([name, template]) => {
    const lower = name.toLowerCase();
    const around = template.replace(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, '');
    const wrong =
      nameProblem(name) ??
      (seen.has(lower) ? 'stands twice' : undefined) ??
      (opens(name) ? 'by its name holds a secret, and a message has none: set it in the connection' : undefined) ??
      (taken.has(lower) ? 'is set by the connection' : undefined) ??
      (/^[\x20-\x7e]*$/.test(around) ? undefined : VISIBLE);
    seen.add(lower);
    return wrong === undefined ? [] : [{ name, message: wrong }];
  });
}

/** Why rendered headers can never be sent, or undefined. One that came out empty or unknown is left out. */
export function headersProblem(headers: Json | undefined): string | undefined {
  if (headers === undefined) return undefined;
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return 'headers: is no object';
  for (const [name, value] of Object.entries(headers)) {
    const wrong = nameProblem(name) ?? (opens(name) ? 'holds a secret' : undefined);
    if (wrong !== undefined) return `headers: ${JSON.stringify(name)} ${wrong}`;
    const text = value === null ? '' : value;
    if (typeof text !== 'string' || (text.trim() !== '' && !HEADER_VALUE.test(text.trim())))
      return `headers: ${JSON.stringify(name)} ${VISIBLE}, 4,000 at most`;
  }
  return undefined;
}

/** The rendered headers that are sent, by name in lower case. */
export function renderedHeaders(headers: Json | undefined): Record<string, string> {
  const given = typeof headers === 'object' && headers !== null && !Array.isArray(headers) ? headers : {};
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      typeof value === 'string' && value.trim() !== '' ? [[name.toLowerCase(), value.trim()]] : [],
    ),
  );
}

/**
 * One value inside a header: letters, digits and the marks of RFC 9110's `token` (but `%`) with `:`, `/` and `@` stay; everything else
 * is percent-encoded as UTF-8, also blanks, quotes and what parts a list or its parameters. So a value never ends a header,
 * adds one, or becomes a second member. Total.
 */
export const encodeHeaderValue = (value: string): string =>
  wellFormed(value).replace(/[^A-Za-z0-9!#$&'*+.^_`|~:/@-]+/gu, (run) =>
    [...Buffer.from(run, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
