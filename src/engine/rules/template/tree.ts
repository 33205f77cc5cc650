// The tree of a template, as our own reader sees it; what is not in here is not in any template.

/** A constant, or where a value comes from. A step is a name, or a number that counts the members of a list from 0. */
export type Operand = Literal | PathOperand;
export type PathOperand = { kind: 'path'; steps: readonly (string | number)[] };
/** `escaped`: written with a backslash; what that means is left to the library. */
export type Literal =
  | { kind: 'text'; text: string; escaped: boolean }
  | { kind: 'number'; number: number }
  | { kind: 'word'; word: 'true' | 'false' | 'nil' | 'null' | 'empty' | 'blank' };

export type FilterCall = { name: string; args: readonly Operand[] };
export type Value = { operand: Operand; filters: readonly FilterCall[] };

export type Comparison = { negated: boolean; left: Operand; operator?: string; right?: Operand };
/** Comparisons between which `and` or `or` stand. */
export type Test = { parts: readonly Comparison[] };

export type TemplateNode =
  | { kind: 'text'; text: string }
  | { kind: 'output'; value: Value }
  | { kind: 'assign'; name: string; value: Value }
  /** `unless` is an `if` whose first test is turned round. `test` undefined: else. */
  | { kind: 'if'; branches: Branch[] }
  | { kind: 'case'; subject: Value; whens: When[]; otherwise: TemplateNode[] }
  | { kind: 'for'; variable: string; list: PathOperand; body: TemplateNode[]; otherwise: TemplateNode[] };

export type Branch = { test: Test | undefined; turned: boolean; body: TemplateNode[] };
export type When = { values: readonly Operand[]; body: TemplateNode[] };

export type Template = {
  nodes: TemplateNode[];
  /** A `-` beside a delimiter takes the white space next to it away. */
  trims: boolean;
};

/** Something wrong in one template; thrown inside this folder only. */
export class Mistake extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Says what is wrong in a template, with what would be right. */
export type Complain = (message: string, hint?: string) => void;
