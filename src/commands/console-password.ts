// The password of `console user`: asked twice at the terminal, read from a file, or made; hashed before it goes anywhere.
import { hashPassword, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN, SALT_BYTES } from '../console/index.ts';
import { FileError, fileErrorText } from '../core/files.ts';
import { CommandEnd } from './daemon.ts';
import { EXIT } from './exit.ts';
import type { CommandIo } from './io.ts';

const MADE_BYTES = 15;
const FILE_BYTES_MAX = 4_096;

/** 120 bits of randomness, in letters that can be typed. */
export const madePassword = ({ random }: CommandIo): string =>
  Buffer.from(random.bytes(MADE_BYTES)).toString('base64url');

/** The hash of the password that was made or stands in the file, else of what is asked for. */
export async function hashOfGiven(
  { made, file }: { made: string | undefined; file: string | undefined },
  io: CommandIo,
): Promise<string> {
  const password = made ?? (file === undefined ? await askedTwice(io) : await firstLine(file, io));
  if (password.length < PASSWORD_LENGTH_MIN)
    throw new CommandEnd(EXIT.usage, `the password must have at least ${PASSWORD_LENGTH_MIN} characters`);
  if (password.length > PASSWORD_LENGTH_MAX)
    throw new CommandEnd(EXIT.usage, `the password may have ${PASSWORD_LENGTH_MAX} characters at most`);
  return hashPassword(password, io.random.bytes(SALT_BYTES));
}

async function askedTwice(io: CommandIo): Promise<string> {
  const prompt = io.prompt?.();
  try {
    const first = await prompt?.askSecret('Password: ');
    if (first === undefined)
      throw new CommandEnd(
        EXIT.usage,
        'no password was typed; without a terminal use --password-file <file> or --make',
      );
    if ((await prompt?.askSecret('Once more: ')) !== first)
      throw new CommandEnd(EXIT.usage, 'the password was not typed the same way twice; nothing was changed');
    return first;
  } finally {
    prompt?.close();
  }
}

async function firstLine(path: string, io: CommandIo): Promise<string> {
  try {
    const { text, state } = await io.files.read(path, FILE_BYTES_MAX);
    if ((state.mode & 0o007) !== 0)
      throw new CommandEnd(EXIT.failed, `${path}: everybody on this machine may read it; run chmod 600 on it`);
    return text.split(/\r?\n/)[0] ?? '';
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new CommandEnd(EXIT.failed, `${path}: ${fileErrorText(error).message}`);
  }
}
