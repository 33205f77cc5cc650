// What the config says of phones as a fleet: whether unknown ones wait, and what is said of many together.
import type { z } from 'zod';
import type { configSchema } from './config-schema.ts';
import type { FleetSettings } from './engine/index.ts';

export type FleetConfig = {
  /** Sites where unknown phones wait for somebody who adopts them. */
  asks: ReadonlySet<string>;
  fleet: FleetSettings;
};

/** Spans in ms. A config without phones takes every phone unless it says otherwise: who lists none yet is trying things out. */
export function fleetOf({ sites, phones, fleet }: z.output<typeof configSchema>): FleetConfig {
  const usual = phones.length > 0 ? 'ask' : 'auto';
  const asks = ['default', ...Object.keys(sites)].filter((id) => (sites[id]?.adopt ?? usual) === 'ask');
  const { silentAfter, flapping } = fleet;
  return {
    asks: new Set(asks),
    fleet: {
      ...(silentAfter === undefined ? {} : { silentAfterMs: silentAfter }),
      flapping: { changes: flapping.changes, withinMs: flapping.within },
    },
  };
}
