// The engine's door: reading rules, and deciding by them.
export { CALL_SETTINGS, type CallSettings } from './calls/state.ts';
export type { Touched } from './fold.ts';
export { forget } from './forget.ts';
export { createPhoneBook, readNumber, spellingOf } from './phone-book/index.ts';
export { callState, newPhone } from './phones/state.ts';
export { eventViewOf, lastCallerOf, lastMissedOf, snapshotOf } from './phones/view.ts';
export { createProgram, type Program, type ProgramOptions, type Route, type Trial } from './program.ts';
export type { CompiledRule, CompiledRules } from './rules/compiled.ts';
export { type CompileContext, compileRules, type RuleFile } from './rules/language.ts';
export { operatorsOf } from './rules/operators.ts';
export { FILTERS } from './rules/template/filters.ts';
export { TAGS } from './rules/template/parse.ts';
export { testDeliveryOf } from './stages/act.ts';
export type { Saw, Stage, Trace } from './stages/trace.ts';
export { createState, knowsCall, pinOf, restore, type State } from './state.ts';
export { type Input, type RuleLog, type Stepped, step } from './step.ts';
