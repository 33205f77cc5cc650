// The config file as a JSON Schema for editors: from the schema that reads it, and from each destination's settings.
import type { ZodType } from 'zod';
import { lookupSettings } from './caller-lookup-settings.ts';
import { consoleSettings } from './config-console.ts';
import { configSchema, connectionBase } from './config-schema.ts';
import type { Destination } from './core/destination.ts';
import { formatDuration } from './core/durations.ts';
import { embeddedBrokerSettings } from './destinations/mqtt/broker.ts';
import { DRAFT_07, DURATION, fromZod, type JsonSchema, MAC } from './engine/schema/index.ts';
import { withExamples } from './reference-examples.ts';

/** Keys that the config schema leaves to a second look, and what looks at them. */
const SECOND_LOOK: Readonly<Record<string, ZodType>> = {
  broker: embeddedBrokerSettings,
  console: consoleSettings,
  'contacts.lookup': lookupSettings,
};

type Form = { samples: Readonly<Record<string, unknown>>; schema: JsonSchema; write(value: number): string };

/** Texts that are read into something else, told by what they become. */
const FORMS: readonly Form[] = [
  {
    samples: { '10ms': 10, '10s': 10_000, '10m': 600_000, '10h': 36_000_000, '10d': 864_000_000 },
    schema: DURATION,
    write: formatDuration,
  },
  {
    samples: { '1MB': 2 ** 20, '1GB': 2 ** 30, '1TB': 2 ** 40 },
    schema: {
      pattern: '^\\d{1,9}(?:[Bb]|[KkMmGgTt][Bb])$',
      patternErrorMessage: 'must be a size like "512MB" or "1GB" (units: B, KB, MB, GB, TB)',
    },
    write: (bytes) => (bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30}GB` : `${bytes / 2 ** 20}MB`),
  },
  {
    samples: { '00:50:58:a1:b2:c3': '005058a1b2c3' },
    schema: MAC,
    write: String,
  },
];

const formOf = (part: ZodType): Form | undefined =>
  FORMS.find(({ samples }) =>
    Object.entries(samples).some(([text, value]) => {
      const read = part.safeParse(text);
      return read.success && read.data === value;
    }),
  );

/** A text that is read into a number of ms or bytes keeps its form, and its default is written as people write it. */
function refine(part: ZodType, schema: JsonSchema): void {
  const def = part._zod.def as { type: string; innerType?: ZodType; defaultValue?: unknown };
  if (def.type === 'pipe') {
    const form = formOf(part);
    if (form !== undefined) Object.assign(schema, form.schema);
  } else if (def.type === 'default' && schema.type === 'string' && typeof def.defaultValue === 'number') {
    const form = def.innerType === undefined ? undefined : formOf(def.innerType);
    if (form !== undefined) schema.default = form.write(def.defaultValue);
  }
}

/** The settings of one destination together with the keys that every connection has; `type` is that destination's. */
export function connectionSchema(destination: Destination): JsonSchema {
  const { type, settings, example } = destination;
  const own = withExamples(fromZod(settings, refine), `connections.${type}`, example.settings);
  const shared = sharedKeys([type]);
  return {
    ...own,
    properties: { ...shared.properties, ...own.properties },
    required: ['type', ...(own.required ?? [])],
  };
}

const sharedKeys = (types: readonly string[]): JsonSchema =>
  withExamples(fromZod(connectionBase(types), refine), 'connections.*');

function connections(destinations: readonly Destination[]): JsonSchema {
  const { additionalProperties: _, ...shared } = sharedKeys(destinations.map(({ type }) => type));
  return {
    ...shared,
    allOf: destinations.map((destination) => ({
      if: { properties: { type: { const: destination.type } }, required: ['type'] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so, and nobody awaits a schema
      then: connectionSchema(destination),
    })),
  };
}

/** The schema of the config file. */
export function configFileSchema(destinations: readonly Destination[]): JsonSchema {
  const whole = fromZod(configSchema, refine);
  for (const [path, schema] of Object.entries(SECOND_LOOK)) {
    const part = partAt(whole, path);
    if (part !== undefined) Object.assign(part, { ...fromZod(schema, refine), description: part.description });
  }
  const schema = withExamples(whole, '');
  const named = schema.properties?.connections;
  if (named !== undefined) named.additionalProperties = connections(destinations);
  return {
    $schema: DRAFT_07,
    $id: 'config.schema.json',
    title: 'Config of Hookswitch',
    ...schema,
    allowComments: true,
    allowTrailingCommas: true,
  };
}

/** The key of that path; of a choice, in whichever form has it. */
function partAt(schema: JsonSchema, path: string): JsonSchema | undefined {
  let here: JsonSchema[] = [schema];
  for (const step of path.split('.'))
    here = here.flatMap((form) => [form, ...(form.anyOf ?? [])]).flatMap((form) => form.properties?.[step] ?? []);
  return here[0];
}
