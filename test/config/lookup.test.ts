// The service that is asked who calls, as the config says it: its address, its secrets, and what may not stand there.
import { expect, test } from 'vitest';
import { configFolder, problemsOf, rightConfig } from './reading.ts';

const URL = 'https://crm.example.net/callers/{{ number }}';
const lookedUp = (lookup: unknown) => configFolder({ contacts: { lookup } });
const bare = (texts: string[]): string[] => texts.map((text) => text.replace(/^\S+ {2}/, ''));

test('everything that can be said is understood, and the secret is known to the log', async () => {
  const lookup = {
    url: 'http://192.168.1.5/callers?number={{number}}',
    headers: { 'x-api-key': { env: 'CRM' }, accept: 'application/vnd.x+json' },
    name: '/data/0/name',
    timeout: '500ms',
    cache: '1h',
    allowPrivate: ['192.168.1.0/24'],
  };
  const { config, secrets } = await rightConfig(lookedUp(lookup), { env: { CRM: 'geheim-1' } });
  expect(config.lookup).toMatchObject({
    url: lookup.url,
    name: '/data/0/name',
    timeoutMs: 500,
    cacheMs: 3_600_000,
    allowPrivate: ['192.168.1.0/24'],
    allowHttp: false,
  });
  expect(secrets.map((secret) => secret.reveal())).toEqual(['geheim-1']);
  expect(JSON.stringify(config.lookup)).not.toContain('geheim');
  expect((await rightConfig(configFolder('{}'))).config).not.toHaveProperty('lookup');
});

test.each([
  'https://crm.example.net/callers/{{ number }}',
  'https://crm.example.net/{{number}}',
  'https://crm.example.net/callers/{{ number }}/name?tenant=1',
  'https://crm.example.net/callers?number={{ number }}',
  'https://crm.example.net/callers?a=b&number={{ number }}&c=d',
])('%s is an address', async (url) => expect(await problemsOf(lookedUp({ url }))).toEqual([]));

const ONCE =
  'contacts.lookup.url: must hold {{ number }} once, and no other template, like "https://crm.example.net/callers/{{ number }}"';
const WHOLE = 'contacts.lookup.url: {{ number }} must be a whole segment of the path, or a whole value of the query';
const PRIVATE = (kind: string): string =>
  `contacts.lookup.url: leads to an address that is not public (${kind}); list it in allowPrivate if it is meant`;

test.each([
  ['https://crm.example.net/callers', ONCE],
  ['https://crm.example.net/{{ number }}/{{ number }}', ONCE],
  ['https://crm.example.net/{{ number }}?n={{ name }}', ONCE],
  ['https://crm.example.net/{{ number | url }}', ONCE],
  ['https://{{ number }}/', WHOLE],
  ['https://{{ number }}.example.net/', WHOLE],
  ['https://crm.example.net:{{ number }}/', WHOLE],
  ['https://crm.example.net/tel-{{ number }}', WHOLE],
  ['https://crm.example.net/{{ number }}.json', WHOLE],
  ['https://crm.example.net/?{{ number }}', WHOLE],
  ['https://crm.example.net/?q=tel:{{ number }}', WHOLE],
  ['https://crm.example.net/x#{{ number }}', WHOLE],
  ['ftp://crm.example.net/{{ number }}', WHOLE],
  [
    'https://u:p@crm.example.net/{{ number }}',
    'contacts.lookup.url: must not hold a user name or password; use basic, bearer or headers with a secret',
  ],
  ['https://crm.example.net/{{ number }}#x', 'contacts.lookup.url: must not hold a fragment (#…), which is never sent'],
  [
    'http://crm.example.net/{{ number }}',
    'contacts.lookup.url: must be https://; http:// needs the host in allowPrivate, or allowHttp: true',
  ],
  ['https://127.0.0.1/{{ number }}', PRIVATE('loopback')],
  ['https://[::ffff:10.0.0.1]/{{ number }}', PRIVATE('private')],
  ['https://2130706433/{{ number }}', PRIVATE('loopback')],
])('%s is none', async (url, problem) => {
  expect(bare(await problemsOf(lookedUp({ url })))).toEqual([problem]);
});

test.each<[object, string[]]>([
  [{}, ['contacts.lookup.url: is missing; it must be text in double quotes']],
  [{ url: URL, nmae: '/x' }, ['contacts.lookup.nmae: unknown key; did you mean "name"?']],
  [{ url: URL, name: 'name' }, ['contacts.lookup.name: must be a JSON pointer like "/name" or "/contact/fullName"']],
  [{ url: URL, name: '/a~2' }, ['contacts.lookup.name: must be a JSON pointer like "/name" or "/contact/fullName"']],
  [{ url: URL, headers: { Host: 'x' } }, ['contacts.lookup.headers.Host: is set by Hookswitch itself']],
  [{ url: URL, timeout: '5m' }, ['contacts.lookup.timeout: is too long; at most 30s']],
  [{ url: URL, cache: '1s' }, ['contacts.lookup.cache: is too short; at least 1m']],
  [
    { url: URL, allowPrivate: ['10.0.0'] },
    ['contacts.lookup.allowPrivate[0]: must be a network such as "192.168.1.0/24"'],
  ],
  [
    { url: URL, headers: { 'x-key': { env: 'NONE' } } },
    ['contacts.lookup.headers.x-key.env: the environment variable NONE is not set; set it, or use { "file": "path" }'],
  ],
])('%j', async (lookup, problems) => expect(bare(await problemsOf(lookedUp(lookup)))).toEqual(problems));

test('a look-up that is no object', async () => {
  expect(bare(await problemsOf(lookedUp(URL)))).toEqual(['contacts.lookup: must be an object { … }, not text']);
});
