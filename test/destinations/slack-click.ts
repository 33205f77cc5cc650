// What the tests of Socket Mode share: a server that speaks it, a connection that listens, and clicks as Slack sends them.
import type { CallClaim } from '../../src/core/destination.ts';
import type { Clock } from '../../src/core/ports.ts';
import { Secret } from '../../src/core/secret.ts';
import { drawCard } from '../../src/destinations/slack/card.ts';
import { slack } from '../../src/destinations/slack/index.ts';
import { systemClock } from '../../src/ports.ts';
import { eventually, testContext } from '../support/destination-contract.ts';
import { startSlackServer } from '../support/slack-server.ts';
import { readBlocks } from './slack-blocks.ts';
import { cardWith, cleanups, settingsFor, TOKEN } from './slack-desk.ts';

export const APP_TOKEN = 'xapp-marker-4711';

/** The real clock, only quicker: minutes of waiting pass in a moment. */
const quick = (factor: number): Clock => ({
  wallMs: () => systemClock.wallMs(),
  monotonicMs: () => systemClock.monotonicMs() * factor,
  after: (delayMs, task) => systemClock.after(delayMs / factor, task),
});

type Claiming = (claim: CallClaim) => Promise<boolean>;

/** A connection that listens. `factor`: how much quicker its clock is than the real one. `before`: what happens to the server first. */
export async function listen(options: { factor?: number; claim?: Claiming; before?: (s: Server) => void } = {}) {
  const server = await startSlackServer(TOKEN, APP_TOKEN);
  cleanups.push(() => server.stop());
  options.before?.(server);
  const claims: CallClaim[] = [];
  const context = testContext({
    clock: quick(options.factor ?? 1),
    claim: async (claim) => {
      claims.push(claim);
      return options.claim === undefined ? true : options.claim(claim);
    },
  });
  const settings = slack.settings.parse({ ...settingsFor(server.port), appToken: new Secret(APP_TOKEN) });
  const connection = await slack.open(settings, context);
  cleanups.push(() => connection.close());
  const peer = async (n: number) => {
    await eventually(() => server.sockets.length > n, `socket ${n} opens`, 8_000);
    return server.sockets[n] as (typeof server.sockets)[number];
  };
  return { server, context, claims, connection, peer };
}
export type Server = Awaited<ReturnType<typeof startSlackServer>>;

/** The value of the button that a card really has. */
const VALUE = readBlocks(drawCard(cardWith(), true).blocks).buttons[0]?.value ?? '';

/** An envelope with a click on the button of a card. */
export const click = (envelope: string, given: Record<string, unknown> = {}, action: Record<string, unknown> = {}) => ({
  envelope_id: envelope,
  type: 'interactive',
  accepts_response_payload: false,
  payload: {
    type: 'block_actions',
    user: { id: 'U0123456789', username: 'bob', name: 'bob', team_id: 'T0123456789' },
    channel: { id: 'C0123456789', name: 'reception' },
    actions: [{ type: 'button', action_id: 'hookswitch_take', block_id: 'hookswitch_call', value: VALUE, ...action }],
    ...given,
  },
});

/** Answers that one person alone sees. */
export const told = (server: Server) => server.calls.filter(({ method }) => method === 'chat.postEphemeral');
