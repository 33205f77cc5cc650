// Vendor: a phone maker's dialect, as data. One JSON file a maker in src/vendors/.
import { z } from 'zod';
import { SLUGS } from './events.ts';

const text = () => z.string().min(1);

const event = z.strictObject({
  label: text(),
  /** The maker's number for the setting (`P3707`). */
  code: text().nullable(),
  /** The maker's name for the setting. */
  key: text().nullable(),
  event: z.enum(SLUGS).nullable(),
  note: text().optional(),
  /** The setting's name in the maker's other form of file. */
  namedElement: text().optional(),
  /** Where one setting stands for several events: the element in the body → the event. */
  byElement: z.record(text(), z.enum(SLUGS)).optional(),
  /** Why this setting is written only when a person asks for it. */
  doubt: text().optional(),
});

/** One form of file in which a maker's phones read their settings. `<mac>` and `<MAC>` in the name and `{mac}` in `open` are the phone's. */
const settingsFile = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9<>._-]*<(?:mac|MAC)>[A-Za-z0-9._-]*$/, 'must hold <mac> or <MAC>'),
  /** What `--variant` says to get this form; the first form has none. */
  variant: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .optional(),
  models: text().optional(),
  /**
   * `element`: `<NAME>URL</NAME>`. `item`: `<item name="NAME">URL</item>`. `param`: `<param name="NAME" value="URL"/>`. `lines`: `NAME = URL`.
   * `flags`: one URL for all events, and a flag for each: `<apps urlKey="URL" NAME="1"/>`.
   */
  form: z.enum(['element', 'item', 'param', 'lines', 'flags']),
  /** Which of an event's names the file uses. An event without it cannot be written in this form. */
  slot: z.enum(['code', 'key', 'namedElement']),
  /** What of the name is not written. */
  slotPrefix: text().optional(),
  /** Further attributes of an `element`; `{key}` stands for the event's key, and without one they are left out. */
  attributes: text().optional(),
  /** Between name and URL of `lines`. */
  separator: text().optional(),
  /** The setting that holds the URL, of `flags`. */
  urlKey: text().optional(),
  /** How `&` and its like are written. */
  escape: z.enum(['xml', 'none']),
  open: z.string(),
  close: z.string(),
  /** Where a person types the URL into the phone's own web page. */
  webPage: text().optional(),
  note: text().optional(),
});

const provisioning = z.looseObject({
  syntax: text(),
  example: text(),
  /** Longest URL of a setting, in characters; null: the maker says nothing. */
  urlCharactersMax: z.int().positive().nullable(),
  /** Variables that hold secrets: never written. */
  secretVariables: z.array(text()).optional(),
  files: z.array(settingsFile).min(1),
});

/** How the maker's phones write what a URL's variables stand for. For virtual phones; the receiver takes everything. */
const habits = z.strictObject({
  charset: z.enum(['utf-8', 'windows-1252']),
  /** What is percent-encoded: nothing at all, spaces only, or everything that a URL does not allow. */
  encode: z.enum(['nothing', 'spaces', 'all']),
  /** A variable without a value: the literal `$name`, or nothing. */
  unfilled: z.enum(['literal', 'empty']),
  mac: z.enum(['plain', 'upper', 'colons', 'upper-colons', 'dashes']),
  /** How an address is written: `sip:201@host`, `201@host`, `201`. */
  address: z.enum(['uri', 'user@host', 'number']),
  /** `<mac>`, `<MAC>`, `<mac:>` and `<MAC->` stand for the phone's MAC in that spelling. */
  userAgent: text().nullable(),
  /** Which of these nobody has seen of a real phone: taken from the makers whose habits are known. */
  unconfirmed: z.array(z.enum(['charset', 'encode', 'unfilled', 'mac', 'address', 'userAgent'])),
});

/** A maker whose phones POST an XML body: which elements name the two sides, and which side is the other one. */
const post = z.strictObject({
  /** The element around the event; it may be missing. */
  root: text(),
  caller: z.strictObject({ number: text(), name: text() }),
  called: z.strictObject({ number: text(), name: text() }),
  remoteIs: z.partialRecord(z.enum(SLUGS), z.enum(['caller', 'called'])),
});

/** The profile of a maker. Facts that nobody could confirm stand under `unconfirmed`. */
export const vendorSchema = z
  .strictObject({
    vendor: text(),
    sources: z.array(text()).min(1),
    events: z.array(event).min(1),
    variables: z.array(z.strictObject({ name: text(), meaning: text() })),
    /** From the maker's variable to our field name. */
    variableMap: z.record(text(), z.string().nullable()),
    provisioning,
    http: z.looseObject({ method: text().nullable() }),
    post: post.optional(),
    habits,
    quirks: z.array(text()),
    unconfirmed: z.array(text()),
  })
  .superRefine((vendor, context) => {
    const complain = (message: string): void => void context.addIssue({ code: 'custom', message });
    const forms = vendor.provisioning.files;
    for (const [index, { variant, form, separator, urlKey }] of forms.entries()) {
      if ((index === 0) !== (variant === undefined)) complain('every form of file but the first has a variant');
      if (form === 'lines' && separator === undefined) complain('a file of lines needs a separator');
      if (form === 'flags' && urlKey === undefined) complain('a file of flags needs an urlKey');
    }
    if (new Set(forms.map(({ variant }) => variant)).size < forms.length) complain('two forms have one variant');
    const secret = vendor.provisioning.secretVariables ?? [];
    for (const name of secret)
      if (vendor.variableMap[name] != null) complain(`${name} is secret and must stay unmapped`);
    if (forms.some(({ form }) => form === 'flags') !== (vendor.post !== undefined))
      complain('one URL for all events and a body that names the event belong together');
  });

export type Vendor = z.infer<typeof vendorSchema>;
export type VendorEvent = z.infer<typeof event>;
export type SettingsFile = z.infer<typeof settingsFile>;
export type Habits = z.infer<typeof habits>;
