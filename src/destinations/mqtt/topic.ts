// Topics: how a caller's text becomes one level, and which topics may leave the house.

/** Bytes of a topic. MQTT allows 65,535; nobody needs them, and some brokers and all dashboards suffer long before. */
export const TOPIC_BYTES_MAX = 1_024;

/** Levels of a topic. Mosquitto drops the connection above 200, aedes above 100. */
export const TOPIC_LEVELS_MAX = 100;

// Control characters, lone surrogates and non-characters: a server may close the connection on them (MQTT 5.0, 1.5.4).
const UNFIT = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const LEVEL_UNSAFE = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}/+#%]|^\$/gu;
const LEVEL_PLAIN = /^[A-Za-z0-9_.:@ -]+$/;

/**
 * One value as one level of a topic: `/ + # %`, control characters, non-characters and a leading `$` are percent-encoded as
 * UTF-8, a lone surrogate becomes U+FFFD, nothing becomes `_`. `decodeURIComponent` reads the value back. Never throws.
 */
export function encodeLevel(value: string): string {
  if (LEVEL_PLAIN.test(value)) return value;
  return value === '' ? '_' : value.replace(LEVEL_UNSAFE, percentEncode);
}

function percentEncode(piece: string): string {
  if (/\p{Cs}/u.test(piece)) return '\uFFFD';
  let text = '';
  for (const byte of Buffer.from(piece)) text += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return text;
}

/** Why a topic can never be published, or undefined. Such a topic makes brokers drop the connection with all that is in flight. */
export function topicProblem(topic: string): string | undefined {
  if (topic === '') return 'topic is empty';
  if (topic.length > TOPIC_BYTES_MAX || Buffer.byteLength(topic) > TOPIC_BYTES_MAX)
    return `topic is longer than ${TOPIC_BYTES_MAX} bytes`;
  if (topic.startsWith('$')) return 'topic begins with $, which belongs to the broker';
  if (topic.includes('+') || topic.includes('#')) return 'topic holds a wildcard (+ or #)';
  if (UNFIT.test(topic)) return 'topic holds a control character or one that is no character';
  const levels = topic.split('/');
  if (levels.length > TOPIC_LEVELS_MAX) return `topic has more than ${TOPIC_LEVELS_MAX} levels`;
  if (levels.includes('')) return 'topic has an empty level (it begins or ends with /, or holds //)';
  return undefined;
}

const TAG = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;

/** Why no value could ever make a good topic of this template: every tag is taken as one harmless character. */
export const topicTemplateProblem = (template: string): string | undefined => topicProblem(template.replace(TAG, 'x'));
