// What happens at the phones and what is told about it: a table, each line with its reason.
import type { Hit, SiteScript } from './site-script.ts';

export const A = '+493012345';
export const B = '+498955555';
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

/** `at`: seconds. */
export const hit = (
  at: number,
  phone: string,
  says: Hit['says'],
  number?: string | null,
  more: Partial<Hit> = {},
): Hit => ({
  atMs: at * SECOND,
  phone,
  says,
  ...(number === undefined ? {} : { number }),
  ...more,
});

/** `call.answered A desk` and the like: type, the other side's number, and who answered or called back. */
export function story(script: SiteScript): string[] {
  const names: Record<string, string> = { [A]: 'A', [B]: 'B' };
  return script.calls().map(({ type, call }) => {
    const number = call.remote.number;
    const who = type === 'call.returned' ? call.returnedBy : call.answeredBy;
    return [type.slice(5), number === undefined ? 'withheld' : (names[number] ?? number), who ?? []].flat().join(' ');
  });
}

export const rings = (at: number, number: string, ...phones: string[]): Hit[] =>
  phones.map((phone, n) => hit(at + n / 100, phone, 'incoming_call', number));

type Case = [what: string, hits: Hit[], told: string[], why: string];

export const CASES: Case[] = [
  [
    'two callers at once on the same phones, one answered',
    [
      ...rings(1, A, 'desk', 'shop'),
      ...rings(2, B, 'desk', 'shop'),
      hit(5, 'shop', 'established', B),
      hit(5.1, 'desk', 'missed_call', B),
      hit(20, 'desk', 'missed_call', A),
      hit(20.1, 'shop', 'missed_call', A),
      hit(60, 'shop', 'terminated', B),
    ],
    ['ringing A', 'ringing B', 'answered B shop', 'missed A', 'ended B shop'],
    'the number tells them apart',
  ],
  [
    'the same caller twice within a minute',
    [
      ...rings(1, A, 'desk', 'shop'),
      hit(11, 'desk', 'missed_call', A),
      hit(11, 'shop', 'missed_call', A),
      ...rings(40, A, 'desk', 'shop'),
      hit(50, 'desk', 'missed_call', A),
      hit(50, 'shop', 'missed_call', A),
    ],
    ['ringing A', 'missed A', 'ringing A', 'missed A'],
    'a phone that rings a second time rings for a second call',
  ],
  [
    'the same caller again before the first verdict is settled',
    [
      ...rings(1, A, 'desk', 'shop'),
      hit(11, 'desk', 'missed_call', A),
      hit(11, 'shop', 'missed_call', A),
      ...rings(13, A, 'desk', 'shop'),
      hit(15, 'desk', 'established', A),
      hit(60, 'desk', 'terminated', A),
    ],
    ['ringing A', 'ringing A', 'missed A', 'answered A desk', 'returned A desk', 'ended A desk'],
    'both are told; the second is the answer to the first',
  ],
  [
    'a waiting call that is answered',
    [
      ...rings(1, A, 'desk'),
      hit(3, 'desk', 'established', A),
      ...rings(10, B, 'desk'),
      hit(12, 'desk', 'hold'),
      hit(12.1, 'desk', 'answer_new_call'),
      hit(12.2, 'desk', 'established', B),
      hit(30, 'desk', 'terminated', B),
      hit(31, 'desk', 'unhold'),
      hit(40, 'desk', 'terminated', A),
    ],
    ['ringing A', 'answered A desk', 'ringing B', 'answered B desk', 'ended B desk', 'ended A desk'],
    'two calls, told once each, though both "answer" hits came',
  ],
  [
    'a waiting call that is not answered',
    [
      ...rings(1, A, 'desk'),
      hit(3, 'desk', 'established', A),
      ...rings(10, B, 'desk'),
      hit(25, 'desk', 'missed_call', B),
      hit(40, 'desk', 'terminated'),
    ],
    ['ringing A', 'answered A desk', 'ringing B', 'missed B', 'ended A desk'],
    'who talks can miss a call too; the nameless end is that of the call that goes on',
  ],
  [
    'a blind transfer to a phone of another group',
    [
      ...rings(1, A, 'desk'),
      hit(3, 'desk', 'established', A),
      hit(20, 'desk', 'blind_transfer', A),
      hit(20.1, 'desk', 'transfer_finished', A),
      hit(20.2, 'desk', 'terminated', A),
      hit(21, 'works', 'incoming_call', A),
      hit(25, 'works', 'established', A),
      hit(90, 'works', 'terminated', A),
    ],
    ['ringing A', 'answered A desk', 'ended A desk'],
    'one call that went on elsewhere',
  ],
  [
    'an attended transfer to another phone of the house',
    [
      ...rings(1, A, 'desk'),
      hit(3, 'desk', 'established', A, { local: '201' }),
      hit(10, 'desk', 'hold', A),
      hit(11, 'desk', 'outgoing_call', '203', { local: '201' }),
      hit(11.1, 'works', 'incoming_call', '201', { local: '203' }),
      hit(14, 'works', 'established', '201', { local: '203' }),
      hit(14.1, 'desk', 'established', '203', { local: '201' }),
      hit(20, 'desk', 'attended_transfer', '203', { local: '201' }),
      hit(20.2, 'desk', 'transfer_finished', '203', { local: '201' }),
      hit(80, 'works', 'terminated', '201', { local: '203' }),
    ],
    [
      'ringing A',
      'answered A desk',
      'dialing 203',
      'ringing 201',
      'answered 201 works',
      'answered 203 desk',
      'ended 203 desk',
      'ended 201 works',
      'ended A desk',
    ],
    "the caller's call ends when the second phone hangs up; the question in between is a call inside the house",
  ],
  [
    'forwarded to a phone that answers',
    [
      ...rings(1, A, 'desk'),
      hit(2, 'desk', 'forward_incoming_call', A),
      hit(2.5, 'works', 'incoming_call', A),
      hit(6, 'works', 'established', A),
      hit(30, 'works', 'terminated', A),
    ],
    ['ringing A', 'answered A works', 'ended A works'],
    'the same call',
  ],
  [
    'forwarded to a phone that misses it',
    [
      ...rings(1, A, 'desk'),
      hit(2, 'desk', 'forward_incoming_call', A),
      hit(2.5, 'works', 'incoming_call', A),
      hit(20, 'works', 'missed_call', A),
    ],
    ['ringing A', 'missed A'],
    'who rang last missed it',
  ],
  [
    'forwarded out of the house while others ring',
    [...rings(1, A, 'desk', 'shop'), hit(2, 'desk', 'forward_incoming_call', A), hit(2.2, 'shop', 'missed_call', A)],
    ['ringing A', 'ended A'],
    'the others stopped because of it: nobody knows that it was missed',
  ],
  [
    'rejected at one phone, missed at the other',
    [...rings(1, A, 'desk', 'shop'), hit(3, 'desk', 'reject_incoming_call', A), hit(20, 'shop', 'missed_call', A)],
    ['ringing A', 'missed A'],
    'the caller reached nobody',
  ],
  [
    'rejected, and called missed by the same phone',
    [...rings(1, A, 'desk'), hit(3, 'desk', 'reject_incoming_call', A), hit(3.2, 'desk', 'missed_call', A)],
    ['ringing A', 'ended A'],
    'somebody saw it',
  ],
  [
    'the phone restarts in the call',
    [...rings(1, A, 'desk'), hit(3, 'desk', 'established', A), hit(30, 'desk', 'setup_completed')],
    ['ringing A', 'answered A desk', 'ended A desk'],
    'whatever it talked about is over',
  ],
  [
    'one phone restarts while it rings, the other misses the call',
    [...rings(1, A, 'desk', 'shop'), hit(5, 'desk', 'setup_completed'), hit(20, 'shop', 'missed_call', A)],
    ['ringing A', 'missed A'],
    'the call goes on without it',
  ],
  [
    'called back from another phone',
    [
      ...rings(1, A, 'desk', 'shop'),
      hit(20, 'desk', 'missed_call', A),
      hit(20, 'shop', 'missed_call', A),
      hit(100, 'works', 'outgoing_call', A),
      hit(105, 'works', 'established', A),
      hit(150, 'works', 'terminated', A),
      hit(200, 'works', 'outgoing_call', A),
      hit(205, 'works', 'established', A),
      hit(250, 'works', 'terminated', A),
    ],
    [
      'ringing A',
      'missed A',
      'dialing A',
      'answered A works',
      'returned A works',
      'ended A works',
      'dialing A',
      'answered A works',
      'ended A works',
    ],
    'once, by whom',
  ],
  [
    'called back in vain',
    [
      ...rings(1, A, 'desk'),
      hit(20, 'desk', 'missed_call', A),
      hit(100, 'desk', 'outgoing_call', A),
      hit(130, 'desk', 'terminated', A),
    ],
    ['ringing A', 'missed A', 'dialing A', 'ended A'],
    'who does not reach the caller has not called back',
  ],
  [
    'the caller gets through on the second try',
    [
      ...rings(1, A, 'desk', 'shop'),
      hit(20, 'desk', 'missed_call', A),
      hit(20, 'shop', 'missed_call', A),
      ...rings(100, A, 'desk', 'shop'),
      hit(104, 'shop', 'established', A),
      hit(150, 'shop', 'terminated', A),
    ],
    ['ringing A', 'missed A', 'ringing A', 'answered A shop', 'returned A shop', 'ended A shop'],
    'that needs no call back any more',
  ],
  [
    'one phone rings after the other, a moment apart',
    [
      ...rings(1, A, 'desk'),
      hit(16, 'desk', 'missed_call', A),
      ...rings(17, A, 'shop'),
      hit(20, 'shop', 'established', A),
      hit(60, 'shop', 'terminated', A),
    ],
    ['ringing A', 'answered A shop', 'ended A shop'],
    'the verdict waits for who comes next',
  ],
  [
    'a second caller of the same number while the first one talks',
    [
      ...rings(1, A, 'desk'),
      hit(3, 'desk', 'established', A),
      ...rings(30, A, 'shop'),
      hit(45, 'shop', 'missed_call', A),
      hit(90, 'desk', 'terminated', A),
    ],
    ['ringing A', 'answered A desk', 'ringing A', 'missed A', 'ended A desk'],
    'a company has one number for all its people: the second one is not lost behind the first',
  ],
  [
    'an answer whose ringing got lost',
    [hit(3, 'desk', 'established', A), hit(60, 'desk', 'terminated', A)],
    ['answered A desk', 'ended A desk'],
    'told when the ringing has had its time to come',
  ],
  [
    'an end whose beginning got lost',
    [hit(3, 'desk', 'terminated', A), hit(9, 'shop', 'terminated')],
    [],
    'nothing to tell',
  ],
  [
    'two groups ring for the same number',
    [
      ...rings(1, A, 'desk', 'works'),
      hit(10, 'works', 'established', A),
      hit(12, 'desk', 'missed_call', A),
      hit(50, 'works', 'terminated', A),
    ],
    ['ringing A', 'ringing A', 'answered A works', 'missed A', 'returned A works', 'ended A works'],
    'each group has a call of its own; that one of them got the caller counts as called back',
  ],
];
