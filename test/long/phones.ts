// Phones as the long suites need them: a connection per hit, and a list of what was acknowledged.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Hit = { token: string; mac: string; name: string; slug?: string };

const ANSWER_MS_MAX = 15_000;

/** Sends one hit; resolves with the status as soon as it is read, or with undefined if the connection ends without one. */
export function say(port: number, { token, mac, name, slug = 'incoming_call' }: Hit): Promise<number | undefined> {
  return new Promise((resolve) => {
    let head = '';
    const socket = net.connect(port, '127.0.0.1');
    const finish = (status: number | undefined): void => {
      resolve(status);
      socket.destroy();
    };
    socket.setTimeout(ANSWER_MS_MAX, () => finish(undefined));
    socket.on('error', () => finish(undefined)).on('close', () => finish(undefined));
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
      if (status !== undefined) finish(Number(status));
    });
    const query = `mac=${mac}&ip=10.0.0.1&model=s505&local=sip:201@pbx&display_local=Desk&remote=sip:+493023125100@pbx`;
    socket.write(
      `GET /a/${token}/${slug}?${query}&display_remote=${name}&_=. HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
      'latin1',
    );
  });
}

/** The MAC of the n-th phone. */
export const macOf = (phone: number): string => `005058${phone.toString(16).padStart(6, '0')}`;

/** A hit that got its 200. Names are `<phone>-<number>`; numbers count up per phone. */
export type Acknowledged = { phone: number; number: number; name: string; atMs: number };

/**
 * Clients that send, each for phones of its own and one hit at a time, until `stop`. What is answered by 200 is
 * acknowledged; after anything else the client sends its next hit, with a new number.
 */
export function startClients(options: {
  port: number;
  token: string;
  clients: number;
  phones: number;
  firstPhone?: number;
  pauseMs?: number;
}) {
  const acknowledged: Acknowledged[] = [];
  const statuses = new Map<string, number>();
  const numbers = new Map<number, number>();
  let running = true;
  const client = async (first: number): Promise<void> => {
    for (let turn = 0; running; turn++) {
      const phone = (options.firstPhone ?? 0) + first + (turn % options.phones) * options.clients;
      const number = (numbers.get(phone) ?? 0) + 1;
      numbers.set(phone, number);
      const name = `${phone}-${number}`;
      const status = await say(options.port, { token: options.token, mac: macOf(phone), name });
      statuses.set(String(status), (statuses.get(String(status)) ?? 0) + 1);
      if (status === 200) acknowledged.push({ phone, number, name, atMs: performance.now() });
      // Nobody listens: asking again at once would only take the processor from the daemon that starts.
      if (status === undefined) await sleep(5);
      else if (options.pauseMs !== undefined) await sleep(options.pauseMs);
    }
  };
  const done = Promise.all(Array.from({ length: options.clients }, (_, n) => client(n)));
  const stop = async (): Promise<void> => {
    running = false;
    await done;
  };
  return { acknowledged, statuses, stop };
}
