// The engine's door: reading rules, and deciding by them.
export { createProgram, type Program } from './program.ts';
export { type CompileContext, type CompiledRules, compileRules, type RuleFile } from './rules/compile.ts';
export { FILTERS, TAGS } from './rules/liquid.ts';
export { operatorsOf } from './rules/operators.ts';
export { createState, pinOf, restore, type State } from './state.ts';
export { type Input, type RuleLog, type Stepped, step } from './step.ts';
