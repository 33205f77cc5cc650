// The peers of the isolation test: two that always answer, and three that can be broken and mended at will.
import { connect, createServer, type Socket } from 'node:net';
import mqtt from 'mqtt';
import { freePort } from '../support/free-port.ts';
import { answer, type HttpRequest, type HttpScript, startHttpServer } from '../support/http-server.ts';
import { startTestBroker } from '../support/mqtt-broker.ts';
import { rateLimited, startSlackServer } from '../support/slack-server.ts';
import { startSmtpServer } from '../support/smtp-server.ts';

export const SLACK_TOKEN = 'xoxb-long-0123456789';

/** When the first message about a hit came, by the hit's name, on this process's clock in ms. */
export type Arrivals = Map<string, number>;

const note = (arrivals: Arrivals, name: string): void => {
  if (!arrivals.has(name)) arrivals.set(name, performance.now());
};

const nameIn = ({ body }: HttpRequest): string => (JSON.parse(body.toString()) as { name: string }).name;

/** An HTTP server that takes everything, and the names that it took. */
async function goodWebhook() {
  const arrivals: Arrivals = new Map();
  const server = await startHttpServer((socket, request) => {
    note(arrivals, nameIn(request));
    answer(204)(socket, request);
  });
  return { url: server.url, arrivals, stop: server.stop };
}

async function goodBroker() {
  const arrivals: Arrivals = new Map();
  const broker = await startTestBroker();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const subscriber = await mqtt.connectAsync(url);
  subscriber.on('message', (_topic, payload) => note(arrivals, payload.toString()));
  await subscriber.subscribeAsync('hook/#', { qos: 1 });
  const stop = async (): Promise<void> => {
    await subscriber.endAsync(true);
    await broker.stop();
  };
  return { url, arrivals, stop };
}

/** Broken: 500, 429 and silence by turns. */
async function badWebhook() {
  const arrivals: Arrivals = new Map();
  const silent: HttpScript = () => undefined;
  const ways = [answer(500), answer(429, { 'retry-after': '1' }), silent];
  let broken = false;
  let refused = 0;
  const server = await startHttpServer((socket, request) => {
    if (broken) return ways[refused++ % ways.length]?.(socket, request);
    note(arrivals, nameIn(request));
    return answer(204)(socket, request);
  });
  const breakIt = (now: boolean): void => {
    broken = now;
  };
  return { url: server.url, arrivals, breakIt, refused: () => refused, stop: server.stop };
}

/** Broken: 429 with `Retry-After: 1`, for as long as it is. */
async function badSlack() {
  const server = await startSlackServer(SLACK_TOKEN);
  let broken = false;
  let refused = 0;
  const limited: HttpScript = (socket, request) => {
    refused += 1;
    if (broken) server.script(limited);
    rateLimited('1')(socket, request);
  };
  const breakIt = (now: boolean): void => {
    broken = now;
    if (now) server.script(limited);
  };
  return {
    apiUrl: server.apiUrl,
    names: () => server.messages.map(({ text }) => text ?? ''),
    breakIt,
    refused: () => refused,
    stop: server.stop,
  };
}

/** Broken: nobody listens on the port that the daemon knows. */
async function badMail() {
  const server = await startSmtpServer();
  const port = await freePort();
  const sockets = new Set<Socket>();
  const door = createServer((near) => {
    const far = connect(server.port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  const breakIt = async (broken: boolean): Promise<void> => {
    if (!broken) {
      await new Promise<void>((resolve) => door.listen(port, '127.0.0.1', resolve));
      return;
    }
    const closed = new Promise<void>((resolve) => door.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await breakIt(false);
  const names = (): string[] => server.mails.map(({ raw }) => /^Subject: (.*)\r$/m.exec(raw)?.[1] ?? '');
  const stop = async (): Promise<void> => {
    if (door.listening) await breakIt(true);
    await server.stop();
  };
  return { port, names, breakIt, stop };
}

/** All of them, in good order. */
export async function startPeers() {
  const [web, broker, hook, slack, mail] = await Promise.all([
    goodWebhook(),
    goodBroker(),
    badWebhook(),
    badSlack(),
    badMail(),
  ]);
  const stop = async (): Promise<void> => {
    for (const peer of [web, broker, hook, slack, mail]) await peer.stop();
  };
  return { web, broker, hook, slack, mail, stop };
}
