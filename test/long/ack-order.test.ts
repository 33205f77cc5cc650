// The order of acknowledgement (D3): seen from the kernel, the 200 leaves after the fsync of its hit has returned.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createDaemon, TOKEN } from './daemon.ts';
import { macOf, say } from './phones.ts';
import { ackOrder } from './trace.ts';
import { until } from './waiting.ts';

const REQUESTS = 200;
const AT_ONCE = 8;
const CALLS = 'read,recvfrom,write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync';

test(`${REQUESTS} hits: the 200 is written to the socket after the fsync of its row`, async ({ skip }) => {
  skip(spawnSync('strace', ['-V']).error !== undefined, 'not run: strace is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'hookswitch-trace-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'trace');
  // -D: the daemon is our child and strace its shadow, so that a signal reaches the daemon.
  const under = ['strace', '-D', '-f', '-s', '16384', '-o', file, '-e', `trace=${CALLS}`];
  const daemon = await createDaemon({ connections: {}, rules: [], under });
  onTestFinished(() => daemon.remove());
  await daemon.start();

  const left = Array.from({ length: REQUESTS }, (_, n) => n);
  const client = async (): Promise<void> => {
    for (let n = left.shift(); n !== undefined; n = left.shift())
      expect(await say(daemon.port, { token: TOKEN, mac: macOf(n), name: `ack-${n}-end` })).toBe(200);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  await daemon.stop();
  await until(() => readFileSync(file, 'latin1').trimEnd().endsWith(' +++'), 20_000, 'strace writes its last line');

  const { acknowledged, violations } = ackOrder(readFileSync(file, 'latin1'));
  expect(new Set(acknowledged).size).toBe(REQUESTS);
  expect(violations).toEqual([]);
});

describe('what the trace must show', () => {
  const read = '7 read(20, "GET /a/x?display_remote=ack-1-end&_=. HTTP/1.1\\r\\n", 65536) = 60';
  const row = '8 pwrite64(15, "\\0\\1{\\"remote\\":\\"ack-1-end\\"}", 4096, 32) = 4096';
  const sync = '8 fdatasync(15) = 0';
  const ack = '7 write(20, "HTTP/1.1 200 OK\\r\\n\\r\\n", 19) = 19';
  const judged = (...lines: string[]) => ackOrder(lines.join('\n'));

  test('row, sync, answer', () => {
    expect(judged(read, row, sync, ack)).toEqual({ acknowledged: ['ack-1-end'], violations: [] });
  });
  test.each<[string, string[]]>([
    ['an answer before the sync', [read, row, ack, sync]],
    ['an answer without a row', [read, sync, ack]],
    ['a row after the sync', [read, sync, row, ack]],
    ['a sync of another file', [read, row, '8 fdatasync(16) = 0', ack]],
    [
      'an answer while the sync runs',
      [read, row, '8 fdatasync(15 <unfinished ...>', ack, '8 <... fdatasync resumed>) = 0'],
    ],
    [
      'a sync that began before the row was written',
      [read, '9 fdatasync(15 <unfinished ...>', row, '9 <... fdatasync resumed>) = 0', ack],
    ],
    [
      'an answer that began before the sync returned',
      [read, row, '7 write(20, "HTTP/1.1 200 OK\\r\\n" <unfinished ...>', sync, '7 <... write resumed>, 19) = 19'],
    ],
  ])('notices %s', (_name, lines) => expect(judged(...lines).violations).toEqual(['ack-1-end']));
  test('follows calls that other threads interrupt', () => {
    const [start, end] = ['8 fdatasync(15 <unfinished ...>', '8 <... fdatasync resumed>) = 0'];
    expect(judged(read, row, start, '7 read(21, "GET /", 9) = 9', end, ack).violations).toEqual([]);
  });
});
