// Tokens: the access token of a connection, asked for when it is needed, shared by its attempts, renewed before it runs out.
import type { Outcome } from '../../core/delivery.ts';
import type { Clock } from '../../core/ports.ts';
import type { OAuth2Settings } from './oauth2-settings.ts';
import { requestToken, type Token, type TokenAnswer, type TokenRequest } from './token-request.ts';

/** A token is not used in the last minute of its life: a login takes a moment, too. */
const MARGIN_MS = 60_000;

export type Tokens = {
  /** Sees to it that there is a token; the outcome of an attempt that gets none. Ends with the signal. */
  ready(signal: AbortSignal): Promise<Outcome | undefined>;
  /** The library's way to ask. `renew`: the server refused the last one, so another is asked for. The error has the outcome. */
  provision(user: string, renew: boolean, callback: Provided): void;
  /** What no error may show, as it stands now. */
  secrets(): string[];
  /** Ends what is under way. */
  close(): void;
};

type Provided = (error: (Error & { outcome?: Outcome }) | null, accessToken?: string, expires?: number) => void;

/** No token yet; the first one is asked for when there is something to send. */
export function createTokens(settings: OAuth2Settings, user: string, clock: Clock): Tokens {
  let token: Token | undefined;
  let usedUpMs = 0;
  // Kept in memory only: some services give a new one with each token, and take the one of the config once more after a restart.
  let refresh = settings.refreshToken?.reveal();
  let request: TokenRequest | undefined;
  let asked: Promise<TokenAnswer> | undefined;

  async function ask(): Promise<TokenAnswer> {
    request = requestToken(settings, user, refresh, clock.wallMs());
    const answer = await request.answer;
    request = undefined;
    asked = undefined;
    if (!('token' in answer)) return answer;
    token = answer.token;
    usedUpMs = clock.monotonicMs() + Math.max(token.lifeMs - MARGIN_MS, token.lifeMs / 2);
    refresh = token.refreshToken ?? refresh;
    return answer;
  }

  /** One request at a time, for everybody who waits. */
  const fresh = (): Promise<TokenAnswer> => {
    asked ??= ask();
    return asked;
  };
  const current = (): string | undefined => (clock.monotonicMs() < usedUpMs ? token?.accessToken : undefined);

  return {
    async ready(signal) {
      if (current() !== undefined) return undefined;
      const answer = await endedBy(signal, fresh());
      if (answer === undefined) return { kind: 'retry', error: 'the token service did not answer in time' };
      return 'outcome' in answer ? answer.outcome : undefined;
    },
    provision(_user, renew, callback) {
      const known = renew ? undefined : current();
      // The library keeps it for one connection only, which logs in once: so it never needs to know when it runs out.
      if (known !== undefined) return callback(null, known);
      void fresh().then((answer) =>
        'token' in answer
          ? callback(null, answer.token.accessToken)
          : callback(Object.assign(new Error('no token'), { outcome: answer.outcome })),
      );
    },
    secrets: () => [token?.accessToken, refresh].filter((one) => one !== undefined),
    close: () => request?.cancel(),
  };
}

function endedBy<T>(signal: AbortSignal, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const end = (): void => resolve(undefined);
    if (signal.aborted) return end();
    signal.addEventListener('abort', end, { once: true });
    void promise.then((value) => {
      signal.removeEventListener('abort', end);
      resolve(value);
    });
  });
}
