// What the console is given: how to look at everything, and the few things it may ask to be done.

import type { Delivery } from '../core/delivery.ts';
import type { Event, NoteEvent } from '../core/events.ts';
import type { AuditEntry, History } from '../core/history.ts';
import type { PhoneFeed } from '../core/phone-view.ts';
import type { Ports } from '../core/ports.ts';
import type { Preview } from '../core/preview.ts';
import type { StoredDelivery } from '../core/store.ts';
import type { AccountBook } from './access/accounts.ts';
import type { ControlDeps } from './control.ts';
import type { PhoneDeps } from './control-phones.ts';
import type { MakeSheet } from './provision-sheet.ts';
import type { BenchDesk, ReplayDesk, RuleDesk } from './rule-desk.ts';

/** What each stage of a rule said of one event; the last one may be a no. */
export type RuleVerdict = { rule: string; stages: { stage: string; ok: boolean; saw?: string }[] };

/** The event that was asked for first, then what was made of it. */
export type Explained = {
  story: {
    event: Event | NoteEvent;
    verdicts: RuleVerdict[];
    deliveries: Pick<Delivery, 'id' | 'rule' | 'to' | 'type'>[];
  }[];
  /** It was kept from all rules. */
  quarantined: boolean;
};

/** A file of the console as a browser gets it. */
export type Asset = { type: string; text: string };

export type ConsoleDeps = Omit<ControlDeps, 'phones' | 'consoleAccounts'> & {
  /** What is done about phones: adopted, named, forgotten. */
  fleet: PhoneDeps;
  /** What a phone has to be told, with a token in its URLs. */
  sheetOf: MakeSheet;
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
  /** Why messages came or did not come of an event; undefined if it is in no journal any more. */
  explain(event: string): Promise<Explained | undefined>;
  previewOf(delivery: StoredDelivery): Preview;
  rules: RuleDesk;
  bench: BenchDesk;
  replay: ReplayDesk;
  /** Whether the process lives; what `/livez` answers. */
  alive(): Promise<boolean>;
  /** Why no work should be sent here, in words; empty: it may be. */
  notReady(): Promise<string[]>;
  /** Prometheus' text format. */
  metrics(): Promise<string>;
  /** Puts down who did what; resolves when it is durable. */
  audit(entry: Omit<AuditEntry, 'seq'>): Promise<void>;
  /** Time zone in which times are shown. */
  timezone(): string;
};
