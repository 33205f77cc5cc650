// Preview: a mail as a mail program shows it, both bodies.
import type { Json } from '../../core/delivery.ts';
import type { Preview } from '../../core/preview.ts';
import { bodiesOf } from './bodies.ts';

/** Of a rendered message; the line below it names no rule, which stands beside the preview. */
export function previewOf(message: Record<string, Json>): Preview {
  const { text, html } = bodiesOf(message, 'UTC', 'Sent by Hookswitch', undefined);
  const list = typeof message.recipients === 'string' ? ` (to the list ${message.recipients})` : '';
  return { heading: `${String(message.subject ?? '')}${list}`, text, html };
}
