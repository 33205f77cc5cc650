// The digest: events that came together, as one table in a fixed width.
import type { EventGroup } from '../../core/call-card.ts';
import type { Json } from '../../core/delivery.ts';
import { type Block, lines, preformatted, RICH_TEXT_MAX } from './blocks.ts';
import type { Content } from './card.ts';
import { cutTo, plainText } from './encode.ts';
import { readRichText } from './rich-text.ts';

/** More rows would fill a screen; what is beyond them is counted. */
export const ROWS_MAX = 25;
const CALLER_MAX = 60;
/** Room for the line that counts the rest. */
const TABLE_MAX = RICH_TEXT_MAX - 100;
const MARKUP_MAX = 3_000;

/** A message's `digest` as the engine filled it in; undefined if it is not one. */
export function groupOf(value: Json | undefined): EventGroup | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { count, rows } = value;
  return typeof count === 'number' && Array.isArray(rows) ? (value as unknown as EventGroup) : undefined;
}

/**
 * The table with a text above it (`markup`, rendered) or, without one, with a line of ours. `zone` is an IANA name.
 * `mrkdwn`: the author wants Slack's marks applied in the text; the table never has any.
 */
export function drawDigest(group: EventGroup, markup: string | undefined, zone: string, mrkdwn: boolean): Content {
  const summary = `${group.count} ${group.count === 1 ? 'event' : 'events'}`;
  const above = markup ?? summary;
  const blocks: Block[] = [mrkdwn && markup !== undefined ? marked(markup) : lines([readRichText(above)])];
  blocks.push(preformatted(table(group, zone)));
  return { text: above, blocks };
}

/** Too long for a section with marks: shown whole and without them, since a cut could halve a token. */
function marked(markup: string): Block {
  if (markup.length > MARKUP_MAX) return lines([readRichText(markup)]);
  return { type: 'section', text: { type: 'mrkdwn', text: markup, verbatim: true } };
}

function table({ count, rows }: EventGroup, zone: string): string {
  const write = timeWriter(rows, zone);
  const written: string[] = [`Time (${zone})`];
  let length = written[0]?.length ?? 0;
  for (const { at, caller } of rows.slice(0, ROWS_MAX)) {
    const row = `${write(at)}  ${plainText(caller ?? '', CALLER_MAX) || 'number withheld'}`;
    if (length + row.length + 1 > TABLE_MAX) break;
    written.push(row);
    length += row.length + 1;
  }
  const shown = written.length - 1;
  if (count > shown) written.push(`and ${count - shown} more`);
  return cutTo(written.join('\n'), RICH_TEXT_MAX);
}

/** Times of one day are clock times; where it is more than one day, each has its date. */
function timeWriter(rows: EventGroup['rows'], zone: string): (at: string) => string {
  const day = formatter(zone, { year: 'numeric', month: '2-digit', day: '2-digit' });
  const time = formatter(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const dayOf = (at: string): string => day.format(new Date(at)).split('/').reverse().join('-');
  const valid = rows.filter(({ at }) => !Number.isNaN(Date.parse(at)));
  const oneDay = new Set(valid.map(({ at }) => dayOf(at))).size <= 1;
  return (at) => {
    if (Number.isNaN(Date.parse(at))) return '?';
    return oneDay ? time.format(new Date(at)) : `${dayOf(at)} ${time.format(new Date(at))}`;
  };
}

const formatter = (timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-GB', { timeZone, ...options });
