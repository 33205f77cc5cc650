// What is written into one phone: a setting for each event that is needed, its URL within the maker's limit, and what is amiss.
import { actionUrl, URL_LENGTH_MAX, variableFor } from './action-url.ts';
import type { Slug } from './core/events.ts';
import { withMac } from './core/mac-spelling.ts';
import { didYouMean } from './core/problems.ts';
import type { SettingsFile, Vendor, VendorEvent } from './core/vendor.ts';
import type { Need, Needs } from './provision-needs.ts';
import { type Setting, settingsText, slotOf } from './vendors/settings-write.ts';

/** A phone that is provisioned. `mac`: 12 lower-case hex digits; without one there is no file. */
export type Provisioned = { name: string; vendor: string; mac?: string | undefined };

export type PlanOptions = {
  vendor: Vendor;
  needs: Needs;
  /** How the phone reaches the receiver, without a slash at its end. */
  base: string;
  token: string;
  /** Which of the maker's forms of file; undefined: the first. */
  variant?: string | undefined;
  /** Whether settings are written whose meaning is doubtful. */
  doubtful: boolean;
};

export type PlannedSetting = Setting & { slug: Slug; label: string };

export type Plan = {
  phone: Provisioned;
  file: SettingsFile;
  settings: PlannedSetting[];
  /** What the person should know. */
  warnings: string[];
  /** Why nothing may be written. */
  problems: string[];
};

/** Given up in this order where a URL is too long: little is lost with them. Source: notes on URL lengths, by what rules ask for. */
const DISPENSABLE = ['host', 'local', 'display_local'];

/** Without them calls are told apart a little less well, and nothing that anybody reads is missing. */
const HARMLESS = new Set(['mac', 'call_id']);
const LOOPBACK = /^https?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?:[:/]|$)/i;
/** Most rules that one sentence names. */
const WHO_MAX = 4;

/** The form of file of that name, or the sentence that there is none. */
export function fileOf(vendor: Vendor, variant: string | undefined): SettingsFile | { problem: string } {
  const { files } = vendor.provisioning;
  const found = files.find((file) => file.variant === variant);
  if (found !== undefined) return found;
  const names = files.flatMap((file) => file.variant ?? []);
  const hint = names.length === 0 ? 'this maker has one form of file only' : didYouMean(variant ?? '', names);
  return { problem: `there is no variant "${variant}"; ${hint ?? `known: ${names.join(', ')}`}` };
}

/** Everything that one phone is told. Settings that the form of file has no name for are said and left out. */
export function planOf(phone: Provisioned, file: SettingsFile, options: PlanOptions): Plan {
  const plan: Plan = { phone, file, settings: [], warnings: [], problems: [] };
  const { vendor, needs } = options;
  if (LOOPBACK.test(options.base))
    plan.warnings.push(`phones cannot reach ${options.base}; set receiver.publicUrl to an address that they can reach`);
  if (vendor.http.method === null)
    plan.warnings.push('that these phones send a GET is unconfirmed: no public source says how they ask');
  const unsaid: Slug[] = [];
  for (const [slug, need] of needs) {
    const events = vendor.events.filter((event) => says(event, slug));
    const named = events.filter((event) => slotOf(file, event) !== undefined);
    const written = named.filter((event) => event.doubt === undefined || options.doubtful);
    if (named.length === 0) unsaid.push(slug);
    for (const { doubt } of named.filter((event) => !written.includes(event)))
      plan.warnings.push(
        `${slug} is not written: ${doubt}; --with-${slug.replaceAll('_', '-')} writes it all the same`,
      );
    for (const event of written) addSetting(plan, event, slug, need, options);
  }
  if (unsaid.length > 0) plan.warnings.push(unsaidText(unsaid, file, needs));
  plan.warnings.push(...missingVariables(vendor, needs, plan.settings));
  if (phone.mac === undefined && variableFor(vendor, 'mac') === undefined && vendor.post === undefined)
    plan.warnings.push('these phones do not say their MAC: only a token of its own tells which phone speaks');
  return plan;
}

/** How the phone asks for its file. The plan must have a phone with a MAC. */
export const fileNameOf = ({ file, phone }: Plan): string => withMac(file.name, phone.mac ?? '');

/** The file's text. The plan must have a phone with a MAC and no problems. */
export const planText = ({ phone, file, settings }: Plan): string => settingsText(file, phone.mac ?? '', settings);

const says = (event: VendorEvent, slug: Slug): boolean =>
  event.event === slug || Object.values(event.byElement ?? {}).includes(slug);

function addSetting(plan: Plan, event: VendorEvent, slug: Slug, need: Need, options: PlanOptions): void {
  const slot = slotOf(plan.file, event) ?? '';
  if (plan.settings.some((setting) => setting.slot === slot)) return;
  const { url, dropped } = urlWithin(plan, slug, need, options);
  const { urlCharactersMax } = options.vendor.provisioning;
  const label = event.label;
  if (dropped.length > 0)
    plan.warnings.push(
      `${slug}: the URL was too long; left out: ${dropped.join(', ')} (wanted by ${whoText(need.why)})`,
    );
  if (urlCharactersMax !== null && url.length > urlCharactersMax)
    plan.problems.push(
      `${slug}: the URL has ${url.length} characters, and these phones take ${urlCharactersMax}; a shorter receiver.publicUrl or fewer variables in rules would help`,
    );
  else if (urlCharactersMax === null && url.length > URL_LENGTH_MAX)
    plan.warnings.push(
      `${slug}: the URL has ${url.length} characters; the maker names no limit, but over ${URL_LENGTH_MAX} some phones cut`,
    );
  plan.settings.push({ slot, key: event.key, url, slug, label });
}

function urlWithin(
  { phone }: Plan,
  slug: Slug,
  need: Need,
  { vendor, base, token }: PlanOptions,
): { url: string; dropped: string[] } {
  // Where the body tells the event and all about it, one URL serves all events.
  const name = vendor.post === undefined ? slug : phone.vendor;
  const wanted = new Set(vendor.post === undefined ? need.variables : ['mac']);
  const max = vendor.provisioning.urlCharactersMax ?? Number.POSITIVE_INFINITY;
  const dropped: string[] = [];
  const make = (): string => actionUrl(base, token, name, { vendor, fields: wanted, mac: phone.mac });
  let url = make();
  for (const field of DISPENSABLE) {
    if (url.length <= max) break;
    if (!wanted.delete(field) || variableFor(vendor, field) === undefined) continue;
    dropped.push(field);
    url = make();
  }
  return { url, dropped };
}

const whoText = (why: ReadonlySet<string>): string => {
  const names = [...why];
  return names.length <= WHO_MAX
    ? names.join(', ')
    : `${names.slice(0, WHO_MAX).join(', ')} and ${names.length - WHO_MAX} more`;
};

function unsaidText(slugs: readonly Slug[], file: SettingsFile, needs: Needs): string {
  const rules = new Set(slugs.flatMap((slug) => [...(needs.get(slug)?.why ?? [])]));
  const form = file.models === undefined ? 'these phones have' : `this form of file (${file.models}) has`;
  return `${form} no setting for ${slugs.join(', ')} (wanted by ${whoText(rules)})`;
}

/** Variables that rules read and the maker's phones do not have; each once, with who wants it. */
function missingVariables(vendor: Vendor, needs: Needs, settings: readonly PlannedSetting[]): string[] {
  if (vendor.post !== undefined) return [];
  const missing = new Map<string, Set<string>>();
  for (const slug of new Set(settings.map((setting) => setting.slug))) {
    const need = needs.get(slug);
    for (const variable of need?.variables ?? []) {
      if (HARMLESS.has(variable) || variableFor(vendor, variable) !== undefined) continue;
      const why = missing.get(variable) ?? new Set<string>();
      for (const who of need?.why ?? []) why.add(who);
      missing.set(variable, why);
    }
  }
  return [...missing].map(
    ([variable, why]) => `these phones have no variable for ${variable} (wanted by ${whoText(why)})`,
  );
}
