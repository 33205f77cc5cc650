// Sending for one connection: who is next, and when nobody may go.
import { serveAlarms } from './ends.ts';
import { isGone } from './gone.ts';
import type { Lane, Line } from './lane.ts';
import { inspect, type Link, launch } from './link.ts';
import { want } from './overflow.ts';
import { nowOf, promote, type Queue, wakeAt } from './queue.ts';

/** Sends as much as may be sent now. */
export function dispatch(queue: Queue): void {
  const { link, breaker } = queue;
  if (link === undefined || queue.halted || queue.settling.full() || isGone(queue)) return;
  const nowMs = nowOf(queue);
  // What has expired by now must not be sent, even if its alarm has not rung yet.
  serveAlarms(queue, nowMs);
  while (link.flying.size < link.concurrency) {
    if (queue.ready.empty() && queue.tried.empty()) return;
    const state = breaker.state();
    if (state === 'probing') return;
    const mayAt = Math.max(queue.pausedUntil, state === 'open' ? breaker.probeAt() : 0, queue.limiter?.mayAt() ?? 0);
    if (nowMs < mayAt) {
      wakeAt(queue, mayAt);
      return;
    }
    const lane = next(queue, queue.ready, nowMs) ?? next(queue, queue.tried, nowMs);
    if (lane === undefined) return;
    if (state === 'open') breaker.probe();
    send(queue, link, lane, state === 'open', nowMs);
  }
}

function next(queue: Queue, line: Line, nowMs: number): Lane | undefined {
  for (let lane = line.shift(); lane !== undefined; lane = line.shift()) {
    lane.state = 'idle';
    const { head } = lane;
    if (head !== undefined && head.dueAt <= nowMs) {
      if (head.delivery !== undefined) return lane;
      want(queue, lane, () => dispatch(queue));
    } else promote(queue, lane, nowMs);
  }
  return undefined;
}

function send(queue: Queue, link: Link, lane: Lane, probe: boolean, nowMs: number): void {
  const entry = lane.head;
  const message = entry?.delivery?.message;
  if (entry === undefined || message === undefined) return;
  lane.state = 'flying';
  queue.alarms.remove(entry);
  queue.limiter?.take();
  const attempt = launch(link, entry, message, entry.attempts + 1, probe, nowMs);
  wakeAt(queue, attempt.lookAt);
}

/** Looks at everything whose time may have come. `onStuck` is told of a connection whose attempts do not end. */
export function turn(queue: Queue, onStuck: (link: Link) => void): void {
  const nowMs = nowOf(queue);
  for (const link of [...queue.links]) {
    const { stuck, lookAt } = inspect(link, nowMs);
    if (stuck) onStuck(link);
    wakeAt(queue, lookAt);
  }
  serveAlarms(queue, nowMs);
  dispatch(queue);
}
