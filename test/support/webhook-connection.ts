// An open webhook connection for tests, with a resolver and a clock of the test's own.
import type { Json, Outcome } from '../../src/core/delivery.ts';
import type { Clock } from '../../src/core/ports.ts';
import { open } from '../../src/destinations/webhook/client.ts';
import { webhook } from '../../src/destinations/webhook/index.ts';
import type { WebhookSettings } from '../../src/destinations/webhook/settings.ts';
import { systemClock } from '../../src/ports.ts';
import { type TestContext, testContext } from './destination-contract.ts';

export type WebhookUnderTest = {
  context: TestContext;
  post(message?: Record<string, Json>, id?: string, kept?: (key: string) => Json | undefined): Promise<Outcome>;
  close(): Promise<void>;
};

/** A clock on which a hundred seconds pass in one. */
export const fastClock: Clock = { ...systemClock, after: (delayMs, task) => systemClock.after(delayMs / 100, task) };

/** Settings that may reach the servers of the tests. */
export const LOOPBACK = { allowPrivate: ['127.0.0.0/8'] };

/** Opens as the daemon does: through the settings' schema. Throws where that refuses them. */
export async function openWebhook(
  settings: Record<string, unknown>,
  ports: {
    clock?: Clock;
    resolve?: (host: string) => Promise<string[]>;
    ownAddresses?: () => { host: string; port: number }[];
  } = {},
): Promise<WebhookUnderTest> {
  const { clock, ownAddresses } = ports;
  const context = testContext({ ...(clock && { clock }), ...(ownAddresses && { ownAddresses }) });
  const parsed = webhook.settings.parse(settings) as WebhookSettings;
  const connection = await open(parsed, context, ports.resolve);
  return {
    context,
    post: (message = { body: { hello: 'world' } }, id = 'event-1/rule-1/0', kept) =>
      connection.send(message, {
        id,
        attempt: 1,
        signal: AbortSignal.timeout(webhook.timeoutMs),
        ...(kept && { kept }),
      }),
    close: () => connection.close(),
  };
}
