// Caller data: what is left of a caller where not all of it may be shown.
import { describe, expect, test } from 'vitest';
import { initialsOf, maskNumber, veiled } from '../../src/core/caller-data.ts';
import type { CallEvent, CustomEvent, PhoneEvent } from '../../src/core/events.ts';
import type { Known } from '../../src/core/fields.ts';

describe('a number', () => {
  test.each([
    ['+493012345678', '+493***78'],
    ['+49 (30) 1234-5678', '+493***78'],
    ['030 1234567', '030***67'],
    ['03012345', '030***45'],
    ['1234567', '***67'],
    ['20145', '***45'],
    ['2014', '***'],
    ['201', '***'],
    ['', '***'],
    ['*31#0301234567', '*31***67'],
    ['erika.mustermann', '***'],
    ['erika201', '***'],
  ])('%s → %s', (number, masked) => expect(maskNumber(number)).toBe(masked));
});

describe('a name', () => {
  test.each([
    ['Erika Mustermann', 'E. M.'],
    ['erika', 'E.'],
    ['Mustermann GmbH & Co. KG, Berlin', 'M. G. C. K.'],
    ["Zoë O'Neil-Örtel", 'Z. O. Ö.'],
    ['山田 太郎', '山. 太.'],
    ['0301234567', '***'],
    ['4711 Hotline', 'H.'],
    ['\u202e…!', '***'],
    ['', '***'],
  ])('%s → %s', (name, initials) => expect(initialsOf(name)).toBe(initials));
});

const KNOWN: Known = {
  card: undefined,
  state: 'ringing',
  number: '+493012345678',
  kind: 'external',
  contact: 'Mustermann GmbH',
  count: 3,
  events: [1, 2, 3],
  callers: ['Mustermann GmbH', '+498955512345', ''],
};

const HIT: PhoneEvent = {
  id: 'hit',
  type: 'phone.incoming_call',
  at: '2026-11-24T09:15:02.412Z',
  site: 'default',
  phone: { id: 'front', vendor: 'sangoma' },
  line: { user: '201', uri: 'sip:201@pbx' },
  local: { number: '201', name: 'Reception' },
  remote: { uri: 'sip:030%2012345678@pbx', number: '03012345678', name: 'Erika Mustermann' },
  callId: '8a7@10.0.0.5',
  vars: Object.assign(Object.create(null), {
    local: 'sip:201@pbx',
    display_local: 'Reception',
    user: '201',
    remote: 'sip:03012345678@pbx',
    display_remote: 'Erika Mustermann',
    call_id: '8a7@10.0.0.5',
    called_number: '201',
    caller_name: 'Erika Mustermann',
    queue: 'sales',
    cid: '12345678',
    who: 'It is MUSTERMANN, again',
  }),
  suspect: [],
};

const CALL: CallEvent = {
  id: 'call-missed',
  type: 'call.missed',
  at: HIT.at,
  site: 'default',
  call: {
    key: 'call',
    direction: 'in',
    remote: {
      uri: 'sip:03012345678@pbx',
      number: '+493012345678',
      name: 'Erika',
      contact: 'Mustermann GmbH',
      kind: 'external',
    },
    phones: [{ id: 'front', outcome: 'missed' }],
    groups: [],
    startedAt: HIT.at,
    claimedBy: 'Kim',
  },
};

describe('an event and what is known of it', () => {
  test('full: as they are, not even copied', () => {
    const { event, known } = veiled(HIT, KNOWN, 'full');
    expect([event === HIT, known === KNOWN]).toEqual([true, true]);
  });

  test('masked: parts of numbers, initials of names; the own side and other variables stay', () => {
    const before = structuredClone({ ...HIT, vars: { ...HIT.vars } });
    const { event, known } = veiled(HIT, KNOWN, 'masked');
    expect(event.remote).toEqual({ uri: '***', number: '030***78', name: 'E. M.' });
    expect(known).toEqual({ ...KNOWN, number: '+493***78', contact: 'M. G.', callers: ['M. G.', '+498***45', ''] });
    expect({ ...event.vars }).toEqual({
      local: 'sip:201@pbx',
      display_local: 'Reception',
      user: '201',
      remote: '030***78',
      display_remote: 'E. M.',
      called_number: '***',
      caller_name: 'E. M.',
      queue: 'sales',
      cid: '123***78',
      who: 'I. I. M. A.',
    });
    expect([event.local, event.line]).toEqual([HIT.local, HIT.line]);
    expect({ ...HIT, vars: { ...HIT.vars } }).toEqual(before);
  });

  test('none: nothing of the caller is there', () => {
    const { event, known } = veiled(HIT, KNOWN, 'none');
    expect(event.remote).toEqual({});
    expect(known).toEqual({ ...KNOWN, number: null, contact: null, callers: ['', '', ''] });
    expect(Object.keys(event.vars)).toEqual(['local', 'display_local', 'user', 'queue']);
  });

  test('a call: who claimed it, its phones and what kind of caller it was stay', () => {
    const masked = veiled(CALL, KNOWN, 'masked').event.call;
    expect(masked).toEqual({
      ...CALL.call,
      remote: { uri: '030***78', number: '+493***78', name: 'E.', contact: 'M. G.', kind: 'external' },
    });
    expect(veiled(CALL, KNOWN, 'none').event.call).toEqual({ ...CALL.call, remote: { kind: 'external' } });
  });

  test('variables that a rule made of the caller are hidden too', () => {
    const vars = { greeting: 'Call from Erika', digits: 'ends with 5678', queue: 'sales' };
    const custom: CustomEvent = { ...CALL, type: 'custom.vip', cause: 'call', depth: 1, vars };
    const { event } = veiled(custom, KNOWN, 'none');
    expect('vars' in event && { ...event.vars }).toEqual({ queue: 'sales' });
  });

  test('a withheld caller stays withheld', () => {
    const withheld: Known = { ...KNOWN, number: null, contact: null, kind: 'withheld', callers: [''] };
    const { event, known } = veiled({ ...HIT, remote: {}, vars: {} }, withheld, 'masked');
    expect([event.remote, known]).toEqual([{}, withheld]);
  });
});
