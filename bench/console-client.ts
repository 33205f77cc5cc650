// Clients of the console as the benchmark needs them: one question with its time, and a live stream.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type ClientRequest, get } from 'node:http';
import { join } from 'node:path';
import { newFolder, serve } from './daemon.ts';
import { macOf, TOKEN_SHA256 } from './hits.ts';
import { freePort } from './servers.ts';

const TOKEN = 'bench-console-0123456789';
export const PHONES = 500;
export const phoneId = (n: number): string => `desk-${String(n).padStart(3, '0')}`;

export type Answer = { status: number; bytes: number; ms: number; text: string };

/** Asks with a token of the role admin. Rejects if nothing answers. */
export function ask(port: number, path: string): Promise<Answer> {
  const beganMs = performance.now();
  return new Promise((resolve, reject) => {
    open(port, path)
      .on('error', reject)
      .on('response', (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const whole = Buffer.concat(parts);
          const ms = performance.now() - beganMs;
          resolve({ status: answer.statusCode ?? 0, bytes: whole.length, ms, text: whole.toString() });
        });
      });
  });
}

const open = (port: number, path: string): ClientRequest =>
  get({ host: '127.0.0.1', port, path, headers: { authorization: `Bearer ${TOKEN}`, host: `127.0.0.1:${port}` } });

/** A live stream; `heard` is called with each event. Returns how to end it. */
export function watch(port: number, heard: (event: string, data: string) => void): () => void {
  const request = open(port, '/live').on('error', () => {});
  request.on('response', (answer) => {
    let text = '';
    answer.on('error', () => {});
    answer.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const message = text.slice(0, end);
        text = text.slice(end + 2);
        const event = /^event: ?(.*)$/m.exec(message)?.[1] ?? '';
        heard(
          event,
          message
            .split('\n')
            .filter((line) => line.startsWith('data:'))
            .map((line) => line.slice(5))
            .join('\n'),
        );
      }
    });
  });
  return () => request.destroy();
}

/** A daemon with 500 phones and its console; `fill` puts a database into the data folder before. */
export async function startConsole(fill: (data: string) => void = () => {}) {
  const folder = newFolder();
  const [port, consolePort] = [await freePort(), await freePort()];
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'rules', 'bench.json'), JSON.stringify({ rules: [] }));
  const sha256 = createHash('sha256').update(TOKEN).digest('hex');
  const book = { version: 1, accounts: [], tokens: [{ name: 'bench', role: 'admin', sha256 }] };
  writeFileSync(join(data, 'accounts.json'), JSON.stringify(book), { mode: 0o600 });
  fill(data);
  const phones = Array.from({ length: PHONES }, (_, n) => ({
    id: phoneId(n),
    mac: macOf(n),
    name: `Desk ${n}`,
    groups: [`group-${n % 20}`],
  }));
  const config = {
    receiver: { host: '127.0.0.1', port, limits: { connectionsPerAddressMax: 1024 } },
    console: { port: consolePort },
    sites: { default: { country: 'DE', token: { sha256: TOKEN_SHA256 } } },
    rules: './rules',
    phones,
  };
  return { ...(await serve(folder, config, port)), consolePort };
}
