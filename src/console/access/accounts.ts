// Accounts: who may log in to the console, and which tokens programs may use; what the console asks whoever keeps them.
import type { Role } from './roles.ts';

export type Account = { name: string; role: Role; passwordHash: string };

export type AccountBook = {
  /** The account of that name; names are compared as they are written. */
  find(name: string): Account | undefined;
  /** Whether anybody can log in at all. */
  isEmpty(): boolean;
  /** What a program's token (its SHA-256 as 64 lower-case hex digits) may do, and what it is called. */
  tokenOf(sha256: string): { name: string; role: Role } | undefined;
  /** Resolves when the new hash is on disk. */
  setPassword(name: string, passwordHash: string): Promise<void>;
  /** Calls back, once it is on disk, with the name of each account that got another password or role, or was removed. */
  onChange(listener: (name: string) => void): void;
};

/** Names of accounts and tokens. */
export const ACCOUNT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
