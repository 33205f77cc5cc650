// Secrets: taken from the environment or a file, refused where others could read them, never shown.
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../support/temp-folder.ts';
import { problemsOf, read, rightConfig } from './reading.ts';

const WITH = (token: unknown, more: object = {}) => ({
  rules: [],
  connections: { team: { type: 'chat', token, ...more } },
});

function folderWith(token: unknown, more: object = {}) {
  const folder = tempFolder();
  folder.write('config.json', { ...WITH(token, more), rules: './config-rules.json' });
  folder.write('config-rules.json', '{}');
  return folder;
}

const tokenOf = async (...args: Parameters<typeof rightConfig>): Promise<string> => {
  const { config } = await rightConfig(...args);
  const settings: unknown = config.connections.get('team')?.settings;
  return (settings as { token: { reveal(): string } }).token.reveal();
};

test('from the environment, as it is', async () => {
  expect(await tokenOf(folderWith({ env: 'T' }), { env: { T: ' with spaces \n' } })).toBe(' with spaces \n');
});

test.each(['geheim', 'geheim\n', 'geheim\r\n'])(
  'from a file, without the line end that editors add: %j',
  async (text) => {
    const folder = folderWith({ file: 'keys/team' });
    folder.write('keys/team', text);
    expect(await tokenOf(folder)).toBe('geheim');
  },
);

describe('refused', () => {
  test.each<[string, unknown, Record<string, string>, string]>([
    [
      'a variable that is not set',
      { env: 'T' },
      {},
      'connections.team.token.env: the environment variable T is not set; set it, or use { "file": "path" }',
    ],
    [
      'an empty variable',
      { env: 'T' },
      { T: '' },
      'connections.team.token.env: the environment variable T is empty; give it a value',
    ],
    [
      'a name that is none',
      { env: 'a-b' },
      { 'a-b': 'x' },
      'connections.team.token.env: is no name of an environment variable; write it like "SMTP_PASSWORD"',
    ],
    [
      'a file that is not there',
      { file: 'no' },
      {},
      'connections.team.token.file: there is no such file; check the path',
    ],
    ['a value that the destination cannot use', { env: 'T' }, { T: 'abc' }, 'connections.team.token: is too short'],
    [
      'two sources',
      { env: 'T', file: 'x' },
      { T: 'geheim' },
      'connections.team.token: must be { "env": "NAME" } or { "file": "path" }, so that no secret stands in the config',
    ],
    [
      'a source that is no text',
      { env: 5 },
      {},
      'connections.team.token: must be { "env": "NAME" } or { "file": "path" }, so that no secret stands in the config',
    ],
  ])('%s', async (_, token, env, expected) => {
    const problems = await problemsOf(folderWith(token), { env });
    expect(problems.map((text) => text.replace(/^\S+ {2}/, ''))).toEqual([expected]);
  });
  test.each([0o640, 0o604, 0o660, 0o622])(
    'a file that others can read or change (%o), without showing it',
    async (mode) => {
      const folder = folderWith({ file: 'key' });
      folder.write('key', 'canary-value', mode);
      const problems = await problemsOf(folder);
      expect(problems[0]).toMatch(
        /connections.team.token.file: other accounts can read or change this file; chmod 600 key$/,
      );
      expect(problems.join()).not.toContain('canary-value');
    },
  );
  test('an empty file', async () => {
    const folder = folderWith({ file: 'key' });
    folder.write('key', '\n');
    expect((await problemsOf(folder))[0]).toMatch(/the file is empty; put the secret into it$/);
  });
});

test('a credential of systemd may be readable for the group, which stands for its access list', async () => {
  const folder = folderWith({ file: 'credentials/key' });
  folder.write('credentials/key', 'geheim', 0o440);
  expect(await tokenOf(folder, { env: { CREDENTIALS_DIRECTORY: folder.at('credentials') } })).toBe('geheim');
  expect(await problemsOf(folder)).not.toEqual([]);
  folder.write('credentials/key', 'geheim', 0o444);
  expect(await problemsOf(folder, { env: { CREDENTIALS_DIRECTORY: folder.at('credentials') } })).not.toEqual([]);
});

test('a certificate is public: everybody may read it', async () => {
  const folder = folderWith({ file: 'ca.pem' });
  const pem = (what: string): string => `-----BEGIN ${what}-----\nAAAA\n-----END ${what}-----\n`;
  folder.write('ca.pem', pem('CERTIFICATE'), 0o644);
  expect(await problemsOf(folder)).toEqual([]);
  folder.write('ca.pem', pem('CERTIFICATE') + pem('PRIVATE KEY'), 0o644);
  expect(await problemsOf(folder)).not.toEqual([]);
});

describe('dry run', () => {
  test.each([{ env: 'T' }, { file: 'no' }])('%j need not be there: a warning only', async (token) => {
    const result = await read(folderWith(token, { dryRun: true }));
    expect(result).toMatchObject({
      config: { rules: { ids: [] } },
      warnings: [{ hint: 'needed once dryRun is gone', line: 7 }],
    });
  });
  test('what is there is read, and what others can read is refused', async () => {
    const folder = folderWith({ file: 'key' }, { dryRun: true });
    folder.write('key', 'geheim');
    expect(await tokenOf(folder)).toBe('geheim');
    folder.write('key', 'geheim', 0o644);
    expect(await problemsOf(folder)).not.toEqual([]);
  });
  test('other settings must be right all the same', async () => {
    const problems = await problemsOf(folderWith({ env: 'T' }, { dryRun: true, port: 'x' }));
    expect(problems).toEqual([expect.stringContaining('connections.team.port: must be a number, not text')]);
  });
});

describe('tokens of phones', () => {
  test.each(['short', 'has space in it, and is long enough', 'with/slash/and/long/enough/x'])(
    '%j is refused',
    async (value) => {
      const folder = tempFolder();
      folder.write('config.json', { rules: './r.json', sites: { default: { token: { env: 'T' } } } });
      folder.write('r.json', '{}');
      const problems = await problemsOf(folder, { env: { T: value } });
      expect(problems).toEqual([
        expect.stringContaining('sites.default.token: this token is too weak, or no URL can carry it'),
      ]);
      expect(problems.join()).not.toContain(value);
    },
  );
});
