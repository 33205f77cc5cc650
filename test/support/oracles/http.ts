// Oracle of HTTP: one request read by RFC 9110 and 3986 into method, path segments, query pairs, header fields and a body.
import type { HttpRequest } from '../http-server.ts';
import { type Reading, readJson, strictUtf8 } from './reading.ts';

/** They differ from request to request, or say only what the body says. */
const VOLATILE = /^(?:host|webhook-timestamp|webhook-signature|content-length|date|user-agent)$/;
const VISIBLE = /^[\x20-\x7e]*$/;

const decode = (text: string): string => {
  if (!/^(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*$/.test(text)) throw new Error(`no part of a URL: ${text}`);
  return decodeURIComponent(text);
};

/** What stands before the body. */
export function readHead({ method, target, headers }: HttpRequest, { structure, values }: Reading): void {
  structure.push(method);
  const [path = '', ...queries] = target.split('?');
  for (const segment of path.split('/')) {
    if (/^(?:\.|%2e){1,2}$/i.test(segment)) throw new Error('a segment that leads elsewhere');
    structure.push('segment');
    values.push(decode(segment));
  }
  for (const pair of queries.length === 0 ? [] : queries.join('?').split('&')) {
    const [name = '', ...value] = pair.split('=');
    structure.push(`query ${decode(name)}`);
    values.push(decode(value.join('=').replaceAll('+', '%2B')));
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || !VISIBLE.test(value)) throw new Error(`header ${name}`);
    if (name === 'host' && !/^127\.0\.0\.1:\d+$/.test(value)) throw new Error(`host ${value}`);
    structure.push(`header ${name}`);
    if (!VOLATILE.test(name)) values.push(value);
  }
}

/** A request of a webhook, and of every destination that posts JSON or text. */
export function readRequest(request: HttpRequest): Reading {
  const reading: Reading = { structure: [], values: [] };
  readHead(request, reading);
  const body = strictUtf8(request.body);
  const type = request.headers['content-type'] ?? '';
  if (body === '') reading.structure.push('no body');
  else if (type.startsWith('application/json')) readJson(JSON.parse(body), reading);
  else if (type.startsWith('application/x-www-form-urlencoded'))
    for (const pair of body.split('&')) {
      const [name = '', value = ''] = pair.split('=');
      reading.structure.push(`field ${decodeURIComponent(name)}`);
      reading.values.push(decodeURIComponent(value.replaceAll('+', ' ')));
    }
  else {
    reading.structure.push('body');
    reading.values.push(body);
  }
  return reading;
}
