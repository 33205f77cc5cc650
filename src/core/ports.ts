// Time, randomness, files and log lines as the rooms see them: the only doors to the outside, so that every test can own them.

export type Cancel = () => void;

export type Clock = {
  /** Wall time, milliseconds since 1970 UTC. Stored as data; never used to measure a span. */
  wallMs(): number;
  /** Milliseconds of a clock that never jumps; means something within one run of the process only. */
  monotonicMs(): number;
  /** Runs `task` once, after `delayMs` milliseconds at the earliest. A delay longer than 24 days is cut to that. */
  after(delayMs: number, task: () => void): Cancel;
};

export type Random = {
  /** UUIDv7 (RFC 9562) for a moment in milliseconds since 1970; strictly increasing within one process. */
  uuid7(wallMs: number): string;
  /** Uniform in [0, 1). */
  fraction(): number;
  /** Bytes fit for secrets. */
  bytes(count: number): Uint8Array;
};

export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** One line each: `event` is a short constant, everything variable goes into `fields`. Secrets are removed by value. */
export type Log = {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
};

/** Counts what happened, by name and labels; every refusal and every drop goes through here. */
export type Count = (name: string, labels?: Record<string, string>, by?: number) => void;

export type Ports = { clock: Clock; random: Random; log: Log; count: Count };
