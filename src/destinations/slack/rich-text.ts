// A rendered text as pieces of rich text: Slack's tokens that its author wrote become what they stand for, all else is text.
import { type Piece, RICH_TEXT_MAX, text } from './blocks.ts';
import { cutTo } from './encode.ts';

const MENTIONS: [RegExp, (id: string) => Piece][] = [
  [/^@([UW][A-Z0-9]{2,20})(?:\|.*)?$/, (id) => ({ type: 'user', user_id: id })],
  [/^#(C[A-Z0-9]{2,20})(?:\|.*)?$/, (id) => ({ type: 'channel', channel_id: id })],
  [/^!subteam\^(S[A-Z0-9]{2,20})(?:\|.*)?$/, (id) => ({ type: 'usergroup', usergroup_id: id })],
  [/^!(here|channel|everyone)(?:\|.*)?$/, (id) => ({ type: 'broadcast', range: id as 'here' })],
];

const DECODED: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/**
 * Reads a text in Slack's markup without its marks (`*bold*` stays as it is). A caller's text cannot make a token, since its
 * brackets are entities by now; a token that is not known is shown as it was written. Cut to what one block may hold. Total.
 */
export function readRichText(markup: string): Piece[] {
  const pieces: Piece[] = [];
  let roomLeft = RICH_TEXT_MAX;
  const add = (value: string): void => {
    const fitting = roomLeft > 1 ? cutTo(value, roomLeft) : '';
    roomLeft -= fitting.length;
    pieces.push(...text(fitting));
  };
  for (const part of markup.split(/(<[^<>]*>)/)) {
    const token = /^<(.+)>$/.exec(part)?.[1];
    const piece = token === undefined ? undefined : pieceOf(token);
    if (piece === undefined) add(decode(part));
    else pieces.push(piece);
  }
  return pieces;
}

function pieceOf(token: string): Piece | undefined {
  for (const [form, make] of MENTIONS) {
    const id = form.exec(token)?.[1];
    if (id !== undefined) return make(id);
  }
  const [, url, label] = /^((?:https?|mailto|tel):[^|\s]+)(?:\|(.*))?$/.exec(token) ?? [];
  if (url === undefined) return undefined;
  return label ? { type: 'link', url: decode(url), text: decode(label) } : { type: 'link', url: decode(url) };
}

const decode = (markup: string): string => markup.replace(/&(?:amp|lt|gt);/g, (entity) => DECODED[entity] ?? entity);
