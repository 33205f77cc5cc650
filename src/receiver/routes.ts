// Routes: the Hono app. It decides what becomes of a request; a hit is answered 200 only when it is stored.
import { Hono } from 'hono';
import type { Slug } from '../core/events.ts';
import type { Ports } from '../core/ports.ts';
import { type AppendResult, type JournalEntry, StoreError } from '../core/store.ts';
import { ANSWERS } from './answer.ts';
import { headerValue } from './head.ts';
import { type Arrivals, entryOf, type Hit, type TokenPlace } from './hit.ts';
import { basicDisagrees, type Directory, type Identified, identifyByEntry, identifyByToken, type Unidentified } from './identity.ts';
import type { RateLimit } from './limits.ts';
import { type CompiledPath, readPath, slugOf } from './paths.ts';
import { type Reading, readQuery, splitTarget, type TargetParts } from './target.ts';

export type RouteContext = {
  ports: Ports;
  append(entries: JournalEntry[]): Promise<AppendResult[]>;
  vendorVariables: ReadonlySet<string>;
  arrivals: Arrivals;
  rates: RateLimit;
  parametersMax: number;
  /** Replaced as a whole when the config is read again. */
  current: { directory: Directory; paths: readonly CompiledPath[] };
};

/** What the app is given in place of a `Request`, of which it reads the method only. */
type Routed = { hit: Hit; parts: TargetParts };
type Answer = Response | Promise<Response>;

/** Headers that browsers send and phones do not. `Sec-Fetch-*` alone is not enough: it is missing on plain http. */
const BROWSER = /^(?:origin|cookie|referer|sec-fetch-[^:]*|accept-language|upgrade):/im;
const AUTHORIZATION = /^authorization:/im;
const STORE_WARNING_MS = 10_000;

/** The app as one function. `Response` bodies are never used; see answer.ts. */
export function createRoutes(context: RouteContext): (hit: Hit) => Answer {
  const { count, log, clock, random } = context.ports;
  let warnedMs = Number.NEGATIVE_INFINITY;
  const refuse = (reason: string, answer: Response): Response => {
    count('hits_refused', { reason });
    return answer;
  };

  const notStored = (error: unknown): Response => {
    const nowMs = clock.monotonicMs();
    if (nowMs - warnedMs >= STORE_WARNING_MS) {
      warnedMs = nowMs;
      log.warn('hit_not_stored', { code: error instanceof StoreError ? error.code : 'unknown' });
    }
    return refuse('not-stored', ANSWERS.notStored);
  };
  const stored = (): Response => {
    count('hits_accepted');
    return ANSWERS.stored;
  };

  const accept = (hit: Hit, slug: Slug, who: Identified | Unidentified, reading: Reading, token: TokenPlace): Answer => {
    if ('refuse' in who) return refuse(who.refuse, ANSWERS.notFound);
    if (reading.started > context.parametersMax) return refuse('parameters', ANSWERS.badRequest);
    if (!context.rates.take(`${who.site}/${who.id}`)) return refuse('rate', ANSWERS.tooOften);
    const atMs = context.arrivals.next(who.site, clock.wallMs());
    return context.append([entryOf(hit, slug, who, reading, token, atMs, random)]).then(stored, notStored);
  };

  const barred = (hit: Hit): Response | undefined => {
    if (hit.method !== 'GET') return refuse('method', ANSWERS.notGet);
    // A cut line may have let a caller's text into the headers: they decide nothing there.
    return !hit.cut && BROWSER.test(hit.headers) ? refuse('browser', ANSWERS.browser) : undefined;
  };

  /** `/a/<token>/<slug>` */
  const ours = ({ hit, parts }: Routed): Answer => {
    const no = barred(hit);
    if (no) return no;
    const token = parts.segments[1] ?? '';
    const slug = slugOf(parts.segments[2] ?? '');
    if (slug === undefined) return refuse('event', ANSWERS.notFound);
    if (!hit.cut && AUTHORIZATION.test(hit.headers) && basicDisagrees(headerValue(hit.headers, 'authorization'), token)) {
      return refuse('token', ANSWERS.notFound);
    }
    const reading = readQuery(parts.query, context.vendorVariables);
    const who = identifyByToken(context.current.directory, token, { mac: reading.mac, peer: hit.peer });
    return accept(hit, slug, who, reading, { at: hit.targetAt + parts.pathAt + '/a/'.length, length: token.length });
  };

  /** Every other URL: the `paths` of the config, or 404. */
  const others = ({ hit, parts }: Routed): Answer => {
    const no = barred(hit);
    if (no) return no;
    const { directory, paths } = context.current;
    const found = readPath(paths, parts, context.vendorVariables);
    if (found === undefined) return refuse('path', ANSWERS.notFound);
    const { reading, slug, token, entry } = found;
    if (slug === undefined) return refuse('event', ANSWERS.notFound);
    const claims = { mac: reading.mac, peer: hit.peer };
    if (token === undefined) return accept(hit, slug, identifyByEntry(directory, entry, claims), reading, undefined);
    const who = identifyByToken(directory, token.bytes, claims, entry.allowFrom);
    const place = { at: hit.targetAt + parts.pathAt + token.at, length: token.bytes.length };
    return accept(hit, slug, who, reading, place);
  };

  // The path is compared as bytes, so the app is told it by the hit and not by a URL, which would decode and normalise it.
  const app = new Hono<{ Bindings: Routed }>({ getPath: (_request, options) => (options?.env as Routed).parts.path });
  app.get('/a/:token/:slug', (c) => ours(c.env));
  app.notFound((c) => others(c.env));
  app.onError((error) => {
    // No text of the error: it might hold what a phone sent.
    log.error('hit_failed', { error: error.name, at: error.stack?.split('\n')[1]?.trim() });
    return refuse('internal', ANSWERS.failed);
  });
  return (hit) => app.fetch(hit as unknown as Request, { hit, parts: splitTarget(hit.target) });
}
