// Connection: one socket of a phone or a proxy: bytes in, requests out, answers back, and an end that loses no answer.
import type { Socket } from 'node:net';
import { ANSWERS, answerBytes } from './answer.ts';
import { createHeadReader, headerValue, type Head, type HeadLimits, type HeadReader, type Progress, type Refusal } from './head.ts';
import type { Hit } from './hit.ts';

/** What happens to a connection, as the front sees it. All callbacks are called at most once per request. */
export type ConnectionEvents = {
  answer(hit: Hit): Response | Promise<Response>;
  /** A request that no route saw was refused. */
  refused(reason: string): void;
  /** The next request may come: its time begins. */
  waiting(idle: boolean): void;
  /** The head is whole; from now on it is we who take time. */
  answering(): void;
  /** The answer is on its way and no other will follow. */
  answered(): void;
  closed(): void;
};

export type Connection = {
  /** The time for the head is over. */
  headOverdue(): void;
  /** Ends the connection now if no request is under way. */
  endIfIdle(): void;
  destroy(): void;
};

type Peer = { address: string; proxy: boolean };

/** Bytes behind a request that are read and thrown away, so that closing does not destroy the answer with a reset. */
const DISCARD_BYTES_MAX = 1 << 20;
const TLS_HANDSHAKE = 0x16;
const BODY = /^(?:content-length: *0*[1-9]|transfer-encoding:)/im;
const CLOSE = /^connection:[^\n]*\bclose\b/im;
const KEEP_ALIVE = /^connection:[^\n]*\bkeep-alive\b/im;
const EMPTY = Buffer.alloc(0);

/** Whether the connection of a proxy may carry another request after this one. */
const staysOpen = ({ cut, http10, headers }: Head): boolean =>
  !cut && !BODY.test(headers) && (http10 ? KEEP_ALIVE.test(headers) : !CLOSE.test(headers));

const answerOf = (refusal: Refusal): Response =>
  refusal.refuse === 414 ? ANSWERS.lineTooLong : refusal.refuse === 431 ? ANSWERS.headTooLong : ANSWERS.badRequest;

/**
 * States: `reading` a head → `answering` → `closing` (or, for a proxy, `reading` again). Bytes of a next request wait until the
 * answer is written. A client that sends its request and then ends its side is still answered.
 */
export function openConnection(
  socket: Socket,
  peer: Peer,
  limits: HeadLimits,
  forwardedFor: (headers: string) => string | undefined,
  events: ConnectionEvents,
): Connection {
  let state: 'reading' | 'answering' | 'closing' = 'reading';
  let reader: HeadReader = createHeadReader(limits);
  let bytes: Buffer = EMPTY;
  let discarded = 0;
  let ended = false;

  const finish = (response: Response, keep: boolean): void => {
    if (socket.destroyed) return;
    if (keep && !ended) {
      socket.write(answerBytes(response, true));
      state = 'reading';
      reader = createHeadReader(limits);
      events.waiting(bytes.length === 0);
      return;
    }
    state = 'closing';
    bytes = EMPTY;
    socket.end(answerBytes(response, false));
    if (socket.isPaused()) socket.resume();
    events.answered();
  };

  const refuse = (reason: string, response: Response): void => {
    events.refused(reason);
    finish(response, false);
  };

  const respond = (head: Head): void => {
    state = 'answering';
    events.answering();
    const keep = peer.proxy && staysOpen(head);
    const address = peer.proxy ? (forwardedFor(head.headers) ?? peer.address) : peer.address;
    const response = events.answer({ ...head, peer: address });
    if (!(response instanceof Promise)) return finish(response, keep);
    response.then(
      (resolved) => {
        finish(resolved, keep);
        if (state === 'reading' && bytes.length > 0) advance();
        else if (socket.isPaused()) socket.resume();
      },
      () => finish(ANSWERS.failed, false),
    );
  };

  const take = (progress: Progress): void => {
    if (progress === 'more') return;
    if ('refuse' in progress) return refuse(progress.reason, answerOf(progress));
    bytes = bytes.length > progress.endAt ? bytes.subarray(progress.endAt) : EMPTY;
    respond(progress.head);
  };

  function advance(): void {
    // A loop and no recursion: a proxy may have sent many requests at once.
    for (;;) {
      const before = bytes.length;
      const progress = ended ? reader.finish(bytes) : reader.read(bytes);
      take(progress);
      if (state !== 'reading' || progress === 'more' || bytes.length === 0 || bytes.length === before) return;
    }
  }

  const onData = (chunk: Buffer): void => {
    if (state === 'reading') {
      if (bytes.length === 0 && chunk[0] === TLS_HANDSHAKE) {
        events.refused('tls');
        return void socket.destroy();
      }
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      return advance();
    }
    if (peer.proxy && state === 'answering') bytes = Buffer.concat([bytes, chunk]);
    else discarded += chunk.length;
    if (bytes.length + discarded <= (state === 'answering' ? limits.headBytesMax : DISCARD_BYTES_MAX)) return;
    if (state === 'answering') socket.pause();
    else socket.destroy();
  };

  const onEnd = (): void => {
    ended = true;
    if (state !== 'reading') return;
    if (bytes.length === 0) return void socket.end();
    advance();
    if (state === 'reading') refuse('incomplete', ANSWERS.badRequest);
  };

  socket.on('data', onData);
  socket.on('end', onEnd);
  // A reset is no error of ours; `close` follows and tidies up.
  socket.on('error', () => {});
  socket.on('close', () => events.closed());

  return {
    headOverdue() {
      if (state !== 'reading') return;
      const progress = bytes.length === 0 ? 'more' : reader.finish(bytes);
      // A line without a version is a hit that was cut short; its sender may never end the head.
      if (progress !== 'more' && !('refuse' in progress) && progress.head.cut) take(progress);
      else refuse('timeout', ANSWERS.timeout);
    },
    endIfIdle() {
      if (state === 'reading' && bytes.length === 0) socket.end();
    },
    destroy: () => void socket.destroy(),
  };
}

export { headerValue };
