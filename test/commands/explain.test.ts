// `hookswitch explain`: why a message came or did not come, down to every attempt; and that nothing was said at all.
import { describe, expect, test } from 'vitest';
import { course, DND, eventsOf, MISSED, NOW_MS, recorded } from './replay-world.ts';

const EXTERNAL = {
  id: 'internal-only',
  on: 'call.missed',
  when: { 'remote.kind': 'internal' },
  do: [{ log: { text: 'x' } }],
};
const DAY = [...course('ring-group-missed', 5)];

async function world(live: boolean) {
  const events = eventsOf(DAY);
  const ran = await recorded(events, [MISSED, DND, EXTERNAL], live);
  const first = events[0];
  if (first === undefined) throw new Error('no event');
  return { ...ran, first, events };
}

describe.each([
  ['with a daemon', true],
  ['without a daemon', false],
])('%s', (_, live) => {
  test('an event: what it said, its call, what each rule said, what was sent', async () => {
    const { run, first } = await world(live);
    const { code, out, err } = await run('explain', first.id);
    expect([code, err]).toEqual([0, '']);
    const lines = out.replaceAll(first.id, 'ID').split('\n');
    expect(lines[0]).toContain('phone.incoming_call');
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ {2}read: number \+4930999, name /),
        '  no rule takes this event',
        expect.stringMatching(/ call\.missed .*ID-missed$/),
        expect.stringMatching(/^ {2}call of \+4930999 \(external\): missed; /),
        '  missed: when, fired',
        '  internal-only: no at "when" (remote.kind is "external"; asked for "internal")',
        expect.stringMatching(/^ {2}missed → team \(slack\): /),
      ]),
    );
  });

  test('by number, however it is written, and as JSON', async () => {
    const { run, events } = await world(live);
    const { code, out } = await run('explain', '--number', '+4930999', '--json');
    const told = JSON.parse(out) as { events: { event: { type: string }; verdicts: unknown[] }[] };
    expect(code).toBe(0);
    expect(told.events[0]?.event).toMatchObject({ id: events.at(-1)?.id });
    expect(told.events.map(({ event }) => event.type)).toContain('call.missed');
  });

  test('a phone that said nothing', async () => {
    const { run } = await world(live);
    const at = new Date(NOW_MS - 60_000).toISOString();
    const { code, out } = await run('explain', '--phone', 'desk', '--at', at);
    expect(code).toBe(1);
    expect(out).toMatch(/^phone desk sent nothing between .* and .*; (?:last seen .* \(.*\)|never heard of before)\n$/);
  });
});

test.each([
  [['explain'], 'give the id of an event, --number or --phone'],
  [['explain', 'x', '--phone', 'desk'], 'give the id of an event, --number or --phone'],
])('%j is refused', async (args, sentence) => {
  const { run } = await world(false);
  const { code, err } = await run(...args);
  expect([code, err.includes(sentence)]).toEqual([2, true]);
});

test('an event that is not there', async () => {
  const { run } = await world(false);
  const { code, err } = await run('explain', '01a20d7a-94cb-778c-b09b-8f1e86538bfa');
  expect([code, err]).toEqual([1, 'there is no event 01a20d7a-94cb-778c-b09b-8f1e86538bfa; see: hookswitch events\n']);
});
