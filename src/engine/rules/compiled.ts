// Compiled rules: what a rule file becomes once it holds no mistake; plain closures over the event, no state.
import type { Json } from '../../core/delivery.ts';
import type { Event } from '../../core/events.ts';
import type { Known } from '../../core/fields.ts';
import type { Path } from '../../core/problems.ts';
import type { ConditionTree } from '../match/condition-tree.ts';
import type { Schedule } from '../schedule/index.ts';

/** Says what is wrong at a path of one file; `hint` says what would be right. */
export type Report = (path: Path, message: string, hint?: string) => void;

export type Condition = (event: Event, known: Known) => boolean;

/** A rendered text. Throws a TemplateFailure where the template cannot be rendered for this event. */
export type TextOf = (event: Event, known: Known) => string;

/** A rendered JSON value, new for each event. Throws a TemplateFailure. */
export type JsonOf = (event: Event, known: Known) => Json;

/** What a field of a message becomes when its rule acts at `atMs` (ms since 1970); undefined: it is left out. */
export type FieldOf = (event: Event, known: Known, atMs: number) => Json | undefined;

/** One field of a message: its name, and what it becomes. */
export type MessageField = { name: string; render: FieldOf };

export type Deliver = {
  kind: 'deliver';
  type: string;
  to: string;
  fields: readonly MessageField[];
  /** Why a rendered message can never be sent. */
  check: ((message: Record<string, Json>) => string | undefined) | undefined;
  /** The slot of a rendered message. */
  slot: ((message: Record<string, Json>) => string | undefined) | undefined;
};

/** A variable whose value is null is left out, so that `vars: { name: null }` holds for it. */
export type Emit = { kind: 'emit'; event: `custom.${string}`; vars: readonly EmitVariable[] };
export type EmitVariable = { name: string; render: (event: Event, known: Known) => string | null };

export type LogLine = { kind: 'log'; level: 'info' | 'warn'; text: TextOf };

export type Action = Deliver | Emit | LogLine;

/** The values of some fields as one text: events with equal texts belong together. */
export type KeyOf = (event: Event, known: Known) => string;

/** Other events than those that a rule takes, which matter to it where they are equal in `same`. */
export type Pattern = { on: readonly string[]; condition: ConditionTree; same: KeyOf };

export type After = Pattern & { withinMs: number };
export type Count = { min: number; withinMs: number; by: KeyOf };
export type Limit = { max: number; perMs: number; by: KeyOf };

export type Unless = Pattern & {
  /** How long before a wait it may have come; 0: not before. */
  beforeMs: number;
  /** Whether `same` asks what the wait's own `by` asks. */
  sameAsBy: boolean;
};

export type Wait = {
  /** Undefined: every event waits alone. */
  by: KeyOf | undefined;
  /** When a wait ends that begins at that moment, both ms since 1970; undefined: never. */
  dueMs(fromMs: number): number | undefined;
  /** The latest end of a wait that began then and is begun again by every event; undefined where none is. */
  latestMs: ((fromMs: number) => number | undefined) | undefined;
  extend: boolean;
  unless: Unless | undefined;
  /** Whether what follows may look at raw variables. */
  withVars: boolean;
};

/** What stands between `when` and `do`. */
export type Stages = {
  /** Of all that decides about the rule's memory: with another one that memory means nothing. */
  hash: string;
  during: Schedule | undefined;
  outside: Schedule | undefined;
  after: After | undefined;
  count: Count | undefined;
  wait: Wait | undefined;
  limit: Limit | undefined;
};

export type CompiledRule = {
  id: string;
  /** The file it stands in, and its place there from 0. */
  file: string;
  place: number;
  description?: string;
  enabled: boolean;
  /** Event types that it takes, groups expanded. */
  on: readonly string[];
  when: Condition;
  /** The same condition as data. */
  condition: ConditionTree;
  /** Acts only where no other rule accepts the event. */
  fallback: boolean;
  /** Undefined: it acts on each event at once. */
  stages: Stages | undefined;
  /** In the order of `do`: an action's place there is the last part of its delivery's id. */
  actions: readonly Action[];
};

/** By file name, then by place; those that are switched off, too. */
export type CompiledRules = readonly CompiledRule[];

/** A template that could not be rendered; the message names no value of the event. */
export class TemplateFailure extends Error {
  override name = 'TemplateFailure';
}
