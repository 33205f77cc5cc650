// Samples: what every template's messages look like when callers have harmless names; the measure for hostile ones.
import type { Delivery } from '../../src/core/delivery.ts';
import type { Reading } from './oracles/reading.ts';
import type { Texts } from './output-course.ts';
import type { Peer } from './output-peers.ts';

const CHARACTERS = new Intl.Segmenter();

type Field = keyof Texts;

/** Harmless texts, each unlike all others. */
const MARKS: Readonly<Record<Field, string>> = {
  name: 'Qnameq',
  number: 'Qnumberq',
  uri: 'Quriq',
  contact: 'Qcontactq',
  extra: 'Qextraq',
};
/** Numbers of the house are short. */
const INTERNAL = '20177';
const FIELD_OF = new Map<string, Field>([
  ...Object.entries(MARKS).map(([field, mark]) => [mark, field as Field] as const),
  [INTERNAL, 'number'],
]);
const MARK = new RegExp(`(${[...FIELD_OF.keys()].join('|')})`);

/** Constants and fields by turns, a constant first and last. */
type Slot = (string | { field: Field })[];

export type Samples = {
  /** `rule/action` of every template that made a message. */
  templates(): string[];
  /** Whether this very message was a sample: nothing that a caller said stands in it. */
  isKnown(delivery: Delivery): boolean;
  /** Why a message is none that harmless texts could have made, or undefined. `forms`: what a field's text may look like, plain. */
  difference(delivery: Delivery, reading: Reading, forms: (field: Field) => string[]): string | undefined;
};

/** Every way in which a caller's texts can be there or not. */
function* harmless(): Generator<Texts> {
  for (const name of [MARKS.name, '', undefined])
    for (const number of [MARKS.number, '+493012345', INTERNAL, '', undefined])
      for (const contact of [MARKS.contact, '', undefined])
        for (const [uri, extra] of [
          [MARKS.uri, MARKS.extra],
          ['', MARKS.extra],
          [MARKS.uri, ''],
          ['', ''],
        ] as const)
          yield {
            uri,
            extra,
            ...(name === undefined ? {} : { name }),
            ...(number === undefined ? {} : { number }),
            ...(contact === undefined ? {} : { contact }),
          };
}

const keyOf = ({ id, rule }: Delivery): string => `${rule}/${id.slice(id.lastIndexOf('/') + 1)}`;
const bodyOf = (delivery: Delivery): string => `${keyOf(delivery)} ${JSON.stringify(delivery.message)}`;

/** Sends every sample once and keeps what arrived. Throws where one does not arrive as one message. */
export async function samplesOf(
  deliveriesOf: (texts: Texts) => Delivery[],
  peers: ReadonlyMap<string, readonly Peer[]>,
): Promise<Samples> {
  const byKey = new Map<string, Map<string, Map<string, Slot[]>>>();
  const all = new Map<string, Delivery>();
  for (const texts of harmless()) for (const delivery of deliveriesOf(texts)) all.set(bodyOf(delivery), delivery);
  // An empty text may make a message that can never be sent, as an empty subject or segment.
  const sendable = [...all.values()].filter(({ state }) => state !== 'dead');
  const take = async (delivery: Delivery, peer: Peer): Promise<void> => {
    const readings = await peer.pass(delivery);
    const reading = typeof readings === 'string' ? undefined : readings[0];
    if (reading === undefined || readings.length !== 1) throw new Error(`a sample of ${delivery.rule}: ${readings}`);
    const structures = byKey.get(keyOf(delivery)) ?? new Map<string, Map<string, Slot[]>>();
    byKey.set(keyOf(delivery), structures);
    const structure = reading.structure.join('\n');
    const slots = structures.get(structure) ?? new Map<string, Slot[]>();
    structures.set(structure, slots);
    slots.set(JSON.stringify(reading.values), reading.values.map(slotOf));
  };
  await Promise.all(
    [...peers].flatMap(([type, list]) => {
      const queue = sendable.filter((delivery) => delivery.type === type);
      return list.map(async (peer) => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) await take(next, peer);
      });
    }),
  );
  return {
    templates: () => [...byKey.keys()].sort(),
    isKnown: (delivery) => all.has(bodyOf(delivery)),
    difference(delivery, { structure, values }, forms) {
      const known = byKey.get(keyOf(delivery));
      if (known === undefined) return 'no sample of it';
      const candidates = known.get(structure.join('\n'));
      if (candidates === undefined) return `another structure: ${oddOf(structure, [...known.keys()])}`;
      const plain = values.map(plainOf);
      for (const slots of candidates.values())
        if (slots.every((slot, n) => fits(plain[n] ?? '', slot, forms))) return undefined;
      return `another text: ${JSON.stringify(values).slice(0, 600)}`;
    },
  };
}

/** The lines that no sample has. */
function oddOf(structure: string[], known: string[]): string {
  const lines = new Set(known.flatMap((text) => text.split('\n')));
  const odd = structure.filter((line) => !lines.has(line));
  return (odd.length > 0 ? odd.join(' ') : structure.join(' ')).slice(0, 300);
}

/** Without what is not seen: the joiners with which encoders part links and words, isolates around a name, blanks that a layout
 * adds or takes away. Line ends stay. */
export const plainOf = (text: string): string => text.replace(/[\u2060\u2068\u2069]|[^\S\n]/g, '');

const slotOf = (value: string): Slot =>
  plainOf(value)
    .split(MARK)
    .map((part) => {
      const field = FIELD_OF.get(part);
      return field === undefined ? part : { field };
    });

/** Whether a text is the slot with each field's text in its place; a long one may be cut, by the destination or by a filter. */
function fits(text: string, [part, ...rest]: Slot, forms: (field: Field) => string[]): boolean {
  if (part === undefined) return text === '';
  if (typeof part === 'string') return text.startsWith(part) && fits(text.slice(part.length), rest, forms);
  for (const form of forms(part.field)) {
    if (text.startsWith(form) && fits(text.slice(form.length), rest, forms)) return true;
    // The text itself may go on with dots where the mark begins.
    for (let back = 0, shared = sharedLength(text, form); back <= 3 && back <= shared; back++) {
      const length = shared - back;
      const mark = /^(?:…|\.\.\.)/.exec(text.slice(length, length + 3))?.[0];
      if (mark === undefined || (length <= 20 && length < form.length && !isOneCharacter(form))) continue;
      if (fits(text.slice(length + mark.length), rest, forms)) return true;
    }
  }
  return false;
}

/** Whether a text is one letter with all its marks: where that is too long there is nothing to show before the mark of a cut. */
const isOneCharacter = (text: string): boolean => [...CHARACTERS.segment(text)].length === 1;

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
