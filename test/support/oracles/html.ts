// Oracle of HTML: tags and attributes by the tokenizer of the HTML standard (13.2.5), as far as a mail of ours may use it.
import type { Reading } from './reading.ts';

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };
/** Inside these, tags are text (RCDATA); inside the others nothing is. */
const TEXT_ONLY = /^(?:title|textarea)$/;
const RAW = /^(?:script|style|xmp|iframe|noembed|noframes|plaintext)$/;

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
      const kind = name.toLowerCase();
      structure.push(`<${close}${kind}`);
      for (const [, key, double, single, bare] of attributes.matchAll(
        /([^\s=/"'>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g,
      )) {
        structure.push(`@${key?.toLowerCase()}`);
        values.push(decode(double ?? single ?? bare ?? ''));
      }
      structure.push('>');
      at += whole.length;
      if (close !== '' || !(TEXT_ONLY.test(kind) || RAW.test(kind))) continue;
      const end = html.slice(at).search(new RegExp(`</${kind}`, 'i'));
      const inner = html.slice(at, end < 0 ? html.length : at + end);
      // Nothing of a caller's may stand where it is no text.
      if (RAW.test(kind)) structure.push(inner);
      else text = inner;
      at += inner.length;
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
