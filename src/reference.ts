// The reference: every page of docs/reference by its file name, made from the catalogues and schemas of the program.
import type { Destination } from './core/destination.ts';
import type { NamedScenario } from './engine/schema/index.ts';
import { MESSAGE_EXAMPLES } from './reference-examples.ts';
import { configPage, destinationPage, rulesPage } from './reference-files.ts';
import { eventsPage, fieldsPage, filtersPage, operatorsPage } from './reference-language.ts';
import { phonesPage } from './reference-phones.ts';

export type ReferenceContext = {
  destinations: readonly Destination[];
  /** The connections of the config that comes with the program: examples name them. */
  connections: Readonly<Record<string, { type: string }>>;
  scenarios: readonly NamedScenario[];
};

/** File name → text, that of commands apart. The same for the same program. */
export function referencePages(given: ReferenceContext): Map<string, string> {
  const context = { ...given, examples: MESSAGE_EXAMPLES };
  return new Map([
    ['rules.md', rulesPage(context)],
    ['fields.md', fieldsPage()],
    ['operators.md', operatorsPage()],
    ['filters.md', filtersPage()],
    ['events.md', eventsPage()],
    ...given.destinations.map(
      (destination) => [`destinations-${destination.type}.md`, destinationPage(destination, context)] as const,
    ),
    ['config.md', configPage(given.destinations)],
    ['phones.md', phonesPage()],
  ]);
}
