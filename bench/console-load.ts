// A process that keeps the console busy: pages, searches, figures and live streams, each client with its next question at once.
import { ask, phoneId, watch } from './console-client.ts';

export type LoadOrder = { port: number; clients: number; watchers: number; spanMs: number };
export type LoadAnswer = {
  answered: number;
  refused: number;
  failed: number;
  bytes: number;
  pages: Record<string, number>;
};

const PATHS = [
  '/',
  '/calls',
  '/calls?text=zzyzx',
  '/calls?text=49302',
  '/calls?state=missed',
  `/calls?phone=${phoneId(7)}`,
  '/events',
  `/events?phone=${phoneId(9)}`,
  '/deliveries',
  '/api/v1/phones',
  '/api/v1/calls?limit=500',
  '/api/v1/figures?period=7d',
  '/health',
];

async function run({ port, clients, watchers, spanMs }: LoadOrder): Promise<LoadAnswer> {
  const done: LoadAnswer = { answered: 0, refused: 0, failed: 0, bytes: 0, pages: {} };
  const untilMs = performance.now() + spanMs;
  const ends = Array.from({ length: watchers }, () => watch(port, () => {}));
  const client = async (first: number): Promise<void> => {
    for (let n = first; performance.now() < untilMs; n++) {
      const path = PATHS[n % PATHS.length] as string;
      try {
        const { status, bytes, ms } = await ask(port, path);
        if (status === 200) done.answered += 1;
        else done.refused += 1;
        done.bytes += bytes;
        done.pages[path] = Math.max(done.pages[path] ?? 0, Math.round(ms));
      } catch {
        done.failed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, n) => client(n)));
  for (const end of ends) end();
  return done;
}

if (process.send) {
  process.on('message', (order: LoadOrder) => void run(order).then((done) => process.send?.(done)));
  process.send('ready');
}
