// What the tests of the Slack destination share: its grammar, a server with a connection to it, one message.
import { afterEach } from 'vitest';
import type { CallCard } from '../../src/core/call-card.ts';
import type { Json, Outcome } from '../../src/core/delivery.ts';
import type { Connection, SendMeta } from '../../src/core/destination.ts';
import { Secret } from '../../src/core/secret.ts';
import { slack } from '../../src/destinations/slack/index.ts';
import type { SlackSettings } from '../../src/destinations/slack/settings.ts';
import { testContext } from '../support/destination-contract.ts';
import { startSlackServer } from '../support/slack-server.ts';
import { createVirtualTime, START_WALL_MS, type VirtualTime } from '../support/virtual-clock.ts';

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

/** A server and a connection to it, whose clock stands still until a test lets time pass. */
export async function connect(mode: 'token' | 'webhook' = 'token', token = TOKEN, more: Partial<SlackSettings> = {}) {
  const server = await startSlackServer(TOKEN);
  cleanups.push(() => server.stop());
  const given =
    mode === 'token'
      ? { ...settingsFor(server.port), token: new Secret(token), ...more }
      : { webhookUrl: new Secret(server.webhookUrl) };
  const time = createVirtualTime();
  const context = testContext({ clock: time.clock, random: time.random });
  const connection = await slack.open(slack.settings.parse(given), context);
  cleanups.push(() => connection.close());
  return { server, connection, time, context };
}

export const post = (
  connection: Connection,
  message: Record<string, Json> = { text: 'hello' },
  timeMs = 15_000,
  meta: Partial<SendMeta> = {},
): Promise<Outcome> =>
  connection.send(message, { id: 'e/r/0', attempt: 1, signal: AbortSignal.timeout(timeMs), ...meta });

/** A card as the engine fills it in: an incoming call that rings at three phones; what is given counts instead. */
export const cardWith = (given: Partial<CallCard> = {}): CallCard => ({
  type: 'call.ringing',
  at: new Date(START_WALL_MS + 1_000).toISOString(),
  site: 'default',
  key: '0190d2f4-0000-7000-8000-000000000001',
  direction: 'in',
  startedAt: new Date(START_WALL_MS + 1_000).toISOString(),
  remote: { number: '+493012345', name: 'Anna Schmidt', contact: null, kind: 'external' },
  phones: [
    { id: 'front-desk', name: 'Front desk', outcome: 'ringing' },
    { id: 'sales-1', name: 'Sales 1', outcome: 'ringing' },
    { id: 'workshop', name: null, outcome: 'ringing' },
  ],
  groups: ['sales'],
  answeredBy: null,
  ringSeconds: null,
  talkSeconds: null,
  outcome: null,
  correctedFrom: null,
  returnedBy: null,
  returnedAt: null,
  claimedBy: null,
  claimedAt: null,
  ...given,
});

export const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

/** What the outbox does for a destination, in small: tries again, keeps what it is told to keep, and sends the newest of a slot. */
export function createLittleOutbox(connection: Connection, time: VirtualTime) {
  const kept = new Map<string, Json>();
  return {
    kept,
    /** Sends until it is delivered or dead; waits as it is told. Returns every outcome. */
    async deliver(id: string, message: Record<string, Json>, attemptsMax = 20): Promise<Outcome[]> {
      const outcomes: Outcome[] = [];
      let attempt = 1;
      while (outcomes.length < attemptsMax) {
        const outcome = await post(connection, message, 15_000, { id, attempt, kept: (key) => kept.get(key) });
        outcomes.push(outcome);
        if (outcome.kind === 'delivered' && outcome.keep) kept.set(outcome.keep.key, outcome.keep.value);
        if (outcome.kind === 'delivered' || outcome.kind === 'dead') break;
        if (outcome.kind === 'retry') attempt += 1;
        await time.advance(('afterMs' in outcome ? outcome.afterMs : undefined) ?? 1_000);
      }
      return outcomes;
    },
  };
}
