// What Hookswitch is compared with: Hono that answers 204, and Hono that only calls `mqtt.publish`. A process of its own.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import mqtt from 'mqtt';

/** Answers at once; nothing is kept, nothing is sent. */
function bare(): Hono {
  return new Hono().get('*', (c) => c.body(null, 204));
}

/** Hands the caller's name to mqtt.js at QoS 1 and answers at once: no rules, no journal, no retry beyond the library's own. */
async function publishing(url: string): Promise<Hono> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 4, clientId: 'bench-naive' });
  return new Hono().get('*', (c) => {
    const target = c.req.url;
    client.publish('bench/naive', target.slice(target.lastIndexOf('=n') + 1, target.lastIndexOf('&_=')), { qos: 1 });
    return c.body(null, 204);
  });
}

const broker = process.argv[2];
const app = broker ? await publishing(broker) : bare();
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.send?.(port));
