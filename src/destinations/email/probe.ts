// The look at a mail server: greeting, encryption and login, and then goodbye. No mail is begun.
import { codeOf } from '../../core/attempts.ts';
import { hintOf, type ProbeContext, type Probed, probedWithin } from '../../core/probe.ts';
import { secretsOf } from './oauth2-settings.ts';
import { type LoginWay, outcomeOf, type SmtpFailure } from './outcomes.ts';
import type { EmailSettings } from './settings.ts';
import { createTokens } from './tokens.ts';
import { createMailTransport } from './transport.ts';

export async function probe(settings: EmailSettings, { clock, signal }: ProbeContext): Promise<Probed> {
  const { host, user, password, oauth2 } = settings;
  const tokens = oauth2 === undefined || user === undefined ? undefined : createTokens(oauth2, user, clock);
  const way: LoginWay = tokens !== undefined ? 'oauth2' : user === undefined ? 'none' : 'password';
  const transport = createMailTransport(settings, tokens);
  const look = async (): Promise<Probed> => {
    const withoutToken = await tokens?.ready(signal);
    if (withoutToken !== undefined && 'error' in withoutToken) return { error: withoutToken.error };
    try {
      await transport.verify();
      return { works: `${host} ${user === undefined ? 'answers' : `takes the login of ${user}`}` };
    } catch (error) {
      const known = [password, ...(oauth2 === undefined ? [] : secretsOf(oauth2))];
      const secrets = known.flatMap((one) => (one === undefined ? [] : [typeof one === 'string' ? one : one.reveal()]));
      return { error: textOf(error, [...secrets, ...(tokens?.secrets() ?? [])], way) };
    }
  };
  try {
    return await probedWithin(signal, look());
  } finally {
    tokens?.close();
    transport.close({ force: true });
  }
}

/** The library keeps the system's code beside its own. */
function textOf(error: unknown, secrets: string[], way: LoginWay): string {
  const outcome = outcomeOf(error as SmtpFailure, secrets, way);
  const { originalCode } = error as { originalCode?: unknown };
  const hint = hintOf(codeOf({ code: originalCode }) ?? codeOf(error));
  const said = 'error' in outcome ? outcome.error : 'the mail server could not be used';
  return hint === undefined ? said : `${said}: ${hint}`;
}
