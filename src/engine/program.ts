// The program: what the config and the rules say, made ready for the engine. Replaced as a whole, never changed.
import type { CallerData } from '../core/caller-data.ts';
import type { Json } from '../core/delivery.ts';
import type { Event } from '../core/events.ts';
import type { Known } from '../core/fields.ts';
import { EMPTY_PHONE_BOOK, type PhoneBook } from '../core/phone-book.ts';
import type { PhoneCard } from '../core/phone-card.ts';
import type { Folding } from './calls/fold.ts';
import { CALL_SETTINGS, type CallSettings } from './calls/state.ts';
import { createMatcher } from './match/matcher.ts';
import type { CompiledRule, CompiledRules, Pattern } from './rules/compiled.ts';

/** An event that a rule does not take, but that its `after` or `unless` asks for. */
export type Heard = { rule: CompiledRule; role: 'after' | 'unless'; pattern: Pattern };

/** What holds for all deliveries to one connection. */
export type Route = {
  /** How long one may wait, in ms. */
  expiresMs: number;
  /** How much of a caller a message may show. */
  callerData: CallerData;
  /** How many messages one rule may make within a minute; undefined: any number. */
  budget: number | undefined;
  /** The largest message, as JSON; undefined: of any size. */
  bytesMax: number | undefined;
  /** How its test message is made; undefined: it has none. */
  trial: Trial | undefined;
};

/** `message`: a rendered one; `at` is ISO 8601. */
export type Trial = {
  type: string;
  message(at: string): Record<string, Json>;
  check: ((message: Record<string, Json>) => string | undefined) | undefined;
};

export type Program = {
  /** The rules that an event of this type may concern, in their order. */
  rulesFor(type: string): readonly CompiledRule[];
  /** Whether an event of this type matters to any rule. */
  takes(type: string): boolean;
  /** The rules whose `on` and `when` accept the event, in their order. */
  match(event: Event, known: Known): readonly CompiledRule[];
  /** The patterns of `after` and `unless` that the event fits, in the order of their rules. */
  heard(event: Event, known: Known): readonly Heard[];
  /** The rule of that id, if it is switched on. */
  rule(id: string): CompiledRule | undefined;
  cardOf(site: string, phone: string): PhoneCard | undefined;
  /** What people call a phone of that site; undefined where the config gives it no name. */
  nameOf(site: string): (phone: string) => string | undefined;
  /** What holds for deliveries to that connection. */
  routeTo(connection: string): Route;
  book: PhoneBook;
  /** How phones are folded into calls. */
  folding: Folding;
  /** A wait that ended while nobody ran is dropped if it is as late as that, in ms. */
  lateMsMax: number;
};

export type ProgramOptions = {
  rules: CompiledRules;
  phones: readonly PhoneCard[];
  connections: ReadonlyMap<string, { [K in keyof Route]?: Route[K] | undefined }>;
  book?: PhoneBook;
  calls?: CallSettings;
  /** Groups whose phones ring one after the other need a longer settle time, in ms. */
  groups?: ReadonlyMap<string, { settleMs?: number | undefined }>;
  /** Up to how late a wait that ended while nobody ran is still told, in ms. */
  lateMsMax?: number;
};

const EXPIRES_MS = 72 * 3_600_000;
const LATE_MS_MAX = 10 * 60_000;
const routeOf = (given: { [K in keyof Route]?: Route[K] | undefined }): Route => ({
  expiresMs: given.expiresMs ?? EXPIRES_MS,
  callerData: given.callerData ?? 'full',
  budget: given.budget,
  bytesMax: given.bytesMax,
  trial: given.trial,
});
const PLAIN_ROUTE = routeOf({});
const NAMELESS = (): undefined => undefined;
const NONE: readonly CompiledRule[] = [];
const NOBODY: readonly Heard[] = [];

/** Spans in ms. A connection without a span of its own: 72 h. A wait is told if it is late by less than 10 min. */
export function createProgram(options: ProgramOptions): Program {
  const { book = EMPTY_PHONE_BOOK, calls: settings = CALL_SETTINGS, groups = new Map() } = options;
  const rules = options.rules.filter(({ enabled }) => enabled).map((rule, order) => ({ ...rule, order }));
  const patterns = rules.flatMap(patternsOf).map((heard, order) => ({ ...heard, ...heard.pattern, order }));
  const byType = indexOf(rules);
  const heardTypes = new Set(patterns.flatMap(({ pattern }) => pattern.on));
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const sites = new Map<string, Map<string, PhoneCard>>();
  for (const card of options.phones) {
    const cards = sites.get(card.site) ?? new Map<string, PhoneCard>();
    sites.set(card.site, cards.set(card.id, card));
  }
  const names = new Map([...sites].map(([site, cards]) => [site, (phone: string) => cards.get(phone)?.name]));
  const routes = new Map([...options.connections].map(([name, route]) => [name, routeOf(route)]));
  return {
    rulesFor: (type) => byType.get(type) ?? NONE,
    takes: (type) => byType.has(type) || heardTypes.has(type),
    match: createMatcher(rules).find,
    heard: patterns.length === 0 ? () => NOBODY : createMatcher(patterns).find,
    rule: (id) => byId.get(id),
    cardOf: (site, phone) => sites.get(site)?.get(phone),
    nameOf: (site) => names.get(site) ?? NAMELESS,
    routeTo: (connection) => routes.get(connection) ?? PLAIN_ROUTE,
    book,
    folding: {
      settings,
      settleMsOf: (call) =>
        call.groups.reduce((most, name) => Math.max(most, groups.get(name)?.settleMs ?? 0), settings.settleMs),
    },
    lateMsMax: options.lateMsMax ?? LATE_MS_MAX,
  };
}

function patternsOf(rule: CompiledRule): Heard[] {
  const { after, wait } = rule.stages ?? {};
  const heard: Heard[] = [];
  if (after !== undefined) heard.push({ rule, role: 'after', pattern: after });
  if (wait?.unless !== undefined) heard.push({ rule, role: 'unless', pattern: wait.unless });
  return heard;
}

/** By event type, in their order. */
function indexOf(rules: readonly CompiledRule[]): Map<string, CompiledRule[]> {
  const byType = new Map<string, CompiledRule[]>();
  for (const rule of rules)
    for (const type of rule.on) {
      const list = byType.get(type);
      if (list === undefined) byType.set(type, [rule]);
      else list.push(rule);
    }
  return byType;
}
