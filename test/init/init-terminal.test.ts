// `hookswitch init` at a real terminal: a secret that is typed is not echoed, and Ctrl-C leaves nothing behind.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/destination-contract.ts';
import { tempFolder } from '../support/temp-folder.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const loader = import.meta.resolve('tsx');
const hasScript = spawnSync('script', ['--version']).status === 0;

/** Runs a command with a pseudo-terminal as its input and output. */
function atTerminal(folder: string, args: string) {
  const command = `${process.execPath} --import ${loader} ${main} ${args}`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    shown: () => shown,
    ended,
    async answer(question: string, text: string) {
      await eventually(() => shown.includes(question), `the question ${question}; so far: ${shown}`, 20_000);
      child.stdin.write(text);
    },
  };
}

const NO_MQTT = '--no-test --timezone UTC --country DE';

it.runIf(hasScript)('echoes no secret, and keeps it in a file (needs script)', { timeout: 60_000 }, async () => {
  const folder = tempFolder();
  const terminal = atTerminal(folder.path, `init ${NO_MQTT}`);
  await terminal.answer('MQTT broker', '\r');
  await terminal.answer('Slack bot token', 'xoxb-typed-4711\r');
  await terminal.answer('Channel [#phones]', '#reception\r');
  await terminal.answer('Mail server', '\r');
  await terminal.answer('CRM or another', '\r');
  expect(await terminal.ended).toBe(0);
  expect(readFileSync(folder.at('secrets/slack-token'), 'utf8')).toBe('xoxb-typed-4711\n');
  expect(terminal.shown()).toContain('#reception');
  expect(terminal.shown()).not.toContain('4711');
  expect(readFileSync(folder.at('config.json'), 'utf8')).toContain('"#reception"');
});

it.runIf(hasScript)('ends by Ctrl-C without a trace (needs script)', { timeout: 60_000 }, async () => {
  const folder = tempFolder();
  const terminal = atTerminal(folder.path, `init ${NO_MQTT}`);
  await terminal.answer('MQTT broker', '\u0003');
  expect(await terminal.ended).toBe(1);
  expect([terminal.shown().includes('nothing was written'), readdirSync(folder.path)]).toEqual([true, []]);
  expect(existsSync(folder.at('config.json'))).toBe(false);
});
