// How `console` reaches the accounts: through the running daemon, or, where none runs, straight in the data folder.
import { AccountBookError, openAccountBook } from '../accounts.ts';
import { findData } from '../config-path.ts';
import { createAccountApi } from '../console/index.ts';
import { askControl } from '../control-socket.ts';
import { FileError } from '../core/files.ts';
import { type Ask, CommandEnd } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, say } from './io.ts';

const FOLDER_MODE = 0o700;

/** Runs `task` with a way to ask; the exit code is that of `task`, or tells why it could not be asked. */
export async function askingAccounts(
  io: CommandIo,
  options: PlaceOptions,
  task: (ask: Ask) => Promise<number>,
): Promise<number> {
  try {
    const dataPath = await findData(options, io);
    const live = await askControl(dataPath, 'GET', '/console');
    if (!('failed' in live)) return await task((method, route, body) => askLive(dataPath, method, route, body));
    if (live.failed === 'broken') throw new CommandEnd(EXIT.failed, `the daemon of ${dataPath} does not answer`);
    await io.files.makeFolder(dataPath, FOLDER_MODE);
    const app = createAccountApi(await openAccountBook(dataPath, io.files));
    return await task(async (method, route, body) => {
      const text = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await app.request(route, { method, ...text });
      return { status: answer.status, body: await answer.json() };
    });
  } catch (error) {
    if (!(error instanceof CommandEnd || error instanceof AccountBookError || error instanceof FileError)) throw error;
    say(io.err, error.message);
    return error instanceof CommandEnd ? error.code : EXIT.io;
  }
}

async function askLive(dataPath: string, method: 'GET' | 'POST', route: string, body?: unknown) {
  const answer = await askControl(dataPath, method, route, body);
  if ('failed' in answer) throw new CommandEnd(EXIT.failed, 'the daemon ended before it answered');
  return answer;
}
