// Round trip: of every maker the file that is written is read as its phones read it, filled in as they fill it in, sent to a real
// receiver, and says there exactly what the caller is called.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { USUAL_FIELDS, variableFor } from '../../src/action-url.ts';
import { SLUGS, type Slug } from '../../src/core/events.ts';
import type { Habits, Vendor } from '../../src/core/vendor.ts';
import { everyNeed } from '../../src/provision-needs.ts';
import { type Plan, planOf, planText } from '../../src/provision-plan.ts';
import { NAMES, requestOf } from '../../src/simulator/index.ts';
import { vendors } from '../../src/vendors/index.ts';
import { readSettings } from '../../src/vendors/settings-read.ts';
import { type Desk, NAMELESS_TOKEN, openDesk } from '../receiver/desk.ts';
import { sendRaw } from '../support/raw-http.ts';

const MAC = '0004f2a1b2c3';
const SENDER = { mac: MAC, ip: '10.1.2.3', model: 'T46U', firmware: '108.87.14.1' };
const HABITS: [string, Partial<Habits>][] = [
  ['its own habits', {}],
  ['everything encoded', { encode: 'all', unfilled: 'empty' }],
  ['nothing encoded', { encode: 'nothing', unfilled: 'literal' }],
];

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

/** What the phone has in its settings once it has read its file: the URL by event. */
function settingsOf(plan: Plan): Map<Slug, string> {
  const read = readSettings(planText(plan), plan.file);
  return new Map(
    plan.settings.map(({ slot, slug }) => [
      slug,
      read.get(plan.file.form === 'flags' ? (plan.file.urlKey ?? '') : slot) ?? '',
    ]),
  );
}

const forms = [...vendors].flatMap(([name, vendor]) =>
  vendor.provisioning.files.map((file): [string, string, Vendor, Plan] => {
    const options = {
      vendor,
      needs: everyNeed(USUAL_FIELDS),
      base: 'http://127.0.0.1:8484',
      token: NAMELESS_TOKEN,
      doubtful: true,
    };
    return [name, file.variant ?? '', vendor, planOf({ name: 'phone', vendor: name, mac: MAC }, file, options)];
  }),
);

describe.each(forms)('%s %s', (name, _variant, vendor, plan) => {
  const settings = settingsOf(plan);

  test('nothing is in the way', () => expect(plan.problems).toEqual([]));

  test.each(HABITS)('fifty names in all scripts, with %s', async (_what, changes) => {
    const spoken = { ...vendor, habits: { ...vendor.habits, ...changes } };
    const can = vendor.post !== undefined || variableFor(vendor, 'display_remote') !== undefined;
    expect(NAMES).toHaveLength(50);
    for (const display of can ? NAMES : NAMES.slice(0, 1)) {
      const vars = {
        user: '201',
        call_id: '7',
        local: 'sip:201@pbx',
        display_local: 'Empfang & Büro #1',
        remote: 'sip:+493012345@pbx',
        display_remote: display,
      };
      const hit = { atMs: 0, phone: 'phone', slug: 'incoming_call' as const, vars };
      const request = requestOf(hit, SENDER, { vendor: spoken, url: settings.get('incoming_call') ?? '' });
      const answer = await sendRaw(desk.port, request ?? '');
      expect([answer.status, display]).toEqual([200, display]);
      const event = desk.events().at(-1);
      expect(event).toMatchObject({ type: 'phone.incoming_call', suspect: [], phone: { mac: MAC } });
      expect(event?.remote.name).toBe(can ? display : undefined);
      const told = vendor.post !== undefined || variableFor(vendor, 'remote') !== undefined;
      expect(event?.remote.number).toBe(told ? '+493012345' : undefined);
      if (vendor.post !== undefined || variableFor(vendor, 'display_local') !== undefined)
        expect(event?.local.name).toBe('Empfang & Büro #1');
    }
  });

  test('each event that is written arrives as that event', async () => {
    for (const slug of SLUGS.filter((each) => settings.has(each))) {
      const hit = { atMs: 0, phone: 'phone', slug, vars: {} };
      const request = requestOf(hit, SENDER, { vendor, url: settings.get(slug) ?? '' });
      expect((await sendRaw(desk.port, request ?? '')).status).toBe(200);
      expect(desk.events().at(-1)).toMatchObject({ type: `phone.${slug}`, suspect: [], remote: {} });
      expect(desk.events().at(-1)?.vars.mac === undefined).toBe(false);
    }
    expect(settings.size).toBeGreaterThanOrEqual(5);
    expect(vendors.has(name)).toBe(true);
  });

  test('in Latin letters of Western Windows: the names that it has', async () => {
    const spoken = { ...vendor, habits: { ...vendor.habits, charset: 'windows-1252' as const } };
    for (const display of ['Jörg Müßig', 'Preis: 5 €', 'O’Brien & Söhne']) {
      const hit = { atMs: 0, phone: 'phone', slug: 'incoming_call' as const, vars: { display_remote: display } };
      await sendRaw(
        desk.port,
        requestOf(hit, SENDER, { vendor: spoken, url: settings.get('incoming_call') ?? '' }) ?? '',
      );
      const can = vendor.post !== undefined || variableFor(vendor, 'display_remote') !== undefined;
      expect(desk.events().at(-1)?.remote.name).toBe(can ? display : undefined);
    }
  });
});
