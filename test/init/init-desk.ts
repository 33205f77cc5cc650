// A desk for `init`: a folder, a scripted person, and what was said.
import { runProgram } from '../../src/commands/program.ts';
import type { Prompt } from '../../src/terminal-prompt.ts';
import { commandIo } from '../running-daemon.ts';
import type { TempFolder } from '../support/temp-folder.ts';

export type Ran = { code: number; out: string; err: string; questions: string[]; left: number };

/** One answer for each question, in turn; undefined: the person stops. A secret is asked for by `askSecret` only. */
export type Answers = (string | { secret: string } | undefined)[];

/** Runs `hookswitch init` in that folder; with `answers` at a terminal, else without one. */
export async function init(folder: TempFolder, args: string[], answers?: Answers, env = {}): Promise<Ran> {
  const { io, said } = commandIo(folder.path, env);
  const questions: string[] = [];
  const left = [...(answers ?? [])];
  const next = (question: string): Answers[number] => {
    questions.push(question);
    if (left.length === 0) throw new Error(`no answer left for: ${question}`);
    return left.shift();
  };
  const prompt: Prompt = {
    async ask(question) {
      const answer = next(question);
      if (typeof answer === 'object') throw new Error(`a secret would be shown: ${question}`);
      return answer;
    },
    async askSecret(question) {
      const answer = next(question);
      return typeof answer === 'object' ? answer.secret : answer;
    },
    close() {},
  };
  const code = await runProgram(['init', ...args], answers === undefined ? io : { ...io, prompt: () => prompt });
  return { code, ...said, questions, left: left.length };
}
