// What leaves of callers: everything, the last digits, or nothing at all, on any topic.
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createVeil, maskNumber } from '../../src/destinations/mqtt/homeassistant/privacy.ts';
import { eventually } from '../support/destination-contract.ts';
import { FRONT_DESK, hurriedClock, online, openHome, twoPhones } from '../support/homeassistant.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { startTestBroker } from '../support/mqtt-broker.ts';
import { createTestFeed, quietSnapshot } from '../support/phone-feed.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const NUMBER = '+4930987654142';
const NAME = 'Erika Mustermann';

/** A call of that stranger, missed, at a real broker: everything that was published of it. */
async function publishedOf(callerData: string) {
  const broker = await startTestBroker();
  cleanups.push(broker.stop);
  const feed = createTestFeed(...twoPhones());
  const home = await openHome(broker.port, feed, { callerData }, { context: { clock: hurriedClock } });
  cleanups.push(() => home.connection.close());
  await online(broker.received);
  const remote = { number: NUMBER, name: NAME };
  feed.say(FRONT_DESK, { event: 'incoming_call', remote, state: { call_state: 'ringing' }, lastCaller: {} });
  feed.say(FRONT_DESK, { event: 'established', remote, state: { call_state: 'in_call' } });
  feed.say(FRONT_DESK, {
    event: 'missed_call',
    remote,
    state: { call_state: 'idle' },
    lastCaller: { outcome: 'missed' },
    lastMissed: {},
  });
  const topic = (leaf: string): string => `hookswitch/phone/${FRONT_DESK}/${leaf}`;
  const of = (leaf: string) => broker.received.filter((each) => each.topic === topic(leaf));
  await eventually(() => of('event').length === 3, 'three events');
  await home.ask('hookswitch/bridge/request/phones/list', '');
  await eventually(() => broker.received.some((each) => each.topic.includes('/response/')), 'the list');
  await home.connection.close();
  const read = (leaf: string) => of(leaf).map(({ payload }) => JSON.parse(payload));
  return {
    everything: broker.received,
    states: read('state'),
    events: read('event'),
    callers: read('last_caller'),
    missed: read('last_missed'),
  };
}

describe('caller data', () => {
  it('is told in full', async () => {
    const { states, events, callers, missed } = await publishedOf('full');
    expect(states[1]).toMatchObject({
      call: { remote_number: NUMBER, remote_name: NAME },
      calls: [{ key: `201|${NUMBER}`, remote_number: NUMBER, remote_name: NAME }],
    });
    expect(events[0]).toMatchObject({ remote_number: NUMBER, remote_name: NAME, call_key: `201|${NUMBER}` });
    expect(callers[0]).toMatchObject({ display: NAME, remote_number: NUMBER });
    expect(missed[0]).toMatchObject({ remote_number: NUMBER, remote_name: NAME });
  });

  it('is told by its last digits', async () => {
    const { everything, states, events, callers, missed } = await publishedOf('masked');
    const masked = { remote_number: '…142', remote_name: null, account: '201' };
    expect(states[1]).toMatchObject({ call: masked, calls: [masked] });
    expect(events[0]).toMatchObject(masked);
    expect(callers[0]).toMatchObject({ display: '…142', ...masked });
    expect(missed[0]).toMatchObject(masked);
    expect(events[0].call_key).toBe(states[1].calls[0].key);
    for (const { topic, payload } of everything)
      for (const told of [NUMBER, NUMBER.slice(1), '654142', 'Erika', 'Mustermann'])
        expect(topic + payload).not.toContain(told);
  });

  it('is told not at all: neither name nor number leaves on any topic', async () => {
    const { everything, states, events, callers, missed } = await publishedOf('none');
    const nothing = { remote_number: null, remote_name: null };
    expect(states[1]).toMatchObject({ call_state: 'ringing', call: nothing, calls: [nothing] });
    expect(events.map(({ event_type }) => event_type)).toEqual(['incoming_call', 'established', 'missed_call']);
    expect(callers[0]).toMatchObject({ display: null, outcome: 'ringing', ...nothing });
    expect(missed[0]).toMatchObject({ rang_seconds: 9, ...nothing });
    expect(new Set(events.map(({ call_key }) => call_key)).size).toBe(1);
    for (const { topic, payload } of everything)
      for (const told of [NUMBER, NUMBER.slice(1), '654142', 'Erika', 'Mustermann'])
        expect(topic + payload).not.toContain(told);
  });
});

describe('a masked number', () => {
  it.each([
    ['+4930987654142', '…142'],
    ['0049 (30) 98-76', '…876'],
    ['2015', '…15'],
    ['201', '…1'],
    ['7', '…'],
    ['', '…'],
    ['jane.doe99', '…'],
    ['+', '…'],
  ])('%s is %s', (number, masked) => expect(maskNumber(number)).toBe(masked));

  it('shows at most three digits, at most half of them, and nothing else of what it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (number) => {
        const digits = number.replace(/\D/g, '');
        const shown = maskNumber(number).slice(1);
        expect(shown).toMatch(/^\d{0,3}$/);
        expect(shown.length * 2).toBeLessThanOrEqual(digits.length);
        expect(digits.endsWith(shown)).toBe(true);
      }),
    );
  });
});

describe('hostile text', () => {
  it('of callers and phones becomes one line of bounded length, in every mode', () => {
    const about = { remote_number: '1', account: '201', at: '2026-11-24T09:00:00.000+00:00' };
    const holds = (text: string): void => {
      for (const mode of ['full', 'masked', 'none'] as const) {
        const veil = createVeil(mode, Buffer.from('salt'));
        const caller = veil.lastCaller({ display: text, remote_name: text, outcome: 'ringing', ...about });
        const call = {
          key: `201|${text}`,
          phase: 'active',
          direction: 'in',
          remote_name: text,
          since: '',
          ...about,
        } as const;
        const state = veil.state(
          quietSnapshot('x', { name: text, model: text, ip: text, firmware: text, calls: [call] }),
        );
        const texts = [caller.display, caller.remote_name, state.name, state.model, state.ip, state.calls[0]?.key];
        for (const each of texts) {
          expect([...(each ?? '')].length).toBeLessThanOrEqual(200);
          expect(each ?? '').not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]|\p{Cs}/u);
        }
        expect(state.name).not.toBe('');
        if (mode === 'full') expect(caller.display).not.toBe('');
      }
    };
    for (const text of [...HOSTILE_STRINGS, '', 'x'.repeat(10_000), '👩‍👩‍👧‍👦'.repeat(300)]) holds(text);
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), holds), { numRuns: 50 });
  });
});
