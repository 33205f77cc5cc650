// What Slack says over Socket Mode: hello, goodbye, and envelopes, of which only the click on our own button means something.
import { z } from 'zod';
import { TAKE_ACTION } from './card.ts';
import { plainText } from './encode.ts';

const NAME_MAX = 80;

/** Somebody takes a call. `by` is a name that they chose. `channel` and `user` are ids: where they are told how it went. */
export type Click = { site: string; call: string; by: string; user: string; channel: string | undefined };

export type Said =
  | { kind: 'hello' }
  | { kind: 'disconnect'; reason: string }
  /** Wants an answer with its id. */
  | { kind: 'envelope'; id: string; click: Click | undefined }
  | { kind: 'other' };

const id = z.string().regex(/^[A-Z][A-Z0-9]{1,40}$/);

// Loose: Slack adds fields as it likes.
const spoken = z.looseObject({
  type: z.string().max(100).optional().catch(undefined),
  reason: z.string().max(100).optional().catch(undefined),
  envelope_id: z.string().min(1).max(200).optional().catch(undefined),
  payload: z.unknown().optional(),
});

const blockActions = z.looseObject({
  type: z.literal('block_actions'),
  user: z.looseObject({
    id,
    name: z.string().optional().catch(undefined),
    username: z.string().optional().catch(undefined),
  }),
  channel: z.looseObject({ id }).optional().catch(undefined),
  actions: z.array(z.unknown()).min(1).max(25),
});

const takeAction = z.looseObject({ action_id: z.literal(TAKE_ACTION), value: z.string().max(2_000) });

const taken = z.strictObject({
  v: z.literal(1),
  site: z.string().min(1).max(200),
  call: z.string().min(1).max(200),
});

/** Reads one message of Slack. Total: what is not understood is `other`. */
export function readSaid(text: string): Said {
  const read = spoken.safeParse(jsonOf(text));
  if (!read.success) return { kind: 'other' };
  const { type, reason, envelope_id: envelopeId, payload } = read.data;
  if (envelopeId !== undefined)
    return { kind: 'envelope', id: envelopeId, click: type === 'interactive' ? clickOf(payload) : undefined };
  if (type === 'hello') return { kind: 'hello' };
  return type === 'disconnect' ? { kind: 'disconnect', reason: reason ?? 'none' } : { kind: 'other' };
}

function clickOf(payload: unknown): Click | undefined {
  const read = blockActions.safeParse(payload);
  if (!read.success) return undefined;
  const { user, channel, actions } = read.data;
  for (const action of actions) {
    const ours = takeAction.safeParse(action);
    const meant = ours.success ? taken.safeParse(jsonOf(ours.data.value)) : undefined;
    if (meant?.success !== true) continue;
    const by = plainText(user.name ?? '', NAME_MAX) || plainText(user.username ?? '', NAME_MAX) || user.id;
    return { site: meant.data.site, call: meant.data.call, by, user: user.id, channel: channel?.id };
  }
  return undefined;
}

/** `undefined` is no JSON value, so it can stand for what is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
