// Previews: what the console shows of a message, for every destination: total over rendered messages, and true to what is sent.
import { expect, test } from 'vitest';
import type { CallCard } from '../../src/core/call-card.ts';
import type { Json } from '../../src/core/delivery.ts';
import { DESTINATIONS } from '../../src/destinations/index.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';

const destinationOf = (type: string) => {
  const found = DESTINATIONS.find((each) => each.type === type);
  if (found === undefined) throw new Error(type);
  return found;
};
const previewOf = (type: string, message: Record<string, Json>) => destinationOf(type).preview?.(message);

const CARD: CallCard = {
  type: 'call.missed',
  at: '2026-11-24T09:15:02.412Z',
  site: 'default',
  key: 'k',
  direction: 'in',
  startedAt: '2026-11-24T09:14:42.000Z',
  remote: { number: '+493012345', name: 'Erika', contact: null, kind: 'external' },
  phones: [{ id: 'desk', name: 'Front desk', outcome: 'missed' }],
  groups: [],
  answeredBy: null,
  ringSeconds: 20,
  talkSeconds: null,
  outcome: 'missed',
  correctedFrom: null,
  returnedBy: null,
  returnedAt: null,
  claimedBy: null,
  claimedAt: null,
};

test('a destination shows its own test message', () => {
  for (const { type, trial, preview, example } of DESTINATIONS) {
    const shown = preview?.(trial(example.settings as never, '2026-11-24T09:15:02.412Z'));
    expect(JSON.stringify(shown), type).toMatch(/test/i);
  }
});

test('Slack: the text as people read it, and the blocks of a card', () => {
  expect(previewOf('slack', { text: 'a &lt;b&gt; &amp; c@\u2060d', channel: '#sales' })).toEqual({
    heading: '#sales',
    text: 'a <b> & c@d',
  });
  const card = previewOf('slack', { card: CARD as unknown as Json });
  expect(card?.text).toContain('+493012345');
  expect(Array.isArray(card?.json)).toBe(true);
});

test('email: both bodies, and the document is the one that is sent', () => {
  const shown = previewOf('email', { subject: 'Missed', text: 'Erika <b> called', recipients: 'night' });
  expect(shown).toMatchObject({ heading: 'Missed (to the list night)', text: 'Erika <b> called' });
  expect(shown?.html).toContain('Erika &lt;b&gt; called');
});

test('MQTT: the tree of the topic; webhook: the request line below the address', () => {
  expect(previewOf('mqtt', { topic: 'phones/desk/dnd', payload: { state: 'on' }, retain: true })).toEqual({
    heading: 'phones/desk/dnd (retained)',
    text: 'phones\n  desk\n    dnd',
    json: { state: 'on' },
  });
  expect(previewOf('webhook', { method: 'PUT', path: 'calls/a%2Fb', query: { n: 1 }, body: { x: 1 } })).toEqual({
    heading: 'PUT <url>/calls/a%2Fb?n=1',
    json: { x: 1 },
  });
});

test('no text breaks a preview', () => {
  for (const text of HOSTILE_STRINGS) {
    const remote = { ...CARD.remote, name: text, contact: text };
    const shown = [
      previewOf('slack', { card: { ...CARD, remote } as unknown as Json }),
      previewOf('slack', { digest: { count: 1, rows: [{ at: CARD.at, caller: text }] } }),
      previewOf('email', { subject: text, text }),
      previewOf('mqtt', { topic: 'a', payload: text }),
      previewOf('webhook', { body: { text } }),
      previewOf('ntfy', { title: text, text }),
    ];
    for (const each of shown) expect(typeof each?.heading).toBe('string');
  }
});
