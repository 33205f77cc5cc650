// The replay of the console: what edited rules would have sent otherwise, how far it is, who may, and that nothing comes of it.
import { describe, expect, test } from 'vitest';
import type { ReplayState } from '../../src/console/index.ts';
import { course, DND, eventsOf, MISSED, NOW_MS } from '../commands/replay-world.ts';
import { eventually } from '../support/destination-contract.ts';
import { rulesWorld, type World } from './rules-world.ts';

const HOUR_MS = 3_600_000;
const FROM = new Date(NOW_MS - 24 * HOUR_MS).toISOString();
const EVENTS = [...eventsOf(course('ring-group-missed', 5)), ...eventsOf(course('dnd-day', 12, { phones: ['desk'] }))];
const LOUDER = { ...MISSED, do: [{ slack: { to: 'team', text: 'LOUD' } }] };

const edited = (rules: unknown[]) => ({ file: 'rules/a.json', text: JSON.stringify({ rules }) });

async function state(world: World): Promise<ReplayState> {
  return ((await world.ask('read', 'GET', '/api/v1/replay')).json() as { replay: ReplayState }).replay;
}

async function ended(world: World): Promise<ReplayState> {
  await eventually(async () => (await state(world)).state !== 'running', 'the replay to end', 20_000);
  return state(world);
}

async function replayed(world: World, body: object): Promise<ReplayState> {
  const begun = await world.ask('operate', 'POST', '/api/v1/replay', body);
  expect(begun.status).toBe(202);
  return ended(world);
}

const countsOf = ({ figures }: ReplayState): unknown => figures.map(({ rule, to, counts }) => [rule, to, counts]);

describe('a span', () => {
  test('by the rules in use is the same as it was', async () => {
    const world = await rulesWorld([MISSED, DND], EVENTS);
    const before = world.stored();
    const done = await replayed(world, { from: FROM });
    expect(done).toMatchObject({ state: 'done', share: 1, events: EVENTS.length, decided: 3, who: 'a-operate' });
    expect(countsOf(done)).toEqual([
      ['dnd', 'house', { same: 2, changed: 0, added: 0, missing: 0 }],
      ['missed', 'team', { same: 1, changed: 0, added: 0, missing: 0 }],
    ]);
    expect(world.stored()).toBe(before);
  });

  test('by edited ones shows what changed, came and went, with examples', async () => {
    const world = await rulesWorld([MISSED, DND], EVENTS);
    const before = world.stored();
    const rules = [LOUDER, { ...MISSED, id: 'second' }];
    const done = await replayed(world, { from: FROM, edited: edited(rules) });
    expect(countsOf(done)).toEqual([
      ['dnd', 'house', { same: 0, changed: 0, added: 0, missing: 2 }],
      ['missed', 'team', { same: 0, changed: 1, added: 0, missing: 0 }],
      ['second', 'team', { same: 0, changed: 0, added: 1, missing: 0 }],
    ]);
    const { text } = await world.ask('read', 'GET', '/replay');
    expect(text).toContain('an edited rules/a.json');
    expect(text).toMatch(/missed → team.*?changed.*?LOUD/s);
    expect(text).toMatch(/dnd → house.*?missing/s);
    expect(world.stored()).toBe(before);
  });

  test('takes what lies in it and nothing else', async () => {
    const world = await rulesWorld([MISSED, DND], EVENTS);
    const to = new Date(NOW_MS - 10 * HOUR_MS).toISOString();
    const done = await replayed(world, { from: FROM, to });
    expect(countsOf(done)).toEqual([['dnd', 'house', { same: 1, changed: 0, added: 0, missing: 0 }]]);
  });

  test('from the form: the last day, or local times', async () => {
    const world = await rulesWorld([MISSED, DND], EVENTS);
    const begun = await world.ask('read', 'POST', '/replay', new URLSearchParams({ span: 'day' }));
    expect(begun.status).toBe(303);
    expect(await ended(world)).toMatchObject({ state: 'done', fromMs: NOW_MS - 24 * HOUR_MS, toMs: NOW_MS });
    const dates = new URLSearchParams({ span: 'dates', from: '2026-11-24T01:00', to: '2026-11-24T02:30' });
    await world.ask('read', 'POST', '/replay', dates);
    expect(await ended(world)).toMatchObject({
      fromMs: Date.UTC(2026, 10, 24, 1),
      toMs: Date.UTC(2026, 10, 24, 2, 30),
    });
    const bad = await world.ask(
      'read',
      'POST',
      '/replay',
      new URLSearchParams({ span: 'dates', from: 'soon', to: 'x' }),
    );
    expect(bad.text).toContain('from: is no moment');
    expect(bad.text).toContain('to: is no moment');
  });

  test.for([
    [{ from: '2026-11-24T09:00:00Z', to: '2026-11-23T09:00:00Z' }, 'is after the end'],
    [{ from: '2020-01-01T00:00:00Z' }, 'at most 400 days'],
    [{ from: 'yesterday' }, 'from'],
    [{}, 'from'],
    [{ from: FROM, edited: { file: 'rules/a.json', text: '{' } }, 'rules/a.json:1:2'],
    [{ from: FROM, edited: { file: '/etc/passwd', text: '{}' } }, 'there is no rule file'],
  ] as const)('that is wrong is refused: %j', async ([body, words]) => {
    const world = await rulesWorld([MISSED], EVENTS);
    const answer = await world.ask('operate', 'POST', '/api/v1/replay', body);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(words);
    expect(await state(world)).toBeNull();
  });
});

describe('while it runs', () => {
  const many = Array.from({ length: 300 }, (_, n) =>
    eventsOf(course('ring-group-missed', 20 - n / 20, { number: `+49307${n}` })),
  ).flat();

  test('one at a time; it can be called off, and another one begun', async () => {
    const world = await rulesWorld([MISSED], many);
    const { id } = (await world.ask('operate', 'POST', '/api/v1/replay', { from: FROM })).json();
    const second = await world.ask('read', 'POST', '/api/v1/replay', { from: FROM });
    expect(second.status).toBe(409);
    const page = (await world.ask('operate', 'GET', '/replay')).text;
    expect(page).toContain(`data-replay="${id}"`);
    expect(page).toContain('Call it off');
    expect((await world.ask('operate', 'POST', '/api/v1/replay/cancel', { id: 'another' })).status).toBe(404);
    expect((await world.ask('read', 'POST', '/api/v1/replay/cancel', { id })).status).toBe(403);
    expect((await world.ask('operate', 'POST', '/api/v1/replay/cancel', { id })).status).toBe(200);
    expect(await ended(world)).toMatchObject({ id, state: 'cancelled' });
    expect((await world.ask('read', 'GET', '/replay')).text).toContain('called off');
    expect(await replayed(world, { from: FROM })).toMatchObject({ state: 'done', decided: 300 });
  });

  test('others get their turn, and its state goes on', async () => {
    const world = await rulesWorld([MISSED], many);
    await world.ask('read', 'POST', '/api/v1/replay', { from: FROM });
    const shares = new Set<number>();
    let turns = 0;
    for (let now = await state(world); now.state === 'running'; now = await state(world)) {
      shares.add(now.share);
      turns += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(turns).toBeGreaterThan(3);
    expect(shares.size).toBeGreaterThan(2);
  });
});

test('a reader replays the rules in use, but none of their own', async () => {
  const world = await rulesWorld([MISSED], EVENTS);
  const refused = await world.ask('read', 'POST', '/api/v1/replay', { from: FROM, edited: edited([LOUDER]) });
  expect(refused.status).toBe(403);
  const form = new URLSearchParams({ span: 'day', rules: 'edited', file: 'rules/a.json', text: '{"rules":[]}' });
  expect((await world.ask('read', 'POST', '/replay', form)).text).toContain('edited rules need the role');
  expect(await state(world)).toBeNull();
  expect((await world.ask('read', 'POST', '/api/v1/replay', { from: FROM })).status).toBe(202);
  await ended(world);
});
