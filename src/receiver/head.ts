// Head: the bytes of a request up to its empty line → request line and headers, more leniently than any HTTP parser.

export type HeadLimits = { lineBytesMax: number; headBytesMax: number };

/** One request as bytes; strings hold one byte a character. `cut`: the line has no ` HTTP/`, so the hit was cut short. */
export type Head = {
  line: string;
  method: string;
  target: string;
  targetAt: number;
  cut: boolean;
  http10: boolean;
  headers: string;
};

export type Refusal = {
  refuse: 400 | 414 | 431;
  reason: 'bad-line' | 'line-too-long' | 'bad-header' | 'head-too-long';
};
export type HeadResult = { head: Head; endAt: number } | Refusal;

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;

/** Characters of a token (RFC 9110 §5.6.2): what a method and a header's name consist of. */
const TOKEN = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TOKEN[character.charCodeAt(0)] = 1;
}

/** How far the reading of one head has come; `read` goes on from there, so that no byte is looked at again and again. */
export type HeadProgress = { lineFrom: number; lineTo: number; headersAt: number; next: number };

export const newHead = (): HeadProgress => ({ lineFrom: -1, lineTo: -1, headersAt: 0, next: 0 });

const isHeader = (bytes: Buffer, from: number, to: number): boolean => {
  let at = from;
  while (at < to && TOKEN[bytes[at] ?? 0] === 1) at++;
  return at > from && at < to && bytes[at] === COLON;
};

/** Where a line ends without its CR. */
const withoutCr = (bytes: Buffer, from: number, lf: number): number =>
  lf > from && bytes[lf - 1] === CR ? lf - 1 : lf;

const LINE_TOO_LONG: Refusal = { refuse: 414, reason: 'line-too-long' };
const HEAD_TOO_LONG: Refusal = { refuse: 431, reason: 'head-too-long' };
const BAD_LINE: Refusal = { refuse: 400, reason: 'bad-line' };
const BAD_HEADER: Refusal = { refuse: 400, reason: 'bad-header' };

function parseHead(line: string, headers: string): Head | undefined {
  const space = line.indexOf(' ');
  if (space <= 0) return undefined;
  for (let at = 0; at < space; at++) if (TOKEN[line.charCodeAt(at)] !== 1) return undefined;
  // The last one counts: a caller's name may contain " HTTP/1.1".
  const version = line.lastIndexOf(' HTTP/');
  const cut = version < space;
  return {
    line,
    headers,
    method: line.slice(0, space),
    target: cut ? line.slice(space + 1) : line.slice(space + 1, Math.max(version, space + 1)),
    targetAt: space + 1,
    cut,
    http10: cut || line.endsWith('/1.0'),
  };
}

function readLine(progress: HeadProgress, bytes: Buffer, lineBytesMax: number): 'more' | 'line' | Refusal {
  if (progress.lineFrom < 0) {
    if (bytes.length === 1 && bytes[0] === CR) return 'more';
    progress.lineFrom = bytes[0] === LF ? 1 : bytes[0] === CR && bytes[1] === LF ? 2 : 0;
    progress.next = progress.lineFrom;
  }
  const from = progress.lineFrom;
  const lf = bytes.indexOf(LF, progress.next);
  if (lf < 0) {
    progress.next = bytes.length;
    return bytes.length - from > lineBytesMax + 1 ? LINE_TOO_LONG : 'more';
  }
  const to = withoutCr(bytes, from, lf);
  if (to - from > lineBytesMax) return LINE_TOO_LONG;
  progress.lineTo = to;
  progress.headersAt = lf + 1;
  progress.next = lf + 1;
  return 'line';
}

function complete({ lineFrom, lineTo, headersAt }: HeadProgress, bytes: Buffer, endAt: number): HeadResult {
  const line = bytes.toString('latin1', lineFrom, lineTo);
  const head = parseHead(line, bytes.toString('latin1', headersAt, endAt));
  return head === undefined ? BAD_LINE : { head, endAt };
}

/**
 * Reads a head from all bytes that came so far, at least one. Line ends may be LF or CR LF, also mixed; one empty line before
 * the request is skipped (RFC 9112 §2.2). A line longer than `lineBytesMax` bytes: 414. A line behind it that cannot be a
 * header: 400. All in all more than `headBytesMax` bytes: 431.
 */
export function readHead(progress: HeadProgress, bytes: Buffer, limits: HeadLimits): HeadResult | 'more' {
  if (progress.lineTo < 0) {
    const line = readLine(progress, bytes, limits.lineBytesMax);
    if (line !== 'line') return line;
  }
  for (;;) {
    const lf = bytes.indexOf(LF, progress.next);
    const seen = (lf < 0 ? bytes.length : lf) - progress.lineFrom;
    if (seen > limits.headBytesMax) return HEAD_TOO_LONG;
    if (lf < 0) return 'more';
    const to = withoutCr(bytes, progress.next, lf);
    if (to === progress.next) return complete(progress, bytes, lf + 1);
    if (!isHeader(bytes, progress.next, to)) return BAD_HEADER;
    progress.next = lf + 1;
  }
}

/** What there is when no more will come: a request whose line is whole counts; `more` if not even that. */
export function finishHead(progress: HeadProgress, bytes: Buffer, limits: HeadLimits): HeadResult | 'more' {
  const result = readHead(progress, bytes, limits);
  return result !== 'more' || progress.lineTo < 0 ? result : complete(progress, bytes, bytes.length);
}

/** The last value of a header, without blanks around it; `name` in lower case. Undefined if it is not there. */
export function headerValue(headers: string, name: string): string | undefined {
  let value: string | undefined;
  for (const line of headers.split('\n')) {
    if (line.length > name.length && line[name.length] === ':' && line.slice(0, name.length).toLowerCase() === name)
      value = line.slice(name.length + 1).trim();
  }
  return value;
}
