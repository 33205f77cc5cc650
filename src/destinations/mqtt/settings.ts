// Settings: what stands under a connection of type mqtt, and what stands in a rule under `mqtt`.
import { z } from 'zod';
import { secret } from '../../core/secret.ts';
import { homeAssistantSettings } from './homeassistant/settings.ts';
import { topicProblem } from './topic.ts';

/** Bytes of one payload. 256 of them may be in flight, so this also bounds what a slow broker costs in memory. */
export const PAYLOAD_BYTES_MAX = 262_144;

const qos = () => z.literal([0, 1, 2]);

/** A topic without templates. */
const topic = () =>
  z.string().superRefine((value, context) => {
    const problem = topicProblem(value);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

const EMBEDDED = 'embedded';
const SCHEMES = ['mqtt:', 'mqtts:', 'ws:', 'wss:'];

/** What is wrong with a broker's address, or undefined. */
function brokerProblem(value: string): string | undefined {
  if (value === EMBEDDED) return undefined;
  const shape = 'must be mqtt://, mqtts://, ws:// or wss:// with a host and perhaps a port, or "embedded"';
  if (!URL.canParse(value)) return shape;
  const url = new URL(value);
  if (!SCHEMES.includes(url.protocol) || url.hostname === '') return shape;
  if (url.username !== '' || url.password !== '')
    return 'must not hold a user name or password; write them under username and password';
  if (url.search !== '' || url.hash !== '') return 'must not hold ? or #';
  const socket = url.protocol === 'ws:' || url.protocol === 'wss:';
  return socket || url.pathname === '' || url.pathname === '/' ? undefined : 'must not hold a path';
}

const tls = z.strictObject({
  ca: secret()
    .optional()
    .describe('Certificate of the authority that signed the broker (PEM), as { "file": "ca.pem" }.'),
  cert: secret().optional().describe('Certificate of this client (PEM), where the broker asks for one.'),
  key: secret().optional().describe('Private key of `cert` (PEM).'),
  rejectUnauthorized: z.boolean().default(true).describe('false accepts any certificate: for a test bench only.'),
});

const will = z.strictObject({
  topic: topic().describe('Topic of the last will.'),
  payload: z.string().max(4_096).describe('Payload of the last will.'),
  retain: z.boolean().default(false).describe('Whether the broker keeps it for those who subscribe later.'),
  qos: qos().default(1).describe('Quality of service: 0, 1 or 2.'),
});

const status = z.strictObject({
  topic: topic().describe('Topic that says whether Hookswitch is there; retained.'),
  online: z.string().max(256).default('online').describe('Payload while it is.'),
  offline: z.string().max(256).default('offline').describe('Payload when it ends or is lost (as last will).'),
});

export const mqttSettings = z
  .strictObject({
    broker: z
      .string()
      .superRefine((value, context) => {
        const problem = brokerProblem(value);
        if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      })
      .describe(
        'Address of the broker: mqtt://, mqtts://, ws:// or wss://, or "embedded" for the broker inside Hookswitch.',
      ),
    protocol: z
      .enum(['auto', '5', '3.1.1'])
      .default('auto')
      .describe('Version of MQTT. "auto": 5, and 3.1.1 if the broker refuses it.'),
    clientId: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[\w.:-]+$/, 'must be letters, digits and _ . : -')
      .optional()
      .describe(
        'Client id; by default one that is new at each start. Two clients with the same id throw each other out.',
      ),
    username: z.string().min(1).max(256).optional().describe('User name.'),
    password: secret().optional().describe('Password, as { "env": "NAME" } or { "file": "path" }.'),
    tls: tls.optional().describe('Certificates for mqtts:// and wss://.'),
    qos: qos()
      .default(1)
      .describe('Quality of service of messages that do not say: 0 (may be lost), 1 (at least once), 2.'),
    keepaliveSeconds: z
      .int()
      .min(5)
      .max(3_600)
      .default(30)
      .describe('Seconds after which a silent broker is asked for a sign of life.'),
    prefix: topic()
      .optional()
      .describe(
        'Levels put before every topic of rules, `will` and `status`: "office" makes "office/phones/…". Not before those of `homeAssistant`.',
      ),
    will: will.optional().describe('Message that the broker publishes when Hookswitch is lost.'),
    status: status.optional().describe('Keeps a retained topic at "online" or "offline"; uses the last will.'),
    homeAssistant: homeAssistantSettings
      .optional()
      .describe(
        'Shows every phone of the config as a device in Home Assistant; {} is enough. Its topics are below `base` and `prefix` in it.',
      ),
  })
  .superRefine((value, context) => {
    const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (value.will !== undefined && value.status !== undefined)
      issue(['will'], 'must not stand beside status, which uses the last will itself');
    for (const key of ['will', 'status'] as const)
      if (value.homeAssistant !== undefined && value[key] !== undefined)
        issue([key], 'must not stand beside homeAssistant, which uses the last will for `<base>/bridge/state`');
    if (value.password !== undefined && value.username === undefined) issue(['password'], 'needs a username');
    if (value.tls !== undefined && !/^(mqtts|wss):/.test(value.broker))
      issue(['tls'], 'needs a broker at mqtts:// or wss://; otherwise nothing would be encrypted');
    if ((value.tls?.cert === undefined) !== (value.tls?.key === undefined))
      issue(['tls'], 'must hold cert and key, or neither');
  });

export type MqttSettings = z.output<typeof mqttSettings>;

export const mqttMessage = z.strictObject({
  topic: z.string().min(1).max(4_096).describe('Topic; every value becomes one level, whatever it holds.'),
  payload: z
    .json()
    .describe('Text, or a JSON tree whose texts are templates. An empty text with `retain` clears a retained topic.'),
  qos: qos().optional().describe("Quality of service: 0, 1 or 2. By default the connection's."),
  retain: z.boolean().optional().describe('Whether the broker keeps it for those who subscribe later. Default: false.'),
});

export type MqttMessage = z.output<typeof mqttMessage>;
