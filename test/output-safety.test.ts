// Whatever a caller calls himself: no destination's output holds more structure than an author wrote, and the text arrives as text.
// HOOKSWITCH_OUTPUT_CHECKS says how many messages are examined (2,000; the long suite takes 20,000), HOOKSWITCH_SEED with which texts.
import { randomInt } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Destination, TemplateSpec } from '../src/core/destination.ts';
import { DESTINATIONS } from '../src/destinations/index.ts';
import { setting } from './long/waiting.ts';
import { PEERS } from './support/output-peers.ts';
import { PROBES } from './support/output-probes.ts';
import { examineOutput } from './support/output-safety.ts';

const CHECKS = setting('HOOKSWITCH_OUTPUT_CHECKS', 2_000);
const SEED = setting('HOOKSWITCH_SEED', randomInt(1, 2 ** 31));

describe('hostile texts', () => {
  test.each(DESTINATIONS.map(({ type }) => type))('have a server, an oracle and probes for %s', (type) => {
    expect(Object.keys(PEERS)).toContain(type);
    expect(Object.keys(PROBES)).toContain(type);
  });

  test(
    `leave ${CHECKS} messages of all rules as their authors wrote them, at every destination`,
    async () => {
      const report = await examineOutput({ destinations: DESTINATIONS, seed: SEED, checks: CHECKS });
      const { checks, byType, templates, tookMs } = report;
      console.log(`${checks} checks, ${templates.length} templates, ${tookMs} ms, ${JSON.stringify(byType)}`);
      expect(report.offences, `HOOKSWITCH_SEED=${SEED}`).toEqual([]);
      expect(checks).toBeGreaterThanOrEqual(CHECKS);
      for (const { type } of DESTINATIONS) {
        const { examined = 0, dead = 0 } = byType[type] ?? {};
        expect(examined, type).toBeGreaterThan(CHECKS / 100);
        // Only what no grammar can say (an empty segment, a text of blanks) is dead; the rest arrives.
        expect(dead, type).toBeLessThan(examined / 10);
      }
    },
    120_000 + CHECKS * 20,
  );
});

/** A destination with one encoder that does nothing. */
function without(type: string, field: string): Destination {
  const destination = DESTINATIONS.find((each) => each.type === type);
  const spec = destination?.templates[field];
  if (destination === undefined || spec === undefined || !('encode' in spec)) throw new Error(`no ${type}.${field}`);
  const same: TemplateSpec = { ...spec, encode: (value: string) => value };
  return { ...destination, templates: { ...destination.templates, [field]: same } };
}

/** Always the same texts: whether they find it is known. */
const PLANTED_SEED = 1;

describe('an encoder that does nothing is found within 1,000 messages', () => {
  test.each([
    ['mqtt', 'topic'],
    ['slack', 'text'],
    ['email', 'subject'],
    ['email', 'text'],
    ['email', 'html'],
    ['webhook', 'path'],
  ])(
    'in %s: %s',
    async (type, field) => {
      const report = await examineOutput({
        destinations: [without(type, field)],
        seed: PLANTED_SEED,
        checks: 1_000,
        endOnOffence: true,
        probesOnly: true,
      });
      expect(report.offences.length).toBeGreaterThan(0);
      expect(report.offences[0]).toContain(`(${type})`);
      console.log(`${type}.${field}: after ${report.checks} messages`);
    },
    60_000,
  );
});
