// The card of a call: one message that says how the call stands, made anew for every change.
import type { CallCard } from '../../core/call-card.ts';
import type { Json } from '../../core/delivery.ts';
import { type Block, BUTTON_VALUE_MAX, button, header, lines, type Piece, text } from './blocks.ts';
import { cutTo, encodeSlackText, plainText } from './encode.ts';
import { nameOf, span, stateOf } from './words.ts';

/** What our own cards carry, so that one whose place is not known can be found in the channel. */
export const CARD_EVENT_TYPE = 'hookswitch_call';
export const TAKE_ACTION = 'hookswitch_take';

const NAME_MAX = 160;
const NUMBER_MAX = 60;
const PHONES_NAMED_MAX = 10;

export type Content = { text: string; blocks: Block[] };

/** A message's `card` or `thread` as the engine filled it in; undefined if it is not one. */
export function cardOf(value: Json | undefined): CallCard | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { key, site, remote, phones } = value;
  const whole = typeof key === 'string' && key !== '' && typeof site === 'string' && Array.isArray(phones);
  return whole && typeof remote === 'object' && remote !== null ? (value as unknown as CallCard) : undefined;
}

/** The card as blocks, and the text of its notification. `withButton`: somebody may take the call by a click. */
export function drawCard(card: CallCard, withButton: boolean): Content {
  const { emoji, words } = stateOf(card);
  const blocks = [
    header(`${emoji} ${words}`),
    lines([whoLine(card), phonesLine(card), historyLine(card), takenLine(card), timeLine(card)]),
  ];
  const value = withButton && isOpen(card) ? buttonValue(card) : undefined;
  if (value !== undefined) blocks.push(button('hookswitch_call', TAKE_ACTION, "I'll take it", value));
  return { text: notification(card), blocks };
}

/** The metadata of a card's message. */
export const metadataOf = ({ site, key }: CallCard) => ({
  event_type: CARD_EVENT_TYPE,
  event_payload: { site, key },
});

/** Whether somebody could still take care of the call: it rings, or nobody took it. */
function isOpen(card: CallCard): boolean {
  if (card.direction === 'out' || card.claimedBy !== null || card.returnedBy !== null) return false;
  return (
    card.outcome === 'missed' || (card.type === 'call.ringing' && card.outcome === null && card.answeredBy === null)
  );
}

/** Which call a click means. Undefined if it does not cutTo, which no real site and key come near. */
function buttonValue({ site, key }: CallCard): string | undefined {
  const value = JSON.stringify({ v: 1, site, call: key });
  return value.length <= BUTTON_VALUE_MAX ? value : undefined;
}

/** Best name first: ours, the caller's own; undefined if there is none. */
const callerName = ({ remote }: CallCard): string | undefined =>
  plainText(remote.contact ?? '', NAME_MAX) || plainText(remote.name ?? '', NAME_MAX) || undefined;

function whoLine(card: CallCard): Piece[] {
  const name = callerName(card);
  const number = plainText(card.remote.number ?? '', NUMBER_MAX);
  const who = [
    ...text(name ?? '', { bold: true }),
    ...(name && number ? text('  ') : []),
    ...text(number, { code: true }),
  ];
  if (number === '')
    who.push(...text(name === undefined ? 'An unknown caller, number withheld' : '  (number withheld)'));
  return [...text(card.direction === 'out' ? 'To ' : 'From '), ...who];
}

function phonesLine({ phones }: CallCard): Piece[] {
  if (phones.length === 0) return [];
  const named = phones.slice(0, PHONES_NAMED_MAX).map(nameOf).join(', ');
  const more = phones.length - PHONES_NAMED_MAX;
  return text(`${phones.length === 1 ? 'Phone' : 'Phones'}: ${named}${more > 0 ? ` and ${more} more` : ''}`);
}

/** What went before and the headline does not say. */
function historyLine(card: CallCard): Piece[] {
  const over = card.type === 'call.ended' || card.talkSeconds !== null;
  if (card.returnedBy === null && over && card.answeredBy !== null) {
    const after = card.ringSeconds === null ? '' : ` after ${span(card.ringSeconds)}`;
    return text(`${card.direction === 'out' ? 'Got through from' : 'Answered at'} ${nameOf(card.answeredBy)}${after}`);
  }
  if (card.returnedBy !== null) return text('Missed before');
  return card.outcome === 'missed' && card.ringSeconds !== null ? text(`Rang for ${span(card.ringSeconds)}`) : [];
}

function takenLine({ claimedBy, claimedAt }: CallCard): Piece[] {
  if (claimedBy === null) return [];
  const by = text(plainText(claimedBy, NAME_MAX) || 'somebody', { bold: true });
  return [...text('🙋 Taken by '), ...by, ...(claimedAt === null ? [] : [...text(', '), ...moment(claimedAt)])];
}

const timeLine = ({ startedAt }: CallCard): Piece[] => moment(startedAt);

/** A moment, which Slack shows in the time zone of whoever reads it. */
function moment(at: string): Piece[] {
  const atMs = Date.parse(at);
  if (Number.isNaN(atMs)) return [];
  const fallback = `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return [{ type: 'date', timestamp: Math.floor(atMs / 1000), format: '{date_short_pretty}, {time}', fallback }];
}

/** One line for notifications and screen readers; the only place where a caller's text is part of Slack's own markup. */
function notification(card: CallCard): string {
  const { emoji, words } = stateOf(card);
  const name = callerName(card);
  const number = plainText(card.remote.number ?? '', NUMBER_MAX) || 'number withheld';
  const who = name === undefined ? encodeSlackText(number) : `${encodeSlackText(name)} (${encodeSlackText(number)})`;
  const taken = card.claimedBy === null ? '' : `, taken by ${encodeSlackText(cutTo(card.claimedBy, NAME_MAX))}`;
  return `${emoji} ${encodeSlackText(words)}: ${who}${taken}`;
}
