// Taking a call by a click: claimed once, and whoever comes too late is told so.
import type { CallClaim, OpenContext } from '../../core/destination.ts';
import type { Call } from './api.ts';
import { encodeSlackText } from './encode.ts';
import type { Click } from './envelope.ts';

const REMEMBERED_MAX = 1_000;

/** Resolves when it is durable that the call is taken, or that it is not; rejects if nobody could put it down. */
export type Take = (click: Click, envelopeId: string, signal: AbortSignal) => Promise<void>;

/**
 * `claim` says whether the call is known; the card changes by the event that follows from it. A repeat of an envelope, and a
 * second click on the same call, claim nothing.
 */
export function createTaking(call: Call, claim: (claim: CallClaim) => Promise<boolean>, context: OpenContext): Take {
  const envelopes = new Map<string, Promise<void>>();
  /** By site and call: who takes it. */
  const calls = new Map<string, Promise<{ by: string; taken: boolean }>>();

  const count = (result: string): void => context.count('slack_clicks', { to: context.name, result });

  async function tell({ user, channel }: Click, text: string, signal: AbortSignal): Promise<void> {
    if (channel === undefined) return;
    const answer = await call('chat.postEphemeral', { channel, user, text, link_names: false, parse: 'none' }, signal);
    if (!answer.ok) context.log.debug('slack_click_unanswered', { connection: context.name, code: answer.word });
  }

  async function claimOnce(click: Click): Promise<{ by: string; taken: boolean; mine: boolean }> {
    const name = JSON.stringify([click.site, click.call]);
    const before = calls.get(name);
    if (before !== undefined) {
      const settled = await before.catch(() => undefined);
      if (settled?.taken) return { ...settled, mine: false };
    }
    const { site, call: key, by } = click;
    const mine = claim({ site, call: key, by }).then((taken) => ({ by, taken }));
    remember(calls, name, mine);
    const { taken } = await mine;
    return { by, taken, mine: true };
  }

  async function take(click: Click, signal: AbortSignal): Promise<void> {
    const { by, taken, mine } = await claimOnce(click);
    count(!taken ? 'unknown' : mine ? 'taken' : 'too_late');
    if (!taken) void tell(click, 'This call is too old to be taken.', signal);
    else if (!mine && by !== click.by) void tell(click, `Already taken by ${encodeSlackText(by)}.`, signal);
  }

  return (click, envelopeId, signal) => {
    const before = envelopes.get(envelopeId);
    if (before !== undefined) {
      count('repeated');
      return before;
    }
    const now = take(click, signal);
    remember(envelopes, envelopeId, now);
    // One that failed may come again.
    now.catch(() => envelopes.delete(envelopeId));
    return now;
  };
}

function remember<T>(all: Map<string, T>, key: string, value: T): void {
  all.delete(key);
  all.set(key, value);
  const oldest = all.size > REMEMBERED_MAX ? all.keys().next().value : undefined;
  if (oldest !== undefined) all.delete(oldest);
}
