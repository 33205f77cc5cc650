// What a bench is fed with: events that somebody composed, read as the tests of rules are; or recorded ones around a past event.
import type { Config } from './config.ts';
import type { Composed } from './console/index.ts';
import type { PhoneEvent } from './core/events.ts';
import type { Problem } from './core/problems.ts';
import { testContextOf } from './edited-rules.ts';
import type { CompiledRules } from './engine/index.ts';
import { eventsOfTest, readTests } from './engine/proof/index.ts';
import { hitEvents } from './simulator/index.ts';
import { readVars } from './virtual-hits.ts';

const HOST = 'pbx.example';
const WITHHELD = 'sip:anonymous@anonymous.invalid';
/** Each of them may ring, and each ring meets every rule. */
const PHONES_MAX = 100;

/** The events, oldest first; or every problem of what was composed, by the names of its fields. `nowMs`: their begin unless they say. */
export function composedEvents(
  composed: Composed,
  config: Config<CompiledRules>,
  nowMs: number,
): { events: PhoneEvent[] } | { problems: Problem[] } {
  const { event, phones, start } = composed;
  if (phones.length > PHONES_MAX) return { problems: [{ path: ['phones'], message: `are more than ${PHONES_MAX}` }] };
  const test = {
    name: 'bench',
    ...(start === undefined ? {} : { start }),
    send: [event === undefined ? scenarioLine(composed) : eventLine(composed, event)],
    expect: [],
    only: true,
  };
  const { tests, problems } = readTests([{ file: '', value: { tests: [test] } }], testContextOf(config));
  const [read] = tests;
  if (read === undefined || problems.length > 0) return { problems: problems.map(ofField) };
  const sent = start === undefined ? { ...read, startMs: nowMs } : read;
  const eventsOf: Parameters<typeof eventsOfTest>[2] = (hits, site, cardOf) => hitEvents(hits, site, readVars, cardOf);
  return { events: eventsOfTest(sent, config.phones, eventsOf) };
}

const phonesOf = (phones: readonly string[]) => (phones.length === 0 ? {} : { phones });

function scenarioLine({ scenario, phones, number, name, vars }: Composed): object {
  return {
    scenario,
    ...phonesOf(phones),
    ...(number === undefined ? {} : { number }),
    ...(name === undefined ? {} : { name }),
    // Told as a problem where somebody wrote them: a scenario has its own.
    ...(Object.keys(vars).length === 0 ? {} : { vars }),
  };
}

/** Number and name as a phone fills them in; variables that are written out count more. */
function eventLine({ scenario, phones, number, name, vars }: Composed, event: string): object {
  const said: Record<string, string> = {};
  if (number !== undefined) said.remote = number === null ? WITHHELD : `sip:${number}@${HOST}`;
  if (name !== undefined) said.display_remote = name;
  return { event, ...(scenario === undefined ? {} : { scenario }), ...phonesOf(phones), vars: { ...said, ...vars } };
}

/** `tests[0].send[0].phones[1]` is `phones[1]` to whoever filled in the form. */
function ofField({ path, message, hint }: Problem): Problem {
  const inTest = path.slice(path[0] === 'tests' ? 2 : 0);
  return { path: inTest.slice(inTest[0] === 'send' ? 2 : 0), message, ...(hint === undefined ? {} : { hint }) };
}
