// Filters: the form above a list, what it said, and the way to the next page. All by GET, so that a list has an address.
import { html } from 'hono/html';
import type { ZodType } from 'zod';
import { formatProblem } from '../../core/problems.ts';
import { checkWith } from '../../core/schema-problems.ts';
import type { Html } from '../http/route.ts';

/** What a form said, checked: fields left empty are not there; with a mistake the rest counts for nothing, and it is told. */
export function checkedFilter<T>(
  schema: ZodType<T>,
  query: Readonly<Record<string, string>>,
): { value: T; said: string[] } {
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
  const checked = checkWith(schema, given);
  if (!('problems' in checked)) return { value: checked.value, said: [] };
  return { value: {} as T, said: checked.problems.map(formatProblem) };
}

export const filterForm = (action: string, said: readonly string[], fields: readonly Html[]): Html =>
  html`${said.map((text) => html`<p class="said" role="alert">${text}</p>`)}
<form class="filter" method="get" action="${action}" role="search">${fields}<button class="primary">Show</button></form>`;

export const field = (name: string, label: string, value: string | undefined, type: 'search' | 'text' = 'text'): Html =>
  html`<label>${label} <input name="${name}" type="${type}" value="${value ?? ''}" maxlength="200" autocomplete="off"></label>`;

/** `options`: value and what is shown. */
export const selectField = (
  name: string,
  label: string,
  value: string | undefined,
  options: readonly (readonly [string, string])[],
): Html =>
  html`<label>${label} <select name="${name}"><option value="">any</option>${options.map(
    ([each, shown]) => html`<option value="${each}" ${each === value ? html`selected` : ''}>${shown}</option>`,
  )}</select></label>`;

/** A link to a path of ours: never to an address that came from outside. */
export const link = (path: string, text: Html | string): Html => html`<a href="${path}">${text}</a>`;

/** The way to the next page of a list, with the same filter; nothing where there is none. */
export function moreLink(path: string, query: Readonly<Record<string, string>>, before: string | undefined): Html {
  if (before === undefined) return html``;
  const next = new URLSearchParams({ ...query, before });
  return html`<p>${link(`${path}?${next}`, 'Older ones')}</p>`;
}
