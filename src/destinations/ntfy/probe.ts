// The look at an ntfy server: whether it is one, is well, and knows the token. Nothing is published.
import { Client } from 'undici';
import { codeOf } from '../../core/attempts.ts';
import { readAway } from '../../core/http-answer.ts';
import { type ProbeContext, type Probed, withHint } from '../../core/probe.ts';
import type { NtfySettings } from './settings.ts';

const CONNECT_MS = 10_000;

/** `/v1/health` answers everybody, but a wrong token is refused there as well (server/server.go: authentication comes first). */
export async function probe({ server, token }: NtfySettings, { clock, signal }: ProbeContext): Promise<Probed> {
  const { origin, host } = new URL(server);
  const client = new Client(origin, { pipelining: 0, connect: { timeout: CONNECT_MS, maxCachedSessions: 0 } });
  const headers = {
    'user-agent': 'Hookswitch',
    ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
  };
  try {
    const { statusCode, body } = await client.request({ method: 'GET', path: '/v1/health', headers, signal });
    await readAway(body, clock);
    if (statusCode === 200) return { works: `${host} is well${token === undefined ? '' : ', and takes the token'}` };
    if (statusCode === 401 || statusCode === 403)
      return { error: `${host} refused the token (${statusCode}); make a new one there` };
    return { error: `${host} answered ${statusCode}; is that an ntfy server?` };
  } catch (error) {
    const code = signal.aborted ? 'ETIMEDOUT' : codeOf(error);
    return { error: withHint(`${host} could not be reached (${code ?? 'no answer'})`, code) };
  } finally {
    await client.destroy();
  }
}
