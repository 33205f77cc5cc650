// Framing: follows the lengths of MQTT packets in a byte stream, to stop a peer that announces one without measure.

/**
 * A watcher for the bytes of one connection, in the order in which they arrive. It returns false once a packet announces more
 * than `bytesMax` bytes or a length that is none. Source: MQTT 3.1.1 and 5.0, 2.1 (fixed header) and 1.5.5 (variable length).
 */
export function createFrameWatcher(bytesMax: number): (bytes: Uint8Array) => boolean {
  let left = 0;
  let lengthAt = -1;
  let length = 0;
  return (bytes) => {
    let at = 0;
    while (at < bytes.length) {
      if (left > 0) {
        const step = Math.min(left, bytes.length - at);
        left -= step;
        at += step;
      } else if (lengthAt < 0) {
        at += 1;
        lengthAt = 0;
        length = 0;
      } else {
        const byte = bytes[at++] ?? 0;
        length += (byte & 127) * 128 ** lengthAt;
        lengthAt += 1;
        if (length > bytesMax || (lengthAt === 4 && byte > 127)) return false;
        if (byte > 127) continue;
        left = length;
        lengthAt = -1;
      }
    }
    return true;
  };
}
