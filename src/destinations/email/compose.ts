// One mail as the library is given it: addresses are objects of the config, header names are constants, nothing is fetched.
import type { Delivery, Json } from '../../core/delivery.ts';
import { bodiesOf, sentByOf } from './bodies.ts';
import { addressOf, chosenPeople } from './recipients.ts';
import { domainOf, type EmailSettings } from './settings.ts';
import { messageIdOf, placeInThread, type Thread } from './thread.ts';

export type Mail = ReturnType<typeof mailOf>;

/** `people`: the addresses, each once, as the library tells of them. */
export type Composed = { mail: Mail; people: string[]; thread: Thread | undefined };

/** The mail of a delivery; undefined if the connection has no list of the name that the message chose. */
export function compose(
  settings: EmailSettings,
  message: Delivery['message'],
  delivery: { id: string; nowMs: number; kept: ((key: string) => Json | undefined) | undefined },
): Composed | undefined {
  const chosen = chosenPeople(message.recipients, settings.recipients);
  if (chosen === undefined) return undefined;
  const domain = domainOf(settings.from.address);
  const first = {
    id: messageIdOf(delivery.id, domain),
    subject: String(message.subject ?? ''),
    domain,
    list: chosen.list,
  };
  const thread = placeInThread(message.thread, first, delivery.kept, delivery.nowMs);
  const people = chosen.people.map(addressOf);
  const mail = mailOf(settings, message, delivery, people, thread);
  return { mail, people: onceEach(people.map(({ address }) => address)), thread };
}

/** As the library counts them: a mailbox is the same in capitals. The first spelling stays. */
function onceEach(addresses: string[]): string[] {
  const spellings = new Map<string, string>();
  for (const address of addresses)
    if (!spellings.has(address.toLowerCase())) spellings.set(address.toLowerCase(), address);
  return [...spellings.values()];
}

function mailOf(
  { from, replyTo, timezone }: EmailSettings,
  message: Delivery['message'],
  { id, nowMs }: { id: string; nowMs: number },
  to: { name: string; address: string }[],
  thread: Thread | undefined,
) {
  const own = String(message.subject ?? '');
  // An author's own HTML is not changed, so the subject could not stand in it.
  const threadSubject = typeof message.html === 'string' ? undefined : thread?.subject;
  const messageId = messageIdOf(id, domainOf(from.address));
  return {
    from: addressOf(from),
    to,
    ...(replyTo === undefined ? {} : { replyTo: addressOf(replyTo) }),
    subject: threadSubject === undefined ? own : `Re: ${threadSubject}`,
    ...bodiesOf(message, timezone, sentByOf(id, message), threadSubject),
    messageId,
    ...(thread === undefined ? {} : { references: thread.references, inReplyTo: thread.inReplyTo }),
    date: new Date(nowMs),
    headers: {
      // RFC 3834, and Exchange's own word for it: keep holiday replies from coming back.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'X-Hookswitch-Delivery': /^[\x21-\x7e]{1,200}$/.test(id) ? id : messageId.slice(1, messageId.indexOf('@')),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
