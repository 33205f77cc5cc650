// What people order about phones: adopt, name, group, forget, repin. Each is on disk and in force before it is answered.
import type { Running } from './app.ts';
import { phonesChanged } from './app-phones.ts';
import type { AdoptAsked, PhoneAnswer, PhoneDeps } from './console/index.ts';
import type { Ports } from './core/ports.ts';
import { didYouMean, type Problem } from './core/problems.ts';
import { listPhones } from './phones.ts';
import { type AdoptedPhone, macText } from './phones-adopted.ts';
import { vendorNames } from './vendors/index.ts';

const problem = (key: string, message: string, hint?: string): Problem => ({
  path: [key],
  message,
  ...(hint === undefined ? {} : { hint }),
});
const refused = (...problems: Problem[]): PhoneAnswer => ({ problems });

/** The orders of the app that `up` answers with. */
export function phoneControl(up: () => Running, { clock, log }: Pick<Ports, 'clock' | 'log'>): PhoneDeps {
  const store = async (phone: AdoptedPhone): Promise<PhoneAnswer> => {
    await up().adopted.put([phone]);
    phonesChanged(up());
    const { id, site, name } = phone;
    return { phone: { id, site, ...(name === undefined ? {} : { name }) } };
  };
  const change = async (id: string, more: Partial<AdoptedPhone>, what: string): Promise<PhoneAnswer> => {
    const found = adoptedNamed(up(), id, what);
    if ('path' in found) return refused(found);
    const done = await store({ ...found, ...more });
    log.info('phone_changed', { phone: id, changed: Object.keys(more).join() });
    return done;
  };
  return {
    list: () => {
      const { config, written, sites } = up();
      return listPhones({ config, written: new Set(written.phones.map(({ id }) => id)), stateOf: sites.stateOf });
    },
    async adopt(asked) {
      const phone = newPhoneOf(asked, up(), clock.wallMs());
      if ('problems' in phone) return phone;
      const done = await store(phone);
      const { id, site, mac = null } = phone;
      log.info('phone_adopted', { phone: id, mac: mac === null ? null : macText(mac), site, by: 'command' });
      return done;
    },
    rename: (id, name) => change(id, { name }, 'name'),
    async regroup(id, groups) {
      const problems = groupProblems(groups, up());
      return problems.length > 0 ? { problems } : change(id, { groups }, 'groups');
    },
    async forget(id) {
      const found = adoptedNamed(up(), id, 'entry');
      if ('path' in found) return refused(found);
      await up().adopted.remove(id);
      phonesChanged(up());
      await up().sites.note(found.site, { type: 'note.forget', phone: { id } });
      log.info('phone_forgotten', { phone: id });
      return { phone: { id, site: found.site } };
    },
    async repin(id) {
      const card = up().config.phones.find((each) => each.id === id);
      if (card === undefined) return refused(unknownPhone(id, up()));
      if (card.mac !== undefined) {
        const where = up().written.phones.some((each) => each.id === id)
          ? 'change it in the config'
          : `forget the phone, and adopt it with its new MAC address`;
        return refused(problem('id', `the MAC address of ${id} is fixed (${macText(card.mac)}), not pinned`, where));
      }
      await up().sites.note(card.site, { type: 'note.repin', phone: { id } });
      log.info('phone_repinned', { phone: id });
      return { phone: { id, site: card.site } };
    },
    whyNotRotate(id, atOnce) {
      const card = up().config.phones.find((each) => each.id === id);
      if (card === undefined) return [unknownPhone(id, up())];
      if (!atOnce || card.tokenHash === undefined) return [];
      const hint = 'take it out there, or rotate without --now';
      return [problem('id', `the token of ${id} stands in the config, which no command changes`, hint)];
    },
    rotated: (id, atOnce) => log.info('phone_token_rotated', { phone: id, old: atOnce ? 'ended' : 'valid for 24 h' }),
  };
}

function unknownPhone(id: string, { config }: Running): Problem {
  const known = config.phones.map((phone) => phone.id);
  return problem('id', `there is no phone ${JSON.stringify(id)}`, didYouMean(id, known) ?? 'see `hookswitch phones`');
}

/** An adopted phone; what stands in the config is changed there. */
function adoptedNamed(running: Running, id: string, what: string): AdoptedPhone | Problem {
  if (running.written.phones.some((phone) => phone.id === id))
    return problem('id', `${id} stands in the config`, `change its ${what} there`);
  return running.adopted.all().find((phone) => phone.id === id) ?? unknownPhone(id, running);
}

function groupProblems(groups: readonly string[], { config }: Running): Problem[] {
  const known = [...config.groups.keys()];
  if (known.length === 0) return [];
  return groups
    .filter((group) => !known.includes(group))
    .map((group) => problem('groups', `the config has no group ${JSON.stringify(group)}`, didYouMean(group, known)));
}

/** A name as an id: "Front desk" → `front-desk`. Permanent, so it is made once; `''` where nothing of it can stand in an id. */
const idOfName = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);

function newPhoneOf(asked: AdoptAsked, running: Running, nowMs: number): AdoptedPhone | { problems: Problem[] } {
  const { config } = running;
  const { who, name, area, groups = [], vendor } = asked;
  const mac = who.startsWith('ip-') ? undefined : who;
  const waiting = [...config.sites.keys()].filter((site) => running.sites.stateOf(site)?.fleet.quarantine.has(who));
  const site = asked.site ?? waiting[0] ?? 'default';
  const problems = groupProblems(groups, running);
  if (!config.sites.has(site))
    problems.push(
      problem('site', `the config has no site ${JSON.stringify(site)}`, didYouMean(site, [...config.sites.keys()])),
    );
  if (vendor !== undefined && !vendorNames.includes(vendor))
    problems.push(
      problem('vendor', `${JSON.stringify(vendor)} is no maker that is known`, didYouMean(vendor, vendorNames)),
    );
  if (mac === undefined && asked.id !== undefined && asked.id !== who)
    problems.push(
      problem(
        'id',
        `a phone that names no MAC address is known by ${who}`,
        'leave --id out, or give it a token of its own',
      ),
    );
  const taken = config.phones.find((phone) => mac !== undefined && phone.mac === mac);
  if (taken !== undefined) problems.push(problem('who', `this MAC address belongs to the phone ${taken.id} already`));
  const ids = new Set(config.phones.map((phone) => phone.id));
  const wished = mac === undefined ? who : (asked.id ?? (name === undefined ? who : idOfName(name) || who));
  // A name that two phones have is no reason to refuse the second: its id only has to be another one.
  const id = asked.id === undefined && mac !== undefined ? freeId(wished, ids) : wished;
  if (ids.has(id)) problems.push(problem('id', `there is a phone ${id} already`, 'give another --id'));
  if (problems.length > 0) return { problems };
  return {
    id,
    site,
    ...(mac === undefined ? {} : { mac }),
    ...(name === undefined ? {} : { name }),
    groups,
    ...(area === undefined ? {} : { area }),
    vendor: vendor ?? 'sangoma',
    adoptedAt: new Date(nowMs).toISOString(),
  };
}

function freeId(wished: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n++) {
    const id = n === 1 ? wished : `${wished.slice(0, 58)}-${n}`;
    if (!taken.has(id)) return id;
  }
}
