// The engine's door: reading rules, and deciding by them.
export { createProgram, type Program } from './program.ts';
export type { CompiledRule, CompiledRules } from './rules/compiled.ts';
export { type CompileContext, compileRules, type RuleFile } from './rules/language.ts';
export { operatorsOf } from './rules/operators.ts';
export { FILTERS } from './rules/template/filters.ts';
export { TAGS } from './rules/template/parse.ts';
export { createState, pinOf, restore, type State } from './state.ts';
export { type Input, type RuleLog, type Stepped, step } from './step.ts';
