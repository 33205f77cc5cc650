// What the daemon of config.example.json costs when nothing happens, and how soon it answers after its start.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'jsonc-parser';
import { type Daemon, newFolder, residentMb, serve } from './daemon.ts';
import { TOKEN_SHA256 } from './hits.ts';
import type { Figures, Say } from './load-rounds.ts';
import { freePort } from './servers.ts';
import { median, rounded } from './statistics.ts';

const IDLE_MS = 5_000;
const STARTS = 5;
const ROOT = fileURLToPath(new URL('..', import.meta.url));

type Example = { receiver?: object; broker?: object; sites?: Record<string, object> };

/** The example as it is shipped, but on free ports, with the token of the benchmark. */
async function startExample(): Promise<Daemon> {
  const example = parse(readFileSync(`${ROOT}config.example.json`, 'utf8')) as Example;
  const port = await freePort();
  const config = {
    ...example,
    rules: `${ROOT}rules`,
    receiver: { ...example.receiver, host: '127.0.0.1', port },
    broker: { ...example.broker, host: '127.0.0.1', port: await freePort() },
    sites: { ...example.sites, default: { ...example.sites?.default, token: { sha256: TOKEN_SHA256 } } },
  };
  return serve(newFolder(), config, port);
}

/** `idle_rss_mb`: resident memory (10^6 bytes) after 5 s without a hit. `first_200_ms`: from the start of the process to the
 * first 200, on an empty data folder; the median of five starts. */
export async function idle(say: Say): Promise<Figures> {
  const startsMs: number[] = [];
  const memoriesMb: number[] = [];
  for (let n = 0; n < STARTS; n++) {
    const daemon = await startExample();
    startsMs.push(daemon.firstAnswerMs);
    if (n < 2) {
      await sleep(IDLE_MS);
      memoriesMb.push(residentMb(daemon.pid));
    }
    await daemon.stop();
  }
  say(
    `idle: config.example.json, ${STARTS} starts on an empty data folder took ${startsMs.map(Math.round).join(', ')} ms`,
  );
  return { idle_rss_mb: rounded(median(memoriesMb)), first_200_ms: Math.round(median(startsMs)) };
}
