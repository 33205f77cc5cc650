// What is stored of a number: shown whole, or removed for good. One answer for the commands and for the console's API.
import { z } from 'zod';
import type { Json } from '../core/delivery.ts';
import type { AuditEntry, CallRecord, TracedDelivery } from '../core/history.ts';
import type { NumberSpelling } from '../core/number-trace.ts';
import type { Problem } from '../core/problems.ts';
import type { StoredEvent } from '../core/store.ts';

/** What was removed, in rows. */
export type Purged = {
  events: number;
  deliveries: number;
  calls: number;
  state: number;
  audit: number;
  /** Ids of messages that were being sent, so that they could not be called off. */
  inFlight: string[];
  /** The database was written anew, because traces were left in it. */
  rewritten: boolean;
  /** The number stands in the database all the same: it came in again meanwhile. */
  remains: boolean;
};

export type Found = {
  number: string;
  events: (StoredEvent['event'] & { seq: number; raw_b64: string | null })[];
  deliveries: TracedDelivery[];
  calls: CallRecord[];
  /** What the daemon remembers, by site, kind and key. */
  state: { site: string; kind: string; key: string; value: string }[];
  audit: AuditEntry[];
};

export type NumberDeps = {
  /** A number as a person wrote it, taken apart; null if it is none, too short, or of no country. */
  spellingOf(text: string): NumberSpelling | null;
  purge(number: NumberSpelling): Promise<Purged>;
  export(number: NumberSpelling): Promise<Found>;
};

export const NUMBER_BODY = z.strictObject({
  number: z
    .string()
    .min(1)
    .max(64)
    .describe('With its country, like +49301234567, or as the default site writes numbers.'),
});

/** Said wherever something was purged: more than that nobody can promise. */
export const NOT_RECALLED =
  'What already left cannot be recalled: messages that were sent, log files, exports and backups keep what they have.';

const unknown: { problems: Problem[] } = {
  problems: [
    {
      path: ['number'],
      message: 'is no number that can be looked for',
      hint: 'write it with its country, like +49301234567; it needs more than four digits',
    },
  ],
};

export async function purge(deps: NumberDeps, { number }: { number: string }) {
  const spelling = deps.spellingOf(number);
  return spelling === null ? unknown : { ...(await deps.purge(spelling)), note: NOT_RECALLED };
}

export async function exported(
  deps: NumberDeps,
  { number }: { number: string },
): Promise<typeof unknown | { found: Json }> {
  const spelling = deps.spellingOf(number);
  return spelling === null ? unknown : { found: (await deps.export(spelling)) as unknown as Json };
}
