// A virtual day for rules with stages: short lines say what phones do and when, and short lines say what the rules made of it.
import { formatDuration, parseDurationMs } from '../../src/core/durations.ts';
import type { PhoneEvent } from '../../src/core/events.ts';
import type { StateChange } from '../../src/core/store.ts';
import {
  createProgram,
  createState,
  type Program,
  type RuleLog,
  restore,
  type State,
  type Stepped,
  step,
} from '../../src/engine/index.ts';
import type { Trace } from '../../src/engine/stages/trace.ts';
import { cards, compiledOf, context, eventOf } from './fixture.ts';

/** A Tuesday, 10:00 in Berlin. */
export const BEGIN_MS = Date.UTC(2026, 10, 24, 9);

/** "1h30m" → ms after the beginning; a minus sign in front is before it. */
export const ms = (text: string): number => {
  const found = parseDurationMs(text.replace('-', ''));
  if (found === undefined) throw new Error(`${text} is no span of time`);
  return text.startsWith('-') ? -found : found;
};

const TYPES: Record<string, PhoneEvent['type']> = {
  on: 'phone.dnd_on',
  off: 'phone.dnd_off',
  ip: 'phone.ip_changed',
  reg: 'phone.registered',
};

/** `atMs`: when it is told, after the beginning. */
export type Fired = { atMs: number; rule: string; text: string; id: string };

export type StageScript = {
  state: State;
  steps: Stepped[];
  fired: Fired[];
  logs: RuleLog[];
  /** The rows as they are stored. */
  rows: Map<string, string>;
  /** "5s on A front": after 5 s the phone `front` says `dnd_on`, about the number A. The phone may be missing. */
  say(line: string): Stepped;
  event(event: PhoneEvent): Stepped;
  until(atMs: number): void;
  /** Another daemon takes the rows up at `atMs`. */
  restart(atMs: number): void;
  swap(program: Program): void;
  /** "15m A x1": each firing as its moment and its text. */
  lines(): string[];
  dropped(): number;
};

/** A rule on `dnd_on` that tells the number and the count; `more` are its other keys. */
export const ruleOf = (more: object = {}): { id: string; [key: string]: unknown } => ({
  id: 'r',
  on: 'phone.dnd_on',
  do: [{ note: { to: 'desk', text: '{{ remote.number }} x{{ count }}' } }],
  ...more,
});

export const OFFICE = {
  office: { timezone: 'Europe/Berlin', open: [{ days: 'mon-fri', from: '09:00', to: '17:30' }] },
  lunch: { timezone: 'Europe/Berlin', open: [{ days: 'daily', from: '12:00', to: '13:00' }] },
};

export const programWith = (
  rules: readonly object[],
  options: { lateMsMax?: number; schedules?: object; lists?: object; timezone?: string } = {},
): Program => {
  const { schedules = OFFICE, lists = {}, timezone = 'Europe/Berlin', ...rest } = options;
  const compiled = compiledOf({ schedules, lists, rules }, { ...context, timezone });
  return createProgram({
    rules: compiled,
    phones: cards,
    connections: new Map([['cable', { expiresMs: 1_000 }]]),
    ...rest,
  });
};

export function stageScript(first: Program, trace?: Trace): StageScript {
  let program = first;
  let n = 0;
  const take = (stepped: Stepped): Stepped => {
    script.steps.push(stepped);
    for (const { kind, key, value } of stepped.changes) {
      if (value === null) script.rows.delete(`${kind}\t${key}`);
      else script.rows.set(`${kind}\t${key}`, JSON.stringify(value));
    }
    script.logs.push(...stepped.logs);
    for (const { madeAtMs, rule, message, id } of stepped.deliveries)
      script.fired.push({ atMs: madeAtMs - BEGIN_MS, rule, text: String(message.text).replace(/[‹›]/g, ''), id });
    return stepped;
  };
  const at = (atMs: number): string => new Date(BEGIN_MS + atMs).toISOString();
  const script: StageScript = {
    state: createState(),
    steps: [],
    fired: [],
    logs: [],
    rows: new Map(),
    say(line) {
      const [when = '', what = '', number, phone = 'front'] = line.split(' ');
      n += 1;
      const atMs = ms(when);
      return script.event(
        eventOf({
          id: `e${n}`,
          type: TYPES[what] ?? (`phone.${what}` as PhoneEvent['type']),
          at: at(atMs),
          phone: { id: phone, vendor: 'sangoma' },
          remote: number === undefined || number === '-' ? {} : { number },
        }),
      );
    },
    event: (event) => take(step(script.state, { event }, program, trace)),
    until: (atMs) => void take(step(script.state, { now: at(atMs) }, program, trace)),
    restart(atMs) {
      script.state = restored(script.rows);
      take(step(script.state, { now: at(atMs), started: true }, program, trace));
    },
    swap(next) {
      program = next;
    },
    lines: () => script.fired.map(({ atMs, text }) => `${formatDuration(atMs)} ${text}`),
    dropped: () => script.steps.reduce((sum, { dropped }) => sum + dropped, 0),
  };
  return script;
}

/** A new state from stored rows, which come by their names, whatever order they were written in. */
export function restored(rows: ReadonlyMap<string, string>): State {
  const state = createState();
  for (const [name, value] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [kind = '', key = ''] = name.split('\t');
    restore(state, { kind, key, value: JSON.parse(value) } as StateChange);
  }
  return state;
}

/** What the lines make of the rules, a week later. */
export function played(
  rules: readonly object[],
  lines: readonly string[],
  options: Parameters<typeof programWith>[1] = {},
): string[] {
  const script = stageScript(programWith(rules, options));
  for (const line of lines) script.say(line);
  script.until(ms('7d'));
  return script.lines();
}
