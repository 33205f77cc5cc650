// An example for every key of the config: written here where neither a default nor a destination's own example shows one.
import type { Json } from './core/delivery.ts';
import type { JsonSchema } from './engine/schema/index.ts';

/** By path; `*` stands for a name that people choose, or for an entry of a list. */
const CONFIG_EXAMPLES: Readonly<Record<string, Json>> = {
  $schema: './config.schema.json',
  'receiver.proxies': ['192.168.1.2'],
  'receiver.publicUrl': 'http://192.168.1.10:8484',
  sites: { default: { country: 'DE' } },
  'sites.*.country': 'DE',
  'sites.*.internalDigits': 4,
  'sites.*.token': { env: 'SITE_TOKEN' },
  'sites.*.allowFrom': ['192.168.1.0/24'],
  'sites.*.adopt': 'ask',
  fleet: { silentAfter: '7d' },
  'fleet.silentAfter': '7d',
  groups: { sales: { description: 'Sales team' } },
  'groups.*.settle': '10s',
  'groups.*.description': 'Sales team',
  'phones.*.id': 'front-desk',
  'phones.*.mac': '00:50:58:a1:b2:c3',
  'phones.*.name': 'Front desk',
  'phones.*.groups': ['reception', 'sales'],
  'phones.*.area': 'Ground floor',
  'phones.*.number': '201',
  'phones.*.vendor': 'sangoma',
  'phones.*.token': { env: 'FRONT_DESK_TOKEN' },
  'phones.*.allowFrom': ['192.168.1.51'],
  phones: [{ id: 'front-desk', mac: '00:50:58:a1:b2:c3', name: 'Front desk', groups: ['reception', 'sales'] }],
  'paths.*.path': '/help.xml',
  'paths.*.event': 'registered',
  'paths.*.event.var': 'state',
  'paths.*.event.map': { RINGING: 'incoming_call' },
  'paths.*.vars': { IP: 'ip', user: 'user' },
  'paths.*.phone': 'front-desk',
  'paths.*.allowFrom': ['192.168.1.0/24'],
  paths: [{ path: '/help.xml', event: 'registered', vars: { IP: 'ip' }, allowFrom: ['192.168.1.0/24'] }],
  contacts: './contacts.csv',
  'contacts.files': ['./contacts.csv', './customers.vcf'],
  'contacts.country': 'DE',
  timezone: 'Europe/Berlin',
  'contacts.lookup.url': 'https://crm.example.net/callers/{{ number }}',
  'contacts.lookup.headers': { 'x-api-key': { env: 'CRM_API_KEY' } },
  'contacts.lookup.allowPrivate': ['192.168.1.0/24'],
  'contacts.lookup.ca': { file: 'crm-ca.pem' },
  connections: { house: { type: 'mqtt', broker: 'embedded' } },
  'connections.*.delivery.expires': '24h',
  'connections.*.delivery.retryBase': '1s',
  'connections.*.delivery.retryMax': '5m',
  'connections.*.delivery.concurrency': 4,
  'connections.*.delivery.timeout': '10s',
  'connections.*.delivery.rate': { max: 1, per: '1s' },
  'connections.*.delivery.rate.max': 1,
  'connections.*.delivery.rate.per': '1s',
  'connections.*.delivery.queue': 1000,
  'connections.*.delivery.budget': 60,
  'connections.*.delivery.maxBytes': '64KB',
  'connections.mqtt.clientId': 'hookswitch-office',
  'connections.mqtt.tls.cert': { file: 'hookswitch.pem' },
  'connections.mqtt.tls.key': { file: 'hookswitch-key.pem' },
  'connections.mqtt.prefix': 'office',
  'connections.mqtt.will.topic': 'hookswitch/lost',
  'connections.mqtt.will.payload': 'lost',
  'connections.mqtt.homeAssistant.entityIdPrefix': 'desk',
  'connections.mqtt.homeAssistant.names': { call_state: 'Status' },
  'connections.mqtt.homeAssistant.statusTopic': 'homeassistant/status',
  'connections.slack.webhookUrl': { env: 'SLACK_WEBHOOK_URL' },
  'connections.slack.appToken': { env: 'SLACK_APP_TOKEN' },
  'connections.slack.timezone': 'Europe/Berlin',
  'connections.slack.apiUrl': 'https://slack-proxy.example.net/api/',
  'connections.email.port': 587,
  'connections.email.ca': { file: 'mail-ca.pem' },
  'connections.email.from.name': 'Telephone',
  'connections.email.recipients.*.name': 'Erika Mustermann',
  'connections.email.recipients.*.address': 'erika@example.net',
  'connections.email.recipients.*.*.name': 'Erika Mustermann',
  'connections.email.recipients.*.*.address': 'erika@example.net',
  'connections.email.replyTo': 'reception@example.net',
  'connections.email.replyTo.name': 'Reception',
  'connections.email.replyTo.address': 'reception@example.net',
  'connections.email.name': 'hookswitch.example.net',
  'connections.email.timezone': 'Europe/Berlin',
  'connections.email.oauth2': {
    clientId: '1f6c0d2e-0000-4000-8000-000000000000',
    clientSecret: { env: 'MAIL_CLIENT_SECRET' },
    accessUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
    scope: 'https://outlook.office365.com/.default',
  },
  'connections.email.oauth2.clientId': '1f6c0d2e-0000-4000-8000-000000000000',
  'connections.email.oauth2.clientSecret': { env: 'MAIL_CLIENT_SECRET' },
  'connections.email.oauth2.refreshToken': { file: 'mail-refresh-token' },
  'connections.email.oauth2.serviceClient': '104000000000000000000',
  'connections.email.oauth2.privateKey': { file: 'mail-service.pem' },
  'connections.email.oauth2.scope': 'https://outlook.office365.com/.default',
  'connections.email.dkim': { domain: 'example.net', selector: 'phones', privateKey: { file: 'dkim.pem' } },
  'connections.email.dkim.domain': 'example.net',
  'connections.email.dkim.selector': 'phones',
  'connections.email.dkim.privateKey': { file: 'dkim.pem' },
  'connections.webhook.bearer': { env: 'CRM_TOKEN' },
  'connections.webhook.basic': { user: 'hookswitch', password: { env: 'CRM_PASSWORD' } },
  'connections.webhook.basic.user': 'hookswitch',
  'connections.webhook.secret.*.until': '2026-12-31',
  'connections.webhook.allowPrivate': ['192.168.1.0/24'],
  'connections.webhook.ca': { file: 'crm-ca.pem' },
  'console.hosts': ['phones.example.net'],
  'console.tls': { cert: { file: 'console.pem' }, key: { file: 'console-key.pem' } },
  'console.tls.cert': { file: 'console.pem' },
  'console.tls.key': { file: 'console-key.pem' },
  'broker.username': 'house',
  'broker.password': { env: 'BROKER_PASSWORD' },
};

/** Of messages, by `type.key`. */
export const MESSAGE_EXAMPLES: Readonly<Record<string, Json>> = {
  'mqtt.retain': true,
  'mqtt.expiry': '30s',
  'mqtt.contentType': 'text/plain;charset=utf-8',
  'mqtt.userProperties': { kind: '{{ remote.kind }}' },
  'slack.card': true,
  'slack.thread': true,
  'slack.broadcast': true,
  'slack.digest': true,
  'slack.timezone': 'Europe/Berlin',
  'slack.mrkdwn': true,
  'email.html': '<p>Missed call from <b>{{ remote.number }}</b></p>',
  'email.thread': true,
  'email.digest': true,
  'email.recipients': 'night',
  'webhook.path': 'calls/{{ phone.id }}',
  'webhook.query': { number: '{{ remote.number }}' },
  'webhook.headers': { 'x-site': '{{ site }}' },
  'webhook.key': '{{ call.key }}',
  'webhook.once': true,
};

/**
 * The schema with an example at every key that has none: `written` (an example of the whole) first, then the list above, then
 * what the schema itself shows. What none of them shows stays without.
 */
export function withExamples(schema: JsonSchema, path: string, written?: unknown): JsonSchema {
  const result: JsonSchema = { ...schema };
  const under = (value: unknown, step: string): unknown =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  const { properties, additionalProperties, items, anyOf } = schema;
  if (properties !== undefined)
    result.properties = Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => {
        const here = path === '' ? name : `${path}.${name}`;
        const value = under(written, name);
        const filled = withExamples(inner, here, value);
        const example =
          inner.examples === undefined ? ((value as Json | undefined) ?? exampleAt(filled, here)) : undefined;
        return [name, example === undefined ? filled : { ...filled, examples: [example] }];
      }),
    );
  if (typeof additionalProperties === 'object')
    result.additionalProperties = withExamples(additionalProperties, `${path}.*`, firstOf(written));
  if (items !== undefined) result.items = withExamples(items, `${path}.*`, firstOf(written));
  if (anyOf !== undefined) result.anyOf = anyOf.map((form) => withExamples(form, path, written));
  return result;
}

/** Defaults that show nothing. */
const EMPTY = ['{}', '[]', '""'];

const firstOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? Object.values(value)[0] : undefined;

/** What the list or the schema shows; of an object, its keys that must be there. */
function exampleAt(schema: JsonSchema, path: string): Json | undefined {
  const listed = CONFIG_EXAMPLES[path];
  if (listed !== undefined) return listed;
  const { type, default: usual, enum: words, anyOf, items, properties, required = [] } = schema;
  if (type === 'boolean') return schema.const ?? usual !== true;
  if (usual !== undefined && !EMPTY.includes(JSON.stringify(usual))) return usual;
  if (words !== undefined) return words[0];
  if (anyOf !== undefined) return exampleAt(anyOf[0] ?? {}, path);
  if (type === 'array') {
    const entry = items === undefined ? undefined : exampleAt(items, `${path}.*`);
    return entry === undefined ? undefined : [entry];
  }
  if (properties === undefined) return undefined;
  const names = required.length > 0 ? required : Object.keys(properties).slice(0, 1);
  const entries = names.map((name) => [name, properties[name]?.examples?.[0]] as const);
  return entries.some(([, value]) => value === undefined) ? undefined : (Object.fromEntries(entries) as Json);
}
