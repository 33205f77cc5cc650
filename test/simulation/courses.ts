// Calls as phones tell them: each course has a number of its own, words that overtake each other, and words that nobody says.
import type { Dice } from './dice.ts';
import type { Speech } from './scenario.ts';

/** Calls are told among phones that one caller reaches together: a group, or phones without any. */
export const GROUPS: readonly (readonly string[])[] = [
  ['phone-1', 'phone-2', 'phone-3', 'phone-4'],
  ['phone-5', 'phone-6'],
  ['phone-7', 'phone-8', 'phone-9'],
];

/** What a person would say of the calls with that number. */
export type Course = {
  number: string;
  became: 'answered' | 'missed' | 'missed and returned';
  speeches: Speech[];
  /** Nothing of it fell behind the end of the scenario, and no phone forgot to say that it rings no more. */
  whole: boolean;
};

/** Words may come this much later than they are meant, in ms: less than the settle time of calls. */
const LATE_MS_MAX = 1_500;
/** The answer is what everything else may overtake. */
const ANSWER_LATE_MS_MAX = 2_500;

const OVER: readonly Speech['slug'][] = ['missed_call', 'terminated'];

type Say = (atMs: number, phone: string, slug: Speech['slug']) => void;

/** The `n`th course of a run. What falls behind `calmAtMs` is said no more. */
export function drawCourse(dice: Dice, n: number, calmAtMs: number): Course {
  const number = `4930${String(n).padStart(5, '0')}`;
  const speeches: Speech[] = [];
  const say: Say = (atMs, phone, slug) => void speeches.push({ atMs, phone, slug, number, mac: '005058000001' });
  const phones = dice.some(dice.pick(GROUPS));
  const startMs = dice.whole(0, Math.floor(calmAtMs * 0.7));
  const became = dice.pick(['answered', 'answered', 'missed', 'missed and returned'] as const);
  const ringMs = dice.whole(1_000, 15_000);
  if (became === 'answered' && dice.chance(0.3)) drawOutgoing(dice, say, phones[0] ?? '', startMs);
  else if (became === 'answered') drawAnswered(dice, say, phones, startMs, ringMs);
  else drawMissed(dice, say, phones, startMs, ringMs);
  const isOver = (phone: string): boolean => speeches.some((said) => said.phone === phone && OVER.includes(said.slug));
  const ends = became === 'answered' || phones.every(isOver);
  if (became === 'missed and returned') drawOutgoing(dice, say, dice.pick(phones), startMs + ringMs + 12_000);
  const heard = speeches.filter(({ atMs }) => atMs < calmAtMs);
  return { number, became, speeches: heard, whole: ends && heard.length === speeches.length };
}

function drawAnswered(dice: Dice, say: Say, phones: readonly string[], startMs: number, ringMs: number): void {
  const answerer = dice.pick(phones);
  const answerMs = startMs + ringMs;
  const talkMs = dice.whole(1, 20_000);
  for (const phone of phones) {
    // A hit that never arrived: nothing of it is in the journal.
    if (dice.chance(0.8)) say(startMs + dice.whole(0, 300), phone, 'incoming_call');
    if (phone === answerer) continue;
    if (dice.chance(0.7)) say(answerMs + dice.whole(0, LATE_MS_MAX), phone, 'missed_call');
    if (dice.chance(0.3)) say(answerMs + dice.whole(0, LATE_MS_MAX), phone, 'terminated');
  }
  say(answerMs + (dice.chance(0.5) ? dice.whole(0, ANSWER_LATE_MS_MAX) : 0), answerer, 'established');
  drawTalk(dice, say, answerer, answerMs, talkMs);
}

/** Somebody always says so. */
function drawMissed(dice: Dice, say: Say, phones: readonly string[], startMs: number, ringMs: number): void {
  const endMs = startMs + ringMs;
  phones.forEach((phone, n) => {
    if (dice.chance(0.8)) say(startMs + dice.whole(0, 300), phone, 'incoming_call');
    if (n === 0 || dice.chance(0.8)) say(endMs + dice.whole(0, LATE_MS_MAX), phone, 'missed_call');
    if (dice.chance(0.4)) say(endMs + dice.whole(0, LATE_MS_MAX), phone, 'terminated');
  });
}

function drawOutgoing(dice: Dice, say: Say, phone: string, startMs: number): void {
  const answerMs = startMs + dice.whole(500, 8_000);
  say(startMs, phone, 'outgoing_call');
  say(answerMs, phone, 'established');
  drawTalk(dice, say, phone, answerMs, dice.whole(4_000, 20_000));
}

function drawTalk(dice: Dice, say: Say, phone: string, fromMs: number, talkMs: number): void {
  if (talkMs > 6_000 && dice.chance(0.4)) {
    say(fromMs + 3_000, phone, 'hold');
    if (dice.chance(0.8)) say(fromMs + 4_500, phone, 'unhold');
  }
  if (dice.chance(0.8)) say(fromMs + talkMs, phone, 'terminated');
}
