// The rules of the runs, generation by generation, for the real engine; and, written apart from it, what they plan.
import { z } from 'zod';
import { defineDestination } from '../../src/core/destination.ts';
import type { PhoneEvent } from '../../src/core/events.ts';
import type { PhoneCard } from '../../src/core/phone-card.ts';
import type { StateChange } from '../../src/core/store.ts';
import { compileRules, createProgram, createState, type Program, restore, step } from '../../src/engine/index.ts';
import type { Input, Stepped } from '../../src/pump.ts';
import { GROUPS } from './courses.ts';
import { GENERATIONS, PHONES, SINKS, SITE, type SinkName } from './scenario.ts';

const text = { as: 'text', encode: (value: string) => value } as const;

/** What the sink `team` refuses for good, and what no sink could ever be sent. */
export const POISON = '666';
export const UNSENDABLE = '13';

export const place = defineDestination({
  type: 'place',
  summary: 'A place of the simulation.',
  settings: z.strictObject({}),
  message: z.strictObject({ generation: z.string(), lane: z.string(), number: z.string() }),
  trial: () => ({ generation: '0', lane: 'test', number: '0' }),
  templates: { lane: text, number: text },
  check: ({ number }) => (number === UNSENDABLE ? 'nobody can be sent this' : undefined),
  concurrency: 3,
  timeoutMs: 2_000,
  example: { settings: {}, message: { generation: '0', lane: 'a', number: '1' } },
  open: () => Promise.reject(new Error('the runs open their own')),
});

function rulesOf(generation: number): unknown {
  const send = (to: SinkName): unknown => ({
    place: { to, generation: String(generation), lane: `${to} {{ phone.id }}`, number: '{{ remote.number }}' },
  });
  const tell = {
    place: { to: 'house', generation: String(generation), lane: 'house {{ call.key }}', number: '{{ remote.number }}' },
  };
  return {
    rules: [
      { id: 'all', on: 'phone.*', do: [send('house')] },
      // Every other generation tells the team everything.
      { id: 'calls', on: generation % 2 === 0 ? 'phone.incoming_call' : 'phone.*', do: [send('team')] },
      { id: 'lifts', on: 'phone.off_hook', do: [{ emit: { event: 'custom.lifted' } }, { log: { text: 'lifted' } }] },
      { id: 'lifted', on: 'custom.lifted', do: [send('lead'), send('lead')] },
      { id: 'told', on: 'call.*', do: [tell] },
      { id: 'states', on: 'phone.state_changed', do: [{ log: { text: '{{ from }} to {{ to }}' } }] },
    ],
  };
}

/** The last group of phones that ring together has no name in the config. */
const phones: PhoneCard[] = PHONES.map((id) => {
  const group = GROUPS.findIndex((members) => members.includes(id));
  return { id, site: SITE, groups: group === GROUPS.length - 1 ? [] : [`group-${group + 1}`] };
});

const PROGRAMS: readonly Program[] = Array.from({ length: GENERATIONS }, (_, generation) => {
  const connections = Object.fromEntries(SINKS.map((name) => [name, { type: 'place', settings: {} }]));
  const compiled = compileRules([{ file: 'rules.json', value: rulesOf(generation) }], {
    destinations: [place],
    connections,
  });
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  return createProgram({ rules: compiled.rules, phones, connections: new Map() });
});

export const programOf = (generation: number): Program => PROGRAMS[generation] as Program;
export const generationOf = (program: Program): number => PROGRAMS.indexOf(program);

/** Where an event goes by the rules of a generation; once per delivery. */
export function plannedFor(generation: number, event: PhoneEvent): SinkName[] {
  const to: SinkName[] = ['house'];
  if (event.type === 'phone.incoming_call' || generation % 2 === 1) to.push('team');
  if (event.type === 'phone.off_hook') to.push('lead', 'lead');
  return to;
}

/** The real engine with the state of one process. */
export function createEngine(): {
  restore(change: StateChange): void;
  step(program: Program, input: Input): Stepped;
} {
  const state = createState(SITE);
  return {
    restore: (change) => restore(state, change),
    step: (program, input) => step(state, input, program),
  };
}
