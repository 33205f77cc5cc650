// The phones that were made known by command, or heard at a site that takes everybody: `phones.json` of the data folder.
import { join } from 'node:path';
import { z } from 'zod';
import { FileError, type Files } from './core/files.ts';
import { normaliseMac } from './core/phone-card.ts';
import { checkWith } from './core/schema-problems.ts';
import { DOCUMENT_BYTES_MAX, readDocument } from './document.ts';

/** `mac`: 12 lower-case hex digits; missing for a phone that is known by its address. `adoptedAt`: ISO 8601 UTC. */
export type AdoptedPhone = {
  id: string;
  site: string;
  mac?: string;
  name?: string;
  groups: string[];
  area?: string;
  vendor: string;
  adoptedAt: string;
};

export type AdoptedBook = {
  /** In the order in which they were adopted. */
  all(): readonly AdoptedPhone[];
  /** Adds phones; one that has the same id takes the place of the old one. Resolves when it is on disk; rejects with a FileError. */
  put(phones: readonly AdoptedPhone[]): Promise<void>;
  remove(id: string): Promise<void>;
};

const FILE_NAME = 'phones.json';

const phoneSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  site: z.string(),
  mac: z
    .string()
    .transform((text, context) => {
      const mac = normaliseMac(text);
      if (mac === undefined) context.addIssue('is no MAC address');
      return mac ?? z.NEVER;
    })
    .optional(),
  name: z.string().optional(),
  groups: z.array(z.string()),
  area: z.string().optional(),
  vendor: z.string(),
  adoptedAt: z.string(),
});
const bookSchema = z.strictObject({ version: z.literal(1), phones: z.array(phoneSchema) });

/** `phones.json` holds what this version does not know; to go on would mean to forget phones that somebody made known. */
export class AdoptedBookError extends Error {
  override name = 'AdoptedBookError';
}

/** The book of a data folder. Rejects with a FileError (it cannot be read) or an AdoptedBookError (it makes no sense). */
export async function openAdoptedBook(dataPath: string, files: Files): Promise<AdoptedBook> {
  const path = join(dataPath, FILE_NAME);
  let phones = await readBook(path, files);
  let turn: Promise<unknown> = Promise.resolve();

  // One after the other, or two at once would each write a file without the other's phone.
  const inTurn = (change: (now: readonly AdoptedPhone[]) => AdoptedPhone[]): Promise<void> => {
    const changed = turn.then(async () => {
      const next = change(phones);
      await files.writeAside(path, textOf(next), 0o600);
      phones = next;
    });
    turn = changed.catch(() => {});
    return changed;
  };
  return {
    all: () => phones,
    put: (added) =>
      inTurn((now) => {
        const byId = new Map(now.map((phone) => [phone.id, phone]));
        for (const phone of added) byId.set(phone.id, phone);
        return [...byId.values()];
      }),
    remove: (id) => inTurn((now) => now.filter((phone) => phone.id !== id)),
  };
}

async function readBook(path: string, files: Files): Promise<readonly AdoptedPhone[]> {
  try {
    const document = readDocument((await files.read(path, DOCUMENT_BYTES_MAX)).text);
    const checked = checkWith(bookSchema, document.value);
    if (document.broken || 'problems' in checked)
      throw new AdoptedBookError(
        `${path} is not a book of phones of this version; restore it, or remove it and adopt the phones again`,
      );
    return checked.value.phones as AdoptedPhone[];
  } catch (error) {
    if (error instanceof FileError && error.code === 'missing') return [];
    throw error;
  }
}

/** A MAC address as it stands on the phone's label. */
export const macText = (mac: string): string => mac.match(/../g)?.join(':') ?? mac;

const textOf = (phones: readonly AdoptedPhone[]): string => {
  const shown = phones.map((phone) => (phone.mac === undefined ? phone : { ...phone, mac: macText(phone.mac) }));
  return `${JSON.stringify({ version: 1, phones: shown }, null, 2)}\n`;
};
