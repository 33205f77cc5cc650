// What one phone's hits amount to: every sequence that makers are known, or suspected, to send.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SLUGS, type Slug } from '../../src/core/events.ts';
import { siteScript } from './site-script.ts';

const SHORT: Record<string, Slug> = {
  inc: 'incoming_call',
  out: 'outgoing_call',
  est: 'established',
  term: 'terminated',
  miss: 'missed_call',
  rej: 'reject_incoming_call',
  fwd: 'forward_incoming_call',
  b2i: 'busy_to_idle',
  i2b: 'idle_to_busy',
  setup: 'setup_completed',
  reg: 'registered',
  off: 'off_hook',
  on: 'on_hook',
  new: 'answer_new_call',
};
const NUMBERS: Record<string, string> = { A: '+4930100', B: '+4930200' };
const PHONE = 'desk';

/** `"inc A#7"`: incoming call from A with call id 7; `"@150"` before a word: so many ms after the one before (default 5 s). */
function play(script: string) {
  const site = siteScript();
  let atMs = 0;
  const states: (string | null)[] = [];
  for (const step of script.split(',').map((each) => each.trim())) {
    const [, gap, word = '', party, callId] = /^(?:@(\d+) )?(\w+)(?: (\w))?(?:#(\w+))?$/.exec(step) ?? [];
    atMs += gap === undefined ? 5_000 : Number(gap);
    const says = SHORT[word] ?? (word as Slug);
    const number = party === undefined ? {} : { number: NUMBERS[party] ?? party };
    site.say({ atMs, phone: PHONE, says, ...number, ...(callId === undefined ? {} : { callId }) });
    states.push(site.snapshot(PHONE).call_state);
  }
  return {
    states,
    site,
    atMs,
    snapshot: () => site.snapshot(PHONE),
    state: () => site.state.phones.get(PHONE),
    settled() {
      site.until(atMs + 20_000);
      return site.snapshot(PHONE);
    },
  };
}

/** The states after each hit; how many missed calls it makes; why. Where a caller waits for the verdict, ten seconds are let go. */
const SEQUENCES: [script: string, states: string, missed: number, why: string][] = [
  ['inc A, est A, term A, b2i', 'ringing in_call idle idle', 0, 'a call'],
  ['est A, term A', 'in_call idle', 0, 'its ringing got lost'],
  ['out A, term A', 'dialing idle', 0, 'nobody there'],
  ['off, out A, est A, on', 'off_hook dialing in_call in_call', 0, 'goes on by loudspeaker'],
  ['i2b, b2i', 'busy idle', 0, 'the phone says no more than that'],
  ['inc A, miss A', 'ringing idle', 1, 'no terminated'],
  ['inc A, miss A, term A', 'ringing idle idle', 1, 'terminated later'],
  ['inc A, @900 term A, @900 miss A', 'ringing idle idle', 1, 'terminated first'],
  ['inc A, @900 term, @900 miss', 'ringing idle idle', 1, 'the same without variables'],
  ['inc A, miss A, @500 miss A', 'ringing idle idle', 1, 'said twice'],
  ['inc A, rej A, miss A', 'ringing idle idle', 0, 'rejected by hand'],
  ['inc A, fwd A, miss A', 'ringing idle idle', 0, 'sent on'],
  ['miss A', 'idle', 1, 'only that URL is set'],
  ['inc A, est A, term A, miss A', 'ringing in_call idle idle', 0, 'it was answered'],
  ['inc A, miss A, inc A, miss A', 'ringing idle ringing idle', 2, 'two calls'],
  ['miss A, @8000 miss A', 'idle idle', 2, 'two calls where only that URL is set'],
  ['inc, miss', 'ringing idle', 1, 'a withheld number'],
  ['inc A, est A, inc B, miss B', 'ringing in_call in_call in_call', 1, 'a second caller while talking'],
  [
    'inc A, est A, inc B, hold A, new B, est B, term B, unhold A, term A',
    'ringing in_call in_call on_hold in_call in_call on_hold in_call idle',
    0,
    'two callers, one after the other',
  ],
  [
    'inc A, est A, inc B, new, term, unhold, term',
    'ringing in_call in_call in_call on_hold in_call idle',
    0,
    'the same without hold and variables',
  ],
  ['inc A, est A, term B', 'ringing in_call in_call', 0, 'a stranger ends no other call'],
  ['out A, est A, hold, unhold, term', 'dialing in_call on_hold in_call idle', 0, 'held, nobody named'],
  ['out A, est A, mute, b2i, term A', 'dialing in_call in_call idle idle', 0, 'terminated after the reset'],
  ['inc A, est A, setup', 'ringing in_call idle', 0, 'restarted in a call'],
  ['inc A, est A, b2i', 'ringing in_call idle', 0, 'terminated got lost'],
  [
    'inc A, est A, blind_transfer, transfer_finished, term A',
    'ringing in_call in_call idle idle',
    0,
    'given on unasked',
  ],
  ['inc A, est A, blind_transfer, transfer_failed', 'ringing in_call in_call in_call', 0, 'the transfer failed'],
  [
    'inc A, est A, hold A, out B, est B, attended_transfer, transfer_finished',
    'ringing in_call on_hold on_hold in_call in_call idle',
    0,
    'given on after asking',
  ],
  ['inc A, @150 inc A, term A', 'ringing ringing idle', 0, 'announced twice'],
  ['inc A, @1000 b2i, @1000 miss A', 'ringing idle idle', 1, 'the reset came before the verdict'],
  ['inc A, term A, @2000 term A', 'ringing idle idle', 0, 'as Snom says it'],
  ['inc A, @900 term A, @900 rej A, miss A', 'ringing idle idle idle', 0, 'rejected, said late'],
  ['est A, @100 inc A, term A', 'in_call in_call idle', 0, 'established overtook incoming'],
  ['inc A, @50 b2i', 'ringing ringing', 0, "the last call's reset came late"],
  ['inc A#1, term A#2', 'ringing idle', 0, 'the call id changes within the call'],
  ['@1000 term A, @300 inc A', 'idle idle', 0, 'terminated overtook incoming'],
];

describe('one phone', () => {
  test.each(SEQUENCES)('%s [%s, %d]: %s', (script, states, missed) => {
    const played = play(script);
    expect(played.states.join(' ')).toBe(states);
    expect(played.settled().missed_calls).toBe(missed);
  });

  test('a missed call keeps its number and how long it rang, whichever hit named it', () => {
    const played = play('inc A, term, @900 miss');
    played.settled();
    expect(played.state()?.lastMissed).toMatchObject({ number: '+4930100', rangSeconds: 5 });
  });

  test.each([
    ['inc A, miss A', 'missed'],
    ['miss A', 'missed'],
    ['inc A, est A, term A', 'answered'],
    ['inc A, rej A', 'rejected'],
    ['inc A, fwd A', 'forwarded'],
    ['inc A, term A', 'ended'],
  ])('%s: what became of the last caller is %s', (script, outcome) => {
    const played = play(script);
    played.settled();
    expect(played.state()?.lastCaller).toMatchObject({ number: '+4930100', outcome });
  });

  test('mute ends with the last call', () => {
    expect(play('out A, est A, mute').snapshot().muted).toBe(true);
    expect(play('out A, est A, mute, term A').snapshot().muted).toBe(false);
  });

  test('a waiting call is known beside the one that goes on', () => {
    expect(play('inc A, est A, inc B').snapshot()).toMatchObject({
      call_state: 'in_call',
      ringing: true,
      call: { waiting: 1, calls: 2, remote_number: '+4930100' },
    });
    expect(play('inc A, est A, hold, out B, est B').snapshot()).toMatchObject({ call_state: 'in_call', on_hold: true });
  });

  test.each(['off,i2b,out A', 'off,out A,i2b', 'i2b,off,out A', 'i2b,out A,off', 'out A,off,i2b', 'out A,i2b,off'])(
    'off hook, busy and outgoing in any order: %s',
    (order) => expect(play(order).states.at(-1)).toBe('dialing'),
  );

  test('after a start only that is known which was registered just before it', () => {
    expect(play('inc A, est A, setup').snapshot().registered).toBe(null);
    expect(play('reg, setup').snapshot().registered).toBe(true);
    expect(play('reg, @130000 setup').snapshot().registered).toBe(null);
  });

  test.each([
    ['dnd_on, dnd_off', 'dnd'],
    ['forward_always_on, forward_always_off', 'always'],
    ['forward_busy_on, forward_busy_off', 'busy'],
    ['forward_no_answer_on, forward_no_answer_off', 'no_answer'],
  ])('%s is known once it was said, and survives a restart of the phone', (script, key) => {
    const of = (said: string): unknown => {
      const { dnd, forward } = play(said).snapshot();
      return { dnd, ...forward }[key];
    };
    const [on = '', off = ''] = script.split(', ');
    expect([of('reg'), of(on), of(`${on}, ${off}`), of(`${on}, setup`)]).toEqual([null, true, false, true]);
  });
});

describe('time', () => {
  const MINUTE = 60_000;
  const HOUR = 60 * MINUTE;

  test.each([
    ['inc A', 3 * MINUTE, 'ringing'],
    ['out A', 3 * MINUTE, 'dialing'],
    ['inc A, est A', 12 * HOUR, 'in_call'],
    ['inc A, est A, hold', 12 * HOUR, 'on_hold'],
    ['off', 12 * HOUR, 'off_hook'],
    ['i2b', 12 * HOUR, 'busy'],
  ])('%s lasts %d ms at most', (script, ageMs, state) => {
    const { site, atMs } = play(script);
    site.until(atMs + ageMs - 1);
    expect(site.snapshot(PHONE)).toMatchObject({ call_state: state, call: { stale: false } });
    site.until(atMs + ageMs);
    expect(site.snapshot(PHONE)).toMatchObject({ call_state: 'idle', call: { stale: true } });
    site.say({ atMs: atMs + ageMs + 1, phone: PHONE, says: 'dnd_on' });
    expect(site.snapshot(PHONE).call.stale).toBe(false);
  });

  test('deadlines run on over a restart', () => {
    const { site, atMs } = play('inc A');
    site.restart(atMs + 2_000);
    expect(site.snapshot(PHONE).call_state).toBe('ringing');
    site.until(atMs + 3 * MINUTE);
    expect(site.snapshot(PHONE).call_state).toBe('idle');
  });

  test('a short restart keeps calls; after a longer one nobody knows, until the phone speaks', () => {
    const short = play('inc A, est A');
    short.site.restart(short.atMs + 4_000);
    expect(short.snapshot()).toMatchObject({ call_state: 'in_call', in_use: true });
    const long = play('dnd_on, inc A, est A');
    long.site.restart(long.atMs + 20_000);
    expect(long.snapshot()).toMatchObject({ call_state: null, in_use: null, ringing: null, dnd: true });
    long.site.say({ atMs: long.atMs + 30_000, phone: PHONE, says: 'dnd_off' });
    expect(long.snapshot()).toMatchObject({ call_state: 'idle', in_use: false, dnd: false });
    const idle = play('inc A, est A, term A');
    idle.site.restart(idle.atMs + HOUR);
    expect(idle.snapshot().call_state).toBe('idle');
  });

  test('a daemon that runs knows for how long it was away, even while the phones are silent', () => {
    const talking = play('inc A, est A');
    talking.site.until(talking.atMs + HOUR);
    talking.site.restart(talking.atMs + HOUR + 3_000);
    expect(talking.snapshot().call_state).toBe('in_call');
    talking.site.restart(talking.atMs + HOUR + 60_000);
    expect(talking.snapshot().call_state).toBe(null);
  });
});

describe('for whatever phones say', () => {
  const word = fc.record({
    says: fc.constantFrom(...SLUGS),
    number: fc.constantFrom('+4930100', '+4930200', null, undefined),
    callId: fc.constantFrom('1', '2', undefined),
    account: fc.constantFrom('201', '202', undefined),
    gapMs: fc.integer({ min: 1, max: 20_000 }),
  });

  test('nothing throws, both resets end idle, nothing outlives its age, and what is stored is what is known', () => {
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 40 }),
        fc.constantFrom<Slug>('busy_to_idle', 'setup_completed'),
        (words, reset) => {
          const site = siteScript();
          let atMs = 0;
          for (const { gapMs, number, callId, account, says } of words) {
            atMs += gapMs;
            site.say({
              atMs,
              phone: PHONE,
              says,
              ...(number === undefined ? {} : { number }),
              ...(callId === undefined ? {} : { callId }),
              ...(account === undefined ? {} : { account }),
            });
            const phone = site.state.phones.get(PHONE);
            expect(phone?.ended.length).toBeLessThanOrEqual(6);
            for (const { phase, sinceMs } of phone?.calls ?? [])
              expect(site.state.nowMs - sinceMs).toBeLessThan(
                phase === 'ringing' || phase === 'dialing' ? 180_000 : 43_200_000,
              );
          }
          site.say({ atMs: atMs + 400, phone: PHONE, says: reset });
          expect(site.snapshot(PHONE).call_state).toBe('idle');
          site.until(atMs + 10_000);
          const before = site.snapshot(PHONE);
          site.restart(atMs + 11_000);
          expect(site.snapshot(PHONE)).toEqual(before);
          site.until(atMs + 2 * 86_400_000);
          expect([...site.rows.keys()].filter((row) => row.startsWith('call\n') || row.startsWith('missed\n'))).toEqual(
            [],
          );
          expect(site.state.calls.all.size + site.state.calls.byPhone.size + site.state.calls.byNumber.size).toBe(0);
        },
      ),
      { numRuns: 1_500 },
    );
  });
});
