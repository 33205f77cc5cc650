// Calls as people mean them: what happens at the phones, and the events that are told about it, each with its reason.
import { describe, expect, test } from 'vitest';
import { A, B, CASES, hit, MINUTE, rings, SECOND, story } from './call-cases.ts';
import { type Hit, play, type SiteScript, siteScript } from './site-script.ts';

const GROUPS = { desk: ['front'], shop: ['front'], works: ['workshop'] };

describe('what is told', () => {
  test.each(CASES)('%s', (_what, hits, told) => {
    expect(story(play(hits, { groups: GROUPS }))).toEqual(told);
  });
});

describe('what a call event holds', () => {
  test('an answered call', () => {
    const script = play(
      [
        hit(1, 'desk', 'incoming_call', A, { name: 'Erika' }),
        hit(1.2, 'shop', 'incoming_call', A),
        hit(7.4, 'shop', 'established', A),
        hit(7.5, 'desk', 'missed_call', A),
        hit(100, 'shop', 'terminated', A),
      ],
      { groups: GROUPS },
    );
    const ended = script.calls().at(-1);
    expect(ended).toEqual({
      atMs: 103 * SECOND,
      type: 'call.ended',
      call: {
        key: expect.any(String),
        direction: 'in',
        remote: { number: A, name: 'Erika', kind: 'external' },
        phones: [
          { id: 'desk', outcome: 'missed' },
          { id: 'shop', outcome: 'answered' },
        ],
        groups: ['front'],
        startedAt: '2026-11-24T09:00:01.000Z',
        answeredBy: 'shop',
        ringSeconds: 6,
        talkSeconds: 93,
        outcome: 'answered',
      },
    });
    const ids = script.steps.flatMap(({ events }) => events.map(({ id }) => id));
    expect(ids.map((id) => id.slice(36))).toEqual(['-ringing', '-answered', '-ended']);
  });

  test.each<[kind: string, number: string | null]>([
    ['external', A],
    ['internal', '203'],
    ['withheld', null],
  ])('%s callers are told apart', (kind, number) => {
    const missed = play([hit(1, 'desk', 'incoming_call', number), hit(9, 'desk', 'missed_call', number)])
      .calls()
      .at(-1);
    expect(missed).toMatchObject({
      type: 'call.missed',
      call: { remote: { kind }, outcome: 'missed', ringSeconds: 8 },
    });
  });
});

describe('verdicts', () => {
  const missed = [...rings(1, A, 'desk', 'shop'), hit(10, 'desk', 'missed_call', A), hit(10, 'shop', 'missed_call', A)];

  test('wait for the settle time, and for no longer', () => {
    expect(play(missed, { groups: GROUPS }).calls().at(-1)?.atMs).toBe(13 * SECOND);
  });

  test('a group whose phones ring one after the other may have a longer one', () => {
    const hits = [
      ...rings(1, A, 'desk'),
      hit(10, 'desk', 'missed_call', A),
      ...rings(18, A, 'shop'),
      hit(25, 'shop', 'missed_call', A),
    ];
    expect(story(play(hits, { groups: GROUPS }))).toEqual(['ringing A', 'missed A', 'ringing A', 'missed A']);
    expect(story(play(hits, { groups: GROUPS, settle: { front: 10_000 } }))).toEqual(['ringing A', 'missed A']);
  });

  test('one that a late word overturns is corrected, not doubled', () => {
    const script = play([...missed, hit(16, 'works', 'dnd_on'), hit(20, 'caller-less', 'established', A)], {
      groups: GROUPS,
    });
    expect(script.calls().at(-1)).toMatchObject({
      type: 'call.corrected',
      call: { outcome: 'answered', correctedFrom: 'missed', answeredBy: 'caller-less' },
    });
    expect(script.types()).toEqual(['call.ringing', 'call.missed', 'call.corrected']);
    expect(script.snapshot('desk').missed_calls).toBe(0);
  });

  test('a corrected call waits for no call back any more', () => {
    const script = play(
      [
        ...missed,
        hit(20, 'caller-less', 'established', A),
        hit(60, 'desk', 'outgoing_call', A),
        hit(65, 'desk', 'established', A),
      ],
      { groups: GROUPS },
    );
    expect(script.types()).not.toContain('call.returned');
  });

  test('where phones only ring and stop, "missed" is said if the config wants it', () => {
    const hits = [...rings(1, A, 'desk'), hit(15, 'desk', 'terminated', A)];
    expect(play(hits).types()).toEqual(['call.ringing', 'call.ended']);
    expect(play(hits, { settings: { inferMissed: true } }).types()).toEqual(['call.ringing', 'call.missed']);
  });

  test('a call that nobody speaks of any more ends by itself', () => {
    const ringing = play([...rings(1, A, 'desk')])
      .calls()
      .at(-1);
    expect(ringing).toMatchObject({ type: 'call.ended', atMs: 1_000 + 3 * MINUTE + 3_000 });
    const talking = play([...rings(1, A, 'desk'), hit(5, 'desk', 'established', A)])
      .calls()
      .at(-1);
    expect(talking).toMatchObject({ type: 'call.ended', atMs: 5_000 + 12 * 60 * MINUTE + 3_000 });
  });
});

test('a phone of the group that rang in vain has not missed the call: somebody else took it', () => {
  const script = play(
    [...rings(1, A, 'desk', 'shop'), hit(4, 'shop', 'established', A), hit(4.1, 'desk', 'missed_call', A)],
    { groups: GROUPS },
  );
  const last = (phone: string): string | undefined => script.state.phones.get(phone)?.lastCaller?.outcome;
  expect([last('desk'), last('shop')]).toEqual(['ended', 'answered']);
  expect(script.snapshot('desk').missed_calls).toBe(0);
});

test('a call has at most 64 phones: what a thousand phones say of one number grows no row without end', () => {
  const phones = Array.from({ length: 200 }, (_, n) => `phone-${n}`);
  const script = play(phones.map((phone) => hit(1, phone, 'incoming_call', A)));
  const sizes = script.calls().flatMap(({ type, call }) => (type === 'call.ended' ? [call.phones.length] : []));
  expect(sizes).toEqual([64, 64, 64, 8]);
});

describe('calling back', () => {
  const missed = [...rings(1, A, 'desk'), hit(10, 'desk', 'missed_call', A)];
  const backAt = (seconds: number): Hit[] => [
    hit(seconds, 'shop', 'outgoing_call', A),
    hit(seconds + 5, 'shop', 'established', A),
  ];

  test('counts for 24 h, or as long as the config says', () => {
    const day = 24 * 3_600;
    expect(play([...missed, ...backAt(day - 100)]).types()).toContain('call.returned');
    expect(play([...missed, ...backAt(day + 100)]).types()).not.toContain('call.returned');
    const settings = { returnMs: 10 * MINUTE };
    expect(play([...missed, ...backAt(500)], { settings }).types()).toContain('call.returned');
    expect(play([...missed, ...backAt(700)], { settings }).types()).not.toContain('call.returned');
  });

  test('is remembered over a restart, as is a call that still rings', () => {
    const script = siteScript();
    for (const each of missed) script.say(each);
    script.until(60 * SECOND);
    script.say(hit(70, 'desk', 'incoming_call', B));
    script.restart(72 * SECOND);
    script.say(hit(80, 'desk', 'missed_call', B));
    script.until(90 * SECOND);
    for (const each of backAt(100)) script.say(each);
    expect(story(script)).toEqual([
      'ringing A',
      'missed A',
      'ringing B',
      'missed B',
      'dialing A',
      'answered A shop',
      'returned A shop',
    ]);
  });
});

describe('the state of a phone, for rules', () => {
  const rules = [
    {
      id: 'changes',
      on: 'phone.state_changed',
      do: [{ log: { text: '{{ from }} > {{ to }} {{ phone.id }} {{ event.type }}' } }],
    },
    { id: 'busy', on: 'phone.incoming_call', when: { 'phone.state': 'in_call' }, do: [{ log: { text: 'waiting' } }] },
    { id: 'raw', on: 'phone.*', do: [{ log: { text: 'raw {{ event.type }}' } }] },
  ];
  const said = (script: SiteScript): string[] => script.steps.flatMap(({ logs }) => logs.map(({ text }) => text));

  test('changes are events of their own, apart from what phones say', () => {
    const script = siteScript({ rules });
    for (const each of [...rings(1, A, 'desk'), hit(3, 'desk', 'established', A), ...rings(5, B, 'desk')])
      script.say(each);
    expect(said(script)).toEqual([
      'raw phone.incoming_call',
      'idle > ringing desk phone.state_changed',
      'raw phone.established',
      'ringing > in_call desk phone.state_changed',
      'waiting',
      'raw phone.incoming_call',
    ]);
  });

  test('time changes states too', () => {
    const script = siteScript({ rules: rules.slice(0, 1) });
    script.say(hit(1, 'desk', 'off_hook'));
    script.until(13 * 3_600 * SECOND);
    expect(said(script)).toEqual([
      'idle > off_hook desk phone.state_changed',
      'off_hook > idle desk phone.state_changed',
    ]);
  });
});
