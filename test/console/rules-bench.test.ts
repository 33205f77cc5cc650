// The bench: what rules would do, of events composed and of old, by rules in use and edited; and that nothing comes of it.
import { describe, expect, test } from 'vitest';
import { course, eventsOf, MISSED } from '../commands/replay-world.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { rulesWorld, type World } from './rules-world.ts';

type Told = {
  event: { type: string };
  verdicts: { rule: string; stages: { stage: string; ok: boolean; saw?: string }[] }[];
  deliveries: { rule: string; to: string; madeAtMs: number; message: { text?: string }; state: string }[];
};
type Run = { story: Told[]; end: string };

const SLOW = {
  id: 'slow',
  on: 'call.missed',
  wait: { for: '15m', unless: { on: 'call.returned', same: ['call.key'] } },
  do: [{ slack: { to: 'team', text: 'Nobody called {{ remote.number }} back' } }],
};
const PICKY = { ...MISSED, id: 'picky', when: { 'remote.name': 'Nobody' } };

async function tried(world: World, body: object): Promise<Run> {
  const answer = await world.ask('operate', 'POST', '/api/v1/bench', body);
  expect(answer.text).not.toContain('"problems"');
  expect(answer.status).toBe(200);
  return answer.json() as unknown as Run;
}

const wrong = async (world: World, body: object): Promise<{ status: number; problems: string[] }> => {
  const answer = await world.ask('operate', 'POST', '/api/v1/bench', body);
  const { error } = answer.json() as { error: { problems: string[] } };
  return { status: answer.status, problems: error.problems };
};

const ofRules = ({ story }: Run): string[] =>
  story.flatMap(({ event, deliveries }) => deliveries.map(({ rule, to }) => `${event.type} ${rule} ${to}`));

describe('something composed', () => {
  test('shows every rule with the stage that said no, and what waits over virtual time', async () => {
    const world = await rulesWorld([MISSED, SLOW, PICKY]);
    const before = world.stored();
    const composed = { scenario: 'ring-group-missed', phones: ['desk', 'lab'], number: '+4930777', name: 'Erika' };
    const run = await tried(world, { composed });
    expect(ofRules(run)).toEqual(['call.missed missed team', 'call.missed slow team']);
    const missed = run.story.find(({ event }) => event.type === 'call.missed') as Told;
    expect(missed.verdicts.map(({ rule, stages }) => [rule, stages.every(({ ok }) => ok)])).toEqual([
      ['missed', true],
      ['slow', true],
      ['picky', false],
    ]);
    expect(missed.verdicts[2]?.stages.at(-1)).toMatchObject({ stage: 'when', ok: false });
    const [first, second] = missed.deliveries;
    expect((second?.madeAtMs ?? 0) - (first?.madeAtMs ?? 0)).toBe(15 * 60_000);
    expect(second?.message.text).toContain('+4930777');
    expect(run.end).toBe('quiet');
    expect(world.stored()).toBe(before);
  });

  test('takes an event with number, name and variables, of phones of the config and virtual ones', async () => {
    const say = {
      id: 'say',
      on: 'phone.incoming_call',
      do: [{ slack: { to: 'team', text: '{{ remote.number }} {{ vars.extra }}' } }],
    };
    const world = await rulesWorld([say]);
    const composed = { event: 'phone.incoming_call', phones: ['desk'], number: '+4930777', vars: { extra: 'more' } };
    const { story } = await tried(world, { composed });
    expect(story[0]?.deliveries[0]?.message.text).toBe('+4930777 more');
    const withheld = await tried(world, { composed: { event: 'phone.incoming_call', number: null } });
    expect(withheld.story[0]?.deliveries).toHaveLength(1);
  });

  test('tells everything that is wrong with it at once', async () => {
    const world = await rulesWorld([MISSED]);
    const composed = { event: 'phone.mised_call', phones: ['dest', 'lab', 'lab'], start: 'yesterday' };
    const { status, problems } = await wrong(world, { composed });
    expect(status).toBe(400);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^event: .*did you mean "phone\.missed_call"/),
        expect.stringMatching(/^phones\[0\]: .*did you mean "desk"/),
        expect.stringMatching(/^start: .*is no moment/),
      ]),
    );
  });
});

describe('something that happened', () => {
  test('the last missed call runs once more with what came before and after it', async () => {
    const events = [
      ...eventsOf(course('ring-group-missed', 30)),
      ...eventsOf(course('called-back', 3, { number: '+4930555' })),
    ];
    const world = await rulesWorld([MISSED, SLOW], events);
    const before = world.stored();
    const run = await tried(world, { past: 'last-missed' });
    // Somebody called back after five minutes, so that nothing waits any more.
    expect(ofRules(run)).toEqual(['call.missed missed team']);
    const slow = run.story[0]?.verdicts.find(({ rule }) => rule === 'slow');
    expect(slow?.stages.some(({ ok }) => !ok)).toBe(true);
    expect(world.stored()).toBe(before);
  });

  test('by edited rules, beside those of other files', async () => {
    const events = eventsOf(course('ring-group-missed', 3));
    const world = await rulesWorld([MISSED], events, { files: { 'rules/b.json': { rules: [SLOW] } } });
    const edited = {
      file: 'rules/a.json',
      text: JSON.stringify({ rules: [{ ...MISSED, do: [{ slack: { to: 'team', text: 'Other words' } }] }] }),
    };
    const run = await tried(world, { past: 'last-missed', edited });
    expect(run.story[0]?.deliveries.map(({ rule, message }) => [rule, message.text?.slice(0, 11)])).toEqual([
      ['missed', 'Other words'],
      ['slow', 'Nobody call'],
    ]);
  });

  test('that is in no journal is refused', async () => {
    const world = await rulesWorld([MISSED]);
    expect(await wrong(world, { past: 'last-missed' })).toEqual({
      status: 404,
      problems: ['no missed call is recorded'],
    });
    expect((await wrong(world, { past: "x' OR 1" })).status).toBe(404);
    expect((await wrong(world, {})).status).toBe(400);
  });
});

describe('edited rules', () => {
  const try_ = (world: World, text: string, file: string | null = 'rules/a.json') =>
    wrong(world, { composed: { scenario: 'call-missed' }, edited: { file, text } });

  test('that are wrong say every problem with line and column, in their own file and with the others', async () => {
    const world = await rulesWorld([MISSED], [], { files: { 'rules/b.json': { rules: [SLOW] } } });
    const text =
      '{ "rules": [\n  { "id": "slow", "on": "call.mised",\n    "do": [{ "slack": { "to": "tem", "text": "x" } }] }\n] }';
    const { problems } = await try_(world, text);
    expect(problems).toEqual([
      expect.stringMatching(/^rules\/a\.json:2:11 .*already the id of rules\/b\.json/),
      expect.stringMatching(/^rules\/a\.json:2:25 .*did you mean "call\.missed"/),
      expect.stringMatching(/^rules\/a\.json:3:31 .*did you mean "team"/),
    ]);
    const page = await world.ask(
      'operate',
      'POST',
      '/bench',
      new URLSearchParams({ rules: 'edited', file: 'rules/a.json', text, what: 'composed', says: 'call-missed' }),
    );
    expect(page.text).toContain('3 things are wrong');
    expect(page.text).toContain('2 |   { &quot;id&quot;: &quot;slow&quot;');
    // What was typed is still there.
    expect(page.text).toContain('&quot;call.mised&quot;');
  });

  test('of a file that is not in use, or of another folder, are refused and nothing is read', async () => {
    const world = await rulesWorld([MISSED]);
    for (const file of ['/etc/passwd', '../config.json', 'config.json', 'rules/none.json'])
      expect((await try_(world, '{ "rules": [] }', file)).problems[0]).toContain('there is no rule file');
    const { text } = await world.ask('operate', 'GET', '/bench?file=/etc/passwd');
    expect(text).not.toContain('root:');
  });

  test('name no calendar that the rules in use do not have', async () => {
    const world = await rulesWorld([MISSED]);
    const text = JSON.stringify({ schedules: { shut: { calendar: '/etc/passwd' } }, rules: [] });
    const { problems } = await try_(world, text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join()).not.toContain('root:');
  });

  test.for([
    ['no JSON', '{{{'],
    ['nested without end', '['.repeat(100_000)],
    ['too long', `"${'x'.repeat(300_000)}"`],
    ['another kind', '[]'],
    ['prototypes', '{ "rules": [], "__proto__": {} }'],
    ['many rules', JSON.stringify({ rules: Array.from({ length: 9_000 }, (_, n) => ({ id: `a${n}` })) })],
    ['a circle', JSON.stringify({ rules: [{ id: 'a', on: 'custom.a', do: [{ emit: { event: 'custom.a' } }] }] })],
  ] as const)('are refused where they are hostile: %s', async ([, text]) => {
    const { status, problems } = await try_(await rulesWorld([MISSED]), text);
    expect(status).toBe(400);
    expect(problems.length).toBeGreaterThan(0);
  });

  test('of the heaviest kind neither hold up the process nor fill it', async () => {
    const world = await rulesWorld([MISSED]);
    const actions = Array.from({ length: 40 }, () => ({ slack: { to: 'team', text: '{{ remote.name | upcase }}' } }));
    const rules = Array.from({ length: 60 }, (_, n) => ({ id: `r${n}`, on: '*', do: actions }));
    const text = JSON.stringify({ rules });
    let longestMs = 0;
    let lastMs = performance.now();
    const beat = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - lastMs);
      lastMs = performance.now();
    }, 1);
    const answered = await world.ask('operate', 'POST', '/api/v1/bench', {
      composed: { scenario: 'ring-group-missed', phones: Array.from({ length: 40 }, (_, n) => `virtual-${n + 1}`) },
      edited: { file: null, text },
    });
    const run = answered.json() as unknown as Run & { deliveriesLeft: number };
    clearInterval(beat);
    expect(run.story.flatMap(({ deliveries }) => deliveries).length).toBeLessThanOrEqual(500);
    expect(run.deliveriesLeft).toBeGreaterThan(10_000);
    // Generous: the machine may be busy. Without slices all of it is one stretch of seconds.
    expect(longestMs).toBeLessThan(1_000);
  });
});

describe('who may', () => {
  test('a reader tries the rules in use, but none of their own', async () => {
    const world = await rulesWorld([MISSED]);
    const composed = { scenario: 'call-missed' };
    expect((await world.ask('read', 'POST', '/api/v1/bench', { composed })).status).toBe(200);
    const edited = { file: null, text: '{ "rules": [] }' };
    const refused = await world.ask('read', 'POST', '/api/v1/bench', { composed, edited });
    expect(refused.status).toBe(403);
    const form = new URLSearchParams({ what: 'composed', says: 'call-missed', rules: 'edited', text: '{}' });
    expect((await world.ask('read', 'POST', '/bench', form)).text).toContain('edited rules need the role');
    expect((await world.ask('read', 'GET', '/bench')).text).not.toContain('<textarea id="text"');
    expect((await world.ask('operate', 'GET', '/bench')).text).toContain('<textarea id="text"');
  });

  test('one at a time', async () => {
    const world = await rulesWorld([MISSED]);
    const body = { composed: { scenario: 'ring-group-missed' } };
    const both = await Promise.all([1, 2].map(() => world.ask('read', 'POST', '/api/v1/bench', body)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await world.ask('read', 'POST', '/api/v1/bench', body)).status).toBe(200);
  });
});

describe('the page', () => {
  test('begins with an event, a rule or a file, and shows each delivery as it looks there', async () => {
    const events = eventsOf(course('ring-group-missed', 3));
    const world = await rulesWorld([MISSED], events);
    expect((await world.ask('operate', 'GET', '/bench?rule=missed')).text).toMatch(
      /value="edited" checked.*?&quot;missed&quot;/s,
    );
    const id = events[0]?.id ?? '';
    expect((await world.ask('operate', 'GET', `/events/${id}`)).text).toContain(`name="event" value="${id}"`);
    expect((await world.ask('operate', 'GET', `/bench?event=${id}`)).text).toContain(`name="event" value="${id}"`);
    const { text } = await world.ask('read', 'POST', '/bench', new URLSearchParams({ what: 'past', event: '' }));
    expect(text).toContain('1 delivery; nothing was sent');
    expect(text).toMatch(/missed → team.*?would be sent.*?at once.*?Missed call from/s);
  });

  test('shows what a hostile caller says as text, whatever it is', async () => {
    const show = {
      id: 'show',
      on: '*',
      do: [{ slack: { to: 'team', text: '{{ remote.name }}' } }, { log: { text: '{{ remote.name }}' } }],
    };
    const world = await rulesWorld([show]);
    for (const name of [...HOSTILE_STRINGS, '<img src=x onerror=alert(1)>', '"><script>alert(1)</script>']) {
      const form = new URLSearchParams({ what: 'composed', says: 'phone.incoming_call', name: name.slice(0, 500) });
      const { status, text } = await world.ask('read', 'POST', '/bench', form);
      expect(status).toBe(200);
      expect(text).not.toMatch(/<img|<script>alert/);
      // The form gives back what was typed; what phones and rules made of it holds nothing that steers a terminal or turns a line.
      expect(text.slice(0, text.indexOf('Try something'))).not.toMatch(/[\u202e\u0000\u001b]/);
    }
  });
});
