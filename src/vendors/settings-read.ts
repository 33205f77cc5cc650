// Reads a file of settings back: which setting holds which URL. Leniently, because people and other programs write such files too.
import type { SettingsFile } from '../core/vendor.ts';
import { unescapeXml, withoutComments } from '../core/xml-text.ts';

const ELEMENT = /<([A-Za-z_][\w.:-]*)((?:\s[^<>]*)?)>([^<]*)<\/\1\s*>/g;
const EMPTY = /<([A-Za-z_][\w.:-]*)(\s[^<>]*?)\/?>/g;
const ATTRIBUTE = /([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;

/** By the names that the file uses, unescaped; what stands twice counts by its last place, as it does for phones. Total. */
export function readSettings(text: string, file: SettingsFile): Map<string, string> {
  const plain = file.escape === 'xml' ? unescapeXml : (value: string): string => value;
  const bare = file.form === 'lines' ? text : withoutComments(text);
  const settings = new Map<string, string>();
  for (const [slot, value] of pairsOf(bare, file)) settings.set(plain(slot), plain(value.trim()));
  return settings;
}

function pairsOf(text: string, file: SettingsFile): [string, string][] {
  switch (file.form) {
    case 'lines':
      return text.split(/\r?\n/).flatMap((line) => lineOf(line, file.separator ?? '='));
    case 'element':
      return [...text.matchAll(ELEMENT)].map(([, name = '', , value = '']) => [name, value]);
    case 'item':
      return [...text.matchAll(ELEMENT)].flatMap(([, , attributes = '', value = '']) =>
        namedBy(attributesOf(attributes), value),
      );
    case 'param':
      return [...text.matchAll(EMPTY)].flatMap(([, , attributes = '']) => {
        const found = attributesOf(attributes);
        return namedBy(found, found.get('value') ?? '');
      });
    case 'flags':
      return [...text.matchAll(EMPTY)].flatMap(([, , attributes = '']) => [...attributesOf(attributes)]);
  }
}

const attributesOf = (text: string): Map<string, string> =>
  new Map([...text.matchAll(ATTRIBUTE)].map(([, name = '', double, single]) => [name, double ?? single ?? '']));

function namedBy(attributes: ReadonlyMap<string, string>, value: string): [string, string][] {
  const name = attributes.get('name');
  return name === undefined ? [] : [[name, value]];
}

function lineOf(line: string, separator: string): [string, string][] {
  const mark = separator.trim();
  const at = line.indexOf(mark);
  const comment = /^\s*[#;]/.test(line);
  return at <= 0 || comment ? [] : [[line.slice(0, at).trim(), line.slice(at + mark.length)]];
}
