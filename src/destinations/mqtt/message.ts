// Message: a rendered message made ready for the wire, or the reason why it can never go there.
import type { Json } from '../../core/delivery.ts';
import type { Publish, Qos } from './packet.ts';
import { contentTypeProblem, expirySecondsOf, userPropertiesProblem, userPropertyBytes } from './properties.ts';
import { PAYLOAD_BYTES_MAX } from './settings.ts';
import { topicProblem } from './topic.ts';

export type Ready = { topic: string; payload: string; json: boolean; qos: Qos | undefined; retain: boolean } & Extras;

/** What only MQTT 5 can say. */
type Extras = Pick<Publish, 'expirySeconds' | 'contentType' | 'userProperties'>;

/** Topics that were found good, so that the same few topics are not examined for every message. */
const goodTopics = new Set<string>();
const GOOD_TOPICS_MAX = 4_096;

/** Checks topic, payload and quality of service. A text is the reason why the message can never be sent. */
export function prepare(message: Record<string, Json>): Ready | string {
  const { topic, payload, qos, retain, ...rest } = message;
  if (typeof topic !== 'string') return 'topic is not a text';
  if (!goodTopics.has(topic)) {
    const problem = topicProblem(topic);
    if (problem !== undefined) return problem;
    if (goodTopics.size >= GOOD_TOPICS_MAX) goodTopics.clear();
    goodTopics.add(topic);
  }
  if (payload === undefined) return 'payload is missing';
  if (qos !== undefined && qos !== 0 && qos !== 1 && qos !== 2) return 'qos is not 0, 1 or 2';
  if (retain !== undefined && typeof retain !== 'boolean') return 'retain is not true or false';
  const json = typeof payload !== 'string';
  const text = json ? JSON.stringify(payload) : payload;
  // A UTF-16 unit takes three bytes at most, so that a short text need not be measured.
  if (text.length * 3 > PAYLOAD_BYTES_MAX && Buffer.byteLength(text) > PAYLOAD_BYTES_MAX)
    return `payload is longer than ${PAYLOAD_BYTES_MAX} bytes`;
  const extras = extrasOf(rest);
  if (typeof extras === 'string') return extras;
  return { topic, payload: text, json, qos, retain: retain === true, ...extras };
}

const NONE: Extras = Object.freeze({});

function extrasOf({ expiry, contentType, userProperties }: Record<string, Json>): Extras | string {
  if (expiry === undefined && contentType === undefined && userProperties === undefined) return NONE;
  const extras: Extras = {};
  if (expiry !== undefined) {
    const seconds = expirySecondsOf(expiry);
    if (seconds === undefined) return 'expiry is no span of at least a second';
    extras.expirySeconds = seconds;
  }
  if (contentType !== undefined) {
    const problem = contentTypeProblem(contentType);
    if (problem !== undefined) return `contentType ${problem}`;
    extras.contentType = String(contentType);
  }
  if (userProperties !== undefined) {
    const problem = userPropertiesProblem(userProperties);
    if (problem !== undefined) return problem;
    extras.userProperties = userPropertyBytes(Object.entries(userProperties as Record<string, string>));
  }
  return extras;
}

/** A retained message says all that an earlier one of its topic said. */
export const slotOf = ({ topic, retain }: Record<string, Json>): string | undefined =>
  retain === true && typeof topic === 'string' ? topic : undefined;
