// Preview: a request as it is sent, below the address of its connection.
import type { Json } from '../../core/delivery.ts';
import type { Preview } from '../../core/preview.ts';
import { requestTarget } from './target.ts';

/** Stands for the address of the connection, which may be a secret. */
const BASE = new URL('https://endpoint.invalid/');

/** Of a rendered message: the request line, headers of its own, and the body. */
export function previewOf({ method, path, query, headers, body }: Record<string, Json>): Preview {
  const target = path === undefined && query === undefined ? '' : requestTarget(BASE, path, query);
  const word = typeof method === 'string' ? method : body === undefined ? 'GET' : 'POST';
  const heading = `${word} <url>${target}`;
  return {
    heading,
    ...(body === undefined ? {} : { json: body }),
    ...(headers === undefined ? {} : { text: linesOf(headers) }),
  };
}

const linesOf = (headers: Json): string =>
  Object.entries(headers as Record<string, Json>)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join('\n');
