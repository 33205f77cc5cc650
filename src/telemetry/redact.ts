// Takes secrets out of text, by value and in every encoding in which they may turn up.
import { wellFormed } from '../core/caller-text.ts';

const MASK = '***';
/** What is shorter would be found everywhere; it is hidden only where it stands alone. */
const LENGTH_MIN = 4;
/** Base64 of fewer bytes is too short to mean this secret. */
const BASE64_BYTES_MIN = 6;

export type Redactor = {
  /** From now on this value is hidden. An empty one is nothing to hide. */
  register(value: string): void;
  /** The text with every registered value, in any encoding, replaced by `***`. */
  clean(text: string): string;
};

/** A redactor that knows no secret yet. */
export function createRedactor(): Redactor {
  const forms = new Set<string>();
  const short = new Set<string>();
  let pattern: RegExp | undefined;
  return {
    register(value) {
      if (value.length < LENGTH_MIN) {
        if (value !== '') short.add(value);
        return;
      }
      for (const form of formsOf(value)) if (form.length >= LENGTH_MIN) forms.add(form);
      // The longest first: a form that contains another must not be left half hidden.
      const all = [...forms].sort((a, b) => b.length - a.length).map((form) => quoted(form));
      pattern = all.length === 0 ? undefined : new RegExp(all.join('|'), 'gi');
    },
    clean(text) {
      if (short.has(text)) return MASK;
      return pattern === undefined ? text : text.replace(pattern, MASK);
    },
  };
}

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** A value as it is, inside JSON (also with everything but ASCII escaped), inside a URL or form, in hex and in Base64. */
function formsOf(value: string): string[] {
  const text = wellFormed(value);
  const json = JSON.stringify(text).slice(1, -1);
  const percent = encodeURIComponent(text);
  const strict = percent.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  const ascii = json.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  return [
    value,
    text,
    json,
    ascii,
    percent,
    strict,
    new URLSearchParams([['', text]]).toString().slice(1),
    encodeURI(text),
    hex,
    ...base64(bytes),
  ];
}

/**
 * Base64 depends on what stands before (`user:password`), so there are three forms, each without the characters that the
 * neighbours share in.
 */
function base64(bytes: Buffer): string[] {
  if (bytes.length < BASE64_BYTES_MIN) return [bytes.toString('base64'), bytes.toString('base64url')];
  return [0, 1, 2].flatMap((before) => {
    const coded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const start = before === 0 ? 0 : before + 1;
    const end = (before + bytes.length) % 3 === 0 ? coded.length : coded.length - 1;
    const inner = coded.slice(start, end);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
