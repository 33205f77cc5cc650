// Reference page of phones: a section a maker, made from the profiles. What nobody could confirm stands there as such.
import type { SettingsFile, Vendor } from './core/vendor.ts';
import { code, page, prose, table } from './reference-markdown.ts';
import { makerOf, vendors } from './vendors/index.ts';

const list = (items: readonly string[]): string => items.map((item) => `- ${prose(item)}`).join('\n');

/** Every maker's phones: settings, files, variables, oddities. */
export function phonesPage(): string {
  const sections = [...vendors].flatMap(([name, vendor]) => sectionOf(name, vendor));
  return page(
    'Phones by maker',
    'What is known of the phones, from public documents of their makers and public code; the sources stand in `src/vendors/`. How to set phones up is told in [phones](../phones.md); `hookswitch provision --vendor <name>` writes their settings.',
    table(
      ['maker', '`vendor`', 'events', 'file', 'longest URL'],
      [...vendors].map(([name, { events, provisioning }]) => [
        `[${makerOf(name)}](#${name})`,
        code(name),
        String(new Set(events.flatMap(slugsOf)).size),
        provisioning.files.map((file) => code(file.name)).join(', '),
        provisioning.urlCharactersMax === null ? 'not said' : String(provisioning.urlCharactersMax),
      ]),
    ),
    ...sections,
  );
}

const slugsOf = ({ event, byElement }: Vendor['events'][number]): string[] => [
  ...(event === null ? [] : [event]),
  ...Object.values(byElement ?? {}),
];

function sectionOf(name: string, vendor: Vendor): string[] {
  const { provisioning, events, variables, variableMap, quirks, unconfirmed, habits } = vendor;
  const page = provisioning.files.find(({ webPage }) => webPage !== undefined)?.webPage;
  const settings = events.flatMap((event) =>
    slugsOf(event).map((slug) => [code(slug), prose(event.label), code(event.key ?? event.code ?? '')]),
  );
  const unseen = habits.unconfirmed.length === 0 ? '' : ` Taken from other makers: ${habits.unconfirmed.join(', ')}.`;
  return [
    // The heading is the profile's name, so that a link can be made from it.
    `## ${name}`,
    prose(vendor.vendor),
    ...(page === undefined ? [] : [`On the phone's web page: ${prose(page)}.`]),
    ...provisioning.files.map(fileText),
    '### Events',
    table(['event', 'on the phone', 'setting'], settings),
    '### Variables',
    variables.length === 0
      ? 'None are known.'
      : table(
          ['variable', 'field here', 'meaning'],
          variables.map((one) => [code(one.name), fieldText(variableMap[one.name]), prose(one.meaning)]),
        ),
    ...(quirks.length === 0 ? [] : ['### Good to know', list(quirks)]),
    ...(unconfirmed.length === 0 && unseen === ''
      ? []
      : ['### Unconfirmed', list([...unconfirmed, ...(unseen === '' ? [] : [`Virtual phones:${unseen}`])])]),
  ];
}

const fieldText = (field: string | null | undefined): string => (field == null ? '' : code(field));

function fileText({ name, variant, models, note }: SettingsFile): string {
  const which =
    variant === undefined
      ? ''
      : ` with ${code(`--variant ${variant}`)}${models === undefined ? '' : ` (${prose(models)})`}`;
  return `File${which}: ${code(name)}.${note === undefined ? '' : ` ${prose(note)}`}`;
}
