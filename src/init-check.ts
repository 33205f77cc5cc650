// What `init` is about to write, read as the daemon will read it, and its connections tried out, before any of it is written.
import { dirname } from 'node:path';
import type { CommandIo } from './commands/io.ts';
import { type Config, readConfig } from './config.ts';
import { checkConnections } from './config-check.ts';
import { formatProblem, type Problem } from './core/problems.ts';
import type { Draft } from './init-draft.ts';
import { filesOf, type Setup, type Written, withWritten } from './init-files.ts';
import { type ProbedConnection, portProblem, probeConnection, probeConnections } from './probing.ts';
import { noFindings } from './secrets.ts';

type Around = Pick<CommandIo, 'clock' | 'random' | 'files' | 'parts' | 'env' | 'folder'>;

const LOOPBACK = '127.0.0.1';

/** What is wrong with one connection, in sentences: its settings, or the place that it leads to. */
export async function draftProblems(draft: Draft, setup: Setup, around: Around, probing: boolean): Promise<string[]> {
  const { destinations } = around.parts;
  const written = await filesOf({ ...setup, drafts: [{ ...draft, rules: [] }] }, around.files);
  const source = { env: around.env, files: withWritten(around.files, written), folder: dirname(setup.configPath) };
  const findings = noFindings();
  const { right } = await checkConnections({ [draft.name]: draft.settings }, destinations, source, findings);
  if (findings.problems.length > 0) return findings.problems.map(formatProblem);
  if (!probing) return [];
  const broker = { host: LOOPBACK, port: setup.brokerPort };
  const probed = await Promise.all(right.map((one) => probeConnection(one, broker, { ...around, destinations })));
  const wrong = probed.flatMap((one) => ('error' in one ? [`${one.name}: ${one.error}`] : []));
  return [...wrong, ...(await brokerPortProblem([draft], setup.brokerPort))];
}

/** The embedded broker needs its port to itself. */
export async function brokerPortProblem(drafts: readonly Draft[], port: number): Promise<string[]> {
  if (!drafts.some(({ settings }) => settings.broker === 'embedded')) return [];
  const code = await portProblem(LOOPBACK, port);
  return code === undefined
    ? []
    : [
        `house: the embedded broker cannot listen on port ${port} (${code}); use another with --broker-port, or name the broker that runs there: mqtt://127.0.0.1:${port}`,
      ];
}

export type Checked = { problems: Problem[] } | { probed: ProbedConnection[] };

/** Reads all of it as it will be; then, with `probing`, opens every connection. */
export async function checkWritten(
  written: Written,
  { configPath }: Setup,
  around: Around,
  probing: boolean,
): Promise<Checked> {
  const files = withWritten(around.files, written);
  const { env, parts, folder } = around;
  const read = await readConfig({ configPath, env, files, parts, folder });
  if ('problems' in read) return { problems: read.problems };
  const config: Config<unknown> = read.config;
  const { destinations } = parts;
  return { probed: probing ? await probeConnections(config, { ...around, destinations }) : [] };
}
