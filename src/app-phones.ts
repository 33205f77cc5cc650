// Phones while the app runs: the config and the adopted ones put into force together, and newcomers told of or taken in.

import type { Running } from './app.ts';
import type { Config } from './config.ts';
import type { Ports } from './core/ports.ts';
import { createDirectory } from './directory.ts';
import type { CompiledRules, Stepped } from './engine/index.ts';
import { withAdopted } from './phones.ts';
import { type AdoptedPhone, macText } from './phones-adopted.ts';
import { programOf } from './program-of.ts';
import { VIRTUAL_MAC } from './virtual-hits.ts';

/** Another config, or other adopted phones: both are in force from the next hit on. */
export function phonesChanged(running: Running, written: Config<CompiledRules> = running.written): void {
  const config = withAdopted(written, running.adopted.all());
  const program = programOf(config);
  running.receiver.setDirectory(createDirectory(config, running.book, running.sites.pinOf), config.receiver.paths);
  running.sites.swap(program);
  Object.assign(running, { written, config, program });
  running.phones.configChanged();
}

/** Anybody with a site's token can name any MAC address: beyond that many phones nobody is taken in unasked. */
const ADOPTED_MAX = 2_000;
/** A log is no place for thousands of strangers: so many of them a minute are told one by one. */
const TOLD_PER_MINUTE = 20;

export type Newcomers = {
  /** Looks at what a step did, right after it. */
  met(site: string, stepped: Pick<Stepped, 'kept' | 'touched'>): void;
  /** Resolves when those that are being taken in are on disk. */
  idle(): Promise<void>;
};

/** Tells of phones that are kept from the rules, and takes in those of sites that take everybody. */
export function createNewcomers(
  up: () => Running,
  { clock, log, count }: Pick<Ports, 'clock' | 'log' | 'count'>,
): Newcomers {
  const waiting = new Map<string, AdoptedPhone>();
  const tell = createTelling({ clock, log, count });
  let known: { config: Config; ids: Set<string> } | undefined;
  let busy: Promise<void> | undefined;

  const isKnown = (site: string, id: string): boolean => {
    const { config } = up();
    if (known?.config !== config)
      known = { config, ids: new Set(config.phones.map((phone) => `${phone.site}/${phone.id}`)) };
    return known.ids.has(`${site}/${id}`);
  };

  const takeIn = async (): Promise<void> => {
    while (waiting.size > 0) {
      const phones = [...waiting.values()];
      try {
        await up().adopted.put(phones);
      } catch (error) {
        // They meet the rules all the same; the next hit tries again.
        waiting.clear();
        count('phones_not_adopted', {}, phones.length);
        log.error('phones_not_adopted', {
          phones: phones.length,
          error: error instanceof Error ? error.name : 'unknown',
        });
        break;
      }
      for (const { id, mac, site } of phones) {
        waiting.delete(id);
        log.info('phone_adopted', { phone: id, mac: mac === undefined ? null : macText(mac), site, by: 'auto' });
      }
      phonesChanged(up());
    }
    busy = undefined;
  };

  return {
    met(site, { kept, touched }) {
      if (kept !== undefined) tell(site, kept);
      for (const { phone: id, said } of touched) {
        if (said === undefined || up().config.asks.has(site) || isKnown(site, id) || waiting.has(id)) continue;
        const { mac, vendor } = said.event.phone;
        if (mac === VIRTUAL_MAC || up().adopted.all().length + waiting.size >= ADOPTED_MAX) continue;
        const card = { id, site, ...(mac === undefined || mac !== id ? {} : { mac }), groups: [], vendor };
        waiting.set(id, { ...card, adoptedAt: said.event.at });
        busy ??= Promise.resolve().then(takeIn);
      }
    },
    idle: () => busy ?? Promise.resolve(),
  };
}

/** Says who is kept from the rules, once each, and what makes them known. */
function createTelling({ clock, log, count }: Pick<Ports, 'clock' | 'log' | 'count'>) {
  const told = { minute: 0, phones: 0 };
  return (site: string, { id, why, mac, ip, model, hits }: NonNullable<Stepped['kept']>): void => {
    count('events_quarantined', { reason: why });
    if (hits > 1) return;
    const minute = Math.floor(clock.monotonicMs() / 60_000);
    if (told.minute !== minute) Object.assign(told, { minute, phones: 0 });
    told.phones += 1;
    if (told.phones === TOLD_PER_MINUTE + 1) log.warn('phones_unknown_more', { see: 'hookswitch phones' });
    if (told.phones > TOLD_PER_MINUTE) return;
    const about = { site, mac: mac === null ? null : macText(mac), ip, model };
    if (why === 'unknown')
      log.warn('phone_unknown', { ...about, adopt: `hookswitch phones adopt ${mac ?? id} --name "Front desk"` });
    else log.warn('phone_mac_differs', { phone: id, ...about, exchanged: `hookswitch phones repin ${id}` });
  };
}
