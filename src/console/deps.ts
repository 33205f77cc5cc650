// What the console is given: how to look at everything, and the few things it may ask to be done.
import type { AuditEntry, History } from '../core/history.ts';
import type { PhoneFeed } from '../core/phone-view.ts';
import type { Ports } from '../core/ports.ts';
import type { AccountBook } from './access/accounts.ts';
import type { ControlDeps } from './control.ts';

/** A file of the console as a browser gets it. */
export type Asset = { type: string; text: string };

export type ConsoleDeps = ControlDeps & {
  ports: Ports;
  version: string;
  accounts: AccountBook;
  /** Hosts with ports under which it may be reached. */
  hosts(): readonly string[];
  secure: boolean;
  /** By name: `console.js`. Nothing else is ever served as a file. */
  assets: ReadonlyMap<string, Asset>;
  phones: PhoneFeed;
  history: History;
  /** Puts down who did what; resolves when it is durable. */
  audit(entry: Omit<AuditEntry, 'seq'>): Promise<void>;
  /** Time zone in which times are shown. */
  timezone(): string;
};
