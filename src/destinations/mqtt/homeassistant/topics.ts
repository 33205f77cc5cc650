// Topics of one connection's Home Assistant tree; ids only, never a name, so that renaming a phone changes no topic.
import { BRIDGE_ID } from './keys.ts';
import type { HomeAssistantSettings } from './settings.ts';

/** What is kept of a phone on the broker; its events are not. */
export const LEAVES = ['state', 'last_caller', 'last_missed'] as const;
export type Leaf = (typeof LEAVES)[number];

export type Topics = ReturnType<typeof topicsOf>;

/** `base`, `prefix` and `instance` come from the config, checked there; unique ids hang on `instance`. Total. */
export function topicsOf(settings: Pick<HomeAssistantSettings, 'base' | 'prefix' | 'instance' | 'statusTopic'>) {
  const { base, prefix, instance } = settings;
  const node = (id: string): string => `${instance}_${id}`;
  return {
    base,
    prefix,
    instance,
    status: settings.statusTopic ?? `${prefix}/status`,
    bridge: (leaf: 'state' | 'info' | 'phones' | 'health' | 'event'): string => `${base}/bridge/${leaf}`,
    bridgeRequest: `${base}/bridge/request/`,
    response: (command: string): string => `${base}/bridge/response/${command}`,
    phones: `${base}/phone/`,
    kept: (id: string, leaf: Leaf): string => `${base}/phone/${id}/${leaf}`,
    event: (id: string): string => `${base}/phone/${id}/event`,
    request: (id: string, command: string): string => `${base}/phone/${id}/request/${command}`,
    /** Filters of what is asked of us. */
    requests: [`${base}/phone/+/request/+`, `${base}/bridge/request/#`],
    /** Discovery id of a phone or of the bridge, also the first part of its unique ids. */
    node,
    bridgeNode: node(BRIDGE_ID),
    device: (id: string): string => `${prefix}/device/${node(id)}/config`,
    component: (platform: string, id: string, key: string): string => `${prefix}/${platform}/${node(id)}/${key}/config`,
  };
}
