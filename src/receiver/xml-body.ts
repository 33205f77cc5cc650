// XML body: `<Root><Event><Name>text</Name>…</Event></Root>`, flat and small, read tolerantly; nothing is ever looked up or expanded.
import { unescapeXml, withoutComments } from '../core/xml-text.ts';

/** The element that says what happened, and the texts of its parts in their order, attributes of the event before elements. */
export type XmlEvent = { name: string; parts: [name: string, text: string][] };

const DECLARATION = /^\ufeff?\s*(?:<\?xml[^<>]*\?>\s*)?/;
const OPEN = /\s*<([A-Za-z_][\w.-]{0,63})((?:\s[^<>]*?)?)(\/?)>/y;
const CLOSE = /\s*<\/([A-Za-z_][\w.-]{0,63})\s*>/y;
const ATTRIBUTE = /([A-Za-z_][\w.-]{0,63})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;
const PARTS_MAX = 64;

type Cursor = { text: string; at: number };

function next(pattern: RegExp, cursor: Cursor): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.text);
  if (match === null) return undefined;
  cursor.at = pattern.lastIndex;
  return match;
}

/**
 * Reads one event, with or without the element `root` around it; where several stand in one body, the first. Text that is no
 * such event, that nests deeper or has a document type (which could define entities): undefined. Never throws; linear in the text.
 */
export function readXmlEvent(text: string, root: string): XmlEvent | undefined {
  if (text.includes('<!DOCTYPE') || text.includes('<!ENTITY') || text.includes('<![')) return undefined;
  const bare = withoutComments(text.replace(DECLARATION, ''));
  const cursor: Cursor = { text: bare, at: 0 };
  const first = next(OPEN, cursor);
  if (first === undefined || (first[1] === root && first[3] === '/')) return undefined;
  const opened = first[1] === root ? next(OPEN, cursor) : first;
  if (opened === undefined) return undefined;
  const [, name = '', attributes = '', empty] = opened;
  const parts = [...attributes.matchAll(ATTRIBUTE)].map(([, key = '', double, single]): [string, string] => [
    key,
    unescapeXml(double ?? single ?? ''),
  ]);
  return empty === '/' || readParts(cursor, name, parts) ? { name, parts } : undefined;
}

/** Reads parts up to the end of the event; false where something else stands there. */
function readParts(cursor: Cursor, event: string, parts: XmlEvent['parts']): boolean {
  for (;;) {
    const closed = next(CLOSE, cursor);
    if (closed !== undefined) return closed[1] === event;
    const opened = next(OPEN, cursor);
    if (opened === undefined || parts.length >= PARTS_MAX) return false;
    const [, name = '', , empty] = opened;
    if (empty === '/') continue;
    const end = cursor.text.indexOf('<', cursor.at);
    if (end < 0) return false;
    const value = cursor.text.slice(cursor.at, end);
    cursor.at = end;
    if (next(CLOSE, cursor)?.[1] !== name) return false;
    parts.push([name, unescapeXml(value.trim())]);
  }
}
