// Anonymise: other letters and digits in the place of what names people, numbers, addresses and phones; the same for the same.
import type { Random } from './core/ports.ts';

/** One piece of a text: what it is, and where, counted in characters (code points). */
type Piece = { kind: 'number' | 'word' | 'mac' | 'address' | 'kept'; from: number; to: number };

export type Anonymiser = {
  /** Looks at a text before anything is replaced: nothing that stands in it may come out by chance. */
  observe(characters: readonly string[], isMac: boolean): void;
  /** As many characters, each with as many bytes as before. `isMac`: the text claims to be a MAC address. `single`: in an encoding
   * of one byte a character. `kept(at)`: true where a character has to stay. */
  replace(
    characters: readonly string[],
    options: { isMac: boolean; single: boolean; kept(at: number): boolean },
  ): string[];
};

/** Words that stand in the place of a number or a host, and name nobody. */
const NAMES_NOBODY = new Set(['anonymous', 'unavailable', 'restricted', 'private', 'unknown', 'invalid']);

const PIECES = new RegExp(
  [
    '(?<kept>\\b(?:sips?|tel|https?):)',
    '(?<mac>(?<![0-9a-f])(?:[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}|(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{12})(?![0-9a-f]))',
    '(?<address>(?<![0-9.])[0-9]{1,3}(?:\\.[0-9]{1,3}){3}(?![0-9.]))',
    '(?<number>[0-9](?:[()\\-./ ]{0,2}[0-9])*)',
    '(?<word>(?:(?:\\p{L}|(?![0-9])\\p{Nd})\\p{M}*)+)',
  ].join('|'),
  'giu',
);

/** Never letters of hexadecimal digits: behind a bare "%" they would become an escape. */
const ASCII = [...'ghijklmnopqrstuvwxyz'];
/** Their bytes in windows-1252 begin no UTF-8 text, so that a text which was none stays none. */
const LATIN_UPPER = [...'ÀÁ'];
const LATIN_LOWER = [...'õöøùúûüýþ'];
const HEX_LETTERS = [...'abcdef'];
const DIGITS = [...'0123456789'];
const DRAWS_MAX = 60;

/** The pieces of a text, in their order. */
function piecesOf(characters: readonly string[], isMac: boolean): Piece[] {
  const text = characters.join('');
  if (isMac && /^(?:[0-9a-f]{12}|[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})$/i.test(text))
    return [{ kind: 'mac', from: 0, to: characters.length }];
  // From places in the text to places among its characters.
  const placeOf = new Map<number, number>();
  let at = 0;
  for (const [place, character] of characters.entries()) {
    placeOf.set(at, place);
    at += character.length;
  }
  placeOf.set(at, characters.length);
  return [...text.matchAll(PIECES)].flatMap((match): Piece[] => {
    const kind = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined)?.[0] as Piece['kind'];
    const [from, to] = [placeOf.get(match.index), placeOf.get(match.index + match[0].length)];
    return from === undefined || to === undefined ? [] : [{ kind, from, to }];
  });
}

const isDigit = (character: string): boolean => character >= '0' && character <= '9';
const threes = (text: string): string[] =>
  Array.from({ length: Math.max(0, text.length - 2) }, (_, at) => text.slice(at, at + 3));

/** What was drawn up to now. */
type Draws = {
  /** Three letters or digits that stand in an original. */
  seen: Set<string>;
  /** One of these that is not the other. */
  pick(from: readonly string[], not: string): string;
  /** The same for the same `key`; anything else for another. Of an original nothing that is three long comes out, as far as there
   * is anything else: a record of very many numbers has every three digits somewhere. */
  drawn(kind: string, key: string, draw: () => string[]): string[];
};

function createDraws({ fraction }: Pick<Random, 'fraction'>): Draws {
  const seen = new Set<string>();
  const given = new Map<string, string[]>();
  const taken = new Set<string>();
  const isFree = (kind: string, text: string): boolean =>
    !taken.has(`${kind} ${text}`) && !threes(text).some((three) => seen.has(three));
  return {
    seen,
    pick(from, not) {
      const others = from.filter((each) => each !== not);
      return others[Math.floor(fraction() * others.length)] ?? from[0] ?? not;
    },
    drawn(kind, key, draw) {
      const before = given.get(`${kind} ${key}`);
      if (before !== undefined) return before;
      let made = draw();
      for (let n = 0; n < DRAWS_MAX && !isFree(kind, made.join('').toLowerCase()); n++) made = draw();
      given.set(`${kind} ${key}`, made);
      taken.add(`${kind} ${made.join('').toLowerCase()}`);
      return made;
    },
  };
}

/** An anonymiser that has seen nothing yet. What it draws is its own: two bundles cannot be laid side by side. */
export function createAnonymiser(random: Pick<Random, 'fraction'>): Anonymiser {
  const draws = createDraws(random);
  return {
    observe(characters, isMac) {
      for (const { kind, from, to } of piecesOf(characters, isMac)) {
        const own = characters.slice(from, to);
        const text =
          kind === 'number' ? own.filter(isDigit).join('') : kind === 'word' ? own.join('').toLowerCase() : '';
        for (const three of threes(text)) draws.seen.add(three);
      }
    },
    replace(characters, { isMac, single, kept }) {
      const result = [...characters];
      for (const { kind, from, to } of piecesOf(characters, isMac)) {
        const made = OTHERS[kind](characters.slice(from, to), draws, single);
        for (const [at, one] of made.entries()) if (!kept(from + at)) result[from + at] = one;
      }
      return result;
    },
  };
}

const OTHERS: Record<Piece['kind'], (original: string[], draws: Draws, single: boolean) => string[]> = {
  kept: (original) => original,
  number: otherNumber,
  mac: otherMac,
  address: otherAddress,
  word: otherWord,
};

function otherWord(original: string[], { pick, drawn }: Draws, single: boolean): string[] {
  const text = original.join('');
  const lower = text.toLowerCase();
  if (NAMES_NOBODY.has(lower)) return original;
  const isAscii = /^[a-z]+$/.test(lower);
  const key = isAscii ? lower : `${single ? 'single ' : ''}${text}`;
  const made = drawn('word', key, () => (isAscii ? [...lower] : original).map((one) => pick(likeOf(one, single), one)));
  return isAscii ? made.map((one, at) => (original[at] === lower[at] ? one : one.toUpperCase())) : made;
}

function otherNumber(original: string[], { seen, pick, drawn }: Draws): string[] {
  const own = original.filter(isDigit);
  const made = drawn('number', own.join(''), () => walk(own, seen, pick));
  let next = 0;
  return original.map((one) => (isDigit(one) ? (made[next++] ?? one) : one));
}

/** The first half says who made the phone, and stays. */
function otherMac(original: string[], { pick, drawn }: Draws): string[] {
  const hex = original.filter((one) => /[0-9a-f]/i.test(one));
  const upper = hex.some((one) => /[A-F]/.test(one));
  const tail = drawn('mac', hex.join('').toLowerCase(), () =>
    hex.slice(6).map((one) => pick(HEX_LETTERS, one.toLowerCase())),
  );
  let next = 0;
  return original.map((one) => {
    if (!/[0-9a-f]/i.test(one)) return one;
    const letter = tail[next++ - 6];
    return letter === undefined ? one : upper ? letter.toUpperCase() : letter;
  });
}

/** Each part keeps its length and stays below 200, so that an address stays one. */
function otherAddress(original: string[], { pick, drawn }: Draws): string[] {
  const part = (digits: string): string => {
    const [first = '', ...rest] = digits;
    return [digits.length === 3 ? '1' : pick(DIGITS.slice(1), first), ...rest.map((one) => pick(DIGITS, one))].join('');
  };
  const text = original.join('');
  return drawn('address', text, () => [...text.split('.').map(part).join('.')]);
}

/** Digits step by step, each so that the last three are none that was seen, while there are any such. */
function walk(original: readonly string[], seen: ReadonlySet<string>, pick: Draws['pick']): string[] {
  const made: string[] = [];
  for (const one of original) {
    const last = made.slice(-2).join('');
    const free = DIGITS.filter((digit) => digit !== one && !(last.length === 2 && seen.has(last + digit)));
    made.push(pick(free.length > 0 ? free : DIGITS, one));
  }
  return made;
}

const likes = new Map<string, string[]>();

/** Characters that may stand in the place of this one: of the same kind and script, and with as many bytes. */
function likeOf(character: string, single: boolean): readonly string[] {
  if (/^\p{M}$/u.test(character)) return [character];
  if (/^[a-z]$/.test(character)) return ASCII;
  if (/^[A-Z]$/.test(character)) return ASCII.map((one) => one.toUpperCase());
  const isUpper = /^\p{Lu}$/u.test(character);
  const code = character.codePointAt(0) ?? 0;
  if (single || (code >= 0xc0 && code <= 0xff)) return isUpper ? LATIN_UPPER : LATIN_LOWER;
  const known = likes.get(character);
  if (known !== undefined) return known;
  const kind = ['Lu', 'Ll', 'Lt', 'Lm', 'Lo', 'Nd'].find((each) => new RegExp(`^\\p{${each}}$`, 'u').test(character));
  const alike = new RegExp(`^\\p{${kind ?? 'L'}}$`, 'u');
  // A block of 128 lies within one script for all that matters, and within one length of UTF-8.
  const block = Array.from({ length: 128 }, (_, at) => String.fromCodePoint((code & ~0x7f) + at));
  const found = block.filter((one) => alike.test(one));
  likes.set(character, found);
  return found;
}
