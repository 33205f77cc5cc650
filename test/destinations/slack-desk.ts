// What the tests of the Slack destination share: its grammar, a server with a connection to it, one message.
import { afterEach } from 'vitest';
import type { Json, Outcome } from '../../src/core/delivery.ts';
import type { Connection } from '../../src/core/destination.ts';
import { Secret } from '../../src/core/secret.ts';
import { slack } from '../../src/destinations/slack/index.ts';
import { testContext } from '../support/destination-contract.ts';
import { startSlackServer } from '../support/slack-server.ts';

export const TOKEN = 'xoxb-marker-4711';
export const JOINER = '\u2060';

/** Slack's grammar, written from its documentation: `<…>` is a control token, three entities exist, the rest is text. */
export function readSlack(text: string): { tokens: string[]; text: string } {
  const tokens: string[] = [];
  const plain = text.replace(/<([^>]*)>/g, (_whole, token: string) => {
    tokens.push(token);
    return '';
  });
  if (/[<>]/.test(plain)) throw new Error(`a bracket that is no token: ${JSON.stringify(plain)}`);
  if (/&(?!amp;|lt;|gt;)/.test(plain)) throw new Error(`an ampersand that is no entity: ${JSON.stringify(plain)}`);
  const decoded = plain.replace(
    /&(amp|lt|gt);/g,
    (_whole, name: string) => ({ amp: '&', lt: '<', gt: '>' })[name] ?? '',
  );
  return { tokens, text: decoded };
}

/** What a client turns into a link or a mention by itself, although nothing marks it. */
export const LINKABLE = /:\/\/|www\.\p{L}|@[\p{L}\p{N}]|[\p{L}\p{N}]\.\p{L}{2}/u;

export const withoutJoiners = (text: string): string => text.replaceAll(JOINER, '');

export const settingsFor = (port: number) => ({
  token: new Secret(TOKEN),
  channel: '#reception',
  apiUrl: `http://127.0.0.1:${port}/api/`,
});

export const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export async function connect(mode: 'token' | 'webhook' = 'token', token = TOKEN) {
  const server = await startSlackServer(TOKEN);
  cleanups.push(() => server.stop());
  const given =
    mode === 'token'
      ? { ...settingsFor(server.port), token: new Secret(token) }
      : { webhookUrl: new Secret(server.webhookUrl) };
  const connection = await slack.open(slack.settings.parse(given), testContext());
  cleanups.push(() => connection.close());
  return { server, connection };
}

export const post = (
  connection: Connection,
  message: Record<string, Json> = { text: 'hello' },
  timeMs = 15_000,
): Promise<Outcome> => connection.send(message, { id: 'e/r/0', attempt: 1, signal: AbortSignal.timeout(timeMs) });
