// What happened in a run, line by line, and its hash: the same seed must give the same lines.
import { createHash } from 'node:crypto';

export type Trace = {
  say(line: string): void;
  tail(count: number): string[];
  hash(): string;
};

/** `nowMs`: virtual time, put in front of each line. */
export function createTrace(nowMs: () => number): Trace {
  const lines: string[] = [];
  return {
    say: (line) => void lines.push(`${String(nowMs()).padStart(7)} ${line}`),
    tail: (count) => lines.slice(-count),
    hash: () => createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16),
  };
}
