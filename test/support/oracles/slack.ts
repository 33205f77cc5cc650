// Oracle of Slack: the body of a call of its Web API. Written from docs.slack.dev: "Formatting message text", "Block Kit".
import type { HttpRequest } from '../http-server.ts';
import { readHead } from './http.ts';
import { type Reading, readJson, strictUtf8 } from './reading.ts';

/** What a client turns into a link or a mention by itself, although nothing marks it. */
const LINKABLE = /:\/\/|www\.\p{L}|@[\p{L}\p{N}]|[\p{L}\p{N}]\.\p{L}{2}/gu;
/** Keys whose texts say what an element is or where it leads: an author's alone. */
const SAYS_WHAT = new Set([
  'type',
  'style',
  'url',
  'image_url',
  'user_id',
  'channel_id',
  'usergroup_id',
  'range',
  'parse',
]);
const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** Text in which `<…>` is a control token, three entities exist, and addresses become links. */
function readMrkdwn(text: string, { structure, values }: Reading): void {
  const plain = text.replace(/<([^>]*)>/g, (_whole, token: string) => {
    structure.push(`<${token}>`);
    return '';
  });
  if (/[<>]/.test(plain)) throw new Error(`a bracket that is no token: ${JSON.stringify(plain)}`);
  if (/&(?!amp;|lt;|gt;)/.test(plain)) throw new Error(`an ampersand that is no entity: ${JSON.stringify(plain)}`);
  const shown = plain.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity] ?? '');
  for (const [link] of shown.matchAll(LINKABLE)) structure.push(`link ${link}`);
  values.push(shown);
}

/** They turn the reading order of what stands around them; and what no name holds. */
const UNFIT = /[\u061c\u200e\u200f\u202a-\u202e\u2066\u2067\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

function readText(text: string, path: readonly string[], into: Reading, parents: ReadonlyMap<string, string>): void {
  const key = path.at(-1) ?? '';
  const kind = parents.get(path.slice(0, -1).join('.'));
  if (UNFIT.test(text)) throw new Error(`a control character at ${path.join('.')}`);
  if (SAYS_WHAT.has(key)) into.structure.push(`${key} ${text}`);
  else if (path.length === 1 && key === 'blocks') readTree(JSON.parse(text), into);
  else if (key === 'text' && (path.length === 1 || kind === 'mrkdwn')) readMrkdwn(text, into);
  else into.values.push(text);
}

/** A tree in which `type` says how a text beside it is read. */
function readTree(tree: unknown, into: Reading): void {
  const kinds = new Map<string, string>();
  const find = (node: unknown, path: string[]): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type } = node as { type?: unknown };
    if (typeof type === 'string') kinds.set(path.join('.'), type);
    for (const [key, each] of Object.entries(node)) find(each, [...path, key]);
  };
  find(tree, []);
  readJson(tree, into, (text, path, reading) => readText(text, path, reading, kinds));
}

/** One request to the Web API or to an incoming webhook. */
export function readSlackRequest(request: HttpRequest): Reading {
  const reading: Reading = { structure: [], values: [] };
  readHead(request, reading);
  const body = strictUtf8(request.body);
  const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  readTree(form ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body), reading);
  return reading;
}
