// From the hit to the message at a subscriber: how many a second, and how long one takes at 200 a second.
import { setTimeout as sleep } from 'node:timers/promises';
import { startDaemon } from './daemon.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import {
  burst,
  describe,
  type Figures,
  type Load,
  nextSequence,
  type Round,
  ratios,
  type Say,
  type Span,
  steady,
} from './load-rounds.ts';
import { atRest, startBare, startBroker, startWorker, type Worker } from './servers.ts';
import { median, percentile, rounded } from './statistics.ts';
import type { Seen, SubscriberOrder } from './subscriber.ts';

const LATENCY_HITS_PER_SECOND = 200;
const ARRIVE_MS_MAX = 60_000;

type Subscriber = Worker<SubscriberOrder, Seen>;
type Target = { name: string; port: number; pid: number };
type Rig = { load: Load; subscriber: Subscriber; daemon: Target; naive: Target; stop(): Promise<void> };

async function openRig(say: Say): Promise<Rig & { broker: string }> {
  const broker = await startBroker();
  const load = await startWorker<LoadOrder, LoadResult>('load.ts');
  const subscriber = await startWorker<SubscriberOrder, Seen>('subscriber.ts', broker.url);
  const daemon = await startDaemon({ broker: broker.url, publish: true, proxy: false });
  const naive = await startBare(broker.url);
  say(`mqtt: broker ${broker.name}; one rule publishes every hit at QoS 1, the naive handler does the same`);
  const stop = async (): Promise<void> => {
    for (const part of [daemon, naive, subscriber, load, broker]) await part.stop();
  };
  const targets = { daemon: { name: 'hookswitch', ...daemon }, naive: { name: 'naive', ...naive } };
  return { load, subscriber, ...targets, broker: broker.name, stop };
}

/** Runs one round and waits for its messages; throws if an answered hit never arrived. */
async function counted(rig: Rig, target: Target, run: () => Promise<Round>): Promise<{ round: Round; seen: Seen }> {
  await rig.subscriber.ask({ kind: 'reset', firstSequence: nextSequence() });
  const round = await run();
  let seen = await rig.subscriber.ask({ kind: 'report', times: false });
  for (let n = 0; n < ARRIVE_MS_MAX / 50 && seen.hits < round.answered; n++) {
    await sleep(50);
    seen = await rig.subscriber.ask({ kind: 'report', times: false });
  }
  if (seen.hits < round.answered)
    throw new Error(`${target.name}: ${round.answered} hits were answered, ${seen.hits} reached the subscriber`);
  return { round, seen: await rig.subscriber.ask({ kind: 'report', times: true }) };
}

const arrivedPerSecond = (seen: Seen): number => ((seen.hits - 1) / (seen.lastMs - seen.firstMs)) * 1000;

async function throughput(rig: Rig, { seconds, rounds }: Span, say: Say): Promise<Figures> {
  const rates = { daemon: [] as number[], naive: [] as number[] };
  let copies = 0;
  for (const target of [rig.naive, rig.daemon])
    await counted(rig, target, () => burst(rig.load, target.port, false, 1));
  for (let n = 0; n < rounds; n++) {
    for (const target of [rig.naive, rig.daemon]) {
      await atRest(rig.daemon.pid);
      const { round, seen } = await counted(rig, target, () => burst(rig.load, target.port, false, seconds));
      rates[target === rig.daemon ? 'daemon' : 'naive'].push(arrivedPerSecond(seen));
      if (target === rig.daemon) copies += seen.copies;
      say(
        `mqtt: ${target.name} answered ${describe(round)}, ${Math.round(arrivedPerSecond(seen))}/s arrived, all of them`,
      );
    }
  }
  return {
    mqtt_ratio: rounded(median(ratios(rates.daemon, rates.naive))),
    mqtt_per_s: Math.round(median(rates.daemon)),
    mqtt_naive_per_s: Math.round(median(rates.naive)),
    mqtt_copies: copies,
  };
}

async function latency(rig: Rig, seconds: number, say: Say): Promise<Figures> {
  const figures: Figures = {};
  for (const target of [rig.naive, rig.daemon]) {
    await atRest(rig.daemon.pid);
    const run = () => steady(rig.load, target.port, LATENCY_HITS_PER_SECOND, seconds);
    const { round, seen } = await counted(rig, target, run);
    const delaysMs = round.startedMs.flatMap((startMs, n) => (seen.seenMs[n] ? [seen.seenMs[n] - startMs] : []));
    const prefix = target === rig.daemon ? '' : 'naive_';
    figures[`${prefix}p50_ms_at_200`] = rounded(percentile(delaysMs, 0.5));
    figures[`${prefix}p99_ms_at_200`] = rounded(percentile(delaysMs, 0.99));
    figures[`${prefix}unanswered_at_200`] = round.refused + round.failed;
    say(
      `latency: ${target.name}, ${delaysMs.length} hits, ${describe(round)}, slowest ${rounded(Math.max(...delaysMs))} ms`,
    );
  }
  return figures;
}

/** `mqtt`: messages per second over those of a handler that only calls `mqtt.publish`. `latency`: from the start of the
 * connect to the message, in ms. One connection per hit. */
export async function published(parts: { mqtt: boolean; latency: boolean }, span: Span, say: Say): Promise<Figures> {
  const rig = await openRig(say);
  try {
    return {
      broker: rig.broker,
      ...(parts.mqtt ? await throughput(rig, span, say) : {}),
      ...(parts.latency ? await latency(rig, Math.max(10, span.seconds), say) : {}),
    };
  } finally {
    await rig.stop();
  }
}
