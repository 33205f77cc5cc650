// The MQTT broker where mosquitto is not installed: aedes in a process of its own.
import net from 'node:net';
import { Aedes } from 'aedes';

const broker = await Aedes.createBroker({ concurrency: 1_000 });
const server = net.createServer(broker.handle);
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as net.AddressInfo).port));
