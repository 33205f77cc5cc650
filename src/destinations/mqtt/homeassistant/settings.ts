// Settings: what stands under `homeAssistant` of an mqtt connection, and which topics rules must leave alone because of it.
import { z } from 'zod';
import { topicProblem } from '../topic.ts';
import { ENTITY_KEYS, TRIGGER_KEYS } from './keys.ts';

/** A tree's root: levels without wildcards. */
const levels = () =>
  z
    .string()
    .max(128)
    .superRefine((value, context) => {
      const problem = topicProblem(value);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    });

const word = (pattern: RegExp, allowed: string) => z.string().max(64).regex(pattern, `must be ${allowed}`);

export const homeAssistantSettings = z
  .strictObject({
    discovery: z
      .boolean()
      .default(true)
      .describe('Whether phones announce themselves as devices. false publishes their states and events only.'),
    mode: z
      .enum(['device', 'component'])
      .default('device')
      .describe(
        'How devices are announced: one message a phone ("device", Home Assistant 2024.12 or later), or one a component.',
      ),
    prefix: levels()
      .default('homeassistant')
      .describe("Home Assistant's discovery prefix. The connection's own `prefix` is not put before it."),
    base: levels()
      .default('hookswitch')
      .describe(
        "First level of the topics of phones and of Hookswitch itself. The connection's own `prefix` is not put before it.",
      ),
    instance: word(/^[a-zA-Z0-9_-]+$/, 'letters, digits, _ and -')
      .default('hookswitch')
      .describe('Name of this Hookswitch in unique ids. Permanent: another one makes all entities new.'),
    statusTopic: levels()
      .optional()
      .describe(
        'Topic on which Home Assistant says that it has started. Default: `status` below the discovery prefix.',
      ),
    callerData: z
      .enum(['full', 'masked', 'none'])
      .default('full')
      .describe(
        'What is told about callers: number and name ("full"), the last digits of the number ("masked"), or "none". ' +
          'The broker keeps the last caller of each phone until the next one.',
      ),
    triggers: z
      .enum(['common', 'none', 'all'])
      .default('common')
      .describe('Device triggers that each phone offers: the eight most used ("common"), none, or one for each event.'),
    eventTtlSeconds: z
      .int()
      .min(1)
      .max(3_600)
      .default(10)
      .describe(
        'Seconds after which an event that could not be published is dropped; states are always brought up to date.',
      ),
    exclude: z
      .array(z.enum([...ENTITY_KEYS, ...TRIGGER_KEYS]))
      .max(64)
      .default([])
      .describe('Keys of components that are left out, such as "forward_busy" or "trigger_dnd_on".'),
    entityIdPrefix: word(/^[a-z0-9_]+$/, 'lower-case letters, digits and _')
      .optional()
      .describe(
        'Entity ids begin with it and the phone\'s id: "desk" makes sensor.desk_<phone id>_call_state. For new entities only.',
      ),
    names: z
      .partialRecord(z.enum(ENTITY_KEYS), z.string().min(1).max(64))
      .default({})
      .describe('Other names for entities, by key: { "call_state": "Status" }.'),
    allowRuleTopics: z
      .boolean()
      .default(false)
      .describe('Whether rules may publish below `base` and `prefix`, where they may break what stands there.'),
  })
  .superRefine(({ base, prefix }, context) => {
    if (within(base, prefix) || within(prefix, base))
      context.addIssue({
        code: 'custom',
        path: ['base'],
        message: 'must not lie within prefix, nor prefix within it',
      });
  });

export type HomeAssistantSettings = z.output<typeof homeAssistantSettings>;

/** Whether a topic is a tree's root or lies below it. */
const within = (topic: string, root: string): boolean => topic === root || topic.startsWith(`${root}/`);

type Holder = HomeAssistantSettings | undefined;

/** Why a rule must not publish to this topic, or undefined. */
export function ruleTopicProblem(topic: string, settings: Holder): string | undefined {
  if (settings === undefined || settings.allowRuleTopics) return undefined;
  const root = [settings.base, settings.prefix].find((each) => within(topic, each));
  return root === undefined ? undefined : `topic lies in ${root}/, which homeAssistant of this connection keeps`;
}

/** The same for a template. Only the levels before its first tag are known: the one with the tag may become another word. */
export function ruleTemplateProblem(template: string, settings: Holder): string | undefined {
  const tag = template.search(/\{[{%]/);
  if (tag < 0) return ruleTopicProblem(template, settings);
  const levelsBefore = template.slice(0, tag).split('/').slice(0, -1).join('/');
  return ruleTopicProblem(levelsBefore, settings);
}
