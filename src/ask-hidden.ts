// Asks for a line at the terminal without showing what is typed: for passwords.
import type { ReadStream, WriteStream } from 'node:tty';

const ENDS = new Set(['\r', '\n']);
const ERASES = new Set(['\u007f', '\b']);
/** Ctrl-C and Ctrl-D: whoever types them wants to stop. */
const STOPS = new Set(['\u0003', '\u0004']);

/** The line, or undefined where nobody sits at a terminal, or the person stopped. */
export function askHidden(prompt: string, input: ReadStream, output: WriteStream): Promise<string | undefined> {
  if (input.isTTY !== true) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    let typed: string[] = [];
    const end = (answer: string | undefined): void => {
      input.off('data', take).setRawMode(false).pause();
      output.write('\n');
      resolve(answer);
    };
    const take = (chunk: string): void => {
      for (const key of chunk) {
        if (ENDS.has(key) || STOPS.has(key)) {
          end(STOPS.has(key) ? undefined : typed.join(''));
          return;
        }
        if (ERASES.has(key)) typed = typed.slice(0, -1);
        else if (key >= ' ') typed.push(key);
      }
    };
    output.write(prompt);
    input.setEncoding('utf8').setRawMode(true).resume().on('data', take);
  });
}
