// A broker that is down for long (E4): 1,000 messages wait in the outbox, and each goes out once when it is back.
// HOOKSWITCH_BROKER_DOWN_SECONDS says how long (45; 300 is what the promise is about).
import { expect } from 'vitest';
import { itWithMosquitto } from '../support/mosquitto.ts';
import { backlogCourse } from '../support/mqtt-backlog.ts';
import { setting } from './waiting.ts';

const DOWN_SECONDS = setting('HOOKSWITCH_BROKER_DOWN_SECONDS', 45);

itWithMosquitto(
  `${DOWN_SECONDS} s without a broker: 1,000 queued messages arrive once each, in order`,
  async () => {
    const report = await backlogCourse(DOWN_SECONDS * 1_000);
    console.log(`down ${DOWN_SECONDS} s: all there ${report.catchUpMs} ms after the broker was`);
    expect(report).toMatchObject({ copiesPerMessage: 1, attemptsWhileDown: 0 });
  },
  (DOWN_SECONDS + 60) * 1_000,
);
