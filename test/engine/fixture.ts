// What the engine's tests share: a destination whose encoder leaves a visible mark, events, and short ways to compile and step.
import { z } from 'zod';
import type { Destination } from '../../src/core/destination.ts';
import { defineDestination } from '../../src/core/destination.ts';
import type { PhoneEvent } from '../../src/core/events.ts';
import type { Known } from '../../src/core/fields.ts';
import type { PhoneCard } from '../../src/core/phone-card.ts';
import { formatPath } from '../../src/core/problems.ts';
import {
  type CompileContext,
  type CompiledRules,
  compileRules,
  createProgram,
  createState,
  type State,
  type Stepped,
  step,
} from '../../src/engine/index.ts';

/** Every value stands between ‹ and ›, so that a test sees what was encoded, and that it was encoded once. */
export const marked = (value: string): string => `‹${value.replace(/[‹›]/g, '?')}›`;

export const note: Destination = defineDestination({
  type: 'note',
  summary: 'A note for the tests.',
  settings: z.strictObject({}),
  message: z.strictObject({
    text: z.string().min(1),
    payload: z.json().optional(),
    tree: z.json().optional(),
    level: z.enum(['low', 'high']).default('low'),
    labels: z.array(z.string()).optional(),
  }),
  trial: () => ({ text: 'a test' }),
  templates: {
    text: { as: 'text', encode: marked },
    payload: { as: 'textOrJson', encode: marked },
    tree: { as: 'json' },
  },
  lint: (message) => (message.text === 'lint me' ? [{ path: ['text'], message: 'is linted', hint: 'write more' }] : []),
  check: (message) => (String(message.text).includes('unsendable') ? 'text: nobody can send this' : undefined),
  concurrency: 1,
  timeoutMs: 1_000,
  example: { settings: {}, message: { text: 'x' } },
  open: () => Promise.reject(new Error('never opened here')),
});

/** A second type, to tell connections of the wrong one. */
export const wire: Destination = { ...note, type: 'wire' };

export const context: CompileContext = {
  destinations: [note, wire],
  connections: { desk: { type: 'note', settings: {} }, cable: { type: 'wire', settings: {} } },
};

export const cards: readonly PhoneCard[] = [
  { id: 'front', site: 'default', groups: ['sales', 'support'], name: 'Front desk', area: 'ground floor' },
  { id: 'back', site: 'default', groups: [], mac: '005058000002' },
];

/** What is known beside an event of that phone. */
export const known = (card?: PhoneCard): Known => ({
  card,
  state: 'idle',
  number: '+493012345',
  kind: 'external',
  contact: null,
});

/** A step of which nothing follows. */
export const NOTHING_HAPPENS: Stepped = {
  changes: [],
  events: [],
  deliveries: [],
  logs: [],
  matched: [],
  quarantined: false,
  dropped: 0,
  overBudget: 0,
  touched: [],
  unnamed: [],
  nextDueMs: undefined,
};

/** A missed call at the phone `front`, from Erika. */
export function eventOf(changes: Partial<PhoneEvent> = {}): PhoneEvent {
  return {
    id: '019ab000-0000-7000-8000-000000000001',
    type: 'phone.missed_call',
    at: '2026-11-24T09:15:02.412Z',
    site: 'default',
    phone: { id: 'front', mac: '005058a1b2c3', ip: '192.168.1.51', vendor: 'sangoma' },
    line: { user: '201' },
    local: { number: '201' },
    remote: { number: '+493012345', name: 'Erika Mustermann' },
    vars: Object.assign(Object.create(null), { queue: 'sales', 'x-y': 'dashed' }),
    suspect: [],
    ...changes,
  };
}

/** The problems as people read them: `file path: message; hint`. */
export function problemsOf(value: unknown, given: CompileContext = context, file = 'a.json'): string[] {
  const compiled = compileRules([{ file, value }], given);
  if (!('problems' in compiled)) return [];
  return compiled.problems.map((problem) => {
    const path = formatPath(problem.path);
    return `${path}: ${problem.message}${problem.hint === undefined ? '' : `; ${problem.hint}`}`;
  });
}

export function compiledOf(value: unknown, given: CompileContext = context): CompiledRules {
  const compiled = compileRules([{ file: 'a.json', value }], given);
  if ('problems' in compiled)
    throw new Error(compiled.problems.map((p) => `${formatPath(p.path)}: ${p.message}`).join('\n'));
  return compiled.rules;
}

export const programOf = (value: unknown, given: CompileContext = context) =>
  createProgram({
    rules: compiledOf(value, given),
    phones: cards,
    connections: new Map([['cable', { expiresMs: 1_000 }]]),
  });

/** One event through rules, with a state of its own unless one is given. */
export function stepOf(rules: unknown[], event: PhoneEvent = eventOf(), state: State = createState()): Stepped {
  return step(state, { event }, programOf({ lists: { vip: ['+493012345', '+4989555'] }, rules }));
}

/** Whether a condition holds for an event. */
export const holds = (when: unknown, event: PhoneEvent = eventOf(), lists: object = {}): boolean => {
  const rules = [{ id: 'r', on: '*', when, do: [{ log: { text: 'x' } }] }];
  return step(createState(), { event }, programOf({ lists, rules })).matched.length > 0;
};

/** The text of a message that is made of one template. */
export function rendered(text: string, event: PhoneEvent = eventOf()): unknown {
  return stepOf([{ id: 'r', on: '*', do: [{ note: { to: 'desk', text } }] }], event).deliveries[0]?.message.text;
}

/** A tree of JSON templates, filled in. */
export function treeOf(tree: unknown, event: PhoneEvent = eventOf()): unknown {
  return stepOf([{ id: 'r', on: '*', do: [{ note: { to: 'desk', text: 'x', tree } }] }], event).deliveries[0]?.message
    .tree;
}

/** What is wrong with one template, as sentences. */
export const templateProblems = (text: string): string[] =>
  problemsOf({ rules: [{ id: 'r', on: '*', do: [{ log: { text } }] }] }).map((line) => line.replace(/^[^:]*: /, ''));
