// Asks a service for the names of numbers that nobody knows: in the background, each number once, never more than a few at a time.
import { type Answer, askService } from './caller-lookup-request.ts';
import type { LookupSettings } from './caller-lookup-settings.ts';
import type { Ports } from './core/ports.ts';
import { type Resolve, resolveBySystem } from './destinations/webhook/reach.ts';

export type CallerLookup = {
  /** Asks for one number unless its answer is known, under way or waiting. Returns at once; never throws. */
  ask(number: string): void;
  /** Asks no more; resolves when no question is under way. Nothing is found afterwards. */
  close(): Promise<void>;
};

export type CallerLookupDeps = {
  /** The service answered: with the number's name, or `null` if it knows none. */
  onFound(number: string, name: string | null): void;
  /** How names become addresses; the system's way unless given. */
  resolve?: Resolve;
};

const AT_ONCE_MAX = 5;
const WAITING_MAX = 100;
/** Numbers whose answer is remembered. */
const REMEMBERED_MAX = 20_000;
/** How long it is believed that a service knows no name, and how long a question without an answer is not put again; in ms. */
const UNKNOWN_MS = 3_600_000;
const FAILED_MS = 300_000;
/** Names of SIP accounts and codes of the telephone system are nobody's business outside. */
const ASKABLE = /^\+?[0-9]{3,20}$/;

/** A look-up by these settings. Failures are counted and logged, without the number. */
export function createCallerLookup(settings: LookupSettings, ports: Ports, deps: CallerLookupDeps): CallerLookup {
  const { clock, count, log } = ports;
  const { onFound, resolve = resolveBySystem } = deps;
  /** Until when a number is not asked for again, by the monotonic clock; those under way: for ever. Oldest first. */
  const settled = new Map<string, number>();
  const waiting: string[] = [];
  const running = new Set<Promise<void>>();
  const closing = new AbortController();
  let failing = false;

  const settle = (number: string, keepMs: number): void => {
    settled.delete(number);
    settled.set(number, clock.monotonicMs() + keepMs);
    if (settled.size > REMEMBERED_MAX) forgetOldest(settled);
  };
  const take = (number: string, answer: Answer): void => {
    if (closing.signal.aborted) return;
    count('caller_lookups', { result: answer.kind });
    settle(number, keepMsOf(answer, settings));
    if (answer.kind === 'failed') {
      count('caller_lookup_failures', { reason: answer.code });
      // One line for an outage, not one for each call in it.
      if (!failing) log.warn('caller_lookup_fails', { reason: answer.code });
      failing = true;
      return;
    }
    if (failing) log.info('caller_lookup_works_again');
    failing = false;
    onFound(number, answer.kind === 'name' ? answer.name : null);
  };
  const start = (number: string): void => {
    const question = askService(settings, number, { clock, resolve, signal: closing.signal })
      .then((answer) => take(number, answer))
      .catch((error: unknown) => {
        log.error('caller_lookup_broke', { error: error instanceof Error ? error.name : 'unknown' });
      })
      .then(() => {
        running.delete(question);
        const next = closing.signal.aborted ? undefined : waiting.shift();
        if (next !== undefined) start(next);
      });
    running.add(question);
  };

  return {
    ask(number) {
      if (closing.signal.aborted || !ASKABLE.test(number)) return;
      if ((settled.get(number) ?? 0) > clock.monotonicMs()) return;
      if (waiting.length >= WAITING_MAX) {
        count('caller_lookups', { result: 'dropped' });
        return;
      }
      settle(number, Number.POSITIVE_INFINITY);
      if (running.size < AT_ONCE_MAX) start(number);
      else waiting.push(number);
    },
    async close() {
      waiting.length = 0;
      closing.abort();
      await Promise.all(running);
    },
  };
}

const keepMsOf = (answer: Answer, { cacheMs }: LookupSettings): number =>
  answer.kind === 'name' ? cacheMs : answer.kind === 'unknown' ? Math.min(UNKNOWN_MS, cacheMs) : FAILED_MS;

function forgetOldest(settled: Map<string, number>): void {
  for (const [number, untilMs] of settled) {
    // What is under way is remembered, or it would be asked for twice.
    if (untilMs === Number.POSITIVE_INFINITY) continue;
    settled.delete(number);
    return;
  }
}
