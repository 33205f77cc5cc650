// The tokens that were made by command: their hashes in `tokens.json` of the data folder, and those that live a minute in
// memory. A new token replaces the old one, which goes on for a day, so that phones can be changed one after the other.
import { join } from 'node:path';
import { z } from 'zod';
import { FileError, type Files } from './core/files.ts';
import type { Clock } from './core/ports.ts';
import { checkWith } from './core/schema-problems.ts';
import { DOCUMENT_BYTES_MAX, readDocument } from './document.ts';

/** Whom a token stands for: one phone, or all phones of a site. */
export type TokenOwner = { site: string; phone?: string };

export type TokenBook = {
  /** By SHA-256, 64 lower-case hex digits; undefined if there is none, or its time is over. */
  find(sha256: string): TokenOwner | undefined;
  /** Whether a token was ever made by command and is still in force. */
  hasAny(): boolean;
  /** Resolves when it is on disk. `others`: those of the same owner go on for a day unless they are to end at once. Rejects with a
   * FileError; then nothing has changed. */
  add(owner: TokenOwner, sha256: string, others?: 'overlap' | 'end'): Promise<void>;
  /** In memory only; `untilMs` in milliseconds of the monotonic clock. */
  addOnce(owner: TokenOwner, sha256: string, untilMs: number): void;
};

const FILE_NAME = 'tokens.json';
const OVERLAP_MS = 24 * 3_600_000;
const ONCE_MAX = 1_000;

const entrySchema = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  site: z.string(),
  phone: z.string().optional(),
  madeAtMs: z.number(),
  /** Wall time at which it ends; without it, never. */
  untilMs: z.number().optional(),
});
const bookSchema = z.strictObject({ version: z.literal(1), tokens: z.array(entrySchema) });
type Entry = z.output<typeof entrySchema>;

/** `tokens.json` holds what this version does not know; to go on would mean to forget tokens that phones use. */
export class TokenBookError extends Error {
  override name = 'TokenBookError';
}

/** The book of a data folder. Rejects with a FileError (it cannot be read) or a TokenBookError (it makes no sense). */
export async function openTokenBook(dataPath: string, files: Files, clock: Clock): Promise<TokenBook> {
  const path = join(dataPath, FILE_NAME);
  let entries = byHash(await readBook(path, files));
  const once = new Map<string, { owner: TokenOwner; untilMs: number }>();
  let turn: Promise<unknown> = Promise.resolve();

  const addOne = async (owner: TokenOwner, sha256: string, others: 'overlap' | 'end'): Promise<void> => {
    const nowMs = clock.wallMs();
    const kept = [...entries.values()]
      .filter((entry) => !isOver(entry, nowMs) && !(others === 'end' && belongsTo(entry, owner)))
      .map((entry) =>
        belongsTo(entry, owner) && entry.untilMs === undefined ? { ...entry, untilMs: nowMs + OVERLAP_MS } : entry,
      );
    const next: Entry[] = [...kept, { sha256, ...owner, madeAtMs: nowMs }];
    await files.writeAside(path, `${JSON.stringify({ version: 1, tokens: next }, null, 2)}\n`, 0o600);
    entries = byHash(next);
  };
  return {
    find(sha256) {
      const entry = entries.get(sha256);
      if (entry !== undefined) return isOver(entry, clock.wallMs()) ? undefined : ownerOf(entry);
      const brief = once.get(sha256);
      return brief === undefined || brief.untilMs <= clock.monotonicMs() ? undefined : brief.owner;
    },
    hasAny: () => [...entries.values()].some((entry) => !isOver(entry, clock.wallMs())),
    add(owner, sha256, others = 'overlap') {
      // One after the other, or two at once would each write a file without the other's token.
      const added = turn.then(() => addOne(owner, sha256, others));
      turn = added.catch(() => {});
      return added;
    },
    addOnce(owner, sha256, untilMs) {
      const nowMs = clock.monotonicMs();
      for (const [hash, brief] of once) if (brief.untilMs <= nowMs || once.size >= ONCE_MAX) once.delete(hash);
      once.set(sha256, { owner, untilMs });
    },
  };
}

async function readBook(path: string, files: Files): Promise<Entry[]> {
  try {
    const document = readDocument((await files.read(path, DOCUMENT_BYTES_MAX)).text);
    const checked = checkWith(bookSchema, document.value);
    if (document.broken || 'problems' in checked)
      throw new TokenBookError(
        `${path} is not a book of tokens of this version; restore it, or remove it and make new tokens`,
      );
    return checked.value.tokens;
  } catch (error) {
    if (error instanceof FileError && error.code === 'missing') return [];
    throw error;
  }
}

const byHash = (entries: readonly Entry[]): Map<string, Entry> =>
  new Map(entries.map((entry) => [entry.sha256, entry]));
const isOver = (entry: Entry, nowMs: number): boolean => entry.untilMs !== undefined && entry.untilMs <= nowMs;
const belongsTo = (entry: Entry, owner: TokenOwner): boolean =>
  entry.site === owner.site && entry.phone === owner.phone;
const ownerOf = ({ site, phone }: Entry): TokenOwner => (phone === undefined ? { site } : { site, phone });
