// What the main thread and the store's thread say to each other.
import type { Batch } from './batch.ts';
import type { WireError } from './errors.ts';
import type { GroupReply } from './group.ts';
import type { FileOptions, Opened } from './open.ts';
import type { CallName } from './port.ts';

/** Given to the thread when it starts. */
export type WorkerStart = FileOptions;

/** Batches are answered in the order they were sent in, so they need no number. */
export type Request =
  | { kind: 'batch'; batch: Batch }
  | { kind: 'call'; id: number; name: CallName; values: unknown[] }
  | { kind: 'close' };

export type Response =
  | { kind: 'opened'; opened: Opened }
  | { kind: 'refused'; error: WireError }
  | { kind: 'written'; reply: GroupReply }
  | { kind: 'unwritten'; error: WireError }
  | { kind: 'returned'; id: number; value: unknown }
  | { kind: 'thrown'; id: number; error: WireError }
  | { kind: 'closed'; error?: WireError };
