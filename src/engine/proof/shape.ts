// The shape of a test in a rule file, key by key; what refers to something else is looked at afterwards.
import { z } from 'zod';
import { normaliseMac } from '../../core/phone-card.ts';

/** A span of time of a test: longer than this it is a slip of the finger. */
export const SPAN_MS_MAX = 400 * 86_400_000;
export const PHONES_MAX = 1_000;
const ENTRIES_MAX = 1_000;
const ID = /^[A-Za-z0-9_-]{1,64}$/;

const written = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'an object' : String(value);

/** Texts whose absence is told in the standard words, and whose wrong type by an example. */
const textLike = (example: string) =>
  z.string({
    error: ({ input }) => (input === undefined ? undefined : `must be text like "${example}", not ${written(input)}`),
  });

const id = () => z.string().regex(ID, 'must be 1 to 64 of the characters A-Z a-z 0-9 _ -');

const cardShape = z.strictObject({
  id: id().describe('The identity of the phone, for this test.'),
  site: id().describe('The site it belongs to; "default" unless given.').optional(),
  mac: z
    .string()
    .transform((text, context) => {
      const mac = normaliseMac(text);
      if (mac === undefined) context.addIssue('must be a MAC address like "00:50:58:a1:b2:c3"');
      return mac ?? z.NEVER;
    })
    .optional(),
  name: z.string().min(1).describe('What people call it.').optional(),
  groups: z.array(z.string().min(1)).default([]).describe('Ring groups and departments it belongs to.'),
  area: z.string().min(1).describe('Where it stands.').optional(),
  vendor: z.string().min(1).describe('Its maker.').optional(),
});

const phoneCount = z.int().min(1).max(PHONES_MAX);

export const sentShape = z.strictObject({
  at: textLike('20s').describe('When, counted from the beginning; 0s unless given.').optional(),
  event: z.string().describe('What the phones say, like "phone.missed_call".').optional(),
  scenario: z.string().describe('A whole course of hits by its name, like "ring-group-missed".').optional(),
  phone: z.string().describe('Id of the phone that speaks.').optional(),
  phones: z
    .union([phoneCount, z.array(z.string()).min(1).max(PHONES_MAX)])
    .describe("How many phones speak (the test's own first, then virtual ones), or their ids.")
    .optional(),
  vars: z.record(z.string(), z.string()).describe('With an event: its variables, as a phone fills them in.').optional(),
  number: z.string().min(1).nullable().describe('With a scenario: the other side; null: withheld.').optional(),
  name: z.string().min(1).describe("With a scenario: the other side's display name.").optional(),
});

export const expectedShape = z.strictObject({
  rule: z.string().describe('Id of a rule, of whichever file.'),
  times: z.int().min(0).default(1).describe('How often it fires; 0: never.'),
  at: textLike('15m20s')
    .describe('When it fires, counted from the beginning: to the second, or exactly if ms are written.')
    .optional(),
  count: z.int().min(0).describe('What {{ count }} is.').optional(),
  text: z.string().min(1).describe('What one of its messages or log lines contains.').optional(),
  to: z.string().describe('The connection that one of its messages goes to.').optional(),
});

/** A whole test, as an editor completes it. */
export const testShape = z.strictObject({
  name: z.string().min(1).max(200).describe('What the test shows.'),
  start: textLike('2026-11-24T09:00:00')
    .describe('The moment at which it begins, local time; 2026-11-24T10:00:00, a Tuesday, unless given.')
    .optional(),
  phones: z.array(cardShape).max(PHONES_MAX).default([]).describe('Phones of this test, beside those of the config.'),
  send: z.array(sentShape).min(1).max(ENTRIES_MAX).describe('What phones say.'),
  expect: z.array(expectedShape).max(ENTRIES_MAX).describe('Which rules fire.'),
  until: textLike('1h').describe('When the test ends; when nothing is due any more unless given.').optional(),
  only: z.boolean().default(false).describe('true: no rule fires that is not expected.'),
});

/** A test whose lines are looked at one by one, so that a slip in one of them hides nothing that is wrong with another. */
export const headShape = testShape.extend({
  send: z.array(z.unknown()).min(1).max(ENTRIES_MAX),
  expect: z.array(z.unknown()).max(ENTRIES_MAX),
});

export type WrittenCards = z.output<typeof testShape>['phones'];
export type WrittenSend = z.output<typeof sentShape>;
export type WrittenExpectation = z.output<typeof expectedShape>;
