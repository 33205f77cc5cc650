// The process of one life: the real pump, engine and outbox over the store and the sinks, wired as the daemon wires them.
import type { PhoneEvent } from '../../src/core/events.ts';
import type { Store } from '../../src/core/store.ts';
import { createOutbox, type DeliverySettings } from '../../src/outbox/index.ts';
import { createPump, type Input, type Stepped } from '../../src/pump.ts';
import { createDisk, type DiskWorld } from './disk.ts';
import { createEngine, generationOf, place, programOf } from './engine.ts';
import type { Ledger } from './ledger.ts';
import type { Life } from './life.ts';
import { SINKS, SITE, type SinkName, type Speech } from './scenario.ts';
import { GRANTED_MS_MAX, type Sink } from './sinks.ts';

export type ProcessWorld = DiskWorld & {
  openStore: () => Store;
  ledger: Ledger;
  sinks: Record<SinkName, Sink>;
  /** Generation of the rules on disk. */
  generation: () => number;
  /** Connections that the config has at the moment. */
  configured: Set<SinkName>;
  acknowledged: (event: PhoneEvent) => void;
  offered: (event: PhoneEvent) => void;
  onRetried: (id: string) => void;
};

export type Process = {
  speak(speech: Speech): void;
  reloadRules(): void;
  connect(name: SinkName): void;
  disconnect(name: SinkName): void;
  /** A person sends again what died because its peer was gone. */
  retry(name: SinkName): void;
};

/** Short spans, so that a run sees many of them. `lead` does not care for order. */
const SETTINGS: Record<SinkName, Partial<DeliverySettings>> = {
  house: { backoffMs: 200, backoffMsMax: 8_000, retryAfterMsMax: GRANTED_MS_MAX },
  team: { backoffMs: 200, backoffMsMax: 8_000, retryAfterMsMax: GRANTED_MS_MAX, breakerFailures: 2 },
  lead: { backoffMs: 200, backoffMsMax: 8_000, retryAfterMsMax: GRANTED_MS_MAX, ordering: 'none' },
};

/** Starts a process; it takes hits from the moment this resolves. */
export async function startProcess(life: Life, world: ProcessWorld): Promise<Process> {
  const { ports } = life;
  const store = world.openStore();
  const ledger = world.ledger.openLife(life.number);
  const disk = createDisk(store, life, world, ledger);
  let lastAtMs = await store.lastAtMs(SITE);
  const engine = createEngine();
  const outbox = createOutbox({
    ports,
    settle: (settlements, changes) => pump.settle(settlements, changes),
    fetch: (ids) => disk.deliveries({ ids, limit: ids.length }),
    reopen: async (name) => world.sinks[name as SinkName].open(life),
    limits: { graceMs: 1_000, residentMax: world.scenario.residentMax, fetchMax: 10, unsettledMax: 50 },
  });
  const pump = createPump({
    site: SITE,
    epoch: 1,
    store: disk,
    ports,
    program: programOf(world.generation()),
    restore(change) {
      outbox.restore(change);
      engine.restore(change);
    },
    step(program, input) {
      ledger.given(input, generationOf(program));
      return withSlots(engine.step(program, input), input);
    },
    add: outbox.add,
    onFatal: () => life.crash('fatal error of the store'),
    batchMax: 8,
  });
  const connect = (name: SinkName): void => {
    void outbox.connect(name, {
      destination: place,
      connection: world.sinks[name].open(life),
      settings: SETTINGS[name],
    });
  };
  for (const name of SINKS) if (world.configured.has(name)) connect(name);
  const retry = async (name: SinkName): Promise<void> => {
    const dead = await disk.deliveries({ to: name, states: ['dead'], limit: 1_000 });
    const again = await disk.replay(
      dead.filter(({ lastError }) => isGoneError(lastError)).map(({ id }) => id),
      ports.clock.wallMs(),
    );
    if (!life.step('retry')) return;
    for (const { id } of again) world.onRetried(id);
    world.sinks[name].believe(life);
    outbox.retry(again);
  };
  void pump.start();
  return {
    speak(speech) {
      lastAtMs = Math.max(ports.clock.wallMs(), lastAtMs + 1);
      const event = eventOf(speech, ports.random.uuid7(lastAtMs), new Date(lastAtMs).toISOString());
      world.offered(event);
      pump.accept([{ event, raw: new Uint8Array() }]).then(
        () => {
          if (life.step('answer to the phone')) world.acknowledged(event);
        },
        () => {},
      );
    },
    reloadRules: () => pump.swap(programOf(world.generation())),
    connect,
    disconnect: (name) => void outbox.disconnect(name),
    retry: (name) => void retry(name).catch(() => {}),
  };
}

/** What the sinks say, and what the outbox says of those that wait behind. */
export const isGoneError = (error: string | undefined): boolean => error?.includes('gone for good') === true;

/** Whether a phone is on or off the hook is a state: of that only the newest counts. So is each thing that the lead is told. */
function withSlots(stepped: Stepped, input: Input): Stepped {
  const isHook = 'event' in input && (input.event.type === 'phone.on_hook' || input.event.type === 'phone.off_hook');
  const deliveries = stepped.deliveries.map((delivery) => {
    if (delivery.to === 'lead') return { ...delivery, slot: delivery.id.slice(-1) };
    return isHook && delivery.rule === 'all' ? { ...delivery, slot: 'hook' } : delivery;
  });
  return { ...stepped, deliveries };
}

function eventOf(speech: Speech, id: string, at: string): PhoneEvent {
  return {
    id,
    type: `phone.${speech.slug}`,
    at,
    site: SITE,
    phone: { id: speech.phone, mac: speech.mac, vendor: 'sangoma' },
    line: {},
    local: {},
    remote: { number: speech.number },
    vars: {},
    suspect: [],
  };
}
