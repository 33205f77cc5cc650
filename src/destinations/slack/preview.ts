// Preview: a message as it stands in the channel: its words, and the blocks that are sent.
import type { Json } from '../../core/delivery.ts';
import type { Preview } from '../../core/preview.ts';
import { cardOf, drawCard } from './card.ts';
import { drawDigest, groupOf } from './digest.ts';

/** Of a rendered message. */
export function previewOf(message: Record<string, Json>): Preview {
  const channel = typeof message.channel === 'string' ? message.channel : 'the channel of the connection';
  const heading = message.thread === undefined ? channel : `${channel}, in the thread of the call`;
  const card = cardOf(message.card);
  if (card !== undefined) return blocksOf(heading, drawCard(card, true));
  const group = groupOf(message.digest);
  const text = typeof message.text === 'string' ? message.text : undefined;
  if (group !== undefined) return blocksOf(heading, drawDigest(group, text, 'UTC', message.mrkdwn === true));
  return { heading, text: readable(text ?? '') };
}

const blocksOf = (heading: string, { text, blocks }: { text: string; blocks: unknown }): Preview => ({
  heading,
  text: readable(text),
  json: blocks as Json,
});

/** Without what Slack itself takes away: its three entities, and the joiner that keeps an address from becoming a link. */
const readable = (text: string): string =>
  text.replaceAll('\u2060', '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
