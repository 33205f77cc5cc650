// Needs: which events and variables follow from rules, from the folding of calls and from Home Assistant.
import { describe, expect, test } from 'vitest';
import { CONFIG_PARTS } from '../src/config-parts.ts';
import { type PhoneEvent, SLUGS, type Slug } from '../src/core/events.ts';
import { CALL_SLUGS, type CompiledRules, createProgram, createState, STATE_SLUGS, step } from '../src/engine/index.ts';
import { type Needs, needsOf } from '../src/provision-needs.ts';
import { evenDraw, hitEvents, SCENARIOS } from '../src/simulator/index.ts';
import { readVars } from '../src/virtual-hits.ts';

const log = (text: string): object[] => [{ log: { text } }];

function rulesOf(...rules: object[]): CompiledRules {
  const compiled = CONFIG_PARTS.compileRules(
    [{ file: 'rules.json', value: { rules: rules.map((rule, n) => ({ id: `r${n + 1}`, ...rule })) } }],
    {
      destinations: CONFIG_PARTS.destinations,
      connections: {},
      phones: [],
      sites: [],
      calendars: new Map(),
      timezone: 'UTC',
      numberOf: (text) => text,
    },
  );
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  return compiled.rules as CompiledRules;
}

const needs = (...rules: object[]): Needs => needsOf({ rules: rulesOf(...rules), connections: new Map() });
const variables = (found: Needs, slug: Slug): string[] => [...(found.get(slug)?.variables ?? [])].sort();

describe('a rule needs', () => {
  test('its event, the MAC, and the variables that it looks at, wherever it looks at them', () => {
    const found = needs({
      on: 'phone.registered',
      when: {
        'phone.ip': { cidr: '10.0.0.0/8' },
        vars: { queue: 'a' },
        any: [{ 'line.user': '1' }, { not: { 'phone.model': 'x' } }],
      },
      limit: { max: 1, per: '1m', by: ['line.host'] },
      do: log('{{ remote.name | default: local.name }}{% if phone.firmware %}!{% endif %}'),
    });
    expect([...found.keys()]).toEqual(['registered']);
    expect(variables(found, 'registered')).toEqual([
      'display_local',
      'display_remote',
      'firmware',
      'host',
      'ip',
      'mac',
      'model',
      'queue',
      'user',
    ]);
    expect([...(found.get('registered')?.why ?? [])]).toEqual(['rule "r1"']);
  });
  test('nothing else: another rule does not make its URL longer', () => {
    const found = needs({ on: 'phone.dnd_on', do: log('on') }, { on: 'phone.dnd_off', do: log('{{ phone.ip }}') });
    expect(variables(found, 'dnd_on')).toEqual(['mac']);
    expect(variables(found, 'dnd_off')).toEqual(['ip', 'mac']);
  });
  test('nothing at all while it is switched off', () => {
    expect(needs({ on: 'phone.dnd_on', enabled: false, do: log('on') }).size).toBe(0);
  });
  test('what it waits for, and what came before', () => {
    const found = needs({
      on: 'phone.unregistered',
      wait: { for: '1m', by: ['phone.id'], unless: { on: 'phone.registered', same: ['phone.id'] } },
      do: log('gone'),
    });
    expect([...found.keys()]).toEqual(['registered', 'unregistered']);
  });
  test('all events that calls are folded from, where it takes calls', () => {
    const found = needs({ on: 'call.missed', do: log('{{ remote.number }}') });
    expect([...found.keys()].sort()).toEqual([...CALL_SLUGS].sort());
    expect(variables(found, 'incoming_call')).toEqual(['call_id', 'display_remote', 'mac', 'remote', 'user']);
    expect(variables(found, 'transfer_finished')).toContain('local');
  });
  test('all events that the state follows from, where it takes or reads the state', () => {
    const all = [...STATE_SLUGS].sort();
    expect([...needs({ on: 'phone.state_changed', do: log('x') }).keys()].sort()).toEqual(all);
    const reading = needs({ on: 'phone.dnd_on', when: { 'phone.state': 'idle' }, do: log('x') });
    expect([...reading.keys()].sort()).toEqual([...all, 'dnd_on'].sort());
  });
  test('what the event was made of, where a rule made it', () => {
    const found = needs(
      { on: 'phone.missed_call', do: [{ emit: { event: 'custom.one' } }] },
      { on: 'custom.one', do: [{ emit: { event: 'custom.two' } }] },
      { on: 'custom.two', do: log('{{ phone.model }}') },
    );
    expect([...found.keys()]).toEqual(['missed_call']);
    expect(variables(found, 'missed_call')).toEqual(['mac', 'model']);
  });
});

test('Home Assistant needs every event, and what it shows', () => {
  const connections = new Map([['house', { settings: { homeAssistant: {} } }]]) as never;
  const found = needsOf({ rules: [], connections });
  expect([...found.keys()]).toEqual([...SLUGS]);
  expect(variables(found, 'dnd_on')).toEqual([
    'call_id',
    'display_remote',
    'firmware',
    'ip',
    'mac',
    'model',
    'remote',
    'user',
  ]);
  expect([...(found.get('dnd_on')?.why ?? [])]).toEqual(['Home Assistant']);
});

describe('the folding of calls lives on those events alone', () => {
  const program = createProgram({ rules: [], phones: [], connections: new Map() });
  const told = (events: readonly PhoneEvent[]): string[] => {
    const state = createState();
    const made = events.flatMap((event) => step(state, { event }, program).events);
    made.push(...step(state, { now: new Date(10 * 86_400_000).toISOString() }, program).events);
    return made.flatMap((event) =>
      'call' in event ? [`${event.type} ${JSON.stringify(event.call.phones)} ${event.call.outcome}`] : [],
    );
  };
  test.each(SCENARIOS.map((each) => [each.name, each] as const))('%s', (_name, scenario) => {
    const phones = Array.from({ length: scenario.phonesMin }, (_, n) => `p${n}`);
    const hits = scenario.play({ phones, number: '+49301', startMs: 0, draw: evenDraw });
    const events = hitEvents(hits, 'default', readVars);
    const some = events.filter(({ type }) => CALL_SLUGS.some((slug) => type === `phone.${slug}`));
    expect(told(some)).toEqual(told(events));
  });
});
