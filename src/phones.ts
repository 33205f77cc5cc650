// The phones: those of the config and those that were adopted, as one list; and what is known of each of them now.
import type { Config } from './config.ts';
import type { PhoneSettings } from './config-check.ts';
import type { PhoneList, PhoneRow, QuarantineRow } from './console/index.ts';
import { pinOf, type Quarantined, type State, snapshotOf } from './engine/index.ts';
import type { AdoptedPhone } from './phones-adopted.ts';
import { makerOf } from './vendors/index.ts';

/**
 * The config with the adopted phones behind its own: whatever works with phones takes them from here. What the config says goes
 * before: an adopted phone whose id or MAC stands in the config too is that phone, and one of a site that is gone is nobody's.
 */
export function withAdopted<C extends Config>(config: C, adopted: readonly AdoptedPhone[]): C {
  const ids = new Set(config.phones.map(({ id }) => id));
  const macs = new Set(config.phones.map(({ mac }) => mac));
  const more = adopted.filter(
    ({ id, mac, site }) => !ids.has(id) && (mac === undefined || !macs.has(mac)) && config.sites.has(site),
  );
  if (more.length === 0) return config;
  return { ...config, phones: [...config.phones, ...more.map(cardOf)] };
}

const cardOf = ({ adoptedAt: _, ...card }: AdoptedPhone): PhoneSettings => card;

export type PhonesSeen = {
  /** With the adopted phones. */
  config: Config;
  /** Ids of the phones that stand in the config itself. */
  written: ReadonlySet<string>;
  stateOf(site: string): State | undefined;
};

const iso = (ms: number): string => new Date(ms).toISOString();

/** Everybody who is known, in the config's order, and who is not. */
export function listPhones({ config, written, stateOf }: PhonesSeen): PhoneList {
  const quarantine = [...config.sites.keys()].flatMap((site) =>
    [...(stateOf(site)?.fleet.quarantine.values() ?? [])]
      .filter((row) => !isKnownNow(row, site, config))
      .map((row) => quarantineRow(row, site)),
  );
  return {
    phones: config.phones.map((card) => phoneRow(card, written.has(card.id), stateOf(card.site))),
    quarantine: quarantine.sort((a, b) => (a.lastSeen < b.lastSeen ? 1 : -1)),
  };
}

/** It was adopted, and has not been heard since. */
const isKnownNow = ({ why, id, mac }: Quarantined, site: string, { phones }: Config): boolean =>
  why === 'unknown' &&
  phones.some((card) => card.site === site && (card.id === id || (mac !== null && card.mac === mac)));

function phoneRow(card: PhoneSettings, isWritten: boolean, state: State | undefined): PhoneRow {
  const phone = state?.phones.get(card.id);
  const pinned = card.mac === undefined && state !== undefined ? pinOf(state, card.id) : undefined;
  const shown = phone && snapshotOf(phone, card.name ?? card.id);
  const vendor = card.vendor ?? phone?.vendor ?? 'sangoma';
  const from = isWritten ? 'config' : 'adopted';
  return {
    id: card.id,
    site: card.site,
    name: card.name ?? null,
    from,
    mac: card.mac ?? pinned ?? null,
    macFrom: card.mac !== undefined ? from : pinned !== undefined ? 'pinned' : null,
    vendor,
    maker: makerOf(vendor),
    model: phone?.model ?? null,
    firmware: phone?.firmware ?? null,
    ip: phone?.ip ?? null,
    groups: card.groups,
    area: card.area ?? null,
    state: shown?.call_state ?? null,
    registered: shown?.registered ?? null,
    silent: phone?.fleet?.silent === true,
    lastSeen: phone === undefined || phone.lastSeenMs === 0 ? null : iso(phone.lastSeenMs),
  };
}

function quarantineRow(row: Quarantined, site: string): QuarantineRow {
  const { id, why, mac, ip, model, firmware, hits, firstMs, lastMs } = row;
  return { id, site, why, mac, ip, model, firmware, hits, firstSeen: iso(firstMs), lastSeen: iso(lastMs) };
}
