// A scenario of one's own: a JSON list of who says what and when.
import { z } from 'zod';
import { parseDurationMs } from '../core/durations.ts';
import { SLUGS } from '../core/events.ts';
import type { Problem } from '../core/problems.ts';
import { checkWith } from '../core/schema-problems.ts';
import type { SimulatedHit } from '../core/simulation.ts';

const HITS_MAX = 100_000;

const moment = z.union([z.number().min(0), z.string()]).transform((at, context) => {
  const ms = typeof at === 'number' ? at * 1_000 : parseDurationMs(at);
  if (ms === undefined) context.addIssue('must be seconds from the beginning, like 6.5, or a span like "2m"');
  return ms ?? z.NEVER;
});

const course = z
  .array(
    z.strictObject({
      at: moment,
      phone: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of the characters A-Z a-z 0-9 _ -'),
      event: z.enum(SLUGS),
      vars: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/), z.string().max(2_000)).default({}),
    }),
  )
  .min(1)
  .max(HITS_MAX);

/** The hits in the order of time. `startMs`: ms since 1970. Every problem is told. */
export function readCourse(value: unknown, startMs: number): { hits: SimulatedHit[] } | { problems: Problem[] } {
  const checked = checkWith(course, value);
  if ('problems' in checked) return checked;
  const hits = checked.value.map(({ at, phone, event, vars }) => ({ atMs: startMs + at, phone, slug: event, vars }));
  return { hits: hits.sort((a, b) => a.atMs - b.atMs) };
}
