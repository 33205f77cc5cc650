// The two bodies of a mail: the text as the author wrote it, and the HTML that says the same.
import type { Delivery } from '../../core/delivery.ts';
import { digestHtml, digestText, groupOf } from './digest.ts';
import { layOut } from './layout.ts';

export const SENT_BY_CHARACTERS_MAX = 300;

/**
 * Text and HTML of a rendered message. `sentBy`: the line below it; constants of the config only. `threadSubject`: the subject that
 * the mail has instead of its own one, which then begins the text.
 */
export function bodiesOf(
  message: Delivery['message'],
  timezone: string,
  sentBy: string,
  threadSubject: string | undefined,
): { text: string; html: string } {
  const subject = String(message.subject ?? '');
  const body = String(message.text ?? '');
  const group = groupOf(message.digest);
  const named = threadSubject === undefined || threadSubject === subject ? body : `${subject}\n\n${body}`;
  const text = group === undefined ? named : `${named.trimEnd()}\n\n${digestText(group, timezone)}\n`;
  if (typeof message.html === 'string') return { text, html: message.html };
  const table = group === undefined ? undefined : digestHtml(group, timezone);
  return { text, html: layOut({ headline: subject, text: body, table, sentBy }) };
}

/** Of a delivery's id (`${event}/${rule}/${n}`) the rule, whose name a person chose in a rule file. */
const RULE = /\/([a-z0-9][a-z0-9_-]{0,63})\/\d{1,4}$/;
const SITE = /^[A-Za-z0-9_-]{1,64}$/;

/** `Sent by Hookswitch, rule missed-call-by-email, site berlin`. */
export function sentByOf(deliveryId: string, message: Delivery['message']): string {
  const rule = RULE.exec(deliveryId)?.[1];
  const card = message.thread;
  const site = typeof card === 'object' && card !== null && !Array.isArray(card) ? card.site : undefined;
  const named = [
    ...(rule === undefined ? [] : [`rule ${rule}`]),
    ...(typeof site === 'string' && site !== 'default' && SITE.test(site) ? [`site ${site}`] : []),
  ];
  return ['Sent by Hookswitch', ...named].join(', ');
}
