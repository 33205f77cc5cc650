// What differs between two configs: which connections must be opened anew, and what only a restart can change.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config.ts';
import { Secret } from './core/secret.ts';

/** Names of connections. `changed`: the same name, but other settings, limits, type or secrets. */
export type ConnectionChanges = { added: string[]; removed: string[]; changed: string[] };

/** Which connections came, went or changed; in the order of the config. */
export function connectionChanges(before: Config, after: Config): ConnectionChanges {
  const names = [...after.connections.keys()];
  return {
    added: names.filter((name) => !before.connections.has(name)),
    removed: [...before.connections.keys()].filter((name) => !after.connections.has(name)),
    changed: names.filter((name) => {
      const old = before.connections.get(name);
      return old !== undefined && !sameSettings(old, after.connections.get(name));
    }),
  };
}

/** Keys of the config that changed, but hold only after a restart: sockets and the store are opened once. */
export function restartKeys(before: Config, after: Config): string[] {
  const pairs: [string, unknown, unknown][] = [
    ['data', before.dataPath, after.dataPath],
    ['receiver.host', before.receiver.host, after.receiver.host],
    ['receiver.port', before.receiver.port, after.receiver.port],
    ['broker', before.broker, after.broker],
    ['console', before.console, after.console],
    ['store.maxBytes', before.store.bytesMax, after.store.bytesMax],
  ];
  return pairs.filter(([, old, now]) => !sameSettings(old, now)).map(([key]) => key);
}

/** Equal in every value, secrets by what they hide. */
export const sameSettings = (a: unknown, b: unknown): boolean => isDeepStrictEqual(bare(a), bare(b));

/** A hash of all values, secrets among them: tells whether settings are those of an earlier run, and shows none of them. */
export const fingerprintOf = (settings: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(bare(settings), inOrder))
    .digest('hex');

/** Keys sorted: the order in which a person wrote them is no difference. */
const inOrder = (_key: string, value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

function bare(value: unknown): unknown {
  if (value instanceof Secret) return { secret: value.reveal() };
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, bare(inner)]));
}
