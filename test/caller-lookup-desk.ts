// A caller look-up against a server of the test's own, with a clock that the test can turn forward.
import { onTestFinished } from 'vitest';
import { createCallerLookup } from '../src/caller-lookup.ts';
import { type LookupSettings, lookupSettings } from '../src/caller-lookup-settings.ts';
import type { Clock } from '../src/core/ports.ts';
import { systemClock } from '../src/ports.ts';
import { testContext } from './support/destination-contract.ts';
import { answer, type HttpScript, type HttpServer, startHttpServer } from './support/http-server.ts';

/** Settings as the config's schema makes them. Throws where it refuses them. */
export const settingsOf = (written: object): LookupSettings => lookupSettings.parse(written);

/** Answers with JSON. */
export const says = (value: unknown): HttpScript =>
  answer(200, { 'content-type': 'application/json' }, JSON.stringify(value));

export async function startServer(script: HttpScript): Promise<HttpServer> {
  const server = await startHttpServer(script);
  onTestFinished(() => server.stop());
  return server;
}

type Around = { resolve?: (host: string) => Promise<string[]>; onFound?: () => void };

/** A look-up at that server. `written` is added to settings that may reach it. */
export function lookupAt(url: string, written: object = {}, { resolve, onFound }: Around = {}) {
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
  const context = testContext({ clock });
  const found: [string, string | null][] = [];
  const settings = settingsOf({ url: `${url}/callers/{{ number }}`, allowPrivate: ['127.0.0.0/8'], ...written });
  const lookup = createCallerLookup(settings, context, {
    onFound(number, name) {
      found.push([number, name]);
      onFound?.();
    },
    ...(resolve === undefined ? {} : { resolve }),
  });
  onTestFinished(() => lookup.close());
  const count = (name: string): number => context.counts.get(name) ?? 0;
  const ended = (): number =>
    ['name', 'unknown', 'failed'].reduce((sum, kind) => sum + count(`caller_lookups{result=${kind}}`), 0);
  return {
    lookup,
    found,
    context,
    count,
    ended,
    pass(ms: number): void {
      aheadMs += ms;
    },
    /** Resolves when that many questions have ended. */
    async end(questions: number): Promise<void> {
      while (ended() < questions) await new Promise((resolve) => setTimeout(resolve, 2));
    },
  };
}
