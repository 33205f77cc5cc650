// What the console is given about rules: the active ones, their files, and two ways to try others that send nothing.
import type { Delivery } from '../core/delivery.ts';
import type { Event, NoteEvent } from '../core/events.ts';
import type { Problem } from '../core/problems.ts';
import type { RuleVerdict } from './deps.ts';

/** A problem with the line that it is about, as far as that may be shown. `caret`: where in it, from 0, in UTF-16 units. */
export type ShownProblem = { problem: Problem; excerpt?: { text: string; caret: number } };

/** A rule in use. `acted` and `lastActedMs` (ms since 1970) count since the start of the process. */
export type RuleCard = {
  id: string;
  description?: string;
  file: string;
  /** Its place in the file, from 0. */
  place: number;
  enabled: boolean;
  fallback: boolean;
  /** Event types, groups expanded. */
  on: readonly string[];
  /** Connections that it delivers to. */
  to: { name: string; type: string }[];
  acted: number;
  lastActedMs: number | null;
};

export type RuleDesk = {
  /** Those in use and those that are switched off, by file and place. */
  all(): RuleCard[];
  find(id: string): RuleCard | undefined;
  /** The rule as its file has it now, and the line on which it begins; undefined if it is not there any more. */
  written(id: string): Promise<{ text: string; line: number } | undefined>;
  /** Names of the files that have rules. */
  files(): string[];
  /** Such a file as it lies on disk; undefined if it is none of them or cannot be read. */
  text(file: string): Promise<string | undefined>;
  /** Why the config and rules on disk are not those in use; empty: they are. */
  problems(): Promise<ShownProblem[]>;
};

/** A rule file as somebody edited it; it takes the place of `file`, or (null) stands beside all others. */
export type EditedRules = { file: string | null; text: string };

/** More than any hand writes; a larger file is better tried with `hookswitch check` and `replay`. */
export const EDITED_UNITS_MAX = 256 * 1024;
export const VARS_MAX = 50;

/** An event of a phone, or a scenario; `number: null` is withheld. `start`: local time as `2026-11-24T09:00:00`; now unless given. */
export type Composed = {
  event?: string;
  scenario?: string;
  phones: string[];
  number?: string | null;
  name?: string;
  vars: Record<string, string>;
  start?: string;
};

/** `past`: the id of an event, or `last-missed`. */
export type BenchOrder = { past?: string; composed?: Composed; edited?: EditedRules };

export type BenchTold = {
  event: Event | NoteEvent;
  verdicts: RuleVerdict[];
  /** Rules that said something about it beyond those that are told. */
  verdictsLeft: number;
  deliveries: Delivery[];
  logs: { rule: string; level: string; text: string }[];
};

/** `quiet`: nothing was due any more; `span`: 60 days were over; `many`: more moments came than are waited for. */
export type BenchEnd = 'quiet' | 'span' | 'many';

export type BenchRun = {
  id: string;
  story: BenchTold[];
  /** Events beyond those that are told. */
  eventsLeft: number;
  deliveriesLeft: number;
  quarantined: boolean;
  end: BenchEnd;
  /** The last moment at which something happened, ms since 1970. */
  lastMs: number;
};

/** What came of an order to try something: it may be wrong in itself, or may not be done now. */
export type Refused = { problems: ShownProblem[] } | { refused: string; status: 404 | 409 };

export type BenchDesk = {
  /** Runs on virtual time, sends nothing, stores nothing. One at a time. Rejects with the store's error. */
  run(order: BenchOrder): Promise<{ run: BenchRun } | Refused>;
  /** The n-th delivery of a run of late; undefined if that run is forgotten. */
  made(run: string, n: number): Delivery | undefined;
  events: readonly string[];
  scenarios: readonly { name: string; summary: string }[];
};

/** Moments in ms since 1970, both inclusive. */
export type ReplayOrder = { fromMs: number; toMs: number; edited?: EditedRules };

export const DIFFERENCES = ['same', 'changed', 'added', 'missing'] as const;
export type ReplayDifference = (typeof DIFFERENCES)[number];

export type ReplayFigures = {
  rule: string;
  to: string;
  type: string;
  counts: Record<ReplayDifference, number>;
  examples: { difference: ReplayDifference; id: string; event: string; atMs: number; text: string }[];
};

export type ReplayState = {
  id: string;
  /** Who began it. */
  who: string;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  /** Why it failed, in words. */
  why?: string;
  startedAtMs: number;
  endedAtMs: number | null;
  fromMs: number;
  toMs: number;
  /** The file whose place edited rules took; null: beside all; undefined: the rules in use. */
  edited?: string | null;
  /** How far it is, 0 to 1, and how many events of the span were replayed. */
  share: number;
  events: number;
  /** Deliveries that were decided then, within the span. */
  decided: number;
  figures: ReplayFigures[];
};

export type ReplayDesk = {
  /** Begins; one at a time. Sends nothing and stores nothing. */
  start(order: ReplayOrder, who: string): Promise<{ id: string } | Refused>;
  /** A moment as people write it, in the config's time zone → ms since 1970; undefined if it is none. */
  momentOf(text: string): number | undefined;
  /** The one that runs, else the last one. */
  state(): ReplayState | undefined;
  /** False: none of that id runs. */
  cancel(id: string): boolean;
};
