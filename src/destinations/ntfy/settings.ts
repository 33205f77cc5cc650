// The settings of an ntfy server and the fields of a notification, as an author writes them.
import { z } from 'zod';
import { type Secret, secret } from '../../core/secret.ts';

/** Topics of ntfy (server/server.go, topicRegex); also what makes up a URL segment as it stands. */
const TOPIC = /^[-_A-Za-z0-9]{1,64}$/;
/** ntfy keeps the part of a message above this as an attachment (docs.ntfy.sh, "Limitations"). */
export const MESSAGE_BYTES_MAX = 4_096;
const ACTIONS_MAX = 3;

export type NtfySettings = {
  server: string;
  topic: string | Secret;
  token?: Secret | undefined;
  allowHttp: boolean;
};

export const settings = z
  .strictObject({
    server: z
      .string()
      .default('https://ntfy.sh')
      .describe('Address of the server: scheme, host and port. Your own may stand in your own network.'),
    topic: z
      .union([z.string(), secret()], {
        error: 'must be the name of a topic, or { "env": … } or { "file": … } that holds it',
      })
      .describe('The topic. On a public server it is all that keeps strangers out: then make it long, and a secret.'),
    token: secret().optional().describe('Access token ("tk_…") of a server that asks for one.'),
    allowHttp: z
      .boolean()
      .default(false)
      .describe('Allow http://, over which anybody on the way reads the token and the messages.'),
  })
  .superRefine(({ server, topic, token, allowHttp }, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const wrong = serverProblem(server, allowHttp);
    if (wrong !== undefined) problem('server', wrong);
    if (!TOPIC.test(typeof topic === 'string' ? topic : topic.reveal()))
      problem('topic', 'must be 1 to 64 letters, digits, "-" and "_"');
    if (token !== undefined && !/^[\x21-\x7e]{1,200}$/.test(token.reveal()))
      problem('token', 'must be visible ASCII characters');
  });

function serverProblem(text: string, allowHttp: boolean): string | undefined {
  if (!/^https?:\/\/[^/?#\s\\]+\/?$/i.test(text) || !URL.canParse(text))
    return 'must be an address such as "https://ntfy.sh", without a path';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password; use token';
  return url.protocol === 'http:' && !allowHttp ? 'must be https://, or set allowHttp: true' : undefined;
}

const link = z
  .string()
  .max(500)
  .regex(/^(?:https?|mailto|tel|geo|ntfy):/i, 'must begin with https:, http:, mailto:, tel:, geo: or ntfy:');

/** What a button opens; ntfy's other actions would let a notification switch things. */
const action = z.strictObject({
  label: z
    .string()
    .min(1)
    .max(50)
    .describe('What the button says.')
    .meta({ examples: ['Open the CRM'] }),
  url: link.describe('What it opens.').meta({ examples: ['https://crm.example.net/calls'] }),
  clear: z
    .boolean()
    .default(false)
    .describe('true: the notification goes once the button was used.')
    .meta({ examples: [true] }),
});

export const message = z.strictObject({
  text: z.string().min(1).max(2_000).describe('What happened.'),
  title: z.string().min(1).max(500).optional().describe('The line above it; the topic where this is missing.'),
  priority: z
    .enum(['min', 'low', 'default', 'high', 'max'])
    .optional()
    .describe('How loudly it is shown. "max" rings through; the topic\'s usual one where this is missing.'),
  tags: z
    .array(z.string().regex(/^[A-Za-z0-9_+-]{1,50}$/, 'must be one word such as "telephone_receiver"'))
    .max(10)
    .optional()
    .describe('Words below it; those of the list of ntfy become emojis.'),
  click: link
    .optional()
    .describe('What a tap on it opens: an address that is the same for every event.')
    .meta({ examples: ['https://crm.example.net/calls'] }),
  actions: z.array(action).max(ACTIONS_MAX).optional().describe('Buttons: up to three, each of which opens something.'),
});

export type Message = z.infer<typeof message>;
