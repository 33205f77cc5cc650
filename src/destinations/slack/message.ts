// What stands in a rule under "slack", and what can be said about it before anything is sent.
import { z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import { cardOf } from './card.ts';
import { groupOf } from './digest.ts';
import { nameOf } from './places.ts';
import { channel, type SlackSettings, timezone } from './settings.ts';

/** Slack cuts a text off above this (docs.slack.dev, chat.postMessage, "Truncating content"). */
const TEXT_CHARACTERS_MAX = 40_000;

export const message = z
  .strictObject({
    text: z
      .string()
      .min(1)
      .max(TEXT_CHARACTERS_MAX)
      .optional()
      .describe(
        "The text. Slack's tokens that the author writes (<!here>, <https://…|link>) work; a caller's never do. " +
          'With a card it is only what notifications say, with a digest it stands above the table.',
      ),
    card: z
      .boolean()
      .optional()
      .describe(
        'One message for each call, edited as the call goes on: ringing, answered, missed, called back. In rules on call.* only; ' +
          'let one rule match all of them. A call has one card on each connection. Needs a token.',
      ),
    thread: z
      .boolean()
      .optional()
      .describe(
        "Post the text into the thread of the call's card; a normal message if there is none. In rules on call.* only. Needs a token.",
      ),
    broadcast: z.boolean().optional().describe('With thread: show the answer in the channel as well. Default: false.'),
    digest: z
      .boolean()
      .optional()
      .describe('A table of the events that came together, in rules with count or wait: when, and who called.'),
    timezone: timezone.optional().describe("Time zone of the times in the digest, instead of the connection's."),
    channel: channel
      .optional()
      .describe(
        "Where it goes instead of the connection's channel. A card stays where it was posted. Only with a token.",
      ),
    mrkdwn: z
      .boolean()
      .optional()
      .describe(
        "Apply Slack's marks (*bold*, _italic_) in the text, those inside a caller's name too. Default: false, marks stay visible.",
      ),
  })
  .superRefine((value, context) => {
    if (value.text === undefined && value.card !== true && value.digest !== true)
      context.addIssue({
        code: 'custom',
        path: ['text'],
        message: 'is missing: write a text, or "card": true, or "digest": true',
      });
  });

export type SlackMessage = z.infer<typeof message>;

type Finding = { path: (string | number)[]; message: string; hint?: string };

/** Problems of a message as its author wrote it. */
export function lint(written: SlackMessage, connection: SlackSettings): Finding[] {
  return [...contradictions(written), ...unfit(written, connection)];
}

function contradictions({ card, thread, broadcast, digest, timezone: zone }: SlackMessage): Finding[] {
  const found: Finding[] = [];
  const add = (path: string, text: string, hint: string): void =>
    void found.push({ path: [path], message: text, hint });
  if (card && thread)
    add('thread', 'stands beside card', 'the card is the message that others answer; use two actions');
  if (card && digest) add('digest', 'stands beside card', 'a card tells of one call; use two actions');
  if (broadcast && !thread) add('broadcast', 'does nothing without thread', 'add "thread": true, or remove it');
  if (zone !== undefined && !digest)
    add('timezone', 'does nothing without digest', 'remove it; in a card everybody sees their own time zone');
  return found;
}

function unfit(written: SlackMessage, connection: SlackSettings): Finding[] {
  if (connection.webhookUrl === undefined) {
    if (written.channel !== undefined || connection.channel !== undefined) return [];
    const hint = 'name one here such as "#sales", or set one for the connection';
    return [{ path: ['channel'], message: 'is missing', hint }];
  }
  const found: Finding[] = [];
  if (written.channel !== undefined)
    found.push({
      path: ['channel'],
      message: 'does nothing: the connection is an incoming webhook, whose channel is fixed',
      hint: 'remove it, or give the connection a token instead of webhookUrl',
    });
  for (const key of ['card', 'thread'] as const)
    if (written[key])
      found.push({
        path: [key],
        message: 'does not work over an incoming webhook, which tells nobody where a message went',
        hint: 'give the connection a token instead of webhookUrl',
      });
  return found;
}

/** Why a rendered message can never be sent. */
export function check(rendered: Record<string, Json>): string | undefined {
  const { text, card, digest } = rendered;
  if (cardOf(card) === undefined && groupOf(digest) === undefined && (typeof text !== 'string' || text.trim() === ''))
    return 'text: is empty';
  if (typeof text === 'string' && text.length > TEXT_CHARACTERS_MAX)
    return `text: is longer than ${TEXT_CHARACTERS_MAX} characters`;
  return undefined;
}

/** Of the states of one card that wait, only the newest is worth showing. */
export function slot({ card: value }: Record<string, Json>): string | undefined {
  const card = cardOf(value);
  return card === undefined ? undefined : nameOf(card.key);
}
