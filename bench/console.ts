// The console beside the phones: what a live wall costs, how soon it tells, and what phones notice of a console that is kept busy.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PHONES, phoneId, startConsole, watch } from './console-client.ts';
import type { LoadAnswer, LoadOrder } from './console-load.ts';
import { callHit } from './hits.ts';
import type { Figures, Say } from './load-rounds.ts';
import { startWorker, usedMs } from './servers.ts';
import { median, percentile, rounded } from './statistics.ts';

const HITS_PER_SECOND = 50;
const SPAN_MS = 12_000;
const CLIENTS = 8;
const WATCHERS = 5;
const ROUNDS = 5;

/** One hit on a connection of its own; ms until its answer was read, NaN if it was not 200. */
function timedHit(port: number, text: string): Promise<number> {
  const beganMs = performance.now();
  return new Promise((resolve) => {
    let answer = '';
    const socket = net.connect(port, '127.0.0.1');
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (!answer.includes('\r\n\r\n')) return;
      resolve(answer.startsWith('HTTP/1.1 200') ? performance.now() - beganMs : Number.NaN);
      socket.destroy();
    });
    socket.on('error', () => resolve(Number.NaN)).on('close', () => resolve(Number.NaN));
    socket.write(text, 'latin1');
  });
}

let sequence = 0;

/** Hits leave by the clock; the ms that each took. */
async function hitsFor(port: number, spanMs: number): Promise<number[]> {
  const beganMs = performance.now();
  const hits: Promise<number>[] = [];
  while (performance.now() - beganMs < spanMs) {
    const due = Math.floor(((performance.now() - beganMs) * HITS_PER_SECOND) / 1000) + 1;
    while (hits.length < due) hits.push(timedHit(port, callHit(sequence++, PHONES)));
    await sleep(2);
  }
  return Promise.all(hits);
}

type Running = Awaited<ReturnType<typeof startConsole>>;

/** Share of one core that the daemon uses at 50 hits a second with that many walls open. */
async function shareOf(daemon: Running, watchers: number): Promise<{ share: number; bytes: number }> {
  let bytes = 0;
  const ends = Array.from({ length: watchers }, () => watch(daemon.consolePort, (_, data) => (bytes += data.length)));
  await sleep(1_500);
  const [before, beganMs] = [usedMs(daemon.pid), performance.now()];
  await hitsFor(daemon.port, SPAN_MS);
  const share = (usedMs(daemon.pid) - before) / (performance.now() - beganMs);
  for (const end of ends) end();
  await sleep(300);
  return { share, bytes };
}

/** From the 200 that a phone gets to the message at a wall, in ms. */
async function delays(daemon: Running): Promise<number[]> {
  const took: number[] = [];
  let wanted: { id: string; heard(): void } | undefined;
  const end = watch(daemon.consolePort, (event, data) => {
    if (event === 'tiles' && wanted !== undefined && data.includes(`"${wanted.id}"`)) wanted.heard();
  });
  await sleep(1_500);
  for (let n = 0; n < 60; n++) {
    const hit = sequence++;
    let heardMs = 0;
    const heard = new Promise<void>((resolve) => {
      wanted = {
        id: phoneId(hit % PHONES),
        heard() {
          heardMs = performance.now();
          resolve();
        },
      };
    });
    await timedHit(daemon.port, callHit(hit, PHONES));
    const answeredMs = performance.now();
    await Promise.race([heard, sleep(5_000)]);
    took.push(heardMs === 0 ? Number.POSITIVE_INFINITY : Math.max(0, heardMs - answeredMs));
    await sleep(13 * (n % 17));
  }
  end();
  return took;
}

/** The live wall: cost and delay. */
export async function live(say: Say): Promise<Figures> {
  const daemon = await startConsole();
  await hitsFor(daemon.port, 5_000);
  const figures: Figures = {};
  for (const watchers of [0, 1, 5]) {
    const { share, bytes } = await shareOf(daemon, watchers);
    say(
      `wall: ${watchers} watchers, ${HITS_PER_SECOND} hits/s: ${(share * 100).toFixed(1)} % of a core, ${Math.round(bytes / 1000)} kB sent`,
    );
    figures[`wall_core_share_${watchers}`] = rounded(share);
  }
  const took = await delays(daemon);
  say(
    `wall: from the 200 to the tile: median ${Math.round(median(took))} ms, worst ${Math.round(Math.max(...took))} ms`,
  );
  await daemon.stop();
  return { ...figures, wall_tile_ms_p50: Math.round(median(took)), wall_tile_ms_max: Math.round(Math.max(...took)) };
}

const LOADS = ['nothing', 'elsewhere', 'here'] as const;

/**
 * Answers to phones while nothing else is done, while the console of another daemon of this machine is kept busy, and while that of
 * their own is, in alternating rounds. The second tells what the machine has to bear, the third what the console does to its phones.
 */
export async function besideLoad(): Promise<Figures> {
  const [daemon, other] = [await startConsole(), await startConsole()];
  const load = await startWorker<LoadOrder, LoadAnswer>('console-load.ts');
  for (const each of [daemon, other]) await hitsFor(each.port, 3_000);
  const took: Record<(typeof LOADS)[number], number[]> = { nothing: [], elsewhere: [], here: [] };
  let answered = 0;
  const spanMs = SPAN_MS / 2;
  for (let n = 0; n < ROUNDS; n++)
    for (const where of LOADS) {
      const order = { clients: CLIENTS, watchers: WATCHERS, spanMs };
      const target = where === 'here' ? daemon : other;
      const loaded = where === 'nothing' ? undefined : load.ask({ ...order, port: target.consolePort });
      took[where].push(...(await hitsFor(daemon.port, spanMs)));
      const done = await loaded;
      if (where === 'here') answered += done?.answered ?? 0;
      await sleep(500);
    }
  for (const part of [daemon, other, load]) await part.stop();
  const lost = LOADS.flatMap((where) => took[where]).filter(Number.isNaN).length;
  const at = (where: (typeof LOADS)[number], share: number): number =>
    percentile(
      took[where].filter((ms) => !Number.isNaN(ms)),
      share,
    );
  const figures: Figures = { beside_unanswered: lost, beside_pages: answered };
  for (const where of LOADS)
    for (const share of [0.5, 0.9, 0.99]) figures[`beside_p${share * 100}_ms_${where}`] = rounded(at(where, share));
  return {
    ...figures,
    beside_p99_ratio_nothing: rounded(at('here', 0.99) / at('nothing', 0.99)),
    beside_p99_ratio_elsewhere: rounded(at('here', 0.99) / at('elsewhere', 0.99)),
    beside_p90_ratio_elsewhere: rounded(at('here', 0.9) / at('elsewhere', 0.9)),
  };
}
