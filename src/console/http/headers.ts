// The headers of every answer: what a browser may do with a page of ours. Nothing inline, nothing from elsewhere.
import type { MiddlewareHandler } from 'hono';

/**
 * Scripts and styles come from files of ours only; data never becomes script (Trusted Types); no frame shows us, and forms go to us.
 * Source: W3C Content Security Policy Level 3; Trusted Types.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "font-src 'self'",
  "frame-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Of a preview that is shown in a frame of ours: styles of its own, and nothing else; no script at all. */
export const PREVIEW_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

/** Puts the headers on every answer; those that a page set itself stay. */
export const safeHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  const put = (name: string, value: string): void => {
    if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  };
  put('content-security-policy', POLICY);
  // For browsers that do not read the policy's `frame-ancestors`, which says the same.
  const ours = c.res.headers.get('content-security-policy')?.includes("frame-ancestors 'self'") === true;
  put('x-frame-options', ours ? 'SAMEORIGIN' : 'DENY');
  put('x-content-type-options', 'nosniff');
  put('referrer-policy', 'no-referrer');
  put('cross-origin-opener-policy', 'same-origin');
  put('cross-origin-resource-policy', 'same-origin');
  put('permissions-policy', 'camera=(), microphone=(), geolocation=()');
  put('cache-control', 'no-store');
};
