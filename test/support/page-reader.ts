// Reads the shipped HTML part of a mail by a grammar of its own: known tags, known attributes, text; anything else is an offence.

export type ReadPage = {
  title: string;
  heading: string;
  paragraphs: string[];
  /** Cells of each row, header cells too. */
  rows: string[][];
  /** Which cells are header cells, by row. */
  headerCells: boolean[][];
  sentBy: string;
  style: string;
};

const TAGS: Record<string, RegExp> = {
  html: /^$/,
  head: /^$/,
  meta: /^(?: charset="utf-8"| name="[a-z-]+" content="[a-z0-9=,. -]+")$/,
  title: /^$/,
  style: /^$/,
  body: /^$/,
  div: /^ class="(?:page|card)"$/,
  h1: /^ dir="auto"$/,
  p: /^(?: dir="auto"| class="sent")?$/,
  br: /^$/,
  table: /^$/,
  thead: /^$/,
  tbody: /^$/,
  tr: /^$/,
  th: /^ scope="col"(?: class="time")?$/,
  td: /^ (?:class="time"|dir="auto")$/,
};
const VOID = new Set(['meta', 'br']);
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const textOf = (raw: string): string =>
  raw.replace(/&([a-z0-9#]*);?/g, (whole, name: string) => {
    const mark = ENTITIES[name];
    if (mark === undefined || !whole.endsWith(';')) throw new Error(`no entity: ${whole}`);
    return mark;
  });

/** Throws at a tag or an attribute that the layout does not have, at a stray mark, and at tags that are not closed in order. */
export function readPage(html: string): ReadPage {
  const page: ReadPage = { title: '', heading: '', paragraphs: [], rows: [], headerCells: [], sentBy: '', style: '' };
  const start = '<!DOCTYPE html>\n';
  if (!html.startsWith(start)) throw new Error('no doctype');
  const open: { name: string; attributes: string; text: string }[] = [];
  for (const [, slash, name = '', attributes = '', raw = ''] of html
    .slice(start.length)
    .matchAll(/<(\/?)([a-z0-9]+)([^<>]*)>([^<]*)/g)) {
    if (TAGS[name] === undefined) throw new Error(`unknown tag: ${name}`);
    if (slash === '/') {
      const closed = open.pop();
      if (closed?.name !== name) throw new Error(`${name} closes ${closed?.name}`);
      take(page, closed, open);
    } else {
      if (!TAGS[name]?.test(attributes)) throw new Error(`attributes of ${name}: ${attributes}`);
      if (!VOID.has(name)) open.push({ name, attributes, text: '' });
      if (name === 'tr') {
        page.rows.push([]);
        page.headerCells.push([]);
      }
    }
    const here = open.at(-1);
    if (/[<>"']/.test(raw) && here?.name !== 'style') throw new Error(`markup: ${JSON.stringify(raw)}`);
    if (here !== undefined) here.text += (name === 'br' ? '\n' : '') + (here.name === 'style' ? raw : textOf(raw));
  }
  const rebuilt = html.slice(start.length).replace(/<\/?[a-z0-9]+[^<>]*>[^<]*/g, '');
  if (open.length > 0 || rebuilt !== '') throw new Error(`not closed, or between tags: ${JSON.stringify(rebuilt)}`);
  return page;
}

function take(
  page: ReadPage,
  { name, attributes, text }: { name: string; attributes: string; text: string },
  open: unknown[],
): void {
  if (name === 'title') page.title = text;
  else if (name === 'h1') page.heading = text;
  else if (name === 'style') page.style = text;
  else if (name === 'p' && attributes.includes('sent')) page.sentBy = text;
  else if (name === 'p') page.paragraphs.push(text);
  else if (name === 'th' || name === 'td') {
    page.rows.at(-1)?.push(text);
    page.headerCells.at(-1)?.push(name === 'th');
  } else if (text.trim() !== '' && open.length > 0) throw new Error(`text in ${name}: ${JSON.stringify(text)}`);
}
