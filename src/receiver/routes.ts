// Routes: the Hono app. It decides what becomes of a request; a hit is answered 200 only when it is stored.
import { Hono } from 'hono';
import type { Slug } from '../core/events.ts';
import type { Ports } from '../core/ports.ts';
import { type AppendResult, type JournalEntry, StoreError } from '../core/store.ts';
import { ANSWERS } from './answer.ts';
import { headerValue } from './head.ts';
import { type Arrivals, entryOf, type Hit, type TokenPlace } from './hit.ts';
import {
  basicDisagrees,
  type Directory,
  type Identified,
  identifyByEntry,
  identifyByToken,
  type Unidentified,
} from './identity.ts';
import type { RateLimit } from './limits.ts';
import { type CompiledPath, readPath, slugOf } from './paths.ts';
import { type Posts, postAddress, readPost } from './post.ts';
import { type Reading, readQuery, splitTarget, type TargetParts } from './target.ts';

export type RouteContext = {
  ports: Ports;
  append(entries: JournalEntry[]): Promise<AppendResult[]>;
  vendorVariables: ReadonlySet<string>;
  posts: Posts;
  arrivals: Arrivals;
  rates: RateLimit;
  parametersMax: number;
  /** Replaced as a whole when the config is read again. */
  current: { directory: Directory; paths: readonly CompiledPath[] };
};

/** What the app is given in place of a `Request`, of which it reads the method only, and as its bindings. */
type Routed = { method: string; hit: Hit; parts: TargetParts };
type Answer = Response | Promise<Response>;
type Storing = { stored(): Response; notStored(error: unknown): Response };
type Context = RouteContext & Storing;

/** Headers that browsers send and phones do not. `Sec-Fetch-*` alone is not enough: it is missing on plain http. */
const BROWSER = /^(?:origin|cookie|referer|sec-fetch-[^:]*|accept-language|upgrade):/im;
const AUTHORIZATION = /^authorization:/im;
const STORE_WARNING_MS = 10_000;

function refuse({ ports }: RouteContext, reason: string, answer: Response): Response {
  ports.count('hits_refused', { reason });
  return answer;
}

/** What follows from the store's answer. A store that fails says so in the log once in a while, not once a hit. */
function createStoring(context: RouteContext): Storing {
  const { count, log, clock } = context.ports;
  let warnedMs = Number.NEGATIVE_INFINITY;
  return {
    stored() {
      count('hits_accepted');
      return ANSWERS.stored;
    },
    notStored(error) {
      const nowMs = clock.monotonicMs();
      if (nowMs - warnedMs >= STORE_WARNING_MS) {
        warnedMs = nowMs;
        log.warn('hit_not_stored', { code: error instanceof StoreError ? error.code : 'unknown' });
      }
      return refuse(context, 'not-stored', ANSWERS.notStored);
    },
  };
}

/** Only GET is a hit, and no browser sends one. A cut line may have let a caller's text into the headers: they decide nothing. */
function barred(context: Context, hit: Hit): Response | undefined {
  if (hit.head.method !== 'GET') return refuse(context, 'method', ANSWERS.notGet);
  return !hit.head.cut && BROWSER.test(hit.head.headers) ? refuse(context, 'browser', ANSWERS.browser) : undefined;
}

type Asked = { slug: Slug; who: Identified | Unidentified; reading: Reading; token: TokenPlace };

function store(context: Context, hit: Hit, { slug, who, reading, token }: Asked): Answer {
  if ('refuse' in who) return refuse(context, who.refuse, ANSWERS.notFound);
  if (reading.started > context.parametersMax) return refuse(context, 'parameters', ANSWERS.badRequest);
  if (!context.rates.take(`${who.site}/${who.id}`)) return refuse(context, 'rate', ANSWERS.tooOften);
  const { clock, random } = context.ports;
  const atMs = context.arrivals.next(who.site, clock.wallMs());
  const entry = entryOf(hit, { slug, phone: who, reading, token, atMs, id: random.uuid7(atMs) });
  return context.append([entry]).then(context.stored, context.notStored);
}

/** `/a/<token>/<slug>` */
function ours(context: Context, { hit, parts }: Routed): Answer {
  const no = barred(context, hit);
  if (no) return no;
  const bytes = parts.segments[1] ?? '';
  if (postAddress(parts, context.posts) !== undefined) return refuse(context, 'method', ANSWERS.notPost);
  const slug = slugOf(parts.segments[2] ?? '');
  if (slug === undefined) return refuse(context, 'event', ANSWERS.notFound);
  if (
    !hit.head.cut &&
    AUTHORIZATION.test(hit.head.headers) &&
    basicDisagrees(headerValue(hit.head.headers, 'authorization'), bytes)
  ) {
    return refuse(context, 'token', ANSWERS.notFound);
  }
  const reading = readQuery(parts.query, context.vendorVariables);
  const who = identifyByToken(context.current.directory, bytes, { mac: reading.mac, peer: hit.peer });
  const token = { at: hit.head.targetAt + parts.pathAt + '/a/'.length, length: bytes.length };
  return store(context, hit, { slug, who, reading, token });
}

/** `POST /a/<token>/<maker>`: the body says what happened, and about whom. */
function posted(context: Context, routed: Routed): Answer {
  const { hit, parts } = routed;
  const dialect = postAddress(parts, context.posts);
  if (dialect === undefined || hit.body === undefined) return others(context, routed);
  if (BROWSER.test(hit.head.headers)) return refuse(context, 'browser', ANSWERS.browser);
  const bytes = parts.segments[1] ?? '';
  const said = readPost(hit.body, dialect, readQuery(parts.query, context.vendorVariables));
  const who = identifyByToken(context.current.directory, bytes, { mac: said.reading.mac, peer: hit.peer });
  // Before anything is said about the body: whoever has no token learns nothing.
  if ('refuse' in who) return refuse(context, who.refuse, ANSWERS.notFound);
  if (said.broken) return refuse(context, 'body', ANSWERS.badRequest);
  if (said.slug === undefined) return refuse(context, 'event', ANSWERS.notFound);
  const token = { at: hit.head.targetAt + parts.pathAt + '/a/'.length, length: bytes.length };
  return store(context, hit, { slug: said.slug, who: { ...who, vendor: dialect.name }, reading: said.reading, token });
}

/** Every other URL: the `paths` of the config, or 404. */
function others(context: Context, { hit, parts }: Routed): Answer {
  const no = barred(context, hit);
  if (no) return no;
  const { directory, paths } = context.current;
  const found = readPath(paths, parts, context.vendorVariables);
  if (found === undefined) return refuse(context, 'path', ANSWERS.notFound);
  const { reading, slug, token, entry } = found;
  if (slug === undefined) return refuse(context, 'event', ANSWERS.notFound);
  const claims = { mac: reading.mac, peer: hit.peer };
  if (token === undefined) {
    return store(context, hit, { slug, who: identifyByEntry(directory, entry, claims), reading, token });
  }
  const who = identifyByToken(directory, token.bytes, claims, entry.allowFrom);
  const place = { at: hit.head.targetAt + parts.pathAt + token.at, length: token.bytes.length };
  return store(context, hit, { slug, who, reading, token: place });
}

/** The app as one function. The bodies of its responses are never used; see answer.ts. */
export function createRoutes(options: RouteContext): (hit: Hit) => Answer {
  const context: Context = { ...options, ...createStoring(options) };
  // The path is compared as bytes, so the app is told it by the hit and not by a URL, which would decode and normalise it.
  const app = new Hono<{ Bindings: Routed }>({
    // Never empty: Hono's router throws at an empty path for a method that has no routes.
    getPath: (_request, asked) => (asked as { env: Routed }).env.parts.path || '/',
  });
  app.get('/a/:token/:slug', (c) => ours(context, c.env));
  app.post('/a/:token/:maker', (c) => posted(context, c.env));
  app.notFound((c) => others(context, c.env));
  app.onError((error) => {
    // No text of the error: it might hold what a phone sent.
    options.ports.log.error('hit_failed', { error: error.name, at: error.stack?.split('\n    at ')[1] });
    return refuse(context, 'internal', ANSWERS.failed);
  });
  return (hit) => {
    const routed: Routed = { method: hit.head.method, hit, parts: splitTarget(hit.head.target) };
    return app.fetch(routed as unknown as Request, routed);
  };
}
