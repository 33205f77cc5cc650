// A console over a house whose events were recorded and decided: the real engine, a real store, and nobody who could send anything.
import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { Running } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { CONFIG_PARTS } from '../../src/config-parts.ts';
import { createConsole } from '../../src/console/console.ts';
import type { ConsoleDeps, Role } from '../../src/console/index.ts';
import { explainEvent } from '../../src/console-explain.ts';
import { consoleRules } from '../../src/console-rules.ts';
import type { JournalEvent } from '../../src/core/events.ts';
import type { Clock, Ports } from '../../src/core/ports.ts';
import type { Problem } from '../../src/core/problems.ts';
import { DESTINATIONS } from '../../src/destinations/index.ts';
import type { CompiledRules } from '../../src/engine/index.ts';
import { systemFiles } from '../../src/files.ts';
import { createRandom, systemClock } from '../../src/ports.ts';
import { programOf } from '../../src/program-of.ts';
import { createRuleTally } from '../../src/rule-tally.ts';
import { openInlineHistory, openInlineStore, openMemoryDatabase } from '../../src/store/index.ts';
import { CONFIG, decide, NOW_MS } from '../commands/replay-world.ts';
import { tempFolder } from '../support/temp-folder.ts';

export type Answered = { status: number; text: string; json(): Record<string, unknown> };

const HOST = '127.0.0.1:8485';
const TOKENS: Readonly<Record<Role, string>> = { read: 'token-read', operate: 'token-operate', admin: 'token-admin' };

/** Nobody logs in here: every request has its token. */
const ACCOUNTS = {
  tokenOf: roleOf,
  find: () => undefined,
  isEmpty: () => false,
  setPassword: async () => {},
  onChange: () => {},
};

export type World = Awaited<ReturnType<typeof rulesWorld>>;

/** `rules`: those by which `events` were decided, in `rules/a.json`; more files by name. */
export async function rulesWorld(
  rules: readonly unknown[],
  events: readonly JournalEvent[] = [],
  more: { files?: Record<string, unknown>; config?: object; problems?: Problem[] } = {},
) {
  const folder = tempFolder();
  const env = { TEAM: 'xoxb-1' };
  folder.write('config.json', { ...CONFIG, ...more.config });
  folder.write('rules/a.json', { rules });
  for (const [name, content] of Object.entries(more.files ?? {})) folder.write(name, content);
  const config = await configIn(folder.path, env);
  const database = openMemoryDatabase();
  const store = openInlineStore({ database });
  onTestFinished(() => store.close());
  await decide({ folder, env }, store, events);
  const history = openInlineHistory(database);
  const clock: Clock = { ...systemClock, wallMs: () => NOW_MS };
  const audits: string[] = [];
  const ports: Ports = { clock, random: createRandom(), log: silent, count: () => {} };
  const tally = createRuleTally(clock);
  const running = { config, program: programOf(config), tally };
  const options = { ports, files: systemFiles, folder: folder.path, problems: () => more.problems ?? [] };
  const desk = consoleRules(() => running as unknown as Running, options as never, history);
  const deps = {
    ...desk,
    ports,
    version: '0',
    secure: false,
    hosts: () => [HOST],
    assets: new Map(),
    accounts: ACCOUNTS,
    phones: { all: () => [], listen: () => () => {} },
    history,
    explain: (id: string) => explainEvent(id, { history, program: running.program, clock }),
    previewOf: ({ type, to, message }: Parameters<ConsoleDeps['previewOf']>[0]) =>
      DESTINATIONS.find((each) => each.type === type)?.preview?.(message) ?? { heading: to, json: message },
    busyMs: () => 0,
    status: async () => ({ config: { ok: false } }),
    alive: async () => true,
    notReady: async () => [],
    metrics: async () => '',
    audit: async ({ action }: { action: string }) => void audits.push(action),
    timezone: () => config.timezone,
    connections: () => new Map(),
  } as unknown as ConsoleDeps;
  const app = createConsole(deps);
  const ask = async (role: Role, method: string, path: string, body?: unknown): Promise<Answered> => {
    const form = body instanceof URLSearchParams;
    const headers: Record<string, string> = { host: HOST, authorization: `Bearer ${TOKENS[role]}` };
    if (body !== undefined) headers['content-type'] = form ? 'application/x-www-form-urlencoded' : 'application/json';
    const sent = body === undefined ? {} : { body: form ? String(body) : JSON.stringify(body) };
    const answer = await app.request(path, { method, headers, ...sent });
    const text = await answer.text();
    return { status: answer.status, text, json: () => JSON.parse(text) as Record<string, unknown> };
  };
  /** Everything that is stored, as one text. */
  const stored = (): string =>
    JSON.stringify(
      database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        .all()
        .map(({ name }) => [name, database.prepare(`SELECT * FROM "${String(name)}"`).all()]),
      (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    );
  return { ask, stored, tally, audits, folder, running, desk, history };
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function roleOf(sha256: string): { name: string; role: Role } | undefined {
  const found = Object.entries(TOKENS).find(([, token]) => createHash('sha256').update(token).digest('hex') === sha256);
  return found && { name: `a-${found[0]}`, role: found[0] as Role };
}

async function configIn(folder: string, env: Record<string, string>): Promise<Config<CompiledRules>> {
  const result = await readConfig({
    configPath: `${folder}/config.json`,
    env,
    files: systemFiles,
    parts: CONFIG_PARTS,
    folder,
  });
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.config;
}
