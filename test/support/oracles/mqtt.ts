// Oracle of MQTT: one PUBLISH as bytes, read by MQTT 5.0, chapters 1.5, 2.1 and 3.3, and its JSON payload.
import { type Reading, readJson, strictUtf8 } from './reading.ts';

/** What a server may hang up on (1.5.4), and what no topic name may hold (4.7). */
const UNFIT = /[\p{Cc}\p{Noncharacter_Code_Point}]/u;

/** Reads variable byte integers, strings and numbers one after the other. */
function cursor(bytes: Buffer) {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('the packet ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  return {
    take,
    left: () => bytes.length - at,
    byte: () => take(1)[0] as number,
    uint16: () => take(2).readUInt16BE(0),
    uint32: () => take(4).readUInt32BE(0),
    text(this: void) {
      return strictUtf8(take(take(2).readUInt16BE(0)));
    },
    varint() {
      let value = 0;
      for (let shift = 0; shift < 28; shift += 7) {
        const next = take(1)[0] as number;
        value += (next & 127) * 2 ** shift;
        if (next < 128) return value;
      }
      throw new Error('a length that does not end');
    },
  };
}

/** `packet`: exactly one PUBLISH of MQTT 5. Levels of the topic are percent-decoded, which is how a value is written in one. */
export function readPublish(packet: Buffer): Reading {
  const reading: Reading = { structure: [], values: [] };
  const whole = cursor(packet);
  const head = whole.byte();
  if (head >> 4 !== 3) throw new Error(`no PUBLISH: ${head >> 4}`);
  if (whole.varint() !== whole.left()) throw new Error('more or less than one packet');
  const topic = whole.text();
  if (topic === '' || /^\$|[+#]/.test(topic) || UNFIT.test(topic)) throw new Error(`topic ${JSON.stringify(topic)}`);
  reading.structure.push(`publish ${head & 15}`);
  for (const level of topic.split('/')) {
    if (level === '') throw new Error('an empty level');
    reading.structure.push('level');
    reading.values.push(decodeURIComponent(level));
  }
  if ((head & 6) !== 0) whole.uint16();
  const json = readProperties(cursor(whole.take(whole.varint())), reading);
  const payload = strictUtf8(whole.take(whole.left()));
  if (json) readJson(JSON.parse(payload), reading);
  else reading.values.push(payload);
  return reading;
}

/** Whether the payload is JSON. */
function readProperties(properties: ReturnType<typeof cursor>, { structure, values }: Reading): boolean {
  let json = false;
  while (properties.left() > 0) {
    const id = properties.byte();
    if (id === 0x01) structure.push(`utf8 ${properties.byte()}`);
    else if (id === 0x02) structure.push(`expiry ${properties.uint32()}`);
    else if (id === 0x03) {
      const type = properties.text();
      structure.push(`type ${type}`);
      json = type === 'application/json';
    } else if (id === 0x26) {
      const [name, value] = [properties.text(), properties.text()];
      if (UNFIT.test(name) || UNFIT.test(value)) throw new Error('a user property that a server may hang up on');
      structure.push(`property ${name}`);
      values.push(value);
    } else throw new Error(`property ${id}`);
  }
  return json;
}
