// What a command is given of the world, so that a test can own all of it.
import type { Command } from 'commander';
import type { ConfigParts } from '../config.ts';
import type { Places } from '../config-path.ts';
import type { Files } from '../core/files.ts';
import type { Clock, Random } from '../core/ports.ts';
import { escapeUnprintable } from '../core/printable.ts';
import { formatProblem, type Problem } from '../core/problems.ts';
import type { Store } from '../core/store.ts';
import type { Prompt } from '../terminal-prompt.ts';

export type ServeOptions = Places & { logForm: 'json' | 'pretty' };

export type CommandIo = {
  /** Writes exactly this text. */
  out(text: string): void;
  err(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  /** The working folder. */
  folder: string;
  /** Whether `out` is a terminal. */
  terminal: boolean;
  version: string;
  clock: Clock;
  random: Random;
  files: Files;
  /** Aborted when the person wants to stop (Ctrl-C). */
  stopped: AbortSignal;
  parts: ConfigParts<unknown>;
  /** The store of a data folder, for as long as no daemon has it. Rejects with a StoreError. */
  openStore(dataPath: string): Promise<Store>;
  /** Somebody who can be asked; undefined where there is no terminal. */
  prompt?: () => Prompt;
  /** Runs the daemon until it ends; resolves with the exit code. */
  serve(options: ServeOptions): Promise<number>;
};

/** Adds one command to the program; `finish` takes its exit code. */
export type Register = (program: Command, io: CommandIo, finish: (code: number) => void) => void;

export type PlaceOptions = { config?: string; data?: string };

/** The options that every command has. */
export const withPlaces = (command: Command): Command =>
  command
    .option('--config <file>', 'config file (default: ./config.json, else the example that comes with Hookswitch)')
    .option('--data <folder>', 'data folder (default: what the config says)');

/** One line for people; whatever a phone put into it, the terminal only shows it. */
export const say = (write: (text: string) => void, text: string): void => write(`${escapeUnprintable(text)}\n`);

/** Problems as people read them, one a line. */
export function sayProblems(write: (text: string) => void, problems: readonly Problem[]): void {
  for (const problem of problems) say(write, formatProblem(problem));
}

/** One JSON value a line; ASCII where a terminal could be steered by it. */
export const sayJson = (write: (text: string) => void, value: unknown): void =>
  write(`${JSON.stringify(value).replace(/[^\x20-\x7e\p{L}\p{N}]/gu, escapeUnprintable)}\n`);

/** Rows under their headings, columns as wide as their widest cell. */
export function sayTable(write: (text: string) => void, headings: readonly string[], rows: readonly string[][]): void {
  const lines = [headings, ...rows].map((row) => row.map(escapeUnprintable));
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  for (const line of lines)
    write(
      `${line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
}

/** The text, or its beginning and an ellipsis. */
export const cut = (text: string, lengthMax: number): string =>
  text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`;
