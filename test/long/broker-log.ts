// What mosquitto's own log says it received: the broker's word, which no subscriber can miss while it is away.

/** One message; `life` counts the broker's starts. Acknowledged: it sent the PUBACK in the same life. */
export type Received = { topic: string; life: number; acknowledged: boolean };

/** Lines of mosquitto.conf that make it write that log. */
export const logLines = (file: string): string[] => [`log_dest file ${file}`, 'log_type all'];

const STARTS = /mosquitto version \S+ starting/;
const PUBLISH = /Received PUBLISH from (\S+) \(d\d, q1, r\d, m(\d+), '([^']*)'/;
/** Reason 0, or 16: nobody has subscribed (MQTT 5, table 3-4). */
const PUBACK = /Sending PUBACK to (\S+) \(m(\d+), rc(?:0|16)\)/;

/** Every message at QoS 1 in a log with `log_type all`, in the order of receipt. */
export function receivedBy(log: string): Received[] {
  const received: Received[] = [];
  let flights = new Map<string, Received>();
  let life = 0;
  for (const line of log.split('\n')) {
    if (STARTS.test(line)) {
      life += 1;
      flights = new Map();
    }
    const [, from, id, topic] = PUBLISH.exec(line) ?? [];
    if (topic !== undefined) {
      const message = { topic, life, acknowledged: false };
      received.push(message);
      flights.set(`${from} ${id}`, message);
    }
    const [, to, acknowledged] = PUBACK.exec(line) ?? [];
    const flight = flights.get(`${to} ${acknowledged}`);
    if (flight) flight.acknowledged = true;
  }
  return received;
}
