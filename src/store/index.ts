// The store room: what the rest of the house may use of it.
export { chooseDriver, type Database, openMemoryDatabase, SQLITE_VERSION_WANTED } from './sqlite/driver.ts';
export { openHistory, openInlineHistory } from './sqlite/history/open.ts';
export type { FileOptions, Opened } from './sqlite/open.ts';
export { type GroupFigures, QUEUE_LIMITS, type QueueLimits } from './sqlite/queue.ts';

export {
  type EmbeddedStore,
  openInlineStore,
  openSqliteStore,
  type SqliteStore,
  type StoreNotices,
} from './sqlite/store.ts';
export type { Unreadable } from './sqlite/walks.ts';
