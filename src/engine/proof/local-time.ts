// Local time: a date and a clock as people write them in a zone → milliseconds since 1970.

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?$/;
const MINUTE_MS = 60_000;

/**
 * `2026-11-24T09:00:00` in `timezone` (an IANA name), or with `Z` or an offset of its own; undefined if there is no such date. A time
 * that comes twice when clocks are set back is the first of the two; one that is left out when they are set forward is as late
 * as it would be without that.
 */
export function localMs(text: string, timezone: string): number | undefined {
  const match = MOMENT.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const clockMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(clockMs);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59)
    return undefined;
  const offset = match[7];
  if (offset !== undefined) return clockMs - offsetMs(offset);
  const ahead = clockAheadMs(timezone);
  // The offset of the day before holds first where a time comes twice; where it is left out, it is the one to go by.
  const early = clockMs - ahead(clockMs - 24 * 60 * MINUTE_MS);
  if (early + ahead(early) === clockMs) return early;
  const late = clockMs - ahead(clockMs + 24 * 60 * MINUTE_MS);
  return late + ahead(late) === clockMs ? late : early;
}

function offsetMs(text: string): number {
  if (text === 'Z') return 0;
  const [hours = 0, minutes = 0] = text.slice(1).split(':').map(Number);
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
}

/** How far the clocks of a zone are ahead of UTC at a moment, in ms. */
function clockAheadMs(timezone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (atMs) => {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(atMs)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1_000) * 1_000;
  };
}
