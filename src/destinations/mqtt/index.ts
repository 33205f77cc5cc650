// mqtt: publishes a message to a topic of an MQTT broker, at most once per attempt, never while there is no connection.
import type { Json } from '../../core/delivery.ts';
import { defineDestination } from '../../core/destination.ts';
import { IN_FLIGHT_MAX } from './flights.ts';
import { ruleTemplateProblem, ruleTopicProblem } from './homeassistant/settings.ts';
import { prepare, slotOf } from './message.ts';
import { previewOf } from './preview.ts';
import { encodeProperty } from './properties.ts';
import { type MqttSettings, mqttMessage, mqttSettings } from './settings.ts';
import { encodeLevel, topicTemplateProblem } from './topic.ts';

const LONE_SURROGATE = /\p{Cs}/gu;

/** A payload is opaque to MQTT, so a value stands in it as it is; only what UTF-8 cannot say is replaced. */
const encodePayload = (value: string): string => value.replace(LONE_SURROGATE, '\uFFFD');

/** Outside of what `homeAssistant` keeps for itself, where a stranger's message would be refused. The prefix comes before it. */
function trialTopic({ prefix, homeAssistant }: MqttSettings): string {
  const free = (topic: string) =>
    ruleTopicProblem(prefix === undefined ? topic : `${prefix}/${topic}`, homeAssistant) === undefined;
  return ['hookswitch/test', 'hookswitch-test'].find(free) ?? 'test-message';
}

function check(message: Record<string, Json>): string | undefined {
  const ready = prepare(message);
  return typeof ready === 'string' ? ready : undefined;
}

export const mqtt = defineDestination({
  type: 'mqtt',
  summary: 'Publishes a message to a topic of an MQTT broker (3.1.1 or 5).',
  settings: mqttSettings,
  message: mqttMessage,
  templates: {
    topic: { as: 'text', encode: encodeLevel },
    payload: { as: 'textOrJson', encode: encodePayload },
    userProperties: { as: 'texts', encode: encodeProperty },
  },
  lint(message, settings) {
    const topic = settings.prefix === undefined ? message.topic : `${settings.prefix}/${message.topic}`;
    const path = ['topic'];
    const never = topicTemplateProblem(topic);
    if (never !== undefined)
      return [{ path, message: never, hint: 'must be levels between single /, like "phones/{{ phone.id }}/state"' }];
    const kept = ruleTemplateProblem(topic, settings.homeAssistant);
    if (kept === undefined) return [];
    return [{ path, message: kept, hint: 'use another first level, or set homeAssistant.allowRuleTopics to true' }];
  },
  check,
  slot: slotOf,
  trial: (settings, at) => ({
    topic: trialTopic(settings),
    payload: { test: true, at, text: 'Test message of Hookswitch. Nothing happened, nobody called.' },
    // A test must not be found by who subscribes tomorrow, whatever the connection says.
    retain: false,
    expiry: '60s',
    userProperties: { test: 'true' },
  }),
  preview: previewOf,
  concurrency: IN_FLIGHT_MAX,
  timeoutMs: 10_000,
  example: {
    settings: {
      broker: 'mqtts://broker.example.net',
      username: 'hookswitch',
      password: { env: 'MQTT_PASSWORD' },
      tls: { ca: { file: 'broker-ca.pem' } },
      status: { topic: 'hookswitch/status' },
    },
    message: {
      topic: 'phones/{{ phone.id }}/event',
      payload: { event: '{{ event.type }}', number: '{{ remote.number }}', at: '{{ event.at }}' },
    },
  },
  probe: async (given, context) => (await import('./probe.ts')).probe(given, context),
  async open(settings, context) {
    const { openConnection } = await import('./connection.ts');
    return openConnection(settings, context);
  },
});
