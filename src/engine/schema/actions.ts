// The entries of `do` as a schema: one for each destination, made from its declaration, and the actions that every rule has.
import type { Json } from '../../core/delivery.ts';
import type { Destination } from '../../core/destination.ts';
import { CUSTOM_EVENT } from '../rules/event-names.ts';
import { fromZod } from './from-zod.ts';
import { type JsonSchema, key, mapOf, objectOf, TEXT, textLike } from './json-schema.ts';

export type ActionsContext = {
  destinations: readonly Destination[];
  /** Names of connections and their types: what editors offer for `to`. */
  connections: Readonly<Record<string, { type: string }>>;
  /** Examples of keys that the destination's own example does not have, by `type.key`. */
  examples: Readonly<Record<string, Json>>;
};

const emit = (): JsonSchema =>
  objectOf(
    {
      event: key(
        'Name of the event; other rules take it by "on".',
        ['custom.vip_called'],
        textLike(CUSTOM_EVENT, 'must be a name like "custom.vip_called": a-z, 0-9, _ and -'),
      ),
      vars: key('Variables that it carries along: texts with {{ }}.', [{ queue: 'sales' }], mapOf(TEXT)),
    },
    ['event'],
  );

const log = (): JsonSchema =>
  objectOf(
    {
      text: key('What the line says, with {{ }}.', ['{{ phone.id }} is unreachable'], TEXT),
      level: key('How important it is.', ['warn'], { ...TEXT, enum: ['info', 'warn'], default: 'info' }),
    },
    ['text'],
  );

/** The message of a destination, and the connection that it goes to. */
export function messageSchema(destination: Destination, { connections, examples }: ActionsContext): JsonSchema {
  const { type, templates, example } = destination;
  const message = fromZod(destination.message);
  const properties: { [name: string]: JsonSchema } = { to: to(type, connections) };
  for (const [name, schema] of Object.entries(message.properties ?? {})) {
    const written = example.message as Readonly<Record<string, Json>>;
    const shown = written[name] ?? examples[`${type}.${name}`] ?? schema.default ?? schema.enum?.[0];
    const filled = Object.hasOwn(templates, name) ? ' Texts may hold {{ }}.' : '';
    properties[name] = {
      ...schema,
      description: `${schema.description ?? ''}${filled}`,
      ...(shown === undefined ? {} : { examples: [shown] }),
    };
  }
  return { ...message, properties, required: ['to', ...(message.required ?? [])] };
}

function to(type: string, connections: ActionsContext['connections']): JsonSchema {
  const names = Object.keys(connections).filter((name) => connections[name]?.type === type);
  return key(`Name of a connection of type ${type} in the config.`, names.length > 0 ? names : [`my-${type}`], {
    ...TEXT,
    minLength: 1,
  });
}

/** One entry of `do`: an object with exactly one key. */
export function action(context: ActionsContext): JsonSchema {
  const properties: { [type: string]: JsonSchema } = {};
  for (const destination of context.destinations) {
    const { type, summary, example } = destination;
    const message = messageSchema(destination, context);
    const [connection] = message.properties?.to?.examples ?? [];
    properties[type] = key(summary, [{ to: connection ?? '', ...(example.message as Record<string, Json>) }], message);
  }
  properties.emit = key('Makes an event of your own, for other rules.', [{ event: 'custom.vip_called' }], emit());
  properties.log = key(
    'Writes a line into the log.',
    [{ text: '{{ phone.id }} is unreachable', level: 'warn' }],
    log(),
  );
  const words = Object.keys(properties).join(', ');
  return objectOf(properties, [], {
    minProperties: 1,
    maxProperties: 1,
    errorMessage: `an action has exactly one key: ${words}`,
  });
}
