// The guides: every config, rule, unit and container file in them is checked, and every link leads somewhere. Their commands are run by
// test/long/docs-commands.test.ts, those of the README by newcomer.test.ts.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runProgram } from '../src/commands/program.ts';
import { command, commandIo } from './running-daemon.ts';
import { type DocBlock, docBlocks } from './support/doc-blocks.ts';
import { provideSecrets } from './support/doc-world.ts';
import { tempFolder } from './support/temp-folder.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const pages = new Map(
  ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
    .filter((path) => path.endsWith('.md'))
    .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);
const blocks = [...pages].flatMap(([page, text]) => docBlocks(page, text));
const where = ({ page, line }: DocBlock): string => `${page}:${line}`;
const of = (language: string): DocBlock[] => blocks.filter((block) => block.language === language);
const named = (list: DocBlock[]): [string, DocBlock][] => list.map((block) => [where(block), block]);

/** `text`: not run (as root, with questions, or no command). `yaml`: Home Assistant's own. */
const LANGUAGES = ['sh', 'json', 'jsonc', 'ini', 'dockerfile', 'text', 'yaml'];

test('every block says what it is, so that none goes unchecked', () => {
  expect(blocks.filter(({ language }) => !LANGUAGES.includes(language)).map(where)).toEqual([]);
  for (const language of LANGUAGES) expect(of(language).length).toBeGreaterThan(0);
});

describe('links', () => {
  const anchorsOf = (markdown: string): string[] =>
    [...markdown.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );

  test.each([...pages])('%s', (page, markdown) => {
    const wrong: string[] = [];
    for (const [, target = ''] of markdown.replace(/```[\s\S]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? resolve(root, page) : resolve(root, dirname(page), path);
      const known = existsSync(file);
      if (!known || (anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor)))
        wrong.push(target);
    }
    expect(wrong).toEqual([]);
  });

  test('every guide is found from the README', () => {
    const readme = pages.get('README.md') ?? '';
    expect([...pages.keys()].filter((page) => page !== 'README.md' && !readme.includes(`(${page})`))).toEqual([]);
  });
});

type Config = { connections?: Record<string, object>; display_information?: unknown };
const configOf = (block: DocBlock): Config => JSON.parse(block.text) as Config;
const isManifest = (block: DocBlock): boolean => configOf(block).display_information !== undefined;

async function checkIn(folder: string, env: Record<string, string>) {
  const { io, said } = commandIo(folder, env);
  return { code: await runProgram(['check'], io), ...said };
}

describe('config blocks are right', () => {
  const example = JSON.parse(readFileSync(join(root, 'config.example.json'), 'utf8')) as Required<Config>;

  test.each(named(of('json').filter((block) => !isManifest(block))))('%s', async (_where, block) => {
    const shown = configOf(block);
    // Rules of the example name its connections and phones; here only what the block shows is looked at.
    const config = { ...example, phones: [], ...shown, connections: { ...shown.connections }, rules: './rules' };
    const folder = tempFolder();
    const env = provideSecrets(config, folder.path);
    folder.write('config.json', config);
    folder.write('rules/none.jsonc', '{ "rules": [] }');
    const checked = await checkIn(folder.path, env);
    expect([checked.code, checked.code === 0 ? '' : checked.out + checked.err]).toEqual([0, '']);
  });

  test('the manifest of the Slack app asks for the scopes that are told', () => {
    const [manifest, ...more] = of('json').filter(isManifest);
    const { oauth_config } = JSON.parse(manifest?.text ?? '{}') as { oauth_config: { scopes: { bot: string[] } } };
    expect([oauth_config.scopes.bot, more]).toEqual([['chat:write', 'channels:read', 'channels:history'], []]);
    for (const scope of oauth_config.scopes.bot) expect(pages.get('docs/slack.md')).toContain(`\`${scope}\``);
  });
});

describe('rule blocks are right, and their tests pass', () => {
  test.each(named(of('jsonc')))('%s', async (_where, block) => {
    const example = JSON.parse(readFileSync(join(root, 'config.example.json'), 'utf8')) as Required<Config>;
    const shown = of('json').filter((each) => each.page === block.page && each.line < block.line && !isManifest(each));
    const connections = Object.assign({}, example.connections, ...shown.map((each) => configOf(each).connections));
    const folder = tempFolder();
    const config = { ...example, connections, rules: './rules' };
    const env = provideSecrets(config, folder.path);
    folder.write('config.json', config);
    folder.write('rules/shown.jsonc', block.text);
    const checked = await checkIn(folder.path, env);
    expect([checked.code, checked.code === 0 ? '' : checked.out + checked.err]).toEqual([0, '']);
  });
});

describe('systemd units', () => {
  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

  /** The units as they stand, but with programs that are on this machine. */
  function written() {
    const folder = tempFolder();
    for (const { name, text } of of('ini'))
      folder.write(
        basename(name),
        text.replace('/usr/bin/node', process.execPath).replace(/^(?:User|Group)=.*$/gm, ''),
      );
    return folder;
  }

  test('name what they start and where the state is', () => {
    expect(of('ini').map(({ name }) => basename(name))).toEqual(['hookswitch.socket', 'hookswitch.service']);
    const service = of('ini')[1]?.text ?? '';
    expect(service).toMatch(
      /^ExecStart=.* --disable-proto=delete .*\/dist\/main\.js serve .*--data \/var\/lib\/hookswitch/m,
    );
    expect(service).toMatch(/^StateDirectory=hookswitch$/m);
  });

  test.runIf(hasSystemd)('are taken by systemd (needs systemd-analyze)', () => {
    const folder = written();
    const units = [folder.at('hookswitch.socket'), folder.at('hookswitch.service')];
    const verified = spawnSync('systemd-analyze', ['verify', ...units], { encoding: 'utf8' });
    expect([verified.stderr, verified.status]).toEqual(['', 0]);
  });

  test.runIf(hasSystemd)('have the score that is told (needs systemd-analyze)', () => {
    const folder = written();
    const args = ['security', '--offline=yes', folder.at('hookswitch.service')];
    // With its account: a unit without one runs as root.
    folder.write('hookswitch.service', of('ini')[1]?.text ?? '');
    const { stdout } = spawnSync('systemd-analyze', args, {
      encoding: 'utf8',
      env: { ...process.env, SYSTEMD_PAGER: '' },
    });
    const score = Number(/level for \S+ ([\d.]+)/.exec(stdout)?.[1]);
    expect(pages.get('docs/operations.md')).toContain(`scores ${score.toFixed(1)} in`);
    expect(score).toBeLessThanOrEqual(1.5);
  });
});

test('the container file copies what is there and starts what package.json builds', () => {
  const [file, ...more] = of('dockerfile');
  const lines = (file?.text ?? '').split('\n').filter((line) => line !== '');
  expect(more).toEqual([]);
  const known = /^(?:FROM|WORKDIR|COPY|RUN|USER|VOLUME|EXPOSE|HEALTHCHECK CMD|ENTRYPOINT|CMD) \S/;
  expect(lines.filter((line) => !known.test(line))).toEqual([]);
  const sources = lines
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1));
  expect(sources.filter((name) => !existsSync(join(root, name)))).toEqual([]);
  expect(lines.at(-2)).toContain('/app/dist/main.js');
});

test('commands that are only named exist, with the options that are named', { timeout: 120_000 }, async () => {
  const told = [...pages.values()].flatMap((text) =>
    [...text.matchAll(/`hookswitch ([a-z]+)([^`]*)`/g)].map(([, name = '', rest = '']) => ({ name, rest })),
  );
  const names = [...new Set(told.map(({ name }) => name))];
  const wrong: string[] = [];
  for (const name of names) {
    const { out, code } = await command(tempFolder(), name, '--help');
    if (code !== 0) wrong.push(name);
    for (const { rest } of told.filter((one) => one.name === name))
      for (const [flag] of rest.matchAll(/--[a-z][a-z-]*/g)) if (!out.includes(flag)) wrong.push(`${name} ${flag}`);
  }
  expect(wrong).toEqual([]);
  expect(names.length).toBeGreaterThan(5);
});
