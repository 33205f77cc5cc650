// What a caller's text must look like inside a Slack message, so that Slack reads it as text and nothing else.
import { cleanLine } from '../../core/caller-text.ts';

/** More than any name or number needs; keeps one value from filling the message. */
const VALUE_GRAPHEMES_MAX = 300;

/** Invisible, and no line may break there: it parts what a client would otherwise turn into a link or a mention. */
const WORD_JOINER = '\u2060';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

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
