// The requests of the benchmark: 4,000 phones take turns, so that no limit per phone takes part.
import { createHash } from 'node:crypto';

const PHONES = 4_000;
const TOKEN = 'bench-0123456789abcdefghijklmnopqrstuvwxyz';

/** What the config of the daemon holds instead of the token. */
export const TOKEN_SHA256 = createHash('sha256').update(TOKEN).digest('hex');

const heads = Array.from({ length: PHONES }, (_, phone) => {
  const mac = `005058${phone.toString(16).padStart(6, '0')}`;
  const address = `10.0.${phone >> 8}.${phone & 255}`;
  return (
    `GET /a/${TOKEN}/incoming_call?mac=${mac}&ip=${address}&model=s505&firmware=4.63.1.100&user=${phone}&host=pbx.example` +
    `&call_id=${phone}&local=sip:${phone}@pbx.example&display_local=Desk&remote=sip:+493023125100@pbx.example&display_remote=n`
  );
});
const tail = '&_=. HTTP/1.1\r\nHost: 127.0.0.1:8484\r\nUser-Agent: Sangoma s505 4.63.1.100\r\n';

/** The hit with that number; the number travels as the caller's display name `n<sequence>`. */
export function request(sequence: number, keepAlive: boolean): string {
  return `${heads[sequence % PHONES]}${sequence}${tail}${keepAlive ? '\r\n' : 'Connection: close\r\n\r\n'}`;
}

/** The number in a display name as it arrived, NaN for any other text. */
export const sequenceOf = (displayName: string): number =>
  displayName.startsWith('n') ? Number(displayName.slice(1)) : Number.NaN;

const COURSE = ['incoming_call', 'established', 'terminated'] as const;

/** The n-th hit of a house that telephones: each of `phones` rings, talks and ends, with callers of its own. */
export function callHit(n: number, phones: number): string {
  const phone = n % phones;
  const round = Math.floor(n / phones);
  const number = `+4930${20_000_000 + phone * 1_000 + (Math.floor(round / COURSE.length) % 1_000)}`;
  return (
    `GET /a/${TOKEN}/${COURSE[round % COURSE.length]}?mac=${macOf(phone)}&ip=10.0.0.1&model=s505&firmware=4.63.1.100&user=${phone}` +
    `&host=pbx.example&call_id=${phone}-${round}&local=sip:${phone}@pbx.example&display_local=Desk` +
    `&remote=sip:${number}@pbx.example&display_remote=Caller ${phone}${tail}Connection: close\r\n\r\n`
  );
}

/** The MAC of the n-th phone. */
export const macOf = (phone: number): string => `005058${phone.toString(16).padStart(6, '0')}`;
