// What may stand in `on`: events, groups of them, events of your own, or a list.
import { EVENT_TYPES } from '../../core/fields.ts';
import { CUSTOM_EVENT } from '../rules/event-names.ts';
import { EVENT_GROUPS, EVENT_MEANINGS } from './event-meanings.ts';
import { type JsonSchema, listOf, refTo, TEXT, textLike } from './json-schema.ts';

type Branches = Map<string, Branches>;

/** A pattern for every beginning of some word, without the words themselves: `(?:p(?:h(?:o)?)?)?`. */
function beginningsOf(words: readonly string[]): string {
  const root: Branches = new Map();
  for (const word of words) {
    let here = root;
    for (const letter of word.slice(0, -1)) {
      const next = here.get(letter) ?? new Map();
      here.set(letter, next);
      here = next;
    }
  }
  return patternOf(root);
}

function patternOf(branches: Branches): string {
  if (branches.size === 0) return '';
  const parts = [...branches].map(([letter, under]) => `${letter.replace('.', '\\.')}${patternOf(under)}`);
  return `(?:${parts.join('|')})?`;
}

/** The definition of one name: what editors offer, and besides that every other group and event of your own. */
export function eventName(): JsonSchema {
  const names = [...EVENT_TYPES, ...Object.keys(EVENT_GROUPS)];
  const meanings: Readonly<Record<string, string>> = { ...EVENT_MEANINGS, ...EVENT_GROUPS };
  return {
    ...TEXT,
    anyOf: [
      {
        enum: names,
        enumDescriptions: names.map((name) => meanings[name] ?? ''),
      },
      { pattern: `^${beginningsOf(EVENT_TYPES)}\\*$` },
      textLike(CUSTOM_EVENT, 'must be a name like "custom.vip_called"'),
      { pattern: '^custom\\.[a-z0-9_-]*\\*$' },
    ],
  };
}

/** `on`: one name or a list of them. */
export const eventNames = (): JsonSchema => ({ anyOf: [refTo('event'), listOf(refTo('event'))] });
