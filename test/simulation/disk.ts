// The store as a process sees it: slow, sometimes full, and a place where the process can end before or after the commit.
import type { Delivery } from '../../src/core/delivery.ts';
import { type Store, StoreError } from '../../src/core/store.ts';
import type { VirtualTime } from '../support/virtual-clock.ts';
import type { LifeLedger } from './ledger.ts';
import { type Life, never } from './life.ts';
import type { Scenario } from './scenario.ts';
import type { Trace } from './trace.ts';

export type DiskWorld = {
  time: VirtualTime;
  trace: Trace;
  scenario: Scenario;
  /** Told of each delivery whose success is on disk. */
  onDelivered: (id: string) => void;
  /** Told of each delivery that is on disk. */
  onMade: (delivery: Delivery) => void;
};

/** `inner` is the real store of this life. Of two calls the first is on disk first. */
export function createDisk(
  inner: Store,
  life: Life,
  world: DiskWorld,
  ledger: LifeLedger,
): Pick<Store, 'append' | 'commit' | 'load' | 'deliveries' | 'replay'> {
  let last: Promise<unknown> = Promise.resolve();
  /** One call after the other, each with its latency, its faults, and a step before and after it is on disk. */
  const call = <T>(name: string, writes: boolean, work: () => Promise<T>): Promise<T> => {
    if (!life.step(`${name} begins`)) return never();
    const mine = last.then(async () => {
      await delay(life, world);
      if (writes) refuse(world, name);
      if (!life.step(`${name} is written`)) return never<T>();
      const result = await work();
      if (!life.step(`${name} is on disk`)) return never<T>();
      return result;
    });
    last = mine.catch(() => {});
    return mine;
  };
  return {
    append: (entries) => call('append', true, () => inner.append(entries)),
    commit(unit) {
      const onDisk = ledger.committing(unit);
      return call('commit', true, async () => {
        await inner.commit(unit);
        onDisk();
        for (const delivery of unit.deliveries) world.onMade(delivery);
        for (const { id, state } of unit.settled) if (state === 'delivered') world.onDelivered(id);
        world.trace.say(
          `commit ${unit.processed.join()} made ${unit.deliveries.length} settled ${unit.settled.length}`,
        );
      });
    },
    deliveries: (query) => call('read', false, () => inner.deliveries(query)),
    replay: (ids, nowMs) => call('replay', true, () => inner.replay(ids, nowMs)),
    async *load(sites) {
      if (!life.step('load')) await never();
      for await (const pending of inner.load(sites)) {
        if (life.over) await never();
        yield pending;
      }
      await delay(life, world);
    },
  };
}

function delay(life: Life, { time, scenario }: DiskWorld): Promise<void> {
  const slow = time.nowMs() < scenario.calmAtMs && time.draw() < scenario.slowWrites;
  const ms = slow ? Math.floor(time.draw() * 2_000) : Math.floor(time.draw() * 4);
  return new Promise((resolve) => life.ports.clock.after(ms, resolve));
}

function refuse({ time, scenario, trace }: DiskWorld, name: string): void {
  const nowMs = time.nowMs();
  const trouble = scenario.storeTroubles.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
  if (trouble === undefined) return;
  trace.say(`${name} refused: ${trouble.code}`);
  throw new StoreError(trouble.code, 'by plan');
}
