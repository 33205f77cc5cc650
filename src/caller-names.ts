// Names of callers from outside: asks the look-up of the config, and puts each answer into the journals of the sites that wanted it.
import { type CallerLookup, createCallerLookup } from './caller-lookup.ts';
import type { LookupSettings } from './caller-lookup-settings.ts';
import { sameSettings } from './config-change.ts';
import type { Ports } from './core/ports.ts';
import type { Sites } from './sites.ts';

export type CallerNames = {
  /** From now on with these settings, or not at all. */
  apply(settings: LookupSettings | undefined): Promise<void>;
  /** Numbers that a site has no name for; what is returned asks for them, and returns at once. Undefined: nobody is to be asked. */
  wanted(site: string, numbers: readonly string[]): (() => void) | undefined;
  close(): Promise<void>;
};

/** More sites than that wait for one number only if the look-up does not answer; each is asked again by its next call. */
const WANTED_MAX = 1_000;

/** No look-up yet. */
export function createCallerNames(ports: Ports, note: Sites['note']): CallerNames {
  let current: LookupSettings | undefined;
  let lookup: CallerLookup | undefined;
  const wanted = new Map<string, Set<string>>();

  function onFound(number: string, name: string | null): void {
    const sites = wanted.get(number) ?? new Set();
    wanted.delete(number);
    for (const site of sites) {
      // Where it cannot be stored it is not known; the next call asks again.
      note(site, { type: 'note.contact', contact: { number, name } }).catch(() => ports.count('notes_lost'));
    }
  }

  return {
    async apply(settings) {
      if (lookup !== undefined && sameSettings(current, settings)) return;
      await lookup?.close();
      wanted.clear();
      current = settings;
      lookup = settings === undefined ? undefined : createCallerLookup(settings, ports, { onFound });
    },
    wanted(site, numbers) {
      if (lookup === undefined || numbers.length === 0) return undefined;
      return () => {
        for (const number of numbers) {
          if (wanted.size >= WANTED_MAX) wanted.clear();
          wanted.set(number, (wanted.get(number) ?? new Set()).add(site));
          lookup?.ask(number);
        }
      };
    },
    close: async () => lookup?.close(),
  };
}
