// Tokens for phones: made at random, kept as SHA-256 only, shown once.
import { createHash } from 'node:crypto';
import type { Clock, Random } from '../core/ports.ts';
import { didYouMean, type Problem } from '../core/problems.ts';

/** Whom a token stands for: one phone, or all phones of a site. */
export type Holder = { site: string; phone?: string };

export type TokenDeps = {
  clock: Clock;
  random: Random;
  /** The sites and phones of the config in use. */
  holders(): { sites: readonly string[]; phones: readonly { id: string; site: string }[] };
  /** Keeps the hash of a new token (64 lower-case hex digits); resolves when it is on disk and in force. Those that were made before
   * it go on for a day, unless `others` says that they end. */
  addToken(holder: Holder, sha256: string, others?: 'overlap' | 'end'): Promise<void>;
  /** Keeps a token in memory until `untilMs`, milliseconds of the monotonic clock. */
  addOnceToken(holder: Holder, sha256: string, untilMs: number): void;
  /** The Action URLs of a phone with this token, by slug. */
  actionUrls(token: string, holder: Holder): Record<string, string>;
  /** Where a command on this machine reaches the receiver, like `http://127.0.0.1:8484`. */
  localUrl(): string;
};

const TOKEN_BYTES = 18;
const ONCE_MS = 60_000;

export type MadeToken = { token: string; holder: Holder; urls: Record<string, string> };
export type OnceToken = { token: string; holder: Holder; base: string; validMs: number };

/** What makes tokens. Both answer with problems where the site or phone is not in the config. */
export function createTokens(deps: TokenDeps) {
  const fresh = (): { token: string; sha256: string } => {
    const token = Buffer.from(deps.random.bytes(TOKEN_BYTES)).toString('base64url');
    return { token, sha256: createHash('sha256').update(token).digest('hex') };
  };
  return {
    async make(
      asked: { site?: string; phone?: string },
      others: 'overlap' | 'end' = 'overlap',
    ): Promise<MadeToken | { problems: Problem[] }> {
      const holder = holderOf(deps, asked);
      if ('problems' in holder) return holder;
      const { token, sha256 } = fresh();
      await deps.addToken(holder, sha256, others);
      return { token, holder, urls: deps.actionUrls(token, holder) };
    },
    async makeOnce(asked: {
      site?: string | undefined;
      phone?: string | undefined;
      seconds?: number | undefined;
    }): Promise<OnceToken | { problems: Problem[] }> {
      const holder = holderOf(
        deps,
        asked.phone === undefined && asked.site === undefined ? { site: 'default' } : asked,
      );
      if ('problems' in holder) return holder;
      const { token, sha256 } = fresh();
      const validMs = asked.seconds === undefined ? ONCE_MS : asked.seconds * 1_000;
      deps.addOnceToken(holder, sha256, deps.clock.monotonicMs() + validMs);
      return { token, holder, base: deps.localUrl(), validMs };
    },
  };
}

function holderOf(
  deps: TokenDeps,
  asked: { site?: string | undefined; phone?: string | undefined },
): Holder | { problems: Problem[] } {
  const { sites, phones } = deps.holders();
  if (asked.phone !== undefined) {
    const phone = phones.find((p) => p.id === asked.phone);
    if (phone !== undefined) return { site: phone.site, phone: phone.id };
    return unknown(
      'phone',
      asked.phone,
      phones.map((p) => p.id),
    );
  }
  const site = asked.site ?? 'default';
  return sites.includes(site) ? { site } : unknown('site', site, sites);
}

function unknown(what: string, id: string, known: readonly string[]): { problems: Problem[] } {
  const hint = didYouMean(id, known);
  const message = `the config has no ${what} ${JSON.stringify(id)}`;
  return { problems: [{ path: [what], message, ...(hint === undefined ? {} : { hint }) }] };
}
