// Where a request goes: scheme and host from the config, values only as whole path segments and as query values.
import { wellFormed } from '../../core/caller-text.ts';
import type { Json } from '../../core/delivery.ts';

/** Characters of a path segment and their percent-encodings (RFC 3986, section 3.3). */
const SEGMENT = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+$/;
/** Also in the spellings that a URL parser takes for a dot (WHATWG URL, "single-dot path segment"). */
const DOT_SEGMENT = /^(?:\.|%2e){1,2}$/i;

/** Stands for one `{{ … }}` while a template is read: a private-use character, which no author writes. */
const VALUE = '\uE000';

/** One value as a path segment or query value: everything but letters, digits and `-._~` is percent-encoded. Total. */
export const encodeUrlValue = (value: string): string =>
  encodeURIComponent(wellFormed(value)).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Why a rendered path can never be sent, or undefined. Empty and dot segments would lead to another place. */
export function pathProblem(path: string): string | undefined {
  for (const segment of path.split('/')) {
    if (segment === '') return 'path: a segment is empty';
    if (DOT_SEGMENT.test(segment)) return 'path: a segment is "." or ".."';
    if (!SEGMENT.test(segment)) return 'path: a segment holds a character that no URL may hold';
  }
  return undefined;
}

/** What is wrong with a path as an author wrote it: one text each. */
export function pathTemplateProblems(template: string): string[] {
  if (template.includes('{%')) return ['may hold values {{ … }}, but no tags {% … %}'];
  const segments = template.replace(/\{\{[\s\S]*?\}\}/g, VALUE).split('/');
  if (segments[0] === '') return ['must not start with "/": it is appended to the url of the connection'];
  return segments.flatMap((segment) => {
    if (segment === VALUE) return [];
    if (segment.includes(VALUE)) return ['a value must be a whole segment, as in "calls/{{ phone.id }}"'];
    const problem = pathProblem(segment);
    return problem === undefined ? [] : [problem.replace(/^path: /, '')];
  });
}

/** Why a rendered query can never be sent, or undefined. */
export function queryProblem(query: Json | undefined): string | undefined {
  if (query === undefined) return undefined;
  if (typeof query !== 'object' || query === null || Array.isArray(query)) return 'query: is no object';
  const odd = Object.entries(query).find(([, value]) => typeof value === 'object' && value !== null);
  return odd === undefined ? undefined : `query: ${JSON.stringify(odd[0])} is no text, number or truth value`;
}

/** Path and query as they stand in the request line. A query value that is `null` (unknown) is left out. */
export function requestTarget(base: URL, path: Json | undefined, query: Json | undefined): string {
  const pathname =
    typeof path === 'string' && path !== '' ? `${base.pathname.replace(/\/$/, '')}/${path}` : base.pathname;
  const given = typeof query === 'object' && query !== null && !Array.isArray(query) ? Object.entries(query) : [];
  const pairs = given
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${encodeUrlValue(name)}=${encodeUrlValue(String(value))}`);
  const all = [base.search.slice(1), ...pairs].filter((part) => part !== '');
  return all.length === 0 ? pathname : `${pathname}?${all.join('&')}`;
}
