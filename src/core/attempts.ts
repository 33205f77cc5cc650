// Attempts: what one connection is sending at the moment. Ends an attempt when its signal says so, and all of them at close.
import type { Outcome } from './delivery.ts';

export type Attempts = {
  /**
   * Runs one attempt. `task` gets a signal that is aborted with the attempt's own or at `close`. Never rejects: an attempt that
   * is over before it began is `unavailable`, a task that throws is a `retry`. The task's signal is aborted once it is done, too.
   */
  run(signal: AbortSignal, task: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome>;
  /** Aborts what runs and resolves when nothing runs any more; later attempts are `unavailable`. */
  close(): Promise<void>;
};

export function createAttempts(): Attempts {
  const running = new Map<AbortController, Promise<Outcome>>();
  let closed = false;

  async function guarded(outer: AbortSignal, own: AbortController, task: (signal: AbortSignal) => Promise<Outcome>) {
    // Not AbortSignal.any: its result stays registered with a signal that lives as long as the process.
    const onAbort = (): void => own.abort(outer.reason);
    outer.addEventListener('abort', onAbort, { once: true });
    try {
      return await task(own.signal);
    } catch (error) {
      return { kind: 'retry', error: `the attempt broke off (${codeOf(error) ?? 'no code'})` } satisfies Outcome;
    } finally {
      outer.removeEventListener('abort', onAbort);
      running.delete(own);
      // What the task left half-read or half-open ends with it.
      own.abort();
    }
  }

  return {
    run(signal, task) {
      if (closed) return Promise.resolve({ kind: 'unavailable', error: 'the connection is closed' });
      if (signal.aborted)
        return Promise.resolve({ kind: 'unavailable', error: 'the time was up before the attempt began' });
      const own = new AbortController();
      const attempt = guarded(signal, own, task);
      running.set(own, attempt);
      return attempt;
    },
    async close() {
      closed = true;
      const last = [...running.values()];
      for (const own of [...running.keys()]) own.abort();
      await Promise.all(last);
    },
  };
}

/**
 * The code of a failure, from the error itself or from what caused it (`ECONNREFUSED`, `UND_ERR_CONNECT_TIMEOUT`, `AbortError`).
 * Codes are constants of Node and its libraries, so they may be shown; an error's text may hold anything.
 */
export function codeOf(error: unknown): string | undefined {
  let inner: unknown = error;
  let name: string | undefined;
  for (let depth = 0; depth < 5 && typeof inner === 'object' && inner !== null; depth++) {
    const { code, cause, errors, original } = inner as Record<string, unknown>;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code)) return code;
    const said = (inner as { name?: unknown }).name;
    if (said === 'AbortError' || said === 'TimeoutError') name ??= said;
    inner = cause ?? original ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return name;
}
