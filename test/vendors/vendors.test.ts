// Vendors: every profile is whole, and a value is known as unfilled for each of them.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SLUGS } from '../../src/core/events.ts';
import { vendorSchema } from '../../src/core/vendor.ts';
import { vendorNames, vendors, vendorVariables } from '../../src/vendors/index.ts';

const folder = new URL('../../src/vendors/', import.meta.url);

test('every profile in the folder is in the list', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  expect(vendorNames).toEqual(files.map((name) => name.replace('.json', '')).sort());
  expect(vendorNames).toHaveLength(11);
});

describe.each(vendorNames)('%s', (name) => {
  const profile = vendors.get(name);

  test('is what its file says, and says where it is from', () => {
    const text = readFileSync(new URL(`${name}.json`, folder), 'utf8');
    expect(profile).toEqual(vendorSchema.parse(JSON.parse(text)));
    expect(profile?.sources.length).toBeGreaterThan(0);
  });

  test('leads to fields with names that a URL can carry', () => {
    for (const field of Object.values(profile?.variableMap ?? {})) {
      if (field !== null) expect(field).toMatch(/^[a-z][a-z_]*$/);
    }
  });
});

test('Sangoma has all 34 events', () => {
  expect(new Set(vendors.get('sangoma')?.events.map((event) => event.event))).toEqual(new Set(SLUGS));
});

test('unfilled variables are those that stand in URLs', () => {
  for (const name of ['$remote', '$call_id', '$call-id', '$$REMOTENUMBER$$', '$phone_ip', '$nr_ongoing_calls']) {
    expect(vendorVariables.has(name)).toBe(true);
  }
  for (const text of ['', 'remote', 'PhoneIP', 'CallState', '$100 Club']) expect(vendorVariables.has(text)).toBe(false);
});
