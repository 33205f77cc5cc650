// Pace: pages come one after the other and leave the thread to the phones; a few of them wait for nothing.
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import type { Env, Who } from '../../src/console/access/gate.ts';
import { createPace } from '../../src/console/http/pace.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';

/** An app whose pages each take `costMs` of the thread; `known`: whether somebody is logged in. */
function world(costMs: number, known = true) {
  const time = createVirtualTime();
  const counted: string[] = [];
  let busyMs = 0;
  let [now, most] = [0, 0];
  const made: number[] = [];
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    if (known) c.set('who', { name: 'a', role: 'read', by: 'token' } satisfies Who);
    await next();
  });
  app.use(createPace({ clock: time.clock, count: (name) => void counted.push(name), busyMs: () => busyMs }));
  app.all('*', async (c) => {
    most = Math.max(most, ++now);
    await Promise.resolve();
    busyMs += costMs;
    now -= 1;
    made.push(time.clock.monotonicMs());
    return c.text('page');
  });
  return { app, time, counted, made, most: () => most };
}

describe('pages', () => {
  test('some come at once, and then no more than a twentieth of the time goes into them', async () => {
    const { app, time, made, most } = world(20);
    const answers = Promise.all(Array.from({ length: 60 }, () => app.request('/calls')));
    await time.advance(0);
    expect(made).toHaveLength(1);
    // 60 ms are free, with as much time for phones behind each page.
    await time.advance(60);
    expect(made.map((atMs) => atMs - (made[0] ?? 0))).toEqual([0, 20, 40, 60]);
    await time.advance(8_000);
    const took = 20 * (made.length - 4);
    expect(took).toBeGreaterThan(300);
    expect(took).toBeLessThanOrEqual(8_000 * 0.05 + 20);
    await time.advance(30_000);
    expect((await answers).every(({ status }) => status === 200)).toBe(true);
    expect(most()).toBe(1);
  });

  test('somebody who looks around waits for nothing', async () => {
    const { app, time, made } = world(15);
    for (let n = 0; n < 100; n++) {
      const answer = app.request('/calls');
      await time.advance(0);
      expect(made).toHaveLength(n + 1);
      expect((await answer).status).toBe(200);
      await time.advance(400);
    }
  });

  test('where too many wait the rest is refused, and counted', async () => {
    const { app, time, counted } = world(100);
    const answers = Array.from({ length: 100 }, () => app.request('/calls'));
    await time.advance(200_000);
    const refused = (await Promise.all(answers)).filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(20);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect(counted).toHaveLength(refused.length);
  });

  test('what changes something, streams and strangers do not stand in the queue', async () => {
    const busy = world(10_000);
    await busy.app.request('/calls');
    const waits = busy.app.request('/calls');
    expect((await busy.app.request('/deliveries', { method: 'POST' })).status).toBe(200);
    expect((await busy.app.request('/live')).status).toBe(200);
    expect((await busy.app.request('/events/1?why=true')).status).toBe(200);
    // One costly page does not shut the door for minutes.
    await busy.time.advance(2_100);
    expect((await waits).status).toBe(200);
    const strange = world(10_000, false);
    for (let n = 0; n < 3; n++) expect((await strange.app.request('/calls')).status).toBe(200);
  });
});
