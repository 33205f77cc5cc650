// Reference pages of what people write: rule files, the config, and each destination's settings and messages.
import type { Destination } from './core/destination.ts';
import { type JsonSchema, messageSchema, type RulesSchemaContext, rulesSchema } from './engine/schema/index.ts';
import { configFileSchema, connectionSchema } from './reference-config-schema.ts';
import { block, code, json, jsonBlock, keySections, page, prose, table } from './reference-markdown.ts';

const EXAMPLE = `{
  // Comments are allowed.
  "rules": [
    {
      "id": "not-called-back",
      "description": "Nobody has called a missed caller back within an hour of office time.",
      "on": "call.missed",
      "when": { "remote.kind": "external" },
      "wait": { "for": "1h", "by": ["remote.number"], "clock": "office", "unless": { "on": "call.returned" } },
      "do": [{ "slack": { "to": "team", "text": "Nobody has called {{ remote.number }} back." } }]
    }
  ],
  "schedules": {
    "office": { "timezone": "Europe/Berlin", "open": [{ "days": "mon-fri", "from": "09:00", "to": "17:30" }] }
  }
}`;

/** The example of the page of rules, which its test compiles. */
export const RULES_EXAMPLE = EXAMPLE;

const definition = (schema: JsonSchema, name: string): JsonSchema => schema.definitions?.[name] ?? {};

/** Rule files: every key of the language. */
export function rulesPage(context: RulesSchemaContext): string {
  const schema = rulesSchema(context);
  const rule = definition(schema, 'rule');
  const actions = definition(schema, 'action').properties ?? {};
  const own = ['emit', 'log'];
  const types = Object.keys(actions).filter((name) => !own.includes(name));
  return page(
    'Rules',
    'A rule says on which events what is done. Rules stand in files in the folder `rules`: JSON with comments, named `*.json` or `*.jsonc`.',
    block('jsonc', EXAMPLE),
    'An editor that knows JSON Schema helps you write them: `hookswitch schema rules --out rules` writes the schema, and `"$schema": "./rules.schema.json"` as the first key of a file names it. `hookswitch check` tells every mistake with its line.',
    'The stages of a rule always run in this order, however its keys are ordered: `on` and `when` → `during`, `outside` → `after` → `count` → `wait` with `unless` → `limit` → `do`. Spans of time are texts like `"20s"`, `"15m"`, `"1h30m"` or `"30d"`.',
    '## A rule',
    ...keySections('', rule, [], 3),
    'Behind `on` stand [events](events.md), behind `when` a [condition](operators.md) over [fields](fields.md). Texts are [templates](filters.md).',
    '## Actions',
    'An entry of `do` is an object with one key. Each destination has a page of its own:',
    table(
      ['action', 'what it does', 'page'],
      types.map((type) => [code(type), prose(actions[type]?.description ?? ''), `[${type}](destinations-${type}.md)`]),
    ),
    ...own.flatMap((name) => [
      `### ${code(name)}`,
      prose(actions[name]?.description ?? ''),
      json({ [name]: actions[name]?.examples?.[0] ?? {} }),
      ...keySections(name, actions[name] ?? {}, [], 4),
    ]),
    '## A file',
    ...keySections('', schema, ['rules[]'], 3),
    '## Scenarios for tests',
    'A line of `send` in a test can name a whole course of events instead of one event.',
    table(
      ['scenario', 'what happens'],
      context.scenarios.map(({ name, summary }) => [code(name), prose(summary)]),
    ),
  );
}

const SECRETS =
  'Secrets never stand in the file: write `{ "env": "NAME" }` for an environment variable, or `{ "file": "path" }` for a file that only the account of Hookswitch may read. Keys that are secrets show it in their example.';

/** The config file: every key. */
export function configPage(destinations: readonly Destination[]): string {
  const schema = configFileSchema(destinations);
  const links = destinations.map(({ type }) => `[${type}](destinations-${type}.md)`).join(', ');
  return page(
    'The config',
    'One file, `config.json`: JSON with comments. Every key has a value that holds where it is missing, so an empty object is a config. `hookswitch check` tells every mistake with its line.',
    'An editor helps with `hookswitch schema config --out .` and `"$schema": "./config.schema.json"`.',
    SECRETS,
    `The keys of a connection besides those below belong to its type: ${links}.`,
    ...keySections('', schema),
  );
}

/** One destination: its connection in the config, and its action in rules. */
export function destinationPage(destination: Destination, context: RulesSchemaContext): string {
  const { type, summary, example } = destination;
  const connection = connectionSchema(destination);
  const message = messageSchema(destination, context);
  const to = String(message.properties?.to?.examples?.[0] ?? type);
  const filled = Object.entries(destination.templates).filter(
    ([, { as }]) => !['call', 'group', 'choice'].includes(as),
  );
  return page(
    `Destination: ${type}`,
    prose(summary),
    '## In the config',
    'A connection stands under `connections`, by a name of your own:',
    jsonBlock({ connections: { [to]: { type, ...(example.settings as object) } } }),
    SECRETS,
    ...keySections('', connection, ['delivery'], 3),
    'The keys of `delivery` are the same for every connection: see [the config](config.md).',
    '## In a rule',
    jsonBlock({ do: [{ [type]: { to, ...(example.message as object) } }] }),
    ...keySections('', message, [], 3),
    `Texts may hold \`{{ }}\` ([templates](filters.md)) in: ${filled.map(([name]) => code(name)).join(', ')}. Everything else is the same for every event.`,
  );
}
