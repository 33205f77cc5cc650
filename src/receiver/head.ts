// Head: the bytes of a request up to its empty line → request line and headers, more leniently than any HTTP parser.

export type HeadLimits = { lineBytesMax: number; headBytesMax: number };

/** One request as bytes; strings hold one byte a character. `cut`: the line has no ` HTTP/`, so the hit was cut short. */
export type Head = { line: string; method: string; target: string; targetAt: number; cut: boolean; http10: boolean; headers: string };

export type Refusal = { refuse: 400 | 414 | 431; reason: 'bad-line' | 'line-too-long' | 'bad-header' | 'head-too-long' };
export type Progress = 'more' | { head: Head; endAt: number } | Refusal;

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;

/** Characters of a token (RFC 9110 §5.6.2): what a method and a header's name consist of. */
const TOKEN = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TOKEN[character.charCodeAt(0)] = 1;
}

/** Reads a head piece by piece: call `read` with all bytes so far. `finish` takes what there is when no more will come. */
export type HeadReader = {
  read(bytes: Buffer): Progress;
  finish(bytes: Buffer): Progress;
};

const isHeader = (bytes: Buffer, from: number, to: number): boolean => {
  let at = from;
  while (at < to && TOKEN[bytes[at] ?? 0] === 1) at++;
  return at > from && at < to && bytes[at] === COLON;
};

/** Where a line ends without its CR. */
const withoutCr = (bytes: Buffer, from: number, lf: number): number => (lf > from && bytes[lf - 1] === CR ? lf - 1 : lf);

function parseLine(line: string): Pick<Head, 'method' | 'target' | 'targetAt' | 'cut' | 'http10'> | undefined {
  const space = line.indexOf(' ');
  if (space <= 0) return undefined;
  for (let at = 0; at < space; at++) if (TOKEN[line.charCodeAt(at)] !== 1) return undefined;
  // The last one counts: a caller's name may contain " HTTP/1.1".
  const version = line.lastIndexOf(' HTTP/');
  const cut = version < space;
  return {
    method: line.slice(0, space),
    target: cut ? line.slice(space + 1) : line.slice(space + 1, Math.max(version, space + 1)),
    targetAt: space + 1,
    cut,
    http10: cut || line.endsWith('/1.0'),
  };
}

/**
 * A reader for one request. Line ends may be LF or CR LF, also mixed; one empty line before the request is skipped (RFC 9112
 * §2.2). A line longer than `lineBytesMax` bytes: 414. A line behind it that cannot be a header: 400. All in all more than
 * `headBytesMax` bytes: 431.
 */
export function createHeadReader(limits: HeadLimits): HeadReader {
  let lineFrom = -1;
  let lineTo = -1;
  let next = 0;
  const tooLong: Refusal = { refuse: 414, reason: 'line-too-long' };

  const readLine = (bytes: Buffer): 'more' | 'line' | Refusal => {
    if (lineFrom < 0) {
      if (bytes.length === 0 || (bytes.length === 1 && bytes[0] === CR)) return 'more';
      lineFrom = bytes[0] === LF ? 1 : bytes[0] === CR && bytes[1] === LF ? 2 : 0;
      next = lineFrom;
    }
    const lf = bytes.indexOf(LF, next);
    if (lf < 0) {
      next = bytes.length;
      return bytes.length - lineFrom > limits.lineBytesMax + 1 ? tooLong : 'more';
    }
    lineTo = withoutCr(bytes, lineFrom, lf);
    next = lf + 1;
    return lineTo - lineFrom > limits.lineBytesMax ? tooLong : 'line';
  };

  const complete = (bytes: Buffer, headersFrom: number, endAt: number): Progress => {
    const line = bytes.latin1Slice(lineFrom, lineTo);
    const parsed = parseLine(line);
    if (parsed === undefined) return { refuse: 400, reason: 'bad-line' };
    return { head: { line, ...parsed, headers: bytes.latin1Slice(headersFrom, endAt) }, endAt };
  };
  let headersAt = 0;

  const read = (bytes: Buffer): Progress => {
    if (lineTo < 0) {
      const line = readLine(bytes);
      if (line !== 'line') return line;
      headersAt = next;
    }
    for (;;) {
      const lf = bytes.indexOf(LF, next);
      if (lf < 0) return bytes.length - lineFrom > limits.headBytesMax ? { refuse: 431, reason: 'head-too-long' } : 'more';
      const to = withoutCr(bytes, next, lf);
      if (to === next) return complete(bytes, headersAt, lf + 1);
      if (!isHeader(bytes, next, to)) return { refuse: 400, reason: 'bad-header' };
      if (lf - lineFrom > limits.headBytesMax) return { refuse: 431, reason: 'head-too-long' };
      next = lf + 1;
    }
  };

  return {
    read,
    finish(bytes) {
      const progress = read(bytes);
      if (progress !== 'more' || lineTo < 0) return progress;
      return complete(bytes, headersAt, next);
    },
  };
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
