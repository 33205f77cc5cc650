// mqtt keeps the destination contract, with a broker inside the test process.
import { createServer } from 'node:net';
import { Secret } from '../../src/core/secret.ts';
import { mqtt } from '../../src/destinations/mqtt/index.ts';
import { readCleanLine } from '../support/clean-line.ts';
import { destinationContract } from '../support/destination-contract.ts';
import { freePort } from '../support/free-port.ts';
import { startTestBroker } from '../support/mqtt-broker.ts';

const settings = (port: number) => ({
  broker: `mqtt://127.0.0.1:${port}`,
  username: 'hookswitch',
  password: new Secret('a-very-secret-password'),
});

destinationContract('mqtt', {
  declaration: mqtt,
  cases: {
    async live() {
      const broker = await startTestBroker();
      return { settings: settings(broker.port), received: () => broker.received.length, stop: broker.stop };
    },
    async gone() {
      return { settings: settings(await freePort()), stop: async () => {} };
    },
    async silent() {
      const server = createServer((socket) => socket.resume());
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
      return { settings: settings(port), stop };
    },
    grammar: {
      topic: {
        // MQTT's grammar of a topic: levels between slashes. The value must be one level, and neither neighbour may change.
        parse(encoded) {
          const levels = `phones/${encoded}/state`.split('/');
          if (levels.length !== 3) throw new Error('the value became more than one level');
          if (/[+#\u0000-\u001f\u007f-\u009f]/.test(encoded) || encoded.startsWith('$')) throw new Error('not fit');
          return decodeURIComponent(levels[1] ?? '');
        },
        expected: (value) => (value === '' ? '_' : value.replace(/\p{Cs}/gu, '\uFFFD')),
      },
      payload: { parse: (encoded) => Buffer.from(encoded).toString() },
      userProperties: {
        // A UTF-8 string of MQTT 5 (1.5.4): what a server may hang up on stands nowhere in it, and the bytes read back.
        parse(encoded) {
          if (/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(encoded)) throw new Error('not fit');
          return Buffer.from(encoded).toString();
        },
        expected: (value) => readCleanLine(value, 300).replace(/\p{Noncharacter_Code_Point}/gu, '\uFFFD'),
      },
    },
  },
});
