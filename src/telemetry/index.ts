// The telemetry's public face.
export { type Counter, type Counters, createCounters } from './counters.ts';
export { createLog, type LogLevel, type LogOptions, type ProcessLog } from './log.ts';
export { maskNumber } from './mask.ts';
export { type Measured, renderMetrics } from './metrics.ts';
