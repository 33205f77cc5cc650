// A broker that is down while messages are queued: the course of such an outage with the real outbox and a real mosquitto.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { logLines, type Received, receivedBy } from '../long/broker-log.ts';
import { eventually } from './destination-contract.ts';
import { startMosquitto } from './mosquitto.ts';
import { openMqttOutbox } from './mqtt-outbox.ts';

const QUEUED = 1_000;
const LANES = 10;
const CATCH_UP_MS_MAX = 30_000;

export type BacklogReport = { copiesPerMessage: number; catchUpMs: number; attemptsWhileDown: number };

/**
 * Stops the broker, queues 1,000 messages in 10 lanes over the first half of `downMs`, starts the broker again. Holds: each one
 * arrives exactly once by the broker's own log, in the order of its lane, with one attempt, within 30 s after the return.
 */
export async function backlogCourse(downMs: number): Promise<BacklogReport> {
  const folder = mkdtempSync(join(tmpdir(), 'hookswitch-backlog-'));
  const log = join(folder, 'log');
  const broker = await startMosquitto({ lines: logLines(log) });
  const { queue, delivered, connected, lost, settlements, close } = await openMqttOutbox(broker.port);
  const received = (): Received[] =>
    receivedBy(readFileSync(log, 'latin1')).filter(({ topic }) => topic.startsWith('lane/'));
  try {
    await eventually(() => connected() === 1, 'it is connected');
    await broker.kill();
    // What is written in the moment of the kill would rightly use up an attempt; this is about the time after it.
    await eventually(lost, 'the loss is noticed');
    for (let n = 0; n < QUEUED; n += LANES) {
      for (let lane = 0; lane < LANES; lane++)
        queue(`phone-${lane}`, { topic: `lane/${lane}/${n / LANES}`, payload: 'x' });
      await new Promise((resolve) => setTimeout(resolve, (downMs / 2 / QUEUED) * LANES));
    }
    await new Promise((resolve) => setTimeout(resolve, downMs / 2));
    expect(received()).toEqual([]);
    const attemptsWhileDown = settlements.length;
    await broker.start();
    const backAtMs = performance.now();
    await eventually(() => delivered().size === QUEUED, 'all are delivered', CATCH_UP_MS_MAX);
    const catchUpMs = Math.round(performance.now() - backAtMs);
    const all = received();
    expect(new Set(all.map(({ topic }) => topic)).size).toBe(QUEUED);
    for (let lane = 0; lane < LANES; lane++)
      expect(all.flatMap(({ topic }) => (topic.startsWith(`lane/${lane}/`) ? [topic] : []))).toEqual(
        Array.from({ length: QUEUED / LANES }, (_, n) => `lane/${lane}/${n}`),
      );
    expect(settlements.filter(({ attempts }) => attempts > 1)).toEqual([]);
    return { copiesPerMessage: all.length / QUEUED, catchUpMs, attemptsWhileDown };
  } finally {
    await close();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
