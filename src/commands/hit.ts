// One virtual hit: what a phone would write on the wire, with every value as it is, and the status that comes back.
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../core/ports.ts';

const ANSWER_MS_MAX = 10_000;

/** The request as a phone writes it: names and numbers verbatim, nothing percent-encoded, what a caller controls last. */
export function hitText(
  base: URL,
  token: string,
  slug: string,
  values: readonly (readonly [string, string | undefined])[],
): string {
  const pairs = values.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const target = `${base.pathname.replace(/\/+$/, '')}/a/${token}/${slug}?${[...pairs, '_=.'].join('&')}`;
  return `GET ${target} HTTP/1.1\r\nHost: ${base.host}\r\nUser-Agent: hookswitch-send\r\nConnection: close\r\n\r\n`;
}

/** Sends the text, or the bytes, over a connection of its own. Resolves with the HTTP status, or with why there is none. Never rejects. */
export function sendHit(
  base: URL,
  text: string | Buffer,
  clock: Clock,
): Promise<{ status: number } | { failed: string }> {
  return new Promise((resolve) => {
    const socket = open(base);
    let answer = '';
    const end = (result: { status: number } | { failed: string }): void => {
      cancel();
      socket.destroy();
      resolve(result);
    };
    const cancel = clock.after(ANSWER_MS_MAX, () => end({ failed: 'no answer in time' }));
    socket.setEncoding('latin1');
    socket.on('error', (error: NodeJS.ErrnoException) => end({ failed: error.code ?? 'the connection failed' }));
    socket.on('data', (part: string) => {
      answer = (answer + part).slice(0, 1_024);
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1];
      if (status !== undefined) end({ status: Number(status) });
    });
    socket.on('end', () => end({ failed: 'the connection ended without an answer' }));
    socket.write(text);
  });
}

function open(base: URL): Socket {
  const host = base.hostname.replace(/^\[|\]$/g, '');
  const secure = base.protocol === 'https:';
  const port = base.port === '' ? (secure ? 443 : 80) : Number(base.port);
  return secure
    ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) })
    : connectPlain({ host, port });
}
