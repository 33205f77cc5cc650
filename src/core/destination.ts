// Destination: a kind of place a delivery can go. One declaration gives validation, schema, reference page and docs.
import type { ZodType, z } from 'zod';
import type { Delivery, Json, Outcome } from './delivery.ts';
import type { PhoneFeed } from './phone-view.ts';
import type { Clock, Count, Log, Random } from './ports.ts';
import type { Preview } from './preview.ts';
import type { ProbeContext, Probed } from './probe.ts';

/** Encodes one hostile value for one place in one destination's grammar. Total: never throws, also for lone surrogates. */
export type Encode = (value: string) => string;

/**
 * How a field of a message is written in a rule. A field that is not listed is a constant: a template in it is a problem.
 * `text`: a template whose every value goes through `encode`. `json`: a JSON tree whose string leaves are templates; a leaf
 * that is exactly `"{{ path }}"` keeps its type. `textOrJson`: an object or array is a tree, a string is a text.
 * `texts`: an object whose values are texts, its keys constant.
 * `call`: `true` becomes the call as it stands (a CallCard), in rules whose events are all `call.*`.
 * `group`: `true` becomes the events that came together (an EventGroup), in rules that count or wait.
 * `choice`: one constant, or a list of `{ "during" | "outside": schedule, "use": constant }` of which the first counts that holds
 * when the rule acts, the last one without a schedule.
 */
export type TemplateSpec =
  | { as: 'text'; encode: Encode }
  | { as: 'json' }
  | { as: 'textOrJson'; encode: Encode }
  | { as: 'texts'; encode: Encode }
  | { as: 'call' }
  | { as: 'group' }
  | { as: 'choice' };

export type OpenContext = {
  /** The connection's name in the config. */
  name: string;
  clock: Clock;
  random: Random;
  log: Log;
  count: Count;
  /** Address of the embedded MQTT broker, when the config starts one. */
  embeddedBroker?: { host: string; port: number };
  /** The phones as they are, where there is a daemon that knows them. */
  phones?: PhoneFeed;
  /** Puts down that somebody takes care of a call; resolves when that is durable, false if the call is not known (any more). */
  claim?: (claim: CallClaim) => Promise<boolean>;
  /** Addresses and ports at which Hookswitch itself listens: nothing is ever sent there. */
  ownAddresses?: () => readonly { host: string; port: number }[];
};

/** `by`: the name of whoever takes the call, as a stranger's text: hostile until encoded. */
export type CallClaim = { site: string; call: string; by: string };

/** What `send` is given beside the message. */
export type SendMeta = {
  id: string;
  /** The attempt, from 1. */
  attempt: number;
  /** Aborted when the attempt's time is up or the process must end. */
  signal: AbortSignal;
  /** What this connection remembers under that name (see Kept); undefined if nothing. */
  kept?: (key: string) => Json | undefined;
};

/** An open connection to one place. */
export type Connection = {
  /** One attempt. Never rejects, never retries by itself, is over when it resolves: nothing is sent afterwards. */
  send(message: Delivery['message'], meta: SendMeta): Promise<Outcome>;
  /** Calls back whenever the connection became able to send again, so that nobody has to wait for the next probe. */
  onReady?(callback: () => void): void;
  /** Ends the connection; resolves when no socket is left. */
  close(): Promise<void>;
};

export type DestinationDeclaration<Settings = never, Message = never> = {
  type: string;
  summary: string;
  /** What stands under `connections.<name>` in the config, without the shared keys (`type`, `dryRun`, `delivery`). */
  settings: ZodType<Settings>;
  /** What stands in a rule under the destination's type, without `to`. Templates are still text here. */
  message: ZodType<Message>;
  templates: Record<string, TemplateSpec>;
  /** Problems of a message as an author wrote it, beyond its schema (given the connection's settings): empty if none. */
  lint?(message: Message, settings: Settings): { path: (string | number)[]; message: string; hint?: string }[];
  /** Checks a rendered message before it is queued; the text says why it can never be sent. */
  check?(message: Record<string, Json>): string | undefined;
  /** The slot of a rendered message: of those of one lane that wait, only the newest is sent. Undefined: every one is. */
  slot?(message: Record<string, Json>): string | undefined;
  /** A rendered message for `hookswitch test`: clearly marked as a test, harmless wherever it arrives. `at`: ISO 8601. */
  trial(settings: Settings, at: string): Record<string, Json>;
  /** How a rendered message looks there; without it, its JSON is shown. */
  preview?(message: Record<string, Json>): Preview;
  /** How many messages one rule may make within a minute, unless the connection says otherwise: what stops a loop. */
  budgetPerMinute?: number;
  /** Attempts at once, per connection. */
  concurrency: number;
  /** How long one attempt may take, in ms. */
  timeoutMs: number;
  example: { settings: z.input<ZodType<Settings>>; message: z.input<ZodType<Message>> };
  /** Looks whether the place can be reached and lets us in, and sends nothing that anybody would see. Never rejects. */
  probe?(settings: Settings, context: ProbeContext): Promise<Probed>;
  /** Secrets are values by now. Rejects only if the settings can never work; a peer that is down is no reason. */
  open(settings: Settings, context: OpenContext): Promise<Connection>;
};

/** A declaration whose types nobody needs any more: what the list of destinations holds. */
export type Destination = DestinationDeclaration<unknown, Record<string, Json>>;

/** Declares a destination; exists so that settings and message types are inferred from their schemas. */
export function defineDestination<Settings, Message>(
  declaration: DestinationDeclaration<Settings, Message>,
): Destination {
  return declaration as unknown as Destination;
}
