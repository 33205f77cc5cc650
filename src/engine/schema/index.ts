// The door of the schemas: JSON Schema for editors, and the words that the reference pages are made of.
export { FILTER_ENTRIES, type TemplatePart } from '../rules/template/filters.ts';
export { TAG_ENTRIES } from '../rules/template/tags.ts';
export { FORMAT_LETTERS, formatTime } from '../rules/template/time.ts';
export { type ActionsContext, messageSchema } from './actions.ts';
export { sentence } from './condition.ts';
export { EVENT_GROUPS, EVENT_MEANINGS } from './event-meanings.ts';
export { fromZod, type Refine } from './from-zod.ts';
export { DRAFT_07, DURATION, type JsonSchema, MAC } from './json-schema.ts';
export { OPERATOR_MEANINGS, type OperatorMeaning } from './operator-meanings.ts';
export type { NamedScenario } from './proof.ts';
export { type RulesSchemaContext, rulesSchema } from './rule-file.ts';
