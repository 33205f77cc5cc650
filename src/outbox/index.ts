// The outbox's public face.
export type { ConnectionParts } from './exchange.ts';
export { type Cancelled, createOutbox, type Outbox, type OutboxOptions, type Unfinished } from './outbox.ts';
export { DELIVERY_SETTINGS, type DeliverySettings, OUTBOX_LIMITS, type OutboxLimits } from './settings.ts';
export type { ConnectionStats } from './stats.ts';
