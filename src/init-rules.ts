// The shipped rules as `init` copies them: without the phones of the example, and in the time zone of the person.
import { join } from 'node:path';
import { applyEdits, modify } from 'jsonc-parser';
import type { Files } from './core/files.ts';
import { DOCUMENT_BYTES_MAX } from './document.ts';
import { SHIPPED_RULES } from './init-recipes.ts';

type Change = {
  /** Text → text; each stands in the shipped file. */
  texts?: readonly (readonly [string, string])[];
  /** What is taken out: about phones that only the example has. */
  without?: readonly (readonly (string | number)[])[];
};

/** The zone in which the shipped rules are written, and the start of their tests in it. */
const ZONE = 'Europe/Berlin';
const STARTS = /("start": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)[+-]\d\d:\d\d"/g;

export const CHANGES: Readonly<Record<string, Change>> = {
  'fleet-to-slack.jsonc': { without: [['tests', 3]] },
  'missed-call-by-email.jsonc': {
    texts: [
      ['for each call to the front desk that nobody took', 'for each call that nobody took'],
      ['// Other phones? List their ids: "call.phones"', '// Only some phones? Add "when": "call.phones"'],
      ['that rang at the front desk and that nobody took', 'that nobody took'],
    ],
    without: [['rules', 0, 'when'], ['tests']],
  },
};

/** The text of a shipped rule file for a config without phones. Rejects with a FileError. */
export async function adaptedRules(file: string, timezone: string, files: Pick<Files, 'read'>): Promise<string> {
  let { text } = await files.read(join(SHIPPED_RULES, file), DOCUMENT_BYTES_MAX);
  const { texts = [], without = [] } = CHANGES[file] ?? {};
  for (const [from, to] of texts) text = text.replaceAll(from, to);
  for (const path of without) text = applyEdits(text, modify(text, [...path], undefined, {}));
  return text.replaceAll(ZONE, timezone).replace(STARTS, '$1"');
}
