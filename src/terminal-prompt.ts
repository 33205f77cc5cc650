// Questions at a terminal: a line each, and secrets without echo.
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

export type Prompt = {
  /** The answer without spaces around it; undefined once the person wants to stop (Ctrl-C, Ctrl-D). */
  ask(question: string): Promise<string | undefined>;
  /** The same with its spaces, and what is typed or pasted is shown nowhere. */
  askSecret(question: string): Promise<string | undefined>;
  close(): void;
};

/** Asks at these streams; `input` is a terminal. */
export function terminalPrompt(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Prompt {
  let silent = false;
  const echo = new Writable({
    write(chunk, _encoding, done) {
      if (!silent) output.write(chunk);
      done();
    },
  });
  // Without a history, no arrow key shows an earlier answer again.
  const lines = createInterface({ input, output: echo, terminal: true, historySize: 0 });
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  let open = true;
  void ended.then(() => {
    open = false;
  });
  const answer = async (question: string): Promise<string | undefined> => {
    if (!open) return undefined;
    const line = await Promise.race([lines.question(question).catch(() => undefined), ended]);
    return line;
  };
  return {
    ask: async (question) => (await answer(question))?.trim(),
    async askSecret(question) {
      output.write(question);
      silent = true;
      try {
        return await answer('');
      } finally {
        silent = false;
        output.write('\n');
      }
    },
    close: () => lines.close(),
  };
}
