// What the console is given: how to look at everything, and the few things it may ask to be done.
import type { Json } from '../core/delivery.ts';
import type { PhoneFeed } from '../core/phone-view.ts';
import type { Ports } from '../core/ports.ts';
import type { AccountBook } from './access/accounts.ts';
import type { ControlDeps } from './control.ts';

/** A file of the console as a browser gets it. */
export type Asset = { type: string; text: string };

export type ConsoleDeps = Omit<ControlDeps, 'status'> & {
  ports: Ports;
  version: string;
  accounts: AccountBook;
  /** Hosts with ports under which it may be reached. */
  hosts(): readonly string[];
  secure: boolean;
  /** By name: `console.js`. Nothing else is ever served as a file. */
  assets: ReadonlyMap<string, Asset>;
  phones: PhoneFeed;
  status(): Promise<{ [key: string]: Json }>;
};
