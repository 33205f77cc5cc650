// Writes the settings of phones in their maker's own form of file, as its profile describes it.
import type { SettingsFile, VendorEvent } from '../core/vendor.ts';
import { escapeXml } from '../core/xml-text.ts';

/** One setting: what it is called in the file, and the URL that the phone is to call. */
export type Setting = { slot: string; key: string | null; url: string };

/** How the file names the setting of an event; undefined: this form of file has no name for it. */
export function slotOf({ slot, slotPrefix = '' }: SettingsFile, event: VendorEvent): string | undefined {
  const name = event[slot];
  if (name === null || name === undefined) return undefined;
  return name.startsWith(slotPrefix) ? name.slice(slotPrefix.length) : name;
}

/** The whole file for one phone. A file of flags has one URL, that of its first setting. */
export function settingsText(file: SettingsFile, mac: string, settings: readonly Setting[]): string {
  const { form } = file;
  const encode = file.escape === 'xml' ? escapeXml : (text: string): string => text;
  const lines =
    form === 'flags' ? [flagsLine(file, settings, encode)] : settings.map((one) => lineOf(file, one, encode));
  return `${file.open.replace('{mac}', mac)}${lines.map((line) => `${line}\n`).join('')}${file.close}`;
}

function lineOf(file: SettingsFile, { slot, key, url }: Setting, encode: (text: string) => string): string {
  const value = encode(url);
  if (file.form === 'lines') return `${slot}${file.separator ?? ' = '}${value}`;
  if (file.form === 'item') return `<item name="${encode(slot)}">${value}</item>`;
  if (file.form === 'param') return `<param name="${encode(slot)}" value="${value}"/>`;
  const attributes = file.attributes ?? '';
  const shown = attributes.includes('{key}')
    ? key === null
      ? ''
      : attributes.replace('{key}', encode(key))
    : attributes;
  return `<${slot}${shown}>${value}</${slot}>`;
}

function flagsLine(
  { urlKey = '' }: SettingsFile,
  settings: readonly Setting[],
  encode: (text: string) => string,
): string {
  const flags = settings.map(({ slot }) => ` ${slot}="1"`).join('');
  return `<apps ${urlKey}="${encode(settings[0]?.url ?? '')}"${flags}/>`;
}
