// Requests: what people and Home Assistant ask of Hookswitch over MQTT, and the answers.
import type { Json } from '../../../core/delivery.ts';
import type { PhoneCommand, PhoneFeed } from '../../../core/phone-view.ts';
import type { Log } from '../../../core/ports.ts';
import { didYouMean } from '../../../core/problems.ts';
import type { Incoming } from '../link.ts';
import type { Bridge } from './bridge.ts';
import type { Topics } from './topics.ts';

/** Bytes of one request. */
const REQUEST_BYTES_MAX = 4_096;
/** Requests that are worked on at once; each order about a phone is written to the journal. */
const AT_ONCE_MAX = 16;
const TRANSACTION_CHARACTERS_MAX = 128;
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const COMMAND = /^[a-z_]{1,32}(?:\/[a-z_]{1,32})?$/;

const PHONE_COMMANDS: readonly PhoneCommand[] = ['clear_missed', 'reset'];
const BRIDGE_COMMANDS = ['phones/list', 'discovery/republish', 'health', 'phone/reset', 'phone/clear_missed'];
/** Asked of other bridges by this name; what to do instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'phone/rename': 'names and phones stand in the config file; change "name" of the phone there',
  'phone/remove': 'names and phones stand in the config file; remove the phone there',
};

type Answer = { data: Json } | { error: string };

export type Requests = {
  /** A message that came in; true if it is a request. Retained ones are old: they are ignored. */
  take(message: Incoming): boolean;
};

export type RequestsOptions = {
  topics: Topics;
  feed: PhoneFeed;
  bridge: Bridge;
  log: Log;
  connection: string;
  /** Sends discovery and states once more. */
  republish(): void;
  respond(topic: string, payload: Json): void;
};

export function createRequests(options: RequestsOptions): Requests {
  const { topics, log, connection } = options;
  let working = 0;

  function answer(name: string, transaction: Json | undefined, task: () => Promise<Answer>): void {
    const topic = topics.response(COMMAND.test(name) ? name : 'unknown');
    const extra = transaction === undefined ? {} : { transaction };
    const refuse = (error: string): void => options.respond(topic, { status: 'error', data: {}, error, ...extra });
    if (working >= AT_ONCE_MAX) {
      refuse('too many requests at once; try again');
      return;
    }
    working += 1;
    void task().then((result) => {
      working -= 1;
      if ('error' in result) refuse(result.error);
      else options.respond(topic, { status: 'ok', data: result.data, error: null, ...extra });
    });
  }

  return {
    take({ topic, payload, retain }) {
      const asked = askedOf(topic, topics);
      if (asked === undefined) return false;
      if (retain) {
        log.warn('ha.retained-request-ignored', {
          connection,
          phone: asked.phone,
          command: asked.command.slice(0, 64),
        });
        return true;
      }
      const { phone, command } = asked;
      if (payload.length > REQUEST_BYTES_MAX) {
        const error = `the request is longer than ${REQUEST_BYTES_MAX} bytes`;
        answer(phone === undefined ? command : `phone/${command}`, undefined, async () => ({ error }));
        return true;
      }
      const parameters = parametersOf(payload);
      if (phone === undefined) answer(command, parameters.transaction, () => perform(options, command, parameters));
      else
        answer(`phone/${command}`, parameters.transaction, async () =>
          isPhoneCommand(command) ? order(options, phone, command) : { error: unknownCommand(command, PHONE_COMMANDS) },
        );
      return true;
    },
  };
}

async function perform(options: RequestsOptions, command: string, { id }: Parameters): Promise<Answer> {
  switch (command) {
    case 'phones/list':
      return { data: options.bridge.phones() };
    case 'health':
      return { data: options.bridge.health() };
    case 'discovery/republish':
      options.republish();
      return { data: {} };
    case 'phone/reset':
      return order(options, id, 'reset');
    case 'phone/clear_missed':
      return order(options, id, 'clear_missed');
    default:
      return { error: unknownCommand(command, BRIDGE_COMMANDS) };
  }
}

async function order({ feed, log, connection }: RequestsOptions, id: unknown, command: PhoneCommand): Promise<Answer> {
  if (typeof id !== 'string') return { error: 'id: is missing; it must be the id of a phone, {"id": "…"}' };
  if (!ID.test(id)) return { error: 'id: is not the id of a phone; letters, digits, _ and -' };
  try {
    const there = await feed.command(id, command);
    if (there) return { data: { id } };
  } catch (error) {
    log.warn('ha.request-failed', { connection, command, error: error instanceof Error ? error.name : 'unknown' });
    return { error: 'it could not be written down; try again' };
  }
  return { error: `id: there is no phone ${JSON.stringify(id)}; see phones/list` };
}

const isPhoneCommand = (command: string): command is PhoneCommand =>
  (PHONE_COMMANDS as readonly string[]).includes(command);

function unknownCommand(command: string, known: readonly string[]): string {
  const elsewhere = Object.hasOwn(ELSEWHERE, command) ? ELSEWHERE[command] : undefined;
  if (elsewhere !== undefined) return `${command}: cannot be asked for; ${elsewhere}`;
  return `there is no request ${JSON.stringify(command.slice(0, 64))}; ${didYouMean(command, known) ?? known.join(', ')}`;
}

function askedOf(topic: string, topics: Topics): { phone?: string; command: string } | undefined {
  if (topic.startsWith(topics.bridgeRequest)) return { command: topic.slice(topics.bridgeRequest.length) };
  if (!topic.startsWith(topics.phones)) return undefined;
  const [phone, request, command, ...more] = topic.slice(topics.phones.length).split('/');
  if (phone === undefined || request !== 'request' || command === undefined || more.length > 0) return undefined;
  return { phone, command };
}

type Parameters = { id?: unknown; transaction?: string | number };

/** Only an object has parameters; anything else, such as a button's PRESS, has none. */
function parametersOf(payload: Buffer): Parameters {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString());
  } catch {
    return {};
  }
  if (typeof value !== 'object' || value === null) return {};
  const { id, transaction } = value as Record<string, unknown>;
  const fits =
    typeof transaction === 'number' ||
    (typeof transaction === 'string' && transaction.length <= TRANSACTION_CHARACTERS_MAX);
  return { ...(id === undefined ? {} : { id }), ...(fits ? { transaction } : {}) };
}
