// The accounts of the console: names, roles and scrypt hashes in `accounts.json` of the data folder; tokens of programs, hashed.
import { join } from 'node:path';
import { z } from 'zod';
import { ACCOUNT_NAME, type AccountBook, type AccountDeps, isPasswordHash, ROLES } from './console/index.ts';
import { FileError, type Files } from './core/files.ts';
import { checkWith } from './core/schema-problems.ts';
import { DOCUMENT_BYTES_MAX, readDocument } from './document.ts';

const FILE_NAME = 'accounts.json';
const ENTRIES_MAX = 1_000;

const role = z.enum(ROLES);
const name = z.string().regex(ACCOUNT_NAME);
const bookSchema = z.strictObject({
  version: z.literal(1),
  accounts: z.array(z.strictObject({ name, role, passwordHash: z.string().refine(isPasswordHash) })).max(ENTRIES_MAX),
  tokens: z.array(z.strictObject({ name, role, sha256: z.string().regex(/^[0-9a-f]{64}$/) })).max(ENTRIES_MAX),
});
type Book = z.output<typeof bookSchema>;

export type OwnedAccountBook = AccountBook & AccountDeps;

/** `accounts.json` makes no sense; to go on would mean to lock everybody out, or to let somebody in. */
export class AccountBookError extends Error {
  override name = 'AccountBookError';
}

/** The book of a data folder. Rejects with a FileError (it cannot be read) or an AccountBookError. */
export async function openAccountBook(dataPath: string, files: Files): Promise<OwnedAccountBook> {
  const path = join(dataPath, FILE_NAME);
  let book = await readBook(path, files);
  let turn: Promise<unknown> = Promise.resolve();
  const listeners: ((name: string) => void)[] = [];
  const changed = (name: string) => (): void => {
    for (const listener of listeners) listener(name);
  };

  // One after the other, or two at once would each write a file without the other's change.
  const change = <T>(make: (now: Book) => { next: Book; answer: T }): Promise<T> => {
    const done = turn.then(async () => {
      const { next, answer } = make(book);
      await files.writeAside(path, `${JSON.stringify(next, null, 2)}\n`, 0o600);
      book = next;
      return answer;
    });
    turn = done.catch(() => {});
    return done;
  };
  const without = <E extends { name: string }>(entries: readonly E[], gone: string): E[] =>
    entries.filter((entry) => entry.name !== gone);
  return {
    find: (wanted) => book.accounts.find((account) => account.name === wanted),
    isEmpty: () => book.accounts.length === 0,
    tokenOf: (sha256) => book.tokens.find((token) => token.sha256 === sha256),
    setPassword: (of, passwordHash) =>
      change((now) => ({
        next: {
          ...now,
          accounts: now.accounts.map((account) => (account.name === of ? { ...account, passwordHash } : account)),
        },
        answer: undefined,
      })).then(changed(of)),
    async put({ name: of, role: as, passwordHash: given }) {
      const done = await change<'done' | 'no-password'>((now) => {
        const passwordHash = given ?? now.accounts.find((account) => account.name === of)?.passwordHash;
        if (passwordHash === undefined) return { next: now, answer: 'no-password' };
        const account = { name: of, role: as, passwordHash };
        return { next: { ...now, accounts: [...without(now.accounts, of), account] }, answer: 'done' };
      });
      changed(of)();
      return done;
    },
    putToken: (token) =>
      change((now) => ({ next: { ...now, tokens: [...without(now.tokens, token.name), token] }, answer: undefined })),
    async remove(gone) {
      const wasThere = await change((now) => ({
        next: { ...now, accounts: without(now.accounts, gone), tokens: without(now.tokens, gone) },
        answer: [...now.accounts, ...now.tokens].some((entry) => entry.name === gone),
      }));
      changed(gone)();
      return wasThere;
    },
    onChange: (listener) => void listeners.push(listener),
    list: () => ({
      accounts: book.accounts.map((each) => ({ name: each.name, role: each.role })),
      tokens: book.tokens.map((each) => ({ name: each.name, role: each.role })),
    }),
  };
}

async function readBook(path: string, files: Files): Promise<Book> {
  try {
    const document = readDocument((await files.read(path, DOCUMENT_BYTES_MAX)).text);
    const checked = checkWith(bookSchema, document.value);
    if (document.broken || 'problems' in checked)
      throw new AccountBookError(
        `${path} is not a book of accounts of this version; restore it, or remove it and make new ones`,
      );
    return checked.value;
  } catch (error) {
    if (error instanceof FileError && error.code === 'missing') return { version: 1, accounts: [], tokens: [] };
    throw error;
  }
}
