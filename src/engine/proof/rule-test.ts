// A test of a rule file once it is read: what is sent when by which phones, and what is expected to follow.
import type { PhoneEventType } from '../../core/events.ts';
import type { PhoneCard } from '../../core/phone-card.ts';
import type { Scenario } from '../../core/simulation.ts';

/** `atMs`: ms from the beginning of the test. */
export type Send = { atMs: number; phones: readonly string[] } & (
  | { event: PhoneEventType; vars: Readonly<Record<string, string>> }
  | { scenario: Scenario; number: string | null; name?: string }
);

export type Expectation = {
  rule: string;
  times: number;
  /** ms from the beginning; `exact`: to the millisecond, else to the second. */
  at?: { ms: number; exact: boolean };
  count?: number;
  text?: string;
  to?: string;
};

export type RuleTest = {
  file: string;
  /** Its place in `tests`, from 0. */
  place: number;
  name: string;
  /** ms since 1970. */
  startMs: number;
  phones: readonly PhoneCard[];
  send: readonly Send[];
  expect: readonly Expectation[];
  /** ms from the beginning. */
  untilMs?: number;
  only: boolean;
};
