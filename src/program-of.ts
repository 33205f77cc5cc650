// From the config to the engine's program: the same for the daemon, for the tests of rules and for a replay.
import type { Config } from './config.ts';
import type { PhoneBook } from './core/phone-book.ts';
import type { PhoneCard } from './core/phone-card.ts';
import { DESTINATIONS } from './destinations/index.ts';
import {
  type CompiledRules,
  createPhoneBook,
  createProgram,
  type Program,
  type ProgramOptions,
} from './engine/index.ts';

/** The program of a config; with other rules or other phones where they are given. `book`: one that was made of this config before. */
export function programOf(
  config: Config<CompiledRules>,
  other: { rules?: CompiledRules; phones?: readonly PhoneCard[]; book?: PhoneBook } = {},
): Program {
  return createProgram({
    rules: other.rules ?? config.rules,
    phones: other.phones ?? config.phones,
    book:
      other.book ??
      createPhoneBook({ sites: [...config.sites.values()], contacts: config.contacts, phones: config.phones }),
    calls: config.calls,
    fleet: config.fleet,
    groups: config.groups,
    connections: routesOf(config),
  });
}

/** What holds for the deliveries of each connection. */
function routesOf({ connections }: Pick<Config, 'connections'>): ProgramOptions['connections'] {
  return new Map(
    [...connections].map(([name, { type, settings, delivery, callerData, budget, bytesMax }]) => {
      const destination = DESTINATIONS.find((each) => each.type === type);
      const trial = destination && {
        type,
        message: (at: string) => destination.trial(settings, at),
        check: destination.check,
      };
      const perMinute = budget ?? destination?.budgetPerMinute;
      return [name, { expiresMs: delivery.horizonMs, callerData, budget: perMinute, bytesMax, trial }];
    }),
  );
}
