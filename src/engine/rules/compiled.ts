// Compiled rules: what a rule file becomes once it holds no mistake; plain closures over the event, no state.
import type { Json } from '../../core/delivery.ts';
import type { Event } from '../../core/events.ts';
import type { Known } from '../../core/fields.ts';
import type { Path } from '../../core/problems.ts';

/** Says what is wrong at a path of one file; `hint` says what would be right. */
export type Report = (path: Path, message: string, hint?: string) => void;

export type Condition = (event: Event, known: Known) => boolean;

/** A rendered text. Throws a TemplateFailure where the template cannot be rendered for this event. */
export type TextOf = (event: Event, known: Known) => string;

/** A rendered JSON value, new for each event. Throws a TemplateFailure. */
export type JsonOf = (event: Event, known: Known) => Json;

/** One field of a message: its name, and what it becomes. */
export type MessageField = { name: string; render: JsonOf };

export type Deliver = {
  kind: 'deliver';
  type: string;
  to: string;
  fields: readonly MessageField[];
  /** Why a rendered message can never be sent. */
  check: ((message: Record<string, Json>) => string | undefined) | undefined;
};

/** A variable whose value is null is left out, so that `vars: { name: null }` holds for it. */
export type Emit = { kind: 'emit'; event: `custom.${string}`; vars: readonly EmitVariable[] };
export type EmitVariable = { name: string; render: (event: Event, known: Known) => string | null };

export type LogLine = { kind: 'log'; level: 'info' | 'warn'; text: TextOf };

export type Action = Deliver | Emit | LogLine;

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
  /** In the order of `do`: an action's place there is the last part of its delivery's id. */
  actions: readonly Action[];
};

/** By file name, then by place; those that are switched off, too. */
export type CompiledRules = readonly CompiledRule[];

/** A template that could not be rendered; the message names no value of the event. */
export class TemplateFailure extends Error {
  override name = 'TemplateFailure';
}
