// A destination for the tests of messages that are more than texts: cards, groups, choices, texts by name, and slots.
import { z } from 'zod';
import { type Destination, defineDestination } from '../../src/core/destination.ts';
import { compileRules, createProgram, type Route } from '../../src/engine/index.ts';
import { cards, marked } from './fixture.ts';

export const post: Destination = defineDestination({
  type: 'post',
  summary: 'A place for the tests.',
  settings: z.strictObject({}),
  message: z.strictObject({
    text: z.string().optional(),
    card: z.boolean().optional(),
    table: z.boolean().optional(),
    recipients: z.array(z.string().startsWith('@', 'must begin with @')).min(1).optional(),
    tone: z
      .enum(['loud', 'soft'])
      .transform((tone) => tone.toUpperCase())
      .optional(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
  templates: {
    text: { as: 'text', encode: marked },
    card: { as: 'call' },
    table: { as: 'group' },
    recipients: { as: 'choice' },
    tone: { as: 'choice' },
    labels: { as: 'texts', encode: marked },
  },
  lint: ({ recipients }) =>
    recipients?.includes('@nobody') === true
      ? [{ path: ['recipients', recipients.indexOf('@nobody')], message: 'is nobody' }]
      : [],
  check: ({ text }) => (String(text).includes('unsendable') ? 'text: nobody can send this' : undefined),
  slot: ({ card }) => (card === undefined ? undefined : 'card'),
  trial: (_settings, at) => ({ text: `a test at ${at}` }),
  budgetPerMinute: 3,
  concurrency: 1,
  timeoutMs: 1_000,
  example: { settings: {}, message: { text: 'x' } },
  open: () => Promise.reject(new Error('never opened here')),
});

const SCHEDULES = {
  office: { timezone: 'UTC', open: [{ days: 'mon-fri', from: '09:00', to: '17:00' }] },
  night: { timezone: 'UTC', open: [{ days: 'daily', from: '20:00', to: '24:00' }] },
};

/** What is wrong with a rule file whose rules say `do: [{ post: … }]`, as `path: message; hint` from `do[0].post` on. */
export function postProblems(message: object, rule: object = {}): string[] {
  const compiled = compileFile([{ id: 'r', on: 'call.missed', do: [{ post: { to: 'desk', ...message } }], ...rule }]);
  if (!('problems' in compiled)) return [];
  return compiled.problems.map(({ path, message: text, hint }) =>
    [path.slice(5).join('.') || path.join('.'), ': ', text, ...(hint === undefined ? [] : ['; ', hint])].join(''),
  );
}

export const compileFile = (rules: unknown[]) =>
  compileRules([{ file: 'a.json', value: { schedules: SCHEDULES, rules } }], {
    destinations: [post],
    connections: { desk: { type: 'post', settings: {} } },
  });

/** A program of these rules, with the connection `desk` as given. */
export function postProgram(rules: unknown[], desk: Partial<Route> = {}) {
  const compiled = compileFile(rules);
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  return createProgram({ rules: compiled.rules, phones: cards, connections: new Map([['desk', desk]]) });
}
