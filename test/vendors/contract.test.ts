// The contract of vendors: whatever a profile says of its file is written, is read back, and is what its own example shows.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { actionUrl, USUAL_FIELDS, variableFor } from '../../src/action-url.ts';
import { SLUGS } from '../../src/core/events.ts';
import { normaliseMac } from '../../src/core/phone-card.ts';
import { type Vendor, vendorSchema } from '../../src/core/vendor.ts';
import { vendorNames, vendors } from '../../src/vendors/index.ts';
import { readSettings } from '../../src/vendors/settings-read.ts';
import { settingsText, slotOf } from '../../src/vendors/settings-write.ts';

const MAC = '005058a1b2c3';
const BASE = 'http://HOST:PORT';
const source = fileURLToPath(new URL('../../src', import.meta.url));

const urlOf = (name: string, vendor: Vendor, slug: string): string =>
  actionUrl(BASE, 'TOKEN', vendor.post === undefined ? slug : name, {
    vendor,
    fields: vendor.post === undefined ? USUAL_FIELDS : ['mac'],
    mac: 'MAC',
  });

describe.each([...vendors])('%s', (name, vendor) => {
  const { files, example, secretVariables = [] } = vendor.provisioning;

  test.each(files.map((file) => [file.variant ?? 'its usual form', file] as const))(
    'what is written in %s is read back, event by event',
    (_variant, file) => {
      const settings = vendor.events.flatMap((event) => {
        const slot = slotOf(file, event);
        if (slot === undefined || event.event === null) return [];
        return [{ slot, key: event.key, url: urlOf(name, vendor, event.event) }];
      });
      expect(settings.length).toBeGreaterThanOrEqual(5);
      expect(new Set(settings.map(({ slot }) => slot)).size).toBe(settings.length);
      const text = settingsText(file, MAC, settings);
      const read = readSettings(text, file);
      for (const { slot, url } of settings)
        if (file.form === 'flags') expect([read.get(slot), read.get(file.urlKey ?? '')]).toEqual(['1', url]);
        else expect(read.get(slot)).toBe(url);
      expect(text.startsWith(file.open.replace('{mac}', MAC))).toBe(true);
      expect(text).not.toMatch(/[^\x20-\x7e\n]/);
    },
  );

  test('the first form writes what the example of the profile shows', () => {
    const [file] = files;
    const event = vendor.events.find((each) => each.event === 'incoming_call');
    if (file === undefined || event === undefined) throw new Error('no form or no incoming call');
    const slot = slotOf(file, event) ?? '';
    const shown = readSettings(example, file).get(file.urlKey ?? slot);
    const url = urlOf(name, vendor, 'incoming_call');
    // The example of one maker shows what only that maker has besides.
    const own = /&(?:direction|line_state)=[^&]*/g;
    expect(shown?.replace(own, '')).toBe(url);
  });

  test('every URL fits, with a long address of our own', () => {
    const base = `https://${'h'.repeat(40)}.example.net:8484`;
    const max = vendor.provisioning.urlCharactersMax ?? Number.POSITIVE_INFINITY;
    for (const slug of SLUGS) {
      const url = actionUrl(base, 't'.repeat(43), slug, { vendor, fields: USUAL_FIELDS, mac: MAC });
      expect(url.length).toBeLessThanOrEqual(max);
      expect(url).toMatch(/[?&]_=\.$/);
    }
  });

  test('no secret is ever a variable of a URL, and each variable that a URL may hold is known', () => {
    const mapped = Object.entries(vendor.variableMap).flatMap(([, field]) => field ?? []);
    for (const field of mapped) expect(secretVariables).not.toContain(variableFor(vendor, field));
    const known = new Set(vendor.variables.map((variable) => variable.name));
    for (const variable of Object.keys(vendor.variableMap)) expect(known).toContain(variable);
  });

  test('a name of a phone in it is a MAC in a usual spelling', () => {
    const { userAgent } = vendor.habits;
    const shown = (userAgent ?? '<mac>').match(/<(?:mac|MAC|mac:|MAC-)>/)?.[0];
    expect(shown).toBeDefined();
    expect(normaliseMac(MAC)).toBe(MAC);
  });

  test('what nobody could confirm is said', () => {
    expect(vendor.unconfirmed.length).toBeGreaterThan(0);
    if (vendor.http.method === null) expect(vendor.habits.unconfirmed.length).toBeGreaterThan(0);
  });
});

test.each<[string, (profile: Vendor) => void]>([
  ['an event that nobody knows', (profile) => Object.assign(profile.events[0] ?? {}, { event: 'rang' })],
  ['a key that a profile does not have', (profile) => Object.assign(profile, { colour: 'blue' })],
  ['a secret that is mapped', (profile) => Object.assign(profile.variableMap, { $cfg_all: 'url' })],
  ['two forms without a name', (profile) => profile.provisioning.files.push({ ...firstFile(profile) })],
  ['lines without a separator', (profile) => void delete firstFile(profile).separator],
  ['a file without the MAC in its name', (profile) => Object.assign(firstFile(profile), { name: 'all.cfg' })],
  ['flags without a body', (profile) => Object.assign(firstFile(profile), { form: 'flags', urlKey: 'u' })],
])('a profile with %s is refused', (_what, spoil) => {
  const profile = structuredClone(vendors.get('yealink')) as Vendor;
  expect(vendorSchema.safeParse(profile).success).toBe(true);
  spoil(profile);
  expect(vendorSchema.safeParse(profile).success).toBe(false);
});

const firstFile = (profile: Vendor) => profile.provisioning.files[0] as Vendor['provisioning']['files'][number];

/** What is written in the program's own texts, as for a person: the maker that phones are taken for, and two destinations' examples. */
const DEFAULT_MAKER = /['"`]sangoma['"`]/g;

test('no code knows a maker by name, except the list and the maker that unknown phones are taken for', () => {
  const found: string[] = [];
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file === 'vendors/index.ts') continue;
    const code = readFileSync(`${source}/${file}`, 'utf8')
      .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      .replace(DEFAULT_MAKER, '');
    for (const name of vendorNames) if (new RegExp(`['"\`]${name}['"\`]`).test(code)) found.push(`${file}: ${name}`);
  }
  expect(found).toEqual([]);
});
