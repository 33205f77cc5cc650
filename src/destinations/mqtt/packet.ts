// Packets: PUBLISH, PUBREL and SUBSCRIBE as bytes, many of them written into one buffer and sent with one call.
import { ID_PROPERTY } from './properties.ts';

export type Qos = 0 | 1 | 2;
export type Version = 4 | 5;

/** A message that passed every check. `id` goes out as the user property `hookswitch-id`, `expirySeconds` says how long the
 * broker may keep it for subscribers that are away (both MQTT 5 only). */
export type Publish = {
  id: string;
  topic: string;
  payload: string;
  json: boolean;
  qos: Qos;
  retain: boolean;
  expirySeconds?: number;
  /** Instead of application/json or text/plain (MQTT 5 only). A constant of a rule: few are ever seen. */
  contentType?: string;
  /** User properties as bytes, beside the id (MQTT 5 only). */
  userProperties?: Buffer;
};

const CHUNK_BYTES = 32_768;

/** Payload is UTF-8, content type, and the head of the user property. Source: MQTT 5.0, 3.3.2.3. */
function fixedProperties(contentType: string): Buffer {
  const name = ID_PROPERTY;
  return Buffer.concat([
    Buffer.from([0x01, 0x01, 0x03, contentType.length >>> 8, contentType.length & 255]),
    Buffer.from(contentType),
    Buffer.from([0x26, 0, name.length]),
    Buffer.from(name),
  ]);
}
const PROPERTIES = { json: fixedProperties('application/json'), text: fixedProperties('text/plain') };
const others = new Map<string, Buffer>();
const OTHERS_MAX = 256;

function propertiesOf({ json, contentType }: Publish): Buffer {
  if (contentType === undefined) return PROPERTIES[json ? 'json' : 'text'];
  let known = others.get(contentType);
  if (known === undefined) {
    if (others.size >= OTHERS_MAX) others.clear();
    known = fixedProperties(contentType);
    others.set(contentType, known);
  }
  return known;
}

const varintBytes = (value: number): number => (value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4);

/** Lengths of one PUBLISH: of the properties, of everything after the fixed header, of the whole packet. */
function measure(publish: Publish, version: Version) {
  const topicBytes = Buffer.byteLength(publish.topic);
  const payloadBytes = Buffer.byteLength(publish.payload);
  const idBytes = version === 5 ? Buffer.byteLength(publish.id) : 0;
  const expiryBytes = publish.expirySeconds === undefined ? 0 : 5;
  const userBytes = publish.userProperties?.length ?? 0;
  const propertyBytes = version === 5 ? propertiesOf(publish).length + 2 + idBytes + expiryBytes + userBytes : 0;
  const headBytes = version === 5 ? varintBytes(propertyBytes) + propertyBytes : 0;
  const remaining = 2 + topicBytes + (publish.qos > 0 ? 2 : 0) + headBytes + payloadBytes;
  return { topicBytes, idBytes, propertyBytes, remaining, total: 1 + varintBytes(remaining) + remaining };
}

/** Length of a PUBLISH on the wire, in bytes: what a server's Maximum Packet Size is compared with. */
export const publishBytes = (publish: Publish, version: Version): number => measure(publish, version).total;

export type Batch = {
  publish(publish: Publish, packetId: number): void;
  release(packetId: number): void;
  /** Hands what has gathered to `write`, at most one call per chunk. */
  flush(): void;
};

/** Gathers packets. A byte that was handed to `write` is never changed afterwards, so the stream may keep it. */
export function createBatch(version: Version, write: (bytes: Buffer) => void): Batch {
  let chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let start = 0;
  let end = 0;

  function flush(): void {
    if (end === start) return;
    write(chunk.subarray(start, end));
    start = end;
  }

  function reserve(bytes: number): void {
    if (chunk.length - end >= bytes) return;
    flush();
    chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes));
    start = 0;
    end = 0;
  }

  function writeVarint(value: number): void {
    let rest = value;
    while (rest > 127) {
      chunk[end++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    chunk[end++] = rest;
  }

  function writeUint16(value: number): void {
    chunk[end++] = value >>> 8;
    chunk[end++] = value & 255;
  }

  return {
    flush,
    publish(publish, packetId) {
      const { topicBytes, idBytes, propertyBytes, remaining, total } = measure(publish, version);
      reserve(total);
      chunk[end++] = 0x30 | (publish.qos << 1) | (publish.retain ? 1 : 0);
      writeVarint(remaining);
      writeUint16(topicBytes);
      end += chunk.write(publish.topic, end);
      if (publish.qos > 0) writeUint16(packetId);
      if (version === 5) {
        writeVarint(propertyBytes);
        end += propertiesOf(publish).copy(chunk, end);
        writeUint16(idBytes);
        end += chunk.write(publish.id, end);
        // Message Expiry Interval. Source: MQTT 5.0, 3.3.2.3.3.
        if (publish.expirySeconds !== undefined) {
          chunk[end++] = 0x02;
          end = chunk.writeUInt32BE(publish.expirySeconds, end);
        }
        if (publish.userProperties !== undefined) end += publish.userProperties.copy(chunk, end);
      }
      end += chunk.write(publish.payload, end);
    },
    release(packetId) {
      reserve(4);
      writeUint16(0x6202);
      writeUint16(packetId);
    },
  };
}

/** SUBSCRIBE to each filter with that quality of service. Source: MQTT 3.1.1 and 5.0, 3.8. */
export const subscribeBytes = (packetId: number, filters: readonly string[], qos: Qos, version: Version): Buffer =>
  filterPacket(0x82, packetId, filters, [qos], version);

/** UNSUBSCRIBE from each filter. Source: MQTT 3.1.1 and 5.0, 3.10. */
export const unsubscribeBytes = (packetId: number, filters: readonly string[], version: Version): Buffer =>
  filterPacket(0xa2, packetId, filters, [], version);

function filterPacket(head: number, packetId: number, filters: readonly string[], after: number[], version: Version) {
  const parts = filters.map((filter) => {
    const text = Buffer.from(filter);
    return Buffer.concat([Buffer.from([text.length >>> 8, text.length & 255]), text, Buffer.from(after)]);
  });
  const noProperties = version === 5 ? [0] : [];
  const body = Buffer.concat([Buffer.from([packetId >>> 8, packetId & 255, ...noProperties]), ...parts]);
  const length: number[] = [];
  for (let rest = body.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([head, ...length]), body]);
}
