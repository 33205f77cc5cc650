// Threads: what keeps the mails about one call together in mail programs, and the ids that say so.
//
// Every mail about a call refers to one id that is made from the call and was never sent itself. Programs that thread by
// references put mails that refer to the same id together, whether or not it is there (RFC 5256, section 3, THREAD=REFERENCES keeps a
// dummy message in its place). Gmail groups mails that refer to the same id only if their subjects are the same but for "Re:" (Google's notes
// on threading in conversation view, 2019). So a later mail has the first one's subject, and its own one stands in its body.
import { createHash } from 'node:crypto';
import type { Json, Kept } from '../../core/delivery.ts';

/** Gmail lets a conversation go after a week; calls are done by then, too. */
const REMEMBERED_MS = 14 * 86_400_000;

/** The first mail of a thread that went to these recipients. */
type First = { id: string; subject: string };

export type Thread = {
  references: string[];
  inReplyTo: string;
  /** The subject of the mail that began the thread; undefined for that mail itself. */
  subject?: string;
  /** To be remembered once this mail is delivered; undefined if the thread has begun before. */
  keep?: Kept;
};

const label = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 40);

/** `<…@domain>`: the same for each attempt of a delivery, so that mail programs can drop a repeat. */
export const messageIdOf = (deliveryId: string, domain: string): string => `<${label(deliveryId)}@${domain}>`;

/** Where one mail stands among those about its call. `list`: name of the list of recipients, who have threads of their own. */
export function placeInThread(
  card: Json | undefined,
  mail: First & { domain: string; list: string },
  kept: ((key: string) => Json | undefined) | undefined,
  nowMs: number,
): Thread | undefined {
  const call = callOf(card);
  if (call === undefined) return undefined;
  const root = `<${label(`call ${call}`)}@${mail.domain}>`;
  const key = `thread/${label(`${mail.list} ${call}`)}`;
  const first = firstOf(kept?.(key));
  if (first !== undefined && first.id !== mail.id)
    return { references: [root, first.id], inReplyTo: first.id, subject: first.subject };
  return {
    references: [root],
    inReplyTo: root,
    keep: { key, value: { id: mail.id, subject: mail.subject }, untilMs: nowMs + REMEMBERED_MS },
  };
}

/** Site and key, which name a call; undefined where the message carries no card. */
function callOf(card: Json | undefined): string | undefined {
  if (typeof card !== 'object' || card === null || Array.isArray(card) || typeof card.key !== 'string')
    return undefined;
  return JSON.stringify([card.site ?? null, card.key]);
}

function firstOf(value: Json | undefined): First | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { id, subject } = value;
  return typeof id === 'string' && typeof subject === 'string' ? { id, subject } : undefined;
}
