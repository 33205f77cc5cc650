// Counts the messages that reach the broker: a process of its own, told by messages when to start and asked what it saw.
import mqtt from 'mqtt';
import { sequenceOf } from './hits.ts';
import { machineMs } from './load.ts';

export type SubscriberOrder = { kind: 'reset'; firstSequence: number } | { kind: 'report'; times: boolean };

export type Seen = {
  /** Distinct hits, and messages beyond the first of each. */
  hits: number;
  copies: number;
  /** First and last message on the machine's monotonic clock. */
  firstMs: number;
  lastMs: number;
  /** By hit since `firstSequence`: when its first message came, 0 if none did. */
  seenMs: number[];
};

const state = { firstSequence: 0, hits: 0, copies: 0, firstMs: 0, lastMs: 0, seenMs: [] as number[] };

function saw(payload: Buffer): void {
  const index = sequenceOf(payload.toString('latin1')) - state.firstSequence;
  // A message of an earlier round, or one that no hit caused.
  if (!(index >= 0)) return;
  const nowMs = machineMs();
  if (state.seenMs[index]) state.copies += 1;
  else {
    while (state.seenMs.length <= index) state.seenMs.push(0);
    state.seenMs[index] = nowMs;
    state.hits += 1;
    state.firstMs ||= nowMs;
    state.lastMs = nowMs;
  }
}

async function listen(url: string): Promise<void> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 4, clientId: 'bench-subscriber' });
  client.on('message', (_topic, payload) => saw(payload));
  // QoS 0: the promise under test ends at the broker; an acknowledgement of ours would only cost time.
  await client.subscribeAsync('bench/#', { qos: 0 });
  process.on('message', (order: SubscriberOrder) => {
    if (order.kind === 'reset')
      Object.assign(state, {
        firstSequence: order.firstSequence,
        hits: 0,
        copies: 0,
        firstMs: 0,
        lastMs: 0,
        seenMs: [],
      });
    const { hits, copies, firstMs, lastMs, seenMs } = state;
    const seen: Seen = { hits, copies, firstMs, lastMs, seenMs: order.kind === 'report' && order.times ? seenMs : [] };
    process.send?.(seen);
  });
  process.send?.('ready');
}

const url = process.argv[2];
if (process.send && url) void listen(url);
