// What Slack's error words mean for a delivery: wait, try again, or give up with a text that says what to do.
import type { Outcome } from '../../core/delivery.ts';

/**
 * The connection as a whole may not post: a person has to act in Slack or in the config. Nothing is wrong with the message, so
 * it waits (until its time to live is over) instead of turning a whole backlog into dead letters.
 */
const CONNECTION: Record<string, string> = {
  invalid_auth: 'the token is wrong; set a valid bot token',
  not_authed: 'the token is missing; set a valid bot token',
  account_inactive: 'the app or its user was deactivated; install the app again and set its new token',
  token_revoked: 'the token was revoked; install the app again and set its new token',
  token_expired: 'the token has expired; set a new one',
  not_allowed_token_type:
    'this kind of token does not fit; token is a bot token (xoxb-…), appToken an app-level one (xapp-…)',
  no_permission: 'the token may not post; check the scopes of the app',
  access_denied: 'the workspace denies access; ask its administrator',
  ekm_access_denied: 'the workspace has suspended posting; ask its administrator',
  org_login_required: 'the workspace is being moved; posting works again afterwards',
  team_access_not_granted: 'the app is not approved for this workspace; ask its administrator',
  accesslimited: 'the workspace limits access to the API; ask its administrator',
  two_factor_setup_required: "the token's user must set up two-factor authentication",
  invalid_token: 'the webhook was revoked; make a new one and set its URL',
  no_service: 'the webhook was removed or switched off; make a new one and set its URL',
  no_active_hooks: 'the webhook was switched off; make a new one and set its URL',
  no_team: 'the workspace of the webhook does not exist any more; set another URL',
  team_disabled: 'the workspace of the webhook is disabled',
  action_prohibited: 'an administrator has restricted the webhook; ask them',
};

/** Slack's own trouble. */
const TEMPORARY = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'rollup_error',
  'team_added_to_org',
]);

const RATE = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);

/** Words that end this message. The list holds those for which there is something to say; any other word ends it too. */
const MESSAGE: Record<string, string> = {
  no_channel: 'the message names no channel and the connection has none; set its channel',
  channel_not_found: 'name a channel that exists; into a private one, invite the bot with /invite @<its name>',
  not_in_channel: 'invite the bot with /invite @<its name> in that channel',
  is_archived: 'the channel is archived; name another one',
  channel_is_archived: 'the channel is archived; name another one',
  user_not_found: 'name a user or channel that exists',
  msg_too_long: 'make the text shorter',
  no_text: 'the text is empty',
  message_not_found: 'somebody deleted the message',
  cant_update_message: 'the message was posted by another app; the next one is posted anew',
  edit_window_closed: 'the workspace forbids editing messages; ask its administrator, or send texts instead of a card',
  thread_not_found: 'the message that this one answers does not exist any more',
  cannot_reply_to_message: 'the message that this one answers takes no answers',
  invalid_blocks: 'Slack does not take the blocks of the message; please report it with the event',
  msg_blocks_too_long: 'the message is too long; make the text shorter',
  restricted_action_thread_only_channel: 'only answers may be posted there; name another channel',
  restricted_action_thread_locked: 'the thread is locked; post without "thread"',
  metadata_too_large: 'the name of the site is too long for a card',
  restricted_action: 'the settings of the workspace forbid posting there; ask its administrator',
  posting_to_general_channel_denied: 'the workspace forbids posting into its general channel; name another one',
  restricted_action_read_only_channel: 'the channel is read-only; name another one or let the bot post',
};

/** What each method needs, where Slack's answer does not name it. Source: docs.slack.dev, the page of each method. */
const SCOPES: Record<string, string> = {
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'conversations.history': 'channels:history (groups:history for private channels)',
  'conversations.list': 'channels:read (groups:read for private channels)',
  'apps.connections.open': 'connections:write',
};

/** How long everything for one channel waits where Slack asks to wait and does not say how long, in ms. */
const THROTTLED_MS = 10_000;

/** How long a connection that a person must repair is left alone, in ms: asking more often mends nothing. */
const REPAIR_MS = 60_000;

/** What an answer said beside its word: `afterMs` of `Retry-After`, the method that was called, and the scopes it would need. */
export type Said = { afterMs?: number | undefined; method?: string; needed?: unknown };

/**
 * The outcome of an error word (`ok: false`, or the body of a webhook's answer).
 * Source of the words: docs.slack.dev, chat.postMessage, chat.update and "Sending messages using incoming webhooks".
 */
export function outcomeOfWord(word: string, { afterMs, method = 'chat.postMessage', needed }: Said = {}): Outcome {
  const error = (hint: string): string => `Slack says ${word}: ${hint}`;
  const repair = word === 'missing_scope' ? scopeHint(method, needed) : lookUp(CONNECTION, word);
  if (repair !== undefined) return { kind: 'unavailable', code: word, error: error(repair), afterMs: REPAIR_MS };
  if (RATE.has(word)) return throttled(word, afterMs);
  if (TEMPORARY.has(word)) return { kind: 'retry', code: word, error: error('its own trouble'), ...after(afterMs) };
  return { kind: 'dead', code: word, error: error(lookUp(MESSAGE, word) ?? 'the message cannot be posted like this') };
}

/** Slack names the scopes in `needed`; what does not look like scopes comes from somebody in between. */
function scopeHint(method: string, needed: unknown): string {
  const named = typeof needed === 'string' && /^[a-z][a-z:._,-]{1,120}$/.test(needed) ? needed : undefined;
  const scopes = named ?? lookUp(SCOPES, method) ?? 'chat:write';
  return `the app lacks a scope; add ${scopes} and install it again`;
}

/** The outcome of an HTTP status that is not 200, by the table that all HTTP destinations share. */
export function outcomeOfStatus(status: number, afterMs: number | undefined): Outcome {
  const code = String(status);
  if (status === 429) return throttled(code, afterMs);
  if (status === 503 && afterMs !== undefined)
    return { kind: 'unavailable', code, error: `Slack asks to wait (${code})`, afterMs };
  if (status === 401 || status === 403 || status === 407)
    return {
      kind: 'unavailable',
      code,
      error: `access was denied (${code}); check token and apiUrl`,
      afterMs: REPAIR_MS,
    };
  if (status >= 300 && status < 400)
    return { kind: 'retry', code, error: `the address moved (${code}), which is not followed; set the new one` };
  if (status >= 400 && status < 500 && status !== 408 && status !== 425)
    return { kind: 'dead', code, error: `the message was refused (${code})` };
  return { kind: 'retry', code, error: `Slack answered ${code}`, ...after(afterMs) };
}

/** A word as Slack writes them; anything else in its place comes from somebody in between. */
export const isErrorWord = (text: unknown): text is string =>
  typeof text === 'string' && /^[a-z][a-z0-9_]{1,79}$/.test(text);

/** Slack counts per channel and method, so the others go on; and nothing was posted, so no attempt is used up. */
function throttled(code: string, afterMs = THROTTLED_MS): Outcome {
  return { kind: 'later', code, error: `Slack asks to wait (${code})`, afterMs };
}

const after = (afterMs: number | undefined) => (afterMs === undefined ? {} : { afterMs });

const lookUp = (table: Record<string, string>, word: string): string | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined;
