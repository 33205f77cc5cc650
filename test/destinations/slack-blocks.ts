// Slack's grammar of blocks, written from docs.slack.dev for the tests: what is structure, what is text, and what is too long.
import { expect } from 'vitest';

export type Read = {
  /** The structure with every free text taken out: two messages with the same shape differ in words only. */
  shape: string;
  /** Every free text, in order. */
  texts: string[];
  /** Whatever notifies, links or names somebody. */
  active: unknown[];
  /** Buttons, by action. */
  buttons: { action: string; label: string; value: string }[];
};

type Node = Record<string, unknown>;

const KEYS: Record<string, string[]> = {
  header: ['type', 'text'],
  section: ['type', 'text'],
  rich_text: ['type', 'elements'],
  rich_text_section: ['type', 'elements'],
  rich_text_preformatted: ['type', 'elements'],
  actions: ['type', 'block_id', 'elements'],
  button: ['type', 'action_id', 'text', 'value'],
  plain_text: ['type', 'text', 'emoji'],
  mrkdwn: ['type', 'text', 'verbatim'],
  text: ['type', 'text', 'style'],
  link: ['type', 'url', 'text'],
  user: ['type', 'user_id'],
  channel: ['type', 'channel_id'],
  usergroup: ['type', 'usergroup_id'],
  broadcast: ['type', 'range'],
  date: ['type', 'timestamp', 'format', 'fallback'],
};

const TEXT_MAX: Record<string, number> = { header: 150, section: 3_000, button: 75 };
const ACTIVE = ['link', 'user', 'channel', 'usergroup', 'broadcast', 'mrkdwn'];

/** Reads blocks; throws on anything that Slack would refuse. */
export function readBlocks(blocks: unknown): Read {
  const read: Read = { shape: '', texts: [], active: [], buttons: [] };
  if (!Array.isArray(blocks) || blocks.length < 1 || blocks.length > 50) throw new Error('1 to 50 blocks');
  const shape = blocks.map((block) => readNode(block as Node, '', read));
  read.shape = JSON.stringify(shape);
  return read;
}

function readNode(node: Node, parent: string, read: Read): unknown {
  const { type } = node;
  if (typeof type !== 'string' || KEYS[type] === undefined) throw new Error(`no such type: ${String(type)}`);
  expect(KEYS[type]).toEqual(expect.arrayContaining(Object.keys(node)));
  if (ACTIVE.includes(type)) read.active.push(node);
  const shape: Node = { type };
  if (typeof node.text === 'string' && type !== 'link') {
    const most = TEXT_MAX[parent] ?? 3_000;
    if (node.text.length < 1 || node.text.length > most) throw new Error(`text of ${node.text.length} in ${parent}`);
    if (/\p{Surrogate}/u.test(node.text)) throw new Error('half a character');
    read.texts.push(node.text);
    shape.style = node.style;
  } else if (typeof node.text === 'object') shape.text = readNode(node.text as Node, type, read);
  if (Array.isArray(node.elements)) {
    if (node.elements.length < 1 || node.elements.length > 25 * 40) throw new Error('elements');
    shape.elements = node.elements.map((element) => readNode(element as Node, type, read));
    const characters = JSON.stringify(node.elements).length;
    if (characters > 12_000) throw new Error(`a block of ${characters} characters`);
  }
  if (type === 'button') {
    if (typeof node.value !== 'string' || node.value.length > 2_000) throw new Error('value of a button');
    const label = (node.text as Node).text as string;
    read.buttons.push({ action: String(node.action_id), label, value: node.value });
  }
  if (type === 'date' && !Number.isInteger(node.timestamp)) throw new Error('a date without whole seconds');
  return shape;
}
