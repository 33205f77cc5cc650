// The whole of a rule file as a JSON Schema for editors, made from the catalogues that the engine itself works with.
import { type ActionsContext, action } from './actions.ts';
import { conditionDefinitions } from './condition.ts';
import { eventName, eventNames } from './event-names.ts';
import {
  DRAFT_07,
  type JsonSchema,
  key,
  listOf,
  mapOf,
  objectOf,
  refTo,
  TEXT,
  textLike,
  YES_OR_NO,
} from './json-schema.ts';
import { type NamedScenario, tests } from './proof.ts';
import { schedules } from './schedules.ts';
import { stages } from './stages.ts';

export type RulesSchemaContext = ActionsContext & { scenarios: readonly NamedScenario[] };

const ID = textLike(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be a-z, 0-9, _ and -, up to 64, like "missed-to-slack"');
const EXAMPLE_DO = [{ slack: { to: 'team', text: 'Missed call from {{ remote.number }}' } }];
const EXAMPLE_RULE = { id: 'missed-to-slack', on: 'call.missed', do: EXAMPLE_DO };

const rule = (): JsonSchema =>
  objectOf(
    {
      id: key(
        'Name of the rule. State, logs and counts hang on it; no other rule of any file has it.',
        ['missed-to-slack'],
        ID,
      ),
      description: key('For people.', ['A missed call, with the number to call back.'], TEXT),
      enabled: key('false: the rule is switched off.', [true], { ...YES_OR_NO, default: true }),
      fallback: key('true: only for events that no other rule took.', [true], { ...YES_OR_NO, default: false }),
      on: key(
        'Which events: a name, a group, or a list of them.',
        ['call.missed', 'phone.*', ['phone.dnd_on', 'phone.dnd_off']],
        eventNames(),
      ),
      when: key(
        'Which of these events: fields and what they must be. All of them must hold.',
        [{ 'remote.kind': 'external' }],
        refTo('condition'),
      ),
      ...stages(),
      do: key('What to do, in this order: a list of actions.', [EXAMPLE_DO], {
        ...listOf(refTo('action')),
        maxItems: 100,
      }),
    },
    ['id', 'on', 'do'],
  );

/** The schema of rule files. */
export function rulesSchema(context: RulesSchemaContext): JsonSchema {
  const file = objectOf(
    {
      $schema: key('This schema, for editors.', ['./rules.schema.json'], TEXT),
      description: key('For people.', ['Missed calls, for the sales team.'], TEXT),
      schedules: schedules(),
      lists: key(
        'Lists of texts, by name: tests name them with "in".',
        [{ vip: ['+493012345', '+4989555'] }],
        mapOf({ type: 'array', items: TEXT }, textLike(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, _ and -, up to 64')),
      ),
      rules: key('The rules, in the order in which their actions run.', [[EXAMPLE_RULE]], {
        type: 'array',
        items: refTo('rule'),
      }),
      tests: tests(context.scenarios),
    },
    ['rules'],
    { allowComments: true, allowTrailingCommas: true },
  );
  return {
    $schema: DRAFT_07,
    $id: 'rules.schema.json',
    title: 'Rules of Hookswitch',
    ...file,
    definitions: { rule: rule(), event: eventName(), action: action(context), ...conditionDefinitions() },
  };
}
