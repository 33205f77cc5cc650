// Appends and commits as fast as it can, and prints every number once it was told that it is on disk. Ends by being killed.
import { openSqliteStore } from '../../src/store/index.ts';
import { sampleDelivery, sampleEntry, sampleEvent, sampleUnit } from '../support/store-samples.ts';

const [path = '', first = '0'] = process.argv.slice(2);
const store = await openSqliteStore({ path, bytesMax: 1e9, nowMs: 0 });
let next = Number(first);

async function caller(): Promise<never> {
  for (;;) {
    const n = next++;
    const [result] = await store.append([sampleEntry(n)]);
    process.stdout.write(`a${n}\n`);
    const delivery = sampleDelivery(sampleEvent(n));
    const settled = [{ id: delivery.id, state: 'delivered' as const, attempts: 1, dueAtMs: n }];
    await store.commit(sampleUnit({ processed: [result?.seq ?? 0], deliveries: [delivery], settled }));
    process.stdout.write(`c${n}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, caller));
