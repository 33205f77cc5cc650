// The choice of a phone in a filter: with hundreds of phones it is most of a page, so it is made once for a list of them.
import { html } from 'hono/html';
import type { PhoneFeed } from '../../core/phone-view.ts';
import type { Html } from '../http/route.ts';

let made: { names: string; options: Html } | undefined;

/** A field `phone`; the one that is chosen stands in front of the others. */
export function phoneField(phones: Pick<PhoneFeed, 'all'>, value: string | undefined): Html {
  const pairs = phones.all().map(({ id, state }): [string, string] => [id, state.name]);
  const names = JSON.stringify(pairs);
  if (made?.names !== names)
    made = { names, options: html`${pairs.map(([id, name]) => html`<option value="${id}">${name}</option>`)}` };
  const chosen = pairs.find(([id]) => id === value);
  return html`<label>Phone <select name="phone">${chosen === undefined ? '' : html`<option value="${chosen[0]}" selected>${chosen[1]}</option>`}<option value="">any</option>${made.options}</select></label>`;
}
