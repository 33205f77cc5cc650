// Preview: a message as its topic tree shows it.
import type { Json } from '../../core/delivery.ts';
import type { Preview } from '../../core/preview.ts';

/** Of a rendered message: each level of the topic on a line of its own, then the payload. */
export function previewOf({ topic, payload, retain }: Record<string, Json>): Preview {
  const levels = String(topic ?? '').split('/');
  const tree = levels.map((level, n) => `${'  '.repeat(n)}${level}`).join('\n');
  const heading = `${String(topic ?? '')}${retain === true ? ' (retained)' : ''}`;
  if (typeof payload === 'string') return { heading, text: `${tree}\n${'  '.repeat(levels.length)}${payload}` };
  return { heading, text: tree, json: payload ?? null };
}
