// The look at Slack: whose token it is and what it may do. Nothing is posted.
import { type ProbeContext, type Probed, probedWithin, withHint } from '../../core/probe.ts';
import type { Secret } from '../../core/secret.ts';
import { type Answer, callWebhook, createCall } from './api.ts';
import type { SlackSettings } from './settings.ts';

export async function probe(settings: SlackSettings, { signal }: ProbeContext): Promise<Probed> {
  const { token, webhookUrl } = settings;
  const look =
    webhookUrl !== undefined
      ? probeWebhook(webhookUrl, signal)
      : token === undefined
        ? Promise.resolve<Probed>({ error: 'the connection has neither token nor webhookUrl' })
        : probeToken(token, settings, signal);
  return probedWithin(signal, look);
}

/** `auth.test` needs no scope; its answer names the scopes in a header (docs.slack.dev, auth.test). */
async function probeToken(
  token: Secret,
  { appToken, apiUrl, channel }: SlackSettings,
  signal: AbortSignal,
): Promise<Probed> {
  const answer = await createCall(token, apiUrl)('auth.test', {}, signal);
  if (!answer.ok) return failed(answer);
  const { team, user } = answer.data;
  const scopes = scopesOf(answer.data);
  if (scopes !== undefined && !scopes.includes('chat:write'))
    return { error: 'the app may not post; add the scope chat:write and install it again' };
  // Opens nothing by itself: the address that it gives is not used.
  const socket =
    appToken === undefined ? undefined : await createCall(appToken, apiUrl)('apps.connections.open', {}, signal);
  if (socket !== undefined && !socket.ok) return { error: `appToken: ${failed(socket).error}` };
  const where = channel === undefined ? '' : `; whether it may post to ${channel} shows the first message`;
  return { works: `the token is that of ${nameOf(user, 'a bot')} in ${nameOf(team, 'a workspace')}${where}` };
}

/** An empty message is refused by a webhook that works, as having no text, and nobody sees it. */
async function probeWebhook(url: Secret, signal: AbortSignal): Promise<Probed> {
  const answer = await callWebhook(url, {}, signal);
  if (!answer.ok && answer.word === 'no_text') return { works: 'the webhook takes messages' };
  return answer.ok ? { error: 'what answers there is not Slack; check webhookUrl' } : failed(answer);
}

const failed = ({ outcome }: Answer & { ok: false }) => ({ error: withHint(outcome.error, outcome.code) });

function scopesOf({ response_metadata }: Record<string, unknown>): string[] | undefined {
  const { scopes } = (response_metadata ?? {}) as { scopes?: unknown };
  return Array.isArray(scopes) ? scopes.map(String) : undefined;
}

/** Names of a workspace are its own; what looks odd is not repeated. */
const nameOf = (name: unknown, otherwise: string): string =>
  typeof name === 'string' && /^[\p{L}\p{N} ._&'-]{1,80}$/u.test(name) ? name : otherwise;
