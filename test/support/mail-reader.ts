// Reads a mail by its grammar (RFC 5322, 2045, 2047), written for the tests alone: header names in order, subject, parts.

export type ReadMail = {
  /** In order, as sent, one entry a header field. */
  names: string[];
  /** Unfolded and decoded; the last one of a name. */
  headers: Record<string, string>;
  text: string;
  html: string;
};

type Part = { names: string[]; headers: Record<string, string>; body: string };

/** `raw` as latin1. Throws where a line belongs to no header, or a part is missing. */
export function readMail(raw: string): ReadMail {
  const whole = readPart(raw);
  const boundary = /^multipart\/alternative;\s*boundary="([^"]+)"$/.exec(whole.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw new Error(`not two alternatives: ${whole.headers['content-type']}`);
  const [preamble, ...pieces] = `\r\n${whole.body}`.split(`\r\n--${boundary}`);
  if (preamble?.trim() !== '' || pieces.length !== 3 || !pieces[2]?.startsWith('--')) throw new Error('not two parts');
  const [text, html] = pieces.slice(0, 2).map((piece) => readPart(piece.replace(/^\r\n/, '')));
  return {
    names: whole.names,
    headers: whole.headers,
    text: contentOf(text, 'text/plain'),
    html: contentOf(html, 'text/html'),
  };
}

function readPart(raw: string): Part {
  const end = raw.indexOf('\r\n\r\n');
  const head = end < 0 ? raw : raw.slice(0, end);
  const names: string[] = [];
  const headers: Record<string, string> = {};
  if (/(?:^|[^\r])\n|\r(?!\n)/.test(head)) throw new Error('a bare line end in the header');
  for (const line of head.replace(/\r\n(?=[ \t])/g, '').split('\r\n')) {
    const [, name, value] = /^([\x21-\x39\x3b-\x7e]+): ?(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`no header field: ${JSON.stringify(line)}`);
    names.push(name);
    headers[name.toLowerCase()] = decodeWords(value);
  }
  return { names, headers, body: end < 0 ? '' : raw.slice(end + 4) };
}

function contentOf(part: Part | undefined, type: string): string {
  if (part?.headers['content-type'] !== `${type}; charset=utf-8`) throw new Error(`not ${type}`);
  const encoding = part.headers['content-transfer-encoding'];
  if (encoding === 'base64') return Buffer.from(part.body, 'base64').toString();
  if (encoding === 'quoted-printable') return quotedPrintable(part.body.replace(/=\r\n/g, ''));
  if (encoding === '7bit') return part.body;
  throw new Error(`encoding ${encoding}`);
}

const quotedPrintable = (text: string): string =>
  Buffer.from(
    text.replace(/=([0-9A-Fa-f]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString();

/** Encoded words; white space between two of them is none, and a character may be split over two of them. */
function decodeWords(value: string): string {
  const joined = value.replace(/(=\?[^?]+\?[bqBQ]\?[^?]*\?=)\s+(?==\?)/g, '$1');
  return joined.replace(/(?:=\?utf-8\?[bq]\?[^?]*\?=)+/gi, (run) => {
    const words = [...run.matchAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi)];
    const bytes = words.map(([, kind, text = '']) =>
      kind?.toLowerCase() === 'b'
        ? Buffer.from(text, 'base64')
        : Buffer.from(
            text
              .replaceAll('_', ' ')
              .replace(/=([0-9A-F]{2})/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          ),
    );
    return Buffer.concat(bytes).toString();
  });
}
