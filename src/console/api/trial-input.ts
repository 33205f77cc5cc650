// What somebody wants to try, on the bench or by a replay: from the fields of a form, or from a program's JSON.
import { z } from 'zod';
import type { Problem } from '../../core/problems.ts';
import { type BenchOrder, EDITED_UNITS_MAX, type EditedRules, VARS_MAX } from '../rule-desk.ts';

const DAY_MS = 86_400_000;
const SPAN_MS_MAX = 400 * DAY_MS;

/** A little more than is taken, so that what is too long is told with the other problems. */
const text = z.string().max(2 * EDITED_UNITS_MAX);
const short = (lengthMax: number) => z.string().max(lengthMax);

export const editedBody = z.strictObject({
  file: short(1_024).nullable().default(null).describe('The rule file whose place it takes; null: beside all others.'),
  text: text.describe('A rule file, JSON with comments.'),
});

const composedBody = z.strictObject({
  event: short(80).optional().describe('What the phones say, such as phone.missed_call.'),
  scenario: short(80).optional().describe('Or a whole course by its name.'),
  phones: z
    .array(short(64))
    .max(1_000)
    .default([])
    .describe('Their ids; the usual number of virtual ones unless given.'),
  number: short(128).min(1).nullable().optional().describe("The other side's number; null: withheld."),
  name: short(512).min(1).optional().describe("The other side's display name."),
  vars: z
    .record(short(64), short(4_096))
    .refine((vars) => Object.keys(vars).length <= VARS_MAX, `at most ${VARS_MAX} variables`)
    .default({})
    .describe('With an event: more variables, as a phone fills them in.'),
  start: short(40).optional().describe('Local time like 2026-11-24T09:00:00; now unless given.'),
});

export const benchBody = z
  .strictObject({
    past: short(256).min(1).optional().describe('Id of an event, or "last-missed".'),
    composed: composedBody.optional(),
    edited: editedBody.optional().describe('Needs the role operate. The rules in use unless given.'),
  })
  .refine(
    ({ past, composed }) => (past === undefined) !== (composed === undefined),
    'needs "past" or "composed", one of them',
  );

export const replayBody = z.strictObject({
  from: z.iso.datetime({ offset: true }).describe('ISO 8601.'),
  to: z.iso.datetime({ offset: true }).optional().describe('ISO 8601; now unless given.'),
  edited: editedBody.optional().describe('Needs the role operate. The rules in use unless given.'),
});

const rulesFields = {
  rules: z.enum(['used', 'edited']).default('used'),
  file: short(1_024).default(''),
  text: text.default(''),
};

/** As the form of the bench sends it: fields that were left empty are empty texts. */
export const benchForm = z.strictObject({
  ...rulesFields,
  what: z.enum(['past', 'composed']).default('past'),
  event: short(256).default(''),
  says: short(80).default(''),
  phones: short(10_000).default(''),
  number: short(128).default(''),
  withheld: z.literal('yes').optional(),
  name: short(512).default(''),
  vars: short(100_000).default(''),
  start: short(40).default(''),
});
export type BenchForm = z.output<typeof benchForm>;

export const replayForm = z.strictObject({
  ...rulesFields,
  span: z.enum(['day', 'week', 'dates']).default('day'),
  from: short(40).default(''),
  to: short(40).default(''),
});
export type ReplayForm = z.output<typeof replayForm>;

/** The file that stands beside all others. */
export const NEW_FILE = '';

export const editedOf = ({
  rules,
  file,
  text: given,
}: Pick<BenchForm, 'rules' | 'file' | 'text'>): EditedRules | undefined =>
  rules === 'used' ? undefined : { file: file === NEW_FILE ? null : file, text: given };

/** The order that a form means, or what is wrong with its fields. */
export function benchOrderOf(form: BenchForm): { order: BenchOrder } | { problems: Problem[] } {
  const edited = editedOf(form);
  const more = edited === undefined ? {} : { edited };
  if (form.what === 'past')
    return { order: { past: form.event.trim() === '' ? 'last-missed' : form.event.trim(), ...more } };
  const vars = varsOf(form.vars);
  if ('problems' in vars) return vars;
  const { says, number, name, start } = form;
  const composed = {
    ...(says.startsWith('phone.') ? { event: says } : says === '' ? {} : { scenario: says }),
    phones: form.phones.split(/[\s,;]+/).filter((id) => id !== ''),
    ...(form.withheld === 'yes' ? { number: null } : number.trim() === '' ? {} : { number: number.trim() }),
    ...(name === '' ? {} : { name }),
    vars: vars.vars,
    ...(start.trim() === '' ? {} : { start: start.trim() }),
  };
  return { order: { composed, ...more } };
}

/** A line each: `name=value`. */
function varsOf(lines: string): { vars: Record<string, string> } | { problems: Problem[] } {
  const vars = new Map<string, string>();
  for (const [n, line] of lines.split(/\r\n|\n|\r/).entries()) {
    if (line.trim() === '') continue;
    const at = line.indexOf('=');
    if (at < 1)
      return { problems: [{ path: ['vars', n], message: 'is no variable', hint: 'write a line each: name=value' }] };
    vars.set(line.slice(0, at).trim(), line.slice(at + 1));
  }
  if (vars.size > VARS_MAX) return { problems: [{ path: ['vars'], message: `are more than ${VARS_MAX}` }] };
  return { vars: Object.fromEntries(vars) };
}

export type Span = { fromMs: number; toMs: number };

/** The span in ms since 1970; `zoned` reads local time. */
export function spanOf(
  { span, from, to }: ReplayForm,
  nowMs: number,
  zoned: (text: string) => number | undefined,
): Span | { problems: Problem[] } {
  if (span !== 'dates') return { fromMs: nowMs - (span === 'day' ? DAY_MS : 7 * DAY_MS), toMs: nowMs };
  const problems: Problem[] = [];
  const read = (field: string, text: string): number => {
    const ms = zoned(text.trim());
    if (ms === undefined)
      problems.push({ path: [field], message: 'is no moment', hint: 'write it like 2026-11-24T09:00' });
    return ms ?? 0;
  };
  const found = { fromMs: read('from', from), toMs: to.trim() === '' ? nowMs : read('to', to) };
  return problems.length > 0 ? { problems } : checkedSpan(found);
}

/** Not longer than anybody keeps events. */
export const checkedSpan = ({ fromMs, toMs }: Span): Span | { problems: Problem[] } =>
  toMs - fromMs > SPAN_MS_MAX
    ? { problems: [{ path: ['from'], message: 'is too long ago', hint: 'at most 400 days' }] }
    : { fromMs, toMs };
