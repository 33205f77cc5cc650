// The entries of `do` as a schema: one for each destination, made from its declaration, and the actions that every rule has.
import type { Json } from '../../core/delivery.ts';
import type { Destination, TemplateSpec } from '../../core/destination.ts';
import { CUSTOM_EVENT } from '../rules/event-names.ts';
import { fromZod } from './from-zod.ts';
import { type JsonSchema, key, listOf, mapOf, objectOf, TEXT, textLike } from './json-schema.ts';
import { scheduleName } from './stages.ts';

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

const TEXTS = ' Texts may hold {{ }}.';

/** What a field's description ends with, by how the field is written. */
const WAYS: Readonly<Record<TemplateSpec['as'], string>> = {
  text: TEXTS,
  json: TEXTS,
  textOrJson: TEXTS,
  texts: TEXTS,
  call: ' true: the call as it stands; in rules that take call.* events alone.',
  group: ' true: the events that came together; in rules with "count" or "wait".',
  choice: ' Or a list of them with schedules, of which the first counts that holds when the rule acts.',
};

/** A constant, or a list of constants with schedules. */
function choiceOf({ description = '', examples = [], ...constant }: JsonSchema): JsonSchema {
  const { default: usual, ...use } = constant;
  const entry = objectOf(
    {
      during: scheduleName('Holds while this schedule is open.'),
      outside: scheduleName('Holds while this schedule is closed.'),
      use: key('What goes into the message then.', examples, use),
    },
    ['use'],
    {
      not: { required: ['during', 'outside'] },
      errorMessage: 'an entry has "use", and "during" or "outside" or neither',
    },
  );
  const forms = { anyOf: [use, listOf(entry)] };
  return key(description, examples, usual === undefined ? forms : { default: usual, ...forms });
}

/** The message of a destination, and the connection that it goes to. */
export function messageSchema(destination: Destination, { connections, examples }: ActionsContext): JsonSchema {
  const { type, templates, example } = destination;
  const message = fromZod(destination.message);
  const properties: { [name: string]: JsonSchema } = { to: to(type, connections) };
  for (const [name, schema] of Object.entries(message.properties ?? {})) {
    const written = example.message as Readonly<Record<string, Json>>;
    const shown = written[name] ?? examples[`${type}.${name}`] ?? schema.default ?? schema.enum?.[0];
    const way = Object.hasOwn(templates, name) ? templates[name]?.as : undefined;
    const field = {
      ...schema,
      description: `${schema.description ?? ''}${way === undefined ? '' : WAYS[way]}`,
      ...(shown === undefined ? {} : { examples: [shown] }),
    };
    properties[name] = way === 'choice' ? choiceOf(field) : field;
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
