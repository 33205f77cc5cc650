// Connection: one socket of a phone or a proxy: bytes in, requests out, answers back, and an end that loses no answer.
import type { Socket } from 'node:net';
import { ANSWERS, answerBytes } from './answer.ts';
import {
  finishHead,
  type Head,
  type HeadLimits,
  type HeadProgress,
  type HeadResult,
  newHead,
  readHead,
} from './head.ts';
import type { Hit } from './hit.ts';
import { bodyLength } from './post.ts';

/** What all connections share, and what the front wants to know of each. */
export type ConnectionRules = {
  limits: HeadLimits;
  /** How many bytes of a body this request may have; 0: a body is none of ours, and is thrown away. */
  bodyBytesMax(head: Head): number;
  answer(hit: Hit): Response | Promise<Response>;
  /** The address that a proxy says it speaks for. */
  forwardedFor(headers: string): string | undefined;
  /** Whether a proxy's connection may carry one more request. */
  keepsOpen(): boolean;
  /** A request that no route saw was refused. */
  refused(reason: string): void;
  /** A proxy's connection waits for its next request; `begun`: bytes of it are there. */
  waiting(connection: Connection, begun: boolean): void;
  /** The head is whole; from now on it is we who take time. */
  answering(connection: Connection): void;
  /** Nothing will follow on our side any more. */
  ending(connection: Connection): void;
  closed(connection: Connection): void;
};

/**
 * States: `reading` a head → `answering` → `closing` (or, for a proxy, `reading` again). Bytes of a next request wait until the
 * answer is written. `ended`: the client has ended its side; it is still answered.
 */
export type Connection = {
  readonly socket: Socket;
  /** The peer's canonical address. */
  readonly address: string;
  readonly proxy: boolean;
  state: 'reading' | 'answering' | 'closing';
  progress: HeadProgress;
  /** The head whose body is still on its way, and how long that will be, in bytes. */
  awaited: { head: Head; length: number } | undefined;
  bytes: Buffer;
  discarded: number;
  ended: boolean;
  answers: number;
};

/** Bytes behind a request that are read and thrown away, so that closing does not destroy the answer with a reset. */
const DISCARD_BYTES_MAX = 1 << 20;
const TLS_HANDSHAKE = 0x16;
const BODY = /^(?:content-length: *0*[1-9]|transfer-encoding:)/im;
const CLOSE = /^connection:[^\n]*\bclose\b/im;
const KEEP_ALIVE = /^connection:[^\n]*\bkeep-alive\b/im;
const EMPTY = Buffer.alloc(0);

/** `bytes` and then `chunk`. What comes byte by byte is collected in a block with room to grow, so that nobody copies it each time. */
function joined(bytes: Buffer, chunk: Buffer): Buffer {
  if (bytes.length === 0) return chunk;
  const length = bytes.length + chunk.length;
  // A block of our own begins at 0; a chunk as it was read has no room behind it.
  if (bytes.byteOffset === 0 && bytes.buffer.byteLength >= length) {
    const grown = Buffer.from(bytes.buffer, 0, length);
    chunk.copy(grown, bytes.length);
    return grown;
  }
  const block = Buffer.allocUnsafeSlow(Math.max(1024, length * 2));
  bytes.copy(block);
  chunk.copy(block, bytes.length);
  return block.subarray(0, length);
}

/** Whether a request leaves room for another one behind it: a body would have to be skipped by a parser's rules. */
const allowsAnother = ({ cut, http10, headers }: Head): boolean =>
  !cut && !BODY.test(headers) && (http10 ? KEEP_ALIVE.test(headers) : !CLOSE.test(headers));

function end(connection: Connection, rules: ConnectionRules, bytes?: Buffer): void {
  connection.state = 'closing';
  connection.bytes = EMPTY;
  if (bytes === undefined) connection.socket.end();
  else connection.socket.end(bytes);
  // What still comes must be read, or the system answers it with a reset.
  if (connection.socket.isPaused()) connection.socket.resume();
  rules.ending(connection);
}

function write(connection: Connection, rules: ConnectionRules, response: Response, keep: boolean): void {
  if (connection.socket.destroyed) return;
  connection.answers++;
  if (!keep || connection.ended) {
    end(connection, rules, answerBytes(response, false));
    return;
  }
  connection.socket.write(answerBytes(response, true));
  connection.state = 'reading';
  connection.progress = newHead();
  rules.waiting(connection, connection.bytes.length > 0);
}

function refuse(connection: Connection, rules: ConnectionRules, reason: string, response: Response): void {
  rules.refused(reason);
  write(connection, rules, response, false);
}

/** Whatever goes wrong with one request ends with that request. */
function answerOf(rules: ConnectionRules, hit: Hit): Response | Promise<Response> {
  try {
    return rules.answer(hit);
  } catch {
    rules.refused('internal');
    return ANSWERS.failed;
  }
}

function respond(connection: Connection, rules: ConnectionRules, head: Head, body?: Buffer): void {
  connection.state = 'answering';
  rules.answering(connection);
  const { proxy, address } = connection;
  const keep = proxy && rules.keepsOpen() && allowsAnother(head);
  const peer = proxy ? (rules.forwardedFor(head.headers) ?? address) : address;
  const response = answerOf(rules, body === undefined ? { head, peer } : { head, peer, body });
  if (!(response instanceof Promise)) {
    write(connection, rules, response, keep);
    return;
  }
  response.then(
    (resolved) => {
      write(connection, rules, resolved, keep);
      if (keep) advance(connection, rules);
    },
    () => refuse(connection, rules, 'internal', ANSWERS.failed),
  );
}

function take(connection: Connection, rules: ConnectionRules, result: HeadResult): void {
  if ('refuse' in result) {
    const { lineTooLong, headTooLong, badRequest } = ANSWERS;
    const response = result.refuse === 414 ? lineTooLong : result.refuse === 431 ? headTooLong : badRequest;
    refuse(connection, rules, result.reason, response);
    return;
  }
  const { bytes } = connection;
  connection.bytes = bytes.length > result.endAt ? bytes.subarray(result.endAt) : EMPTY;
  const bytesMax = rules.bodyBytesMax(result.head);
  if (bytesMax === 0) respond(connection, rules, result.head);
  else awaitBody(connection, rules, result.head, bytesMax);
}

/** A body is read only where its length is said and within bounds; the deadline of the head is that of the body, too. */
function awaitBody(connection: Connection, rules: ConnectionRules, head: Head, bytesMax: number): void {
  const length = bodyLength(head.headers);
  if (length === undefined) refuse(connection, rules, 'body-length', ANSWERS.noLength);
  else if (length > bytesMax) refuse(connection, rules, 'body-too-long', ANSWERS.bodyTooLong);
  else connection.awaited = { head, length };
}

function takeBody(connection: Connection, rules: ConnectionRules): boolean {
  const { awaited, bytes } = connection;
  if (awaited === undefined || bytes.length < awaited.length) return false;
  connection.awaited = undefined;
  connection.bytes = bytes.length > awaited.length ? bytes.subarray(awaited.length) : EMPTY;
  // A copy: what stands behind it in the same block may be written over.
  respond(connection, rules, awaited.head, Buffer.from(bytes.subarray(0, awaited.length)));
  return true;
}

function advance(connection: Connection, rules: ConnectionRules): void {
  // A loop and no recursion: a proxy may have sent many requests at once.
  while (connection.state === 'reading' && (connection.bytes.length > 0 || connection.awaited?.length === 0)) {
    const { progress, bytes, ended, awaited } = connection;
    if (awaited !== undefined) {
      if (!takeBody(connection, rules)) break;
      continue;
    }
    const result = ended ? finishHead(progress, bytes, rules.limits) : readHead(progress, bytes, rules.limits);
    if (result === 'more') break;
    take(connection, rules, result);
  }
  if (connection.state === 'reading' && connection.socket.isPaused()) connection.socket.resume();
}

function onData(connection: Connection, rules: ConnectionRules, chunk: Buffer): void {
  const { socket, state, bytes } = connection;
  if (state === 'reading') {
    if (bytes.length > 0) connection.bytes = joined(bytes, chunk);
    else {
      if (chunk[0] === TLS_HANDSHAKE) {
        rules.refused('tls');
        socket.destroy();
        return;
      }
      connection.bytes = chunk;
      if (connection.answers > 0) rules.waiting(connection, true);
    }
    advance(connection, rules);
    return;
  }
  if (connection.proxy && state === 'answering') {
    connection.bytes = joined(bytes, chunk);
    if (connection.bytes.length > rules.limits.headBytesMax) socket.pause();
    return;
  }
  connection.discarded += chunk.length;
  if (state === 'answering') {
    if (connection.discarded > rules.limits.headBytesMax) socket.pause();
  } else if (connection.discarded > DISCARD_BYTES_MAX) socket.destroy();
}

function onEnd(connection: Connection, rules: ConnectionRules): void {
  connection.ended = true;
  if (connection.state !== 'reading') return;
  if (connection.bytes.length === 0 && connection.awaited === undefined) end(connection, rules);
  else advance(connection, rules);
  if (connection.state === 'reading') refuse(connection, rules, 'incomplete', ANSWERS.badRequest);
}

/** Begins to read a socket that was accepted with `allowHalfOpen`. */
export function openConnection(socket: Socket, address: string, proxy: boolean, rules: ConnectionRules): Connection {
  const connection: Connection = {
    socket,
    address,
    proxy,
    state: 'reading',
    progress: newHead(),
    awaited: undefined,
    bytes: EMPTY,
    discarded: 0,
    ended: false,
    answers: 0,
  };
  socket.on('data', (chunk: Buffer) => onData(connection, rules, chunk));
  socket.on('end', () => onEnd(connection, rules));
  // A reset is no error of ours; `close` follows and tidies up.
  socket.on('error', () => {});
  socket.on('close', () => rules.closed(connection));
  return connection;
}

/** The time for the head is over: 408, unless it is a hit that was cut short, whose sender may never end its head. */
export function headOverdue(connection: Connection, rules: ConnectionRules): void {
  if (connection.state !== 'reading') return;
  const { progress, bytes, awaited } = connection;
  const result = bytes.length === 0 || awaited !== undefined ? 'more' : finishHead(progress, bytes, rules.limits);
  if (result !== 'more' && !('refuse' in result) && result.head.cut) take(connection, rules, result);
  else refuse(connection, rules, 'timeout', ANSWERS.timeout);
}

/** Ends a kept connection on which no request has begun; a fresh one is left alone, its hit may be on the way. */
export function endIfIdle(connection: Connection, rules: ConnectionRules): void {
  const idle = connection.bytes.length === 0 && connection.awaited === undefined;
  if (connection.state === 'reading' && idle && connection.answers > 0) end(connection, rules);
}
