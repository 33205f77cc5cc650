// The control socket: where a daemon listens for its commands, and how a command asks. The socket's mode is its lock.
import { createHash } from 'node:crypto';
import { mkdir, realpath, rm, stat } from 'node:fs/promises';
import { createServer, type RequestListener, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The kernel's limit is 108 bytes on Linux and 104 on macOS, the closing zero included. */
const PATH_BYTES_MAX = 100;
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
const ANSWER_MS_MAX = 30_000;
/** These read the whole database, and may write it anew. */
const SLOW_ROUTES = /^\/(?:purge|export)(?:\?|$)/;
const SLOW_ANSWER_MS_MAX = 30 * 60_000;

/**
 * The daemon's socket for a data folder: in it, or where that path is too long, in a folder of its own below the system's
 * temporary one, named by the folder's real path. The data folder must be there. Rejects with Node's error.
 */
export async function controlSocketPath(dataPath: string): Promise<string> {
  const real = await realpath(dataPath);
  const inside = join(real, 'control.sock');
  if (Buffer.byteLength(inside) <= PATH_BYTES_MAX) return inside;
  const name = createHash('sha256').update(real).digest('hex').slice(0, 16);
  return join(tmpdir(), `hookswitch-${name}`, 'control.sock');
}

/** In a folder that everybody may write to, somebody else could have made ours first and would then own what is in it. */
async function isOurs(socketPath: string, dataPath: string): Promise<boolean> {
  const [folder, data] = [await realpath(dirname(socketPath)), await realpath(dataPath)];
  if (folder === data) return true;
  const [found, wanted] = [await stat(folder), await stat(data)];
  return found.uid === wanted.uid && (found.mode & 0o077) === 0;
}

export class ControlSocketError extends Error {
  override name = 'ControlSocketError';
  /** `taken`: another daemon answers there. `denied`: it cannot be made. */
  readonly code: 'taken' | 'denied';
  constructor(code: 'taken' | 'denied', message: string) {
    super(message);
    this.code = code;
  }
}

export type ControlServer = { path: string; close(): Promise<void> };

/** Answers on the control socket of a data folder; only this account can open it. Rejects with a ControlSocketError. */
export async function serveControl(dataPath: string, listener: RequestListener): Promise<ControlServer> {
  const path = await controlSocketPath(dataPath);
  if (await answers(path)) throw new ControlSocketError('taken', `another daemon answers at ${path}`);
  const server = createServer(listener);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    if (!(await isOurs(path, dataPath))) throw Object.assign(new Error('foreign folder'), { code: 'EPERM' });
    await rm(path, { force: true });
    await listen(server, path);
  } catch (error) {
    server.close();
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ControlSocketError('denied', `the control socket ${path} cannot be made (${code})`);
  }
  return {
    path,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Binding happens within this call and makes the socket 0600: there is no moment in which others could open it.
    const before = process.umask(0o177);
    server.listen(path, resolve);
    process.umask(before);
  });
}

/** A socket that nobody listens on any more is left behind by a daemon that was killed. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

export type ControlAnswer = { status: number; body: unknown };

/** `absent`: no daemon listens. `broken`: it did not answer as it should. */
export type ControlFailure = { failed: 'absent' | 'broken' };

/** One question to the daemon of a data folder; `route` is percent-encoded. Never rejects. */
export async function askControl(
  dataPath: string,
  method: 'GET' | 'POST',
  route: string,
  body?: unknown,
): Promise<ControlAnswer | ControlFailure> {
  const socketPath = await controlSocketPath(dataPath).catch(() => undefined);
  const ours = socketPath !== undefined && (await isOurs(socketPath, dataPath).catch(() => false));
  if (!ours) return { failed: 'absent' };
  return new Promise((resolve) => {
    const timeout = SLOW_ROUTES.test(route) ? SLOW_ANSWER_MS_MAX : ANSWER_MS_MAX;
    const asked = request({ socketPath, method, path: route, timeout, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      let length = 0;
      answer.on('data', (part: Buffer) => {
        length += part.length;
        if (length > ANSWER_BYTES_MAX) asked.destroy();
        else parts.push(part);
      });
      answer.on('end', () => resolve(parsed(answer.statusCode ?? 0, Buffer.concat(parts).toString())));
      answer.on('error', () => resolve({ failed: 'broken' }));
      answer.on('close', () => resolve({ failed: 'broken' }));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ failed: ABSENT.has(error.code ?? '') ? 'absent' : 'broken' }),
    );
    if (body !== undefined) asked.setHeader('content-type', 'application/json');
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const ABSENT = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ENOTSOCK']);

function parsed(status: number, text: string): ControlAnswer | ControlFailure {
  try {
    return { status, body: JSON.parse(text) };
  } catch {
    return { failed: 'broken' };
  }
}
