// Reads one line of "send": which phones say what, or which scenario they play.
import {
  CALL_EVENT_TYPES,
  FLEET_EVENT_TYPES,
  PHONE_EVENT_TYPES,
  type PhoneEventType,
  STATE_CHANGED,
} from '../../core/events.ts';
import type { PhoneCard } from '../../core/phone-card.ts';
import { didYouMean, type Path } from '../../core/problems.ts';
import type { Scenario } from '../../core/simulation.ts';
import type { Report } from '../rules/compiled.ts';
import type { Send } from './rule-test.ts';
import { PHONES_MAX, type WrittenCards, type WrittenSend } from './shape.ts';
import { readSpan } from './span.ts';
import { near, quoted } from './words.ts';

export type SendContext = {
  /** The test's own phones. */
  cards: readonly PhoneCard[];
  /** Those of the config. */
  phones: readonly { id: string }[];
  scenarios: readonly Scenario[];
  report: Report;
};

/** A number in Berlin that is kept free for films. */
const NUMBER = '+493023125100';

/** Phones that stand nowhere: virtual ones, and those that are known by their MAC alone. */
const STRANGER = /^(?:virtual-[1-9]\d{0,3}|[0-9a-f]{12})$/;

/** The test's phones as cards; what stands twice or at no site is reported. */
export function readCards(written: WrittenCards, path: Path, sites: readonly string[], report: Report): PhoneCard[] {
  const first = new Map<string, number>();
  return written.map(({ id, site = 'default', groups, mac, name, area, vendor }, n) => {
    const before = first.get(id);
    if (before !== undefined) report([...path, n, 'id'], `phones[${before}] has the same id`, 'each phone has its own');
    else first.set(id, n);
    if (!sites.includes(site))
      report([...path, n, 'site'], `there is no site ${quoted(site)}`, didYouMean(site, sites));
    const card: PhoneCard = { id, site, groups };
    if (mac !== undefined) card.mac = mac;
    if (name !== undefined) card.name = name;
    if (area !== undefined) card.area = area;
    if (vendor !== undefined) card.vendor = vendor;
    return card;
  });
}

/** One line of `send`; undefined where something is wrong with it, which is reported. */
export function readSend(written: WrittenSend, path: Path, context: SendContext): Send | undefined {
  const { report } = context;
  const { at = '0s', event, scenario, vars = {}, number = NUMBER, name } = written;
  const span = readSpan(at, [...path, 'at'], '20s', report);
  if (written.phone !== undefined && written.phones !== undefined)
    report([...path, 'phones'], '"phone" and "phones" stand together', 'keep one of them');
  if (event === undefined && scenario === undefined) {
    report(path, 'sends nothing', 'write "event": "phone.…" or "scenario": "…"');
    return undefined;
  }
  if (event !== undefined && scenario !== undefined) {
    report([...path, 'scenario'], '"event" and "scenario" stand together', 'keep one of them');
    return undefined;
  }
  if (event !== undefined) {
    const type = readEvent(event, [...path, 'event'], report);
    for (const key of ['number', 'name'] as const)
      if (written[key] !== undefined)
        report([...path, key], 'goes with "scenario"', 'with "event" write it as "vars": { "remote": "sip:+49…@pbx" }');
    const phones = readPhones(written, path, 1, context);
    return type === undefined || span === undefined ? undefined : { atMs: span.ms, phones, event: type, vars };
  }
  if (written.vars !== undefined)
    report([...path, 'vars'], 'goes with "event"', 'a scenario takes "number" and "name"');
  const course = readScenario(scenario ?? '', [...path, 'scenario'], context);
  if (course === undefined || span === undefined) return undefined;
  const usual = Math.max(course.phonesMin, context.cards.length > 0 ? context.cards.length : course.phonesUsual);
  const phones = readPhones(written, path, usual, context);
  if (phones.length < course.phonesMin)
    report(
      [...path, written.phone === undefined ? 'phones' : 'phone'],
      'are too few phones',
      `${course.name} needs ${course.phonesMin}`,
    );
  return { atMs: span.ms, phones, scenario: course, number, ...(name === undefined ? {} : { name }) };
}

function readEvent(event: string, path: Path, report: Report): PhoneEventType | undefined {
  const type = PHONE_EVENT_TYPES.find((each) => each === event);
  if (type !== undefined) return type;
  const made =
    event === STATE_CHANGED ||
    [...CALL_EVENT_TYPES, ...FLEET_EVENT_TYPES].some((each) => each === event) ||
    event.startsWith('custom.');
  const hint = made
    ? 'send what phones say, like "phone.missed_call"'
    : (near(event, PHONE_EVENT_TYPES) ?? near(`phone.${event}`, PHONE_EVENT_TYPES));
  report(
    path,
    made ? `${quoted(event)} is what follows from what phones say` : `${quoted(event)} is not an event of a phone`,
    hint ?? 'like "phone.missed_call"',
  );
  return undefined;
}

function readScenario(name: string, path: Path, { scenarios, report }: SendContext): Scenario | undefined {
  const found = scenarios.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = scenarios.map((each) => each.name);
  report(path, `there is no scenario ${quoted(name)}`, didYouMean(name, names) ?? `known: ${names.join(', ')}`);
  return undefined;
}

/** The phones that a line means; where it says none, the first `usual` ones. */
function readPhones({ phone, phones }: WrittenSend, path: Path, usual: number, context: SendContext): string[] {
  if (phone !== undefined) return [readPhone(phone, [...path, 'phone'], context)];
  if (Array.isArray(phones)) {
    const twice = phones.findIndex((id, n) => phones.indexOf(id) !== n);
    if (twice >= 0) context.report([...path, 'phones', twice], 'stands twice', 'keep one of the two');
    return phones.map((id, n) => readPhone(id, [...path, 'phones', n], context));
  }
  const count = Math.min(phones ?? usual, PHONES_MAX);
  return Array.from({ length: count }, (_, n) => context.cards[n]?.id ?? `virtual-${n + 1 - context.cards.length}`);
}

function readPhone(id: string, path: Path, { cards, phones, report }: SendContext): string {
  const known = [...cards, ...phones].map((each) => each.id);
  if (!known.includes(id) && !STRANGER.test(id)) {
    const hint = near(id, known) ?? 'name one of the config, or of "phones" in the test';
    report(path, `there is no phone ${quoted(id)}`, hint);
  }
  return id;
}
