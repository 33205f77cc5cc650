// Preview: a message as it looks where it arrives, for the console.
import type { Json } from './delivery.ts';

/**
 * `heading`: where it goes, in one line. Then one or more of: `text` as it is read, `html` as a whole document (shown in a frame that
 * may do nothing), `json` as it is sent. All of it may hold what strangers chose.
 */
export type Preview = { heading: string; text?: string; html?: string; json?: Json };
