// Acknowledged hits per second over bare Hono's 204, in alternating rounds.
import { startDaemon } from './daemon.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import {
  burst,
  CONNECTIONS,
  describe,
  type Figures,
  ratePerSecond,
  ratios,
  type Say,
  type Span,
} from './load-rounds.ts';
import { atRest, startBare, startBroker, startWorker } from './servers.ts';
import { median, rounded } from './statistics.ts';

/** With one connection per hit, as phones do it, or with connections kept open, as a proxy does it. */
export async function acknowledged(keepAlive: boolean, { seconds, rounds }: Span, say: Say): Promise<Figures> {
  const key = keepAlive ? 'ack_keepalive' : 'ack_close';
  const broker = await startBroker();
  const load = await startWorker<LoadOrder, LoadResult>('load.ts');
  const daemon = await startDaemon({ broker: broker.url, publish: false, proxy: keepAlive });
  const bare = await startBare();
  say(`${key}: ${rounds} rounds of ${seconds} s each, ${CONNECTIONS} at once; one rule, which no hit matches`);
  if (keepAlive)
    say(`${key}: the daemon keeps connections open for proxies only, so it is told that 127.0.0.1/32 is one`);
  const bareRates: number[] = [];
  const daemonRates: number[] = [];
  let behindMs = 0;
  let unanswered = 0;
  for (const target of [bare, daemon]) await burst(load, target.port, keepAlive, 1);
  for (let n = 0; n < rounds; n++) {
    await atRest(daemon.pid);
    const plain = await burst(load, bare.port, keepAlive, seconds);
    const ours = await burst(load, daemon.port, keepAlive, seconds);
    behindMs = Math.max(behindMs, await atRest(daemon.pid));
    bareRates.push(ratePerSecond(plain));
    daemonRates.push(ratePerSecond(ours));
    unanswered += ours.refused + ours.failed;
    say(`${key}: bare ${describe(plain)}; hookswitch ${describe(ours)}`);
  }
  for (const part of [daemon, bare, load, broker]) await part.stop();
  return {
    [`${key}_ratio`]: rounded(median(ratios(daemonRates, bareRates))),
    [`${key}_per_s`]: Math.round(median(daemonRates)),
    [`${key}_bare_per_s`]: Math.round(median(bareRates)),
    [`${key}_unanswered`]: unanswered,
    [`${key}_at_rest_after_ms`]: Math.round(behindMs),
  };
}
