// Answer: a Hono response → the bytes of a status line and headers. No answer has a body: phones show or run what they get.

const PHRASES: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  411: 'Length Required',
  413: 'Content Too Large',
  414: 'URI Too Long',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

type Bytes = { close: Buffer; keep: Buffer };
const known = new WeakMap<Response, Bytes>();

function serialise(response: Response): Bytes {
  let head = `HTTP/1.1 ${response.status} ${PHRASES[response.status] ?? 'Answer'}\r\nContent-Length: 0\r\n`;
  for (const [name, value] of response.headers) {
    if (name !== 'content-length' && name !== 'connection') head += `${name}: ${value}\r\n`;
  }
  return {
    close: Buffer.from(`${head}Connection: close\r\n\r\n`, 'latin1'),
    keep: Buffer.from(`${head}\r\n`, 'latin1'),
  };
}

/** The bytes of a response without its body. A response that is used again and again is written out once. */
export function answerBytes(response: Response, keepAlive: boolean): Buffer {
  let bytes = known.get(response);
  if (bytes === undefined) {
    bytes = serialise(response);
    known.set(response, bytes);
  }
  return keepAlive ? bytes.keep : bytes.close;
}

const empty = (status: number, headers: Record<string, string> = {}): Response =>
  new Response(null, { status, headers });

/** All answers there are. Without `Date`, so that all answers of one kind are the same bytes. */
export const ANSWERS = {
  stored: empty(200),
  badRequest: empty(400),
  browser: empty(403),
  notFound: empty(404),
  notGet: empty(405, { allow: 'GET' }),
  /** Of an address that takes bodies. */
  notPost: empty(405, { allow: 'POST' }),
  timeout: empty(408),
  noLength: empty(411),
  bodyTooLong: empty(413),
  lineTooLong: empty(414),
  tooOften: empty(429, { 'retry-after': '1' }),
  headTooLong: empty(431),
  failed: empty(500),
  notStored: empty(503, { 'retry-after': '5' }),
} as const;
