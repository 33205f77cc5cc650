// Settings: what stands under a connection of type mqtt, and what stands in a rule under `mqtt`.
import { z } from 'zod';
import { secret } from '../../core/secret.ts';
import { brokerProblem, brokersOf, EMBEDDED } from './address.ts';
import { homeAssistantSettings } from './homeassistant/settings.ts';
import { contentTypeProblem, expirySecondsOf, propertyNameProblem, USER_PROPERTIES_MAX } from './properties.ts';
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

/** The address of a broker. */
const address = () =>
  z.string().superRefine((value, context) => {
    const problem = brokerProblem(value);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

const BROKERS_MAX = 8;

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
      .union([address(), z.array(address()).min(1).max(BROKERS_MAX)])
      .describe(
        'Address of the broker: mqtt://, mqtts://, ws:// or wss://, or "embedded" for the broker inside Hookswitch. ' +
          'Or a list of addresses of which one is used at a time: the next one when one cannot be reached or does not ' +
          'answer, the first one again after a connection that held was lost. Login and certificates are the same for all.',
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
    const brokers = brokersOf(value);
    if (value.tls !== undefined && !brokers.every((broker) => /^(mqtts|wss):/.test(broker)))
      issue(['tls'], 'needs a broker at mqtts:// or wss://; otherwise nothing would be encrypted');
    if (typeof value.broker !== 'string' && brokers.includes(EMBEDDED))
      issue(['broker'], 'must hold addresses only; "embedded" stands alone, without a list');
    if (new Set(brokers).size < brokers.length) issue(['broker'], 'holds the same address twice');
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
  retain: z
    .boolean()
    .optional()
    .describe(
      'Whether the broker keeps it for those who subscribe later. Default: false. Of retained messages of one topic that wait ' +
        'for the broker, the newest one of a phone or call goes instead of all.',
    ),
  expiry: z
    .string()
    .refine((text) => expirySecondsOf(text) !== undefined, 'must be a span of at least a second, like "30s" or "1h30m"')
    .optional()
    .describe(
      'How long the broker may keep it for subscribers that are away, and as retained message, from when it gets it, ' +
        'in whole seconds. MQTT 5 only; left out on 3.1.1.',
    ),
  contentType: z
    .string()
    .refine((text) => contentTypeProblem(text) === undefined, String(contentTypeProblem(undefined)))
    .optional()
    .describe(
      'Content type. Default: application/json where the payload is a JSON tree, else text/plain; both are UTF-8 and say so. ' +
        'MQTT 5 only; left out on 3.1.1.',
    ),
  userProperties: z
    .record(z.string(), z.string().max(4_096))
    .superRefine((value, context) => {
      if (Object.keys(value).length > USER_PROPERTIES_MAX)
        context.addIssue({ code: 'custom', message: `must hold ${USER_PROPERTIES_MAX} at most` });
      for (const name of Object.keys(value)) {
        const message = propertyNameProblem(name);
        if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
      }
    })
    .optional()
    .describe(
      'User properties: names and texts beside the payload, for filters and routers. Every value becomes one line. ' +
        'The delivery id is always there as `hookswitch-id`. MQTT 5 only; left out on 3.1.1.',
    ),
});

export type MqttMessage = z.output<typeof mqttMessage>;
