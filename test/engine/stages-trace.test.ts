// The trace: what each stage said of an event, in the words that an explanation is made of; and what it costs when nobody asks.
import { describe, expect, test } from 'vitest';
import { ms, programWith, ruleOf, stageScript } from './stages-script.ts';

const BY_NUMBER = ['remote.number'];

/** "e1 r when" and "e1 r count no: 1 of 2", line by line; `start` restarts. */
function traced(rules: readonly object[], lines: readonly string[], untilText = '0s'): string[] {
  const told: string[] = [];
  const script = stageScript(programWith(rules), (event, rule, { stage, ok, saw }) => {
    told.push(`${event} ${rule} ${stage}${ok ? '' : ' no'}${saw === undefined ? '' : `: ${saw}`}`);
  });
  for (const line of lines) {
    if (line.endsWith(' start')) script.restart(ms(line.replace(' start', '')));
    else script.say(line);
  }
  if (untilText !== '0s') script.until(ms(untilText));
  return told;
}

const unless = { on: 'phone.dnd_off' };

describe('the trace', () => {
  test.each<[reason: string, rules: object[], lines: string[], told: string[], until?: string]>([
    ['a rule without stages', [ruleOf()], ['0s on A'], ['e1 r when', 'e1 r fired']],
    ['a rule that takes other events is not asked', [ruleOf()], ['0s off A'], []],
    [
      'a condition',
      [ruleOf({ when: { 'remote.number': 'B' } })],
      ['0s on A'],
      ['e1 r when no: remote.number is "A"; asked for "B"'],
    ],
    ['a rule that is switched off is not asked', [ruleOf({ enabled: false })], ['0s on A'], []],
    [
      'schedules',
      [ruleOf({ during: 'office', outside: 'lunch' })],
      ['0s on A', '2h on A', '8h on A'],
      [
        ...['e1 r when', 'e1 r during: office is open', 'e1 r during: lunch is closed', 'e1 r fired'],
        ...['e2 r when', 'e2 r during: office is open', 'e2 r during no: lunch is open'],
        ...['e3 r when', 'e3 r during no: office is closed'],
      ],
    ],
    [
      'after',
      [ruleOf({ after: { on: 'phone.dnd_off', same: BY_NUMBER, within: '10m' } })],
      ['0s on A', '1s off A', '90s on A'],
      ['e1 r when', 'e1 r after no: none within 10m', 'e3 r when', 'e3 r after: 1m29s before', 'e3 r fired'],
    ],
    [
      'count',
      [ruleOf({ count: { min: 2, within: '1m' } })],
      ['0s on A', '1s on A'],
      ['e1 r when', 'e1 r count no: 1 of 2', 'e2 r when', 'e2 r count: 2 of 2', 'e2 r fired'],
    ],
    [
      'a wait, one that joins, and its end',
      [ruleOf({ wait: { for: '15m', by: BY_NUMBER } })],
      ['0s on A', '1m on A'],
      [
        ...['e1 r when', 'e1 r wait: until 2026-11-24T09:15:00.000Z'],
        ...['e2 r when', 'e2 r joined: 2 wait until 2026-11-24T09:15:00.000Z', 'e1 r fired'],
      ],
      '1h',
    ],
    [
      'what cancels, later and before',
      [ruleOf({ wait: { for: '15m', by: BY_NUMBER, unless } })],
      ['0s on A', '1m off A', '2m on A'],
      [
        ...['e1 r when', 'e1 r wait: until 2026-11-24T09:15:00.000Z', 'e1 r cancelled no: phone.dnd_off came after 1m'],
        ...['e3 r when', 'e3 r wait no: what cancels it came 1m before'],
      ],
    ],
    [
      'a limit',
      [ruleOf({ limit: { per: '1h' } })],
      ['0s on A', '1m on A'],
      ['e1 r when', 'e1 r limit: 1 of 1', 'e1 r fired', 'e2 r when', 'e2 r suppressed no: 1 held back so far'],
    ],
    [
      'a fallback',
      [ruleOf({ when: { 'remote.number': 'A' } }), ruleOf({ id: 'rest', fallback: true })],
      ['0s on A', '1s on B'],
      [
        ...['e1 r when', 'e1 rest when', 'e1 r fired', 'e1 rest fallback no'],
        ...['e2 r when no: remote.number is "B"; asked for "A"', 'e2 rest when', 'e2 rest fallback', 'e2 rest fired'],
      ],
    ],
    [
      'a wait that is too late',
      [ruleOf({ wait: { for: '15m' } })],
      ['0s on A', '1h start'],
      [
        ...['e1 r when', 'e1 r wait: until 2026-11-24T09:15:00.000Z'],
        'e1 r wait no: dropped: its time was over 45m before Hookswitch started again',
      ],
    ],
  ])('%s', (_reason, rules, lines, told, until) => expect(traced(rules, lines, until)).toEqual(told));

  test('waits that other rules end', () => {
    const told: string[] = [];
    const script = stageScript(programWith([ruleOf({ wait: { for: '15m' } })]), (event, rule, { stage, ok, saw }) => {
      told.push(`${event} ${rule} ${stage} ${ok} ${saw}`);
    });
    script.say('0s on A');
    script.swap(programWith([ruleOf()]));
    script.until(ms('1s'));
    expect(told.at(-1)).toBe('e1 r wait false dropped: the rule has other stages now');
  });

  test('what is decided does not depend on whether anybody listens', () => {
    const rules = [ruleOf({ wait: { for: '1m', by: BY_NUMBER, extend: true, unless }, limit: { per: '2m' } })];
    const lines = ['0s on A', '1s on B', '30s on A', '40s off B', '2m on C', '10m on A'];
    const [with_, without] = [() => {}, undefined].map((trace) => {
      const script = stageScript(programWith(rules), trace);
      for (const line of lines) script.say(line);
      script.until(ms('1h'));
      return [script.steps, script.rows];
    });
    expect(with_).toEqual(without);
  });
});
