// Oracle of HTML: tags and attributes by the tokenizer of the HTML standard (13.2.5), as far as a mail of ours may use it.
import type { Reading } from './reading.ts';

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };
/** Inside these, text is not text. */
const RAW = /^(?:script|style|textarea|title|xmp|iframe|noembed|noframes|plaintext)$/i;

function decode(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));?/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return NAMED[name ?? ''] ?? whole;
    },
  );
}

/** Adds what a browser would build: each tag with the names of its attributes, their values, and the text between. */
export function readHtml(html: string, { structure, values }: Reading): void {
  let at = 0;
  let text = '';
  const endText = (): void => {
    structure.push('text');
    values.push(decode(text));
    text = '';
  };
  while (at < html.length) {
    const rest = html.slice(at);
    const tag = /^<(\/?)([a-z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/i.exec(rest);
    const other = /^<(?:!--[\s\S]*?(?:-->|$)|[!?/][^>]*(?:>|$))/.exec(rest);
    if (tag !== null) {
      const [whole, close, name = '', attributes = ''] = tag;
      endText();
      if (RAW.test(name)) throw new Error(`<${name}>: what stands in it is not text`);
      structure.push(`<${close}${name.toLowerCase()}`);
      for (const [, key, double, single, bare] of attributes.matchAll(
        /([^\s=/"'>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g,
      )) {
        structure.push(`@${key?.toLowerCase()}`);
        values.push(decode(double ?? single ?? bare ?? ''));
      }
      structure.push('>');
      at += whole.length;
    } else if (other !== null) {
      endText();
      structure.push(other[0]);
      at += other[0].length;
    } else {
      if (/^<[a-z]/i.test(rest)) throw new Error('a tag that does not end');
      text += html[at];
      at += 1;
    }
  }
  endText();
}
