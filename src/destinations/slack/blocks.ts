// The few blocks of Slack's Block Kit that messages here are made of, within its limits (docs.slack.dev, "Blocks").
import { cutTo } from './encode.ts';

/** Characters of a header, of all text in one rich text block, of a button's value; blocks of a message. */
export const HEADER_MAX = 150;
export const RICH_TEXT_MAX = 3_000;
export const BUTTON_VALUE_MAX = 2_000;
export const BLOCKS_MAX = 50;

export type Style = { bold?: true; code?: true };

/** One piece of rich text. A `text` is shown as it is: whatever stands in it, it is no link, no mention and no mark. */
export type Piece =
  | { type: 'text'; text: string; style?: Style }
  | { type: 'link'; url: string; text?: string }
  | { type: 'user'; user_id: string }
  | { type: 'channel'; channel_id: string }
  | { type: 'usergroup'; usergroup_id: string }
  | { type: 'broadcast'; range: 'here' | 'channel' | 'everyone' }
  | { type: 'date'; timestamp: number; format: string; fallback: string };

type RichPart = { type: 'rich_text_section' | 'rich_text_preformatted'; elements: Piece[] };
type PlainText = { type: 'plain_text'; text: string; emoji: false };

export type Block =
  | { type: 'header'; text: PlainText }
  | { type: 'section'; text: { type: 'mrkdwn'; text: string; verbatim: true } }
  | { type: 'rich_text'; elements: RichPart[] }
  | {
      type: 'actions';
      block_id: string;
      elements: { type: 'button'; action_id: string; text: PlainText; value: string }[];
    };

/** `emoji: false`: a `:name:` in it stays as it is; emoji that are characters are shown all the same. */
const plain = (text: string): PlainText => ({ type: 'plain_text', text, emoji: false });

/** The large line on top. */
export const header = (text: string): Block => ({ type: 'header', text: plain(cutTo(text, HEADER_MAX)) });

/** Lines of rich text, each a list of pieces; empty lines go. */
export function lines(all: Piece[][]): Block {
  const filled = all.filter((pieces) => pieces.length > 0);
  // Sections follow each other without a break of their own.
  const elements = filled.map((pieces, n): RichPart => {
    const last = n === filled.length - 1;
    return { type: 'rich_text_section', elements: last ? pieces : [...pieces, { type: 'text', text: '\n' }] };
  });
  return { type: 'rich_text', elements };
}

/** Text in a fixed width, as it is. */
export const preformatted = (text: string): Block => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: cutTo(text, RICH_TEXT_MAX) }] }],
});

/** One button. */
export const button = (blockId: string, actionId: string, label: string, value: string): Block => ({
  type: 'actions',
  block_id: blockId,
  elements: [{ type: 'button', action_id: actionId, text: plain(label), value }],
});

/** A piece of text; none if there is nothing to show, since Slack refuses an empty one. */
export const text = (value: string, style?: Style): Piece[] =>
  value === '' ? [] : [style === undefined ? { type: 'text', text: value } : { type: 'text', text: value, style }];
