// Opens the mqtt destination against a broker on loopback, and sends through it as the outbox would.
import type { Json, Outcome } from '../../src/core/delivery.ts';
import type { Connection, OpenContext } from '../../src/core/destination.ts';
import { mqtt } from '../../src/destinations/mqtt/index.ts';
import { type TestContext, testContext } from './destination-contract.ts';

export type OpenMqtt = {
  connection: Connection;
  context: TestContext;
  /** Resolves when the connection has come up `times` times since it was opened. */
  up(times?: number): Promise<void>;
  send(
    topic: string,
    more?: { payload?: Json; id?: string; signal?: AbortSignal } & Record<string, unknown>,
  ): Promise<Outcome>;
};

/** `broker` is a port of 127.0.0.1, an address, or a list of them. */
export async function openMqtt(
  broker: number | string | (number | string)[],
  settings: object = {},
  overrides: Partial<OpenContext> = {},
): Promise<OpenMqtt> {
  const addressOf = (each: number | string) => (typeof each === 'number' ? `mqtt://127.0.0.1:${each}` : each);
  const address = Array.isArray(broker) ? broker.map(addressOf) : addressOf(broker);
  const context = testContext(overrides);
  const connection = await mqtt.open(mqtt.settings.parse({ broker: address, ...settings }), context);
  let ups = 0;
  const waiting: { times: number; resolve(): void }[] = [];
  connection.onReady?.(() => {
    ups += 1;
    for (const { times, resolve } of waiting) if (ups >= times) resolve();
  });
  const never = new AbortController().signal;
  return {
    connection,
    context,
    up: (times = 1) => new Promise<void>((resolve) => (ups >= times ? resolve() : waiting.push({ times, resolve }))),
    send: (topic, { id = 'event/rule/0', signal = never, payload = 'x', ...more } = {}) =>
      connection.send({ topic, payload, ...more } as Record<string, Json>, { id, attempt: 1, signal }),
  };
}
