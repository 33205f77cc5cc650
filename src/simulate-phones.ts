// The phones of a simulation: those of the config, and virtual ones where more are asked for; each with its maker and its URLs.
import { actionUrl, USUAL_FIELDS } from './action-url.ts';
import type { Config } from './config.ts';
import type { SimulatedHit } from './core/simulation.ts';
import type { Habits, Vendor } from './core/vendor.ts';
import { requestOf, type Sender, virtualPhone } from './simulator/index.ts';
import { vendors } from './vendors/index.ts';

/** Who takes part. `vendor`: a profile's name. */
export type SimulatedPhone = { id: string; vendor: string; sender: Sender };

const VENDOR_DEFAULT = 'sangoma';

/**
 * Phones of the site that the config knows by their MAC, in their order, then virtual ones, `count` in all. `virtual`: none of
 * the config. `vendor`: all of them speak like phones of that maker.
 */
export function simulatedPhones(
  config: Pick<Config, 'phones'>,
  { site, count, vendor, virtual }: { site: string; count: number; vendor?: string | undefined; virtual: boolean },
): SimulatedPhone[] {
  const known = virtual ? [] : config.phones.filter((phone) => phone.site === site && phone.mac !== undefined);
  return Array.from({ length: count }, (_, n) => {
    const card = known[n];
    return card === undefined
      ? phoneOf(`virtual-${n + 1}`, undefined, vendor ?? VENDOR_DEFAULT)
      : phoneOf(card.id, card.mac, vendor ?? card.vendor ?? VENDOR_DEFAULT);
  });
}

/** The phones that a file names: those of the config by their id, others virtual. */
export const namedPhones = (
  { phones }: Pick<Config, 'phones'>,
  ids: Iterable<string>,
  vendor: string | undefined,
): SimulatedPhone[] =>
  [...new Set(ids)].map((id) => {
    const card = phones.find((phone) => phone.id === id);
    return phoneOf(id, card?.mac, vendor ?? card?.vendor ?? VENDOR_DEFAULT);
  });

function phoneOf(id: string, mac: string | undefined, vendor: string): SimulatedPhone {
  return { id, vendor, sender: { ...virtualPhone(id), ...(mac === undefined ? {} : { mac }) } };
}

/** What a phone writes on the wire for a hit, with other habits than its maker's where they are given; undefined: phones of its maker do not say that, or it is none of these phones. */
export function requestMaker(
  phones: readonly SimulatedPhone[],
  base: string,
  token: string,
  habits: Partial<Habits> = {},
): (hit: SimulatedHit) => Buffer | undefined {
  const byId = new Map(phones.map((phone) => [phone.id, phone]));
  return (hit) => {
    const phone = byId.get(hit.phone);
    const vendor = phone === undefined ? undefined : vendors.get(phone.vendor);
    if (phone === undefined || vendor === undefined || !says(vendor, hit)) return undefined;
    const name = vendor.post === undefined ? hit.slug : phone.vendor;
    // A file of one's own may give variables that makers have besides.
    const fields = vendor.post === undefined ? [...USUAL_FIELDS, ...Object.keys(hit.vars)] : ['mac'];
    const url = actionUrl(base, token, name, { vendor, fields, mac: phone.sender.mac });
    return requestOf(hit, phone.sender, { vendor: { ...vendor, habits: { ...vendor.habits, ...habits } }, url });
  };
}

const says = ({ events }: Vendor, { slug }: SimulatedHit): boolean =>
  events.some(({ event, byElement }) => event === slug || Object.values(byElement ?? {}).includes(slug));
