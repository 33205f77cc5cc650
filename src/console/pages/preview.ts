// Preview: a message as it looks where it arrives; a document of its own stands in a frame that may do nothing.
import { html } from 'hono/html';
import type { Preview } from '../../core/preview.ts';
import { escapeUnprintable } from '../../core/printable.ts';
import type { Html } from '../http/route.ts';

/** `frame`: a path of ours that answers with the document. */
export const previewOf = ({ heading, text, html: document, json }: Preview, frame: string): Html =>
  html`<p><strong>${heading}</strong></p>
${text === undefined ? '' : html`<pre>${lines(text)}</pre>`}
${document === undefined ? '' : html`<iframe class="preview" sandbox src="${frame}" title="The message as a mail program shows it"></iframe>`}
${json === undefined ? '' : html`<pre>${lines(JSON.stringify(json, null, 2))}</pre>`}`;

/** The text with its line breaks and tabs, and with everything else that cannot be seen written out. */
export const lines = (text: string): string =>
  escapeUnprintable(text).replaceAll('\\u000a', '\n').replaceAll('\\u0009', '\t');
