// Templates: read and checked once when the rules are loaded, rendered for each event with every value encoded.
import { wellFormed } from '../../../core/caller-text.ts';
import type { Encode } from '../../../core/destination.ts';
import type { Path } from '../../../core/problems.ts';
import type { Catalogue } from '../catalogue.ts';
import type { JsonOf, Report, TextOf } from '../compiled.ts';
import { compileClosure, readMeaning } from './closure.ts';
import { type Liquids, renderWith, TEMPLATE_CHARACTERS_MAX } from './liquid.ts';
import { checkNames, type Names, wholePath } from './names.ts';
import { parseTemplate } from './parse.ts';
import { isTemplate } from './scan.ts';
import type { Template } from './tree.ts';

export type TemplateContext = { catalogue: Catalogue; liquids: Liquids; report: Report };

export type ReadTemplate = {
  render: TextOf;
  /** The value with its type, where the template is exactly `{{ path }}`. */
  value?: JsonOf;
};

/** Reads one text; every problem in it is reported, and then nothing is returned. `typed`: `value` is what will be used. */
export function readTemplate(
  source: string,
  path: Path,
  encode: Encode,
  { catalogue, liquids, report }: TemplateContext,
  typed = false,
): ReadTemplate | undefined {
  const text = wellFormed(source);
  if (!isTemplate(text)) return { render: () => text };
  if (text.length > TEMPLATE_CHARACTERS_MAX) {
    report(
      path,
      `is longer than ${TEMPLATE_CHARACTERS_MAX} characters`,
      'shorten it; only texts without {{ }} may be longer',
    );
    return undefined;
  }
  let good = true;
  const complain = (message: string, hint?: string): void => {
    good = false;
    report(path, message, hint);
  };
  const template = parseTemplate(text, complain);
  const names = template === undefined ? undefined : checkNames(template, catalogue, complain, typed);
  if (!good || template === undefined || names === undefined) return undefined;
  const render = compileClosure(template, names, encode) ?? withLibrary(text, names, encode, liquids, complain);
  if (render === undefined) return undefined;
  const value = wholeValue(template, names);
  return value === undefined ? { render } : { render, value };
}

function withLibrary(
  text: string,
  names: Names,
  encode: Encode,
  liquids: Liquids,
  complain: (message: string, hint?: string) => void,
): TextOf | undefined {
  const liquid = liquids(encode);
  try {
    return renderWith(liquid, liquid.parse(text), names.fields);
  } catch (error) {
    // Our grammar is the smaller one, so this is for a library that has changed its own.
    const [sentence = ''] = error instanceof Error ? error.message.split('\n') : [];
    complain(`is not a template: ${sentence.slice(0, 200)}`);
    return undefined;
  }
}

function wholeValue(template: Template, { meanings }: Names): JsonOf | undefined {
  const path = wholePath(template);
  const meaning = path === undefined ? undefined : meanings.get(path);
  if (meaning === undefined) return undefined;
  const read = readMeaning(meaning);
  return (event, known) => {
    const value = read(event, known);
    if (typeof value === 'string') return wellFormed(value);
    return typeof value === 'object' && value !== null ? value.map(wellFormed) : (value ?? null);
  };
}
