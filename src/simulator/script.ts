// Script: a course of hits while it is written; seconds from its beginning in, hits in the order of time out.
import type { Slug } from '../core/events.ts';
import type { CourseOptions, SimulatedHit } from '../core/simulation.ts';

/** The other side of a call: its number (null: withheld) and the name that it shows. */
export type Other = { number: string | null; name?: string };

export type Script = {
  /** How many phones take part. */
  count: number;
  /** Who calls or is called. */
  other: Other;
  /** As in CourseOptions. */
  answer: CourseOptions['answer'];
  hours: number;
  /** Seconds somewhere around these: half of them to one and a half times as many. */
  around(seconds: number): number;
  /** Seconds between the two. */
  between(least: number, most: number): number;
  /** One phone by chance: the middle one where chance is even. */
  pick(): number;
  /** The phone at that place says this after so many seconds; with `other` about a call with that side. */
  say(phone: number, seconds: number, slug: Slug, other?: Other): void;
  /** The own number of the phone at that place. */
  extension(phone: number): string;
  hits(): SimulatedHit[];
};

const HOST = 'pbx.example';
const EXTENSION_FIRST = 201;
const WITHHELD = 'sip:anonymous@anonymous.invalid';

/** An empty script. */
export function createScript({ phones, number, name, answer, hours = 1, startMs, draw }: CourseOptions): Script {
  const hits: SimulatedHit[] = [];
  const extension = (phone: number): string => String(EXTENSION_FIRST + phone);
  return {
    count: phones.length,
    other: name === undefined ? { number } : { number, name },
    answer,
    hours,
    around: (seconds) => seconds * (0.5 + draw()),
    between: (least, most) => least + (most - least) * draw(),
    pick: () => Math.min(phones.length - 1, Math.floor(draw() * phones.length)),
    say(phone, seconds, slug, other) {
      const id = phones[phone];
      if (id === undefined) throw new RangeError(`the scenario needs ${phone + 1} phones`);
      const user = extension(phone);
      const vars: Record<string, string> = { user, host: HOST };
      if (other !== undefined) Object.assign(vars, sidesOf(other, user, phone));
      hits.push({ atMs: Math.round(startMs + seconds * 1_000), phone: id, slug, vars });
    },
    extension,
    hits: () => hits.sort((a, b) => a.atMs - b.atMs),
  };
}

/** As phones say it: their own side, the other side, and a call id that means nothing to any other phone. */
function sidesOf({ number, name }: Other, user: string, phone: number): Record<string, string> {
  const remote = number === null ? WITHHELD : `sip:${number}@${HOST}`;
  const sides: Record<string, string> = {
    call_id: `${phone + 1}-${number ?? 'anonymous'}`,
    local: `sip:${user}@${HOST}`,
    remote,
  };
  if (name !== undefined) sides.display_remote = name;
  return sides;
}

/** Another stranger than that one: a second caller. */
export function secondCaller({ number }: Other): Other {
  if (number === null) return { number: '+493023125199' };
  const last = Number(number.at(-1));
  return { number: `${number.slice(0, -1)}${Number.isNaN(last) ? 1 : (last + 1) % 10}` };
}
