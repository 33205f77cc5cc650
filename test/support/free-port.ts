// A TCP port on loopback that was free a moment ago.
import { createServer } from 'node:net';

/** Takes a free port and gives it back. Somebody else may take it in between; on loopback, within a test, nobody does. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
