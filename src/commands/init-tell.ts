// What `init` says: the files as they would be, the token for the phones, and what to do next.
import { basename } from 'node:path';
import { findData } from '../config-path.ts';
import type { MadeToken } from '../console/index.ts';
import type { Setup, Written } from '../init-files.ts';
import { openTokenBook } from '../tokens.ts';
import { accepted, asking } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, say } from './io.ts';
import { sayToken } from './token.ts';

/** The files with their paths; of a secret only its path. */
export function sayWritten(written: Written, io: CommandIo): number {
  for (const [path, { text, secret }] of written) {
    say(io.out, `── ${path}`);
    io.out(secret ? '(a secret, not shown)\n' : text);
  }
  return EXIT.ok;
}

/** Makes the token of the default site, unless there is one that phones may already use. Resolves with the exit code. */
export async function tokenFor({ configPath }: Setup, io: CommandIo): Promise<number> {
  const places = { config: configPath };
  const dataPath = await findData(places, io);
  const book = await openTokenBook(dataPath, io.files, io.clock);
  if (book.hasAny()) {
    say(io.out, 'Phones go on with the token that they have; a new one: hookswitch token --site default');
    return EXIT.ok;
  }
  say(io.out, '');
  return asking(io, places, 'config', async (ask) =>
    sayToken(accepted<MadeToken>(await ask('POST', '/tokens', { site: 'default' })), {}, io),
  );
}

export function sayNext({ configPath, drafts }: Setup, { config }: { config?: string }, io: CommandIo): void {
  const program = io.env.npm_lifecycle_event === 'hookswitch' ? 'npm run -s hookswitch --' : 'hookswitch';
  const place = config === undefined ? '' : ` --config ${basename(configPath) === config ? config : configPath}`;
  const [first] = drafts;
  const next: [string, string][] = [
    ['Start it', `serve${place}`],
    ['Play a missed call', `send missed_call --remote +4930123456${place}`],
    ...(first === undefined ? [] : [['Send a test message', `test ${first.name}${place}`] satisfies [string, string]]),
    ['Look at config and rules again', `check --connections${place}`],
    ['Make a file for a phone (Sangoma)', `provision --mac 00:50:58:00:00:01${place}`],
  ];
  say(io.out, '');
  for (const [what, command] of next) say(io.out, `${what}: ${program} ${command}`);
}
