// What a caller's text must look like inside a Slack message, so that Slack reads it as text and nothing else.
import { cleanLine } from '../../core/caller-text.ts';

/** More than any name or number needs; keeps one value from filling the message. */
const VALUE_GRAPHEMES_MAX = 300;

/** Invisible, and no line may break there: it parts what a client would otherwise turn into a link or a mention. */
const WORD_JOINER = '\u2060';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * One value for the `text` of a message. Cleaned and cut first, escaped last, since cutting afterwards would halve an entity.
 * `&`, `<`, `>` are the only characters Slack gives a meaning to and the only ones it lets escape (docs.slack.dev, "Formatting
 * message text"). Bare addresses and names behind an `@` carry no mark at all, so a word joiner breaks them: after `@`, inside
 * `://`, and before a dot that a letter follows (`evil.example`). They look the same and cannot be clicked. Total.
 */
export function encodeSlackText(value: string): string {
  return cleanLine(value, VALUE_GRAPHEMES_MAX)
    .replaceAll('://', `:${WORD_JOINER}//`)
    .replaceAll('@', `@${WORD_JOINER}`)
    .replace(/(?<=[\p{L}\p{N}-])\.(?=\p{L})/gu, `${WORD_JOINER}.`)
    .replace(/[&<>]/g, (mark) => ENTITIES[mark] ?? '');
}

/**
 * One value for a text element of a block: there JSON is all the grammar there is, so it is cleaned and cut, and nothing is
 * escaped (an entity would be shown as written). At most `charactersMax` UTF-16 units, which is what Slack's limits count at most.
 * Empty if nothing visible is left. Total.
 */
export function plainText(value: string, charactersMax: number): string {
  return cutTo(cleanLine(value, charactersMax).trim(), charactersMax);
}

/** Cuts between graphemes what is longer than `charactersMax` UTF-16 units, and ends it in `…`. Total. */
export function cutTo(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  let end = 0;
  for (const { segment } of segmenter.segment(text.slice(0, charactersMax + 1))) {
    if (end + segment.length > charactersMax - 1) break;
    end += segment.length;
  }
  return `${text.slice(0, end)}…`;
}
