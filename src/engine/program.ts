// The program: what the config and the rules say, made ready for the engine. Replaced as a whole, never changed.
import type { PhoneCard } from '../core/phone-card.ts';
import type { CompiledRules } from './rules/compile.ts';
import type { Rule } from './rules/rule.ts';

export type Program = {
  /** The rules that an event of this type may concern, in their order. */
  rulesFor(type: string): readonly Rule[];
  cardOf(site: string, phone: string): PhoneCard | undefined;
  /** How long a delivery to that connection may wait, in ms. */
  expiresMs(connection: string): number;
};

const EXPIRES_MS = 72 * 3_600_000;
const NONE: readonly Rule[] = [];

/** Spans in ms. A connection without a span of its own: 72 h. */
export function createProgram(options: {
  rules: CompiledRules;
  phones: readonly PhoneCard[];
  connections: ReadonlyMap<string, { expiresMs?: number | undefined }>;
}): Program {
  const enabled = options.rules.filter((rule) => rule.enabled);
  const byType = new Map<string, Rule[]>();
  for (const rule of enabled) {
    for (const type of rule.types) byType.set(type, [...(byType.get(type) ?? []), rule]);
  }
  const anyCustom = byType.get('custom.*') ?? [];
  const custom = new Map<string, Rule[]>();
  for (const [type, rules] of byType) {
    if (!type.startsWith('custom.') || type === 'custom.*') continue;
    custom.set(
      type,
      enabled.filter((rule) => rules.includes(rule) || anyCustom.includes(rule)),
    );
  }
  const cards = new Map(options.phones.map((card) => [`${card.site}/${card.id}`, card]));
  return {
    rulesFor: (type) => (type.startsWith('custom.') ? (custom.get(type) ?? anyCustom) : (byType.get(type) ?? NONE)),
    cardOf: (site, phone) => cards.get(`${site}/${phone}`),
    expiresMs: (connection) => options.connections.get(connection)?.expiresMs ?? EXPIRES_MS,
  };
}
