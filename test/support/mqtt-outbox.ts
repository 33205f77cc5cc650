// The real outbox in front of the real mqtt connection, on the machine's clock; outcomes are kept in memory.
import type { Delivery, Json, Settlement } from '../../src/core/delivery.ts';
import { mqtt } from '../../src/destinations/mqtt/index.ts';
import { createOutbox, type DeliverySettings, type Outbox } from '../../src/outbox/index.ts';
import { createRandom, systemClock } from '../../src/ports.ts';
import { testContext } from './destination-contract.ts';

export type MqttOutbox = {
  outbox: Outbox;
  /** Queues one message; those of one lane stay in order. Returns its id. */
  queue(lane: string, message: Record<string, Json>): string;
  settlements: Settlement[];
  /** Ids that were delivered. */
  delivered(): Set<string>;
  connected(): number;
  /** Whether the connection has noticed the loss of its broker, ever. */
  lost(): boolean;
  close(): Promise<void>;
};

const HORIZON_MS = 72 * 3_600_000;

/** `settings`: of the mqtt connection, beside the broker's port. */
export async function openMqttOutbox(
  port: number,
  settings: object = {},
  delivery: Partial<DeliverySettings> = {},
): Promise<MqttOutbox> {
  const context = testContext({ name: 'house' });
  const ports = { clock: systemClock, random: createRandom(), log: context.log, count: context.count };
  const settlements: Settlement[] = [];
  const open = () => mqtt.open(mqtt.settings.parse({ broker: `mqtt://127.0.0.1:${port}`, ...settings }), context);
  const outbox = createOutbox({ ports, settle: async (batch) => void settlements.push(...batch), reopen: open });
  await outbox.connect('house', { destination: mqtt, connection: await open(), settings: delivery });
  let made = 0;
  return {
    outbox,
    settlements,
    delivered: () => new Set(settlements.flatMap(({ id, state }) => (state === 'delivered' ? [id] : []))),
    connected: () => context.counts.get('mqtt_connected{connection=house}') ?? 0,
    lost: () => [...context.counts.keys()].some((key) => key.startsWith('mqtt_lost{')),
    queue(lane, message) {
      const id = `event-${made++}/rule/0`;
      const madeAtMs = systemClock.wallMs();
      const whole: Delivery = {
        id,
        event: id,
        site: 'default',
        rule: 'rule',
        to: 'house',
        type: 'mqtt',
        message,
        order: `house|${lane}`,
        state: 'waiting',
        attempts: 0,
        madeAtMs,
        dueAtMs: madeAtMs,
        expiresAtMs: madeAtMs + HORIZON_MS,
      };
      outbox.add([whole]);
      return id;
    },
    close: () => outbox.close(),
  };
}
