// The program: what the config and the rules say, made ready for the engine. Replaced as a whole, never changed.
import { EMPTY_PHONE_BOOK, type PhoneBook } from '../core/phone-book.ts';
import type { PhoneCard } from '../core/phone-card.ts';
import type { Folding } from './calls/fold.ts';
import { CALL_SETTINGS, type CallSettings } from './calls/state.ts';
import type { CompiledRule, CompiledRules } from './rules/compiled.ts';

export type Program = {
  /** The rules that an event of this type may concern, in their order. */
  rulesFor(type: string): readonly CompiledRule[];
  cardOf(site: string, phone: string): PhoneCard | undefined;
  /** How long a delivery to that connection may wait, in ms. */
  expiresMs(connection: string): number;
  book: PhoneBook;
  /** How phones are folded into calls. */
  folding: Folding;
};

export type ProgramOptions = {
  rules: CompiledRules;
  phones: readonly PhoneCard[];
  connections: ReadonlyMap<string, { expiresMs?: number | undefined }>;
  book?: PhoneBook;
  calls?: CallSettings;
  /** Groups whose phones ring one after the other need a longer settle time, in ms. */
  groups?: ReadonlyMap<string, { settleMs?: number | undefined }>;
};

const EXPIRES_MS = 72 * 3_600_000;
const NONE: readonly CompiledRule[] = [];

/** Spans in ms. A connection without a span of its own: 72 h. */
export function createProgram(options: ProgramOptions): Program {
  const { book = EMPTY_PHONE_BOOK, calls: settings = CALL_SETTINGS, groups = new Map() } = options;
  const byType = indexOf(options.rules);
  const sites = new Map<string, Map<string, PhoneCard>>();
  for (const card of options.phones) {
    const cards = sites.get(card.site) ?? new Map<string, PhoneCard>();
    sites.set(card.site, cards.set(card.id, card));
  }
  const expires = new Map([...options.connections].map(([name, { expiresMs }]) => [name, expiresMs ?? EXPIRES_MS]));
  return {
    rulesFor: (type) => byType.get(type) ?? NONE,
    cardOf: (site, phone) => sites.get(site)?.get(phone),
    expiresMs: (connection) => expires.get(connection) ?? EXPIRES_MS,
    book,
    folding: {
      settings,
      settleMsOf: (call) =>
        call.groups.reduce((most, name) => Math.max(most, groups.get(name)?.settleMs ?? 0), settings.settleMs),
    },
  };
}

/** By event type: the enabled rules that take it, in their order. */
function indexOf(rules: CompiledRules): Map<string, CompiledRule[]> {
  const byType = new Map<string, CompiledRule[]>();
  for (const rule of rules) {
    if (!rule.enabled) continue;
    for (const type of rule.on) {
      const list = byType.get(type);
      if (list === undefined) byType.set(type, [rule]);
      else list.push(rule);
    }
  }
  return byType;
}
