// Caller data: how much of a caller leaves over a connection. What a message is made of is veiled before anything of it is rendered.
import type { Event, Party } from './events.ts';
import type { Known } from './fields.ts';

/** `full`: all. `masked`: enough to recognise whom one knows. `none`: nothing of who it was. */
export const CALLER_DATA = ['full', 'masked', 'none'] as const;
export type CallerData = (typeof CALLER_DATA)[number];

const MASK = '***';
const INITIALS_MAX = 4;

/**
 * `+493012345678` → `+493***78`, `03012345` → `030***45`, `20145` → `***45`; a shorter one, and a name in a number's place, `***`.
 * Never four digits in a row. Log lines and Home Assistant mask by rules of their own, which show more and less.
 */
export function maskNumber(number: string): string {
  const bare = number.replace(/[()\-./\s]/g, '');
  if (!/^\+?[\d*#]+$/.test(bare) || bare.length < 5) return MASK;
  const head = bare.length < 8 ? '' : bare.slice(0, bare.startsWith('+') ? 4 : 3);
  return `${head}${MASK}${bare.slice(-2)}`;
}

/** `Erika Mustermann` → `E. M.`; `***` where no word begins with a letter. At most four. */
export function initialsOf(name: string): string {
  const letters = name
    .slice(0, 200)
    .split(/[^\p{L}\p{N}\p{M}'’]+/u)
    .flatMap((word) => /^\p{L}/u.exec(word)?.[0] ?? []);
  return letters.length === 0
    ? MASK
    : letters
        .slice(0, INITIALS_MAX)
        .map((letter) => `${letter.toUpperCase()}.`)
        .join(' ');
}

/** A text that is a number, an address or a name, one does not know which. */
const maskAny = (text: string): string => {
  const user =
    /^(?:sips?|tel):/i.test(text) || text.includes('@') ? text.replace(/^[^:]*:/, '').replace(/@.*$/s, '') : text;
  return /\d{2}/.test(user) || user !== text ? maskNumber(user) : initialsOf(user);
};

/** A veil over one value; null: it is left out. */
type Hide = (value: string) => string | null;
type Veil = { number: Hide; name: Hide; any: Hide };

const NONE: Veil = { number: () => null, name: () => null, any: () => null };
const MASKED: Veil = { number: maskNumber, name: initialsOf, any: maskAny };

/** Variables that name the other side, whatever is in them. `local` and `display_local` are the phone's own. */
const PARTY_VARIABLE = /^(?:display_)?remote|^call(?:ed|er)|^call_?id$/i;
const CALL_ID = /^call_?id$/i;
/** Variables of the phone itself, as the receiver names them; they stay as they are. */
const OWN: ReadonlySet<string> = new Set([
  'mac',
  'ip',
  'model',
  'firmware',
  'user',
  'host',
  'url',
  'local',
  'display_local',
]);

/** The event and what is known of it, as a message over that connection may show them; both as they were where all may be shown. */
export function veiled<E extends Event>(event: E, known: Known, callerData: CallerData): { event: E; known: Known } {
  if (callerData === 'full') return { event, known };
  const veil = callerData === 'masked' ? MASKED : NONE;
  const party = 'call' in event ? event.call.remote : event.remote;
  const hide = (text: string | null | undefined, by: Hide): string | null =>
    text == null || text === '' ? null : by(text);
  const seen: Known = { ...known, number: hide(known.number, veil.number), contact: hide(known.contact, veil.name) };
  if (known.callers !== undefined) seen.callers = known.callers.map((caller) => hide(caller, veil.any) ?? '');
  const remote = veiledParty(party, veil);
  const shown: E =
    'call' in event
      ? { ...event, call: { ...event.call, remote: { ...remote, kind: event.call.remote.kind } } }
      : { ...event, remote };
  if ('vars' in shown && 'vars' in event) shown.vars = veiledVars(event.vars, tracesOf(party, known), veil);
  return { event: shown, known: seen };
}

type Shown = Party & { contact?: string };

function veiledParty({ uri, number, name, contact }: Shown, veil: Veil): Shown {
  const shown: Shown = {};
  const put = (key: keyof Shown, text: string | undefined, by: Hide): void => {
    const value = text === undefined ? null : by(text);
    if (value !== null) shown[key] = value;
  };
  put('uri', uri, veil.any);
  put('number', number, veil.number);
  put('name', name, veil.name);
  put('contact', contact, veil.name);
  return shown;
}

/** What gives a caller away wherever it stands: names and their longer words, and any four digits of a number in a row. */
type Traces = { words: readonly string[]; digits: ReadonlySet<string> };

const DIGITS = 4;
/** A shorter word stands in too many others. */
const LETTERS = 4;

function tracesOf({ uri, number, name, contact }: Shown, known: Known): Traces {
  const words: string[] = [];
  const digits = new Set<string>();
  for (const text of [uri, number, name, contact, known.number, known.contact, ...(known.callers ?? [])]) {
    if (text == null || text === '') continue;
    const low = text.toLowerCase();
    words.push(low, ...low.split(/[^\p{L}\p{M}]+/u).filter((word) => word.length >= LETTERS));
    for (const run of digitRuns(text)) digits.add(run);
  }
  return { words, digits };
}

function digitRuns(text: string): string[] {
  const bare = text.replace(/\D/g, '');
  return Array.from({ length: Math.max(0, bare.length - DIGITS + 1) }, (_, at) => bare.slice(at, at + DIGITS));
}

function veiledVars(vars: Record<string, string>, traces: Traces, veil: Veil): Record<string, string> {
  const shown: Record<string, string> = Object.create(null);
  for (const [name, text] of Object.entries(vars)) {
    const value = CALL_ID.test(name) ? null : isAboutCaller(name, text, traces) ? veil.any(text) : text;
    if (value !== null) shown[name] = value;
  }
  return shown;
}

/** A rule's own variables may hold anything: those that give the caller away are hidden too. */
function isAboutCaller(name: string, text: string, { words, digits }: Traces): boolean {
  if (OWN.has(name)) return false;
  if (PARTY_VARIABLE.test(name)) return true;
  const low = text.toLowerCase();
  const isNamed = words.some((word) => (word.length < LETTERS ? low === word : low.includes(word)));
  return isNamed || digitRuns(text).some((run) => digits.has(run));
}
