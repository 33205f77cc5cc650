// A connection's breaker: closed, open until the next probe, or probing. Knows spans of the monotonic clock only.
//
//            n failures in a row, or `unavailable`              the probe's time has come (or the peer said it is back)
//   closed ───────────────────────────────────────▶ open ───────────────────────────────────────────────────▶ probing
//     ▲                                              ▲  probe failed: the next wait is longer, up to probeMsMax   │ │
//     │                                              └────────────────────────────────────────────────────────────┘ │
//     └───────────────────────────────────── an attempt was delivered ───────────────────────────────────────────────┘

export type BreakerState = 'closed' | 'open' | 'probing';

export type Breaker = {
  state(): BreakerState;
  /** Monotonic ms of the next probe; meaningful while open. */
  probeAt(): number;
  /** The peer took a message. True if the breaker was not closed: everything may flow again. */
  succeeded(): boolean;
  /** An ordinary attempt failed. True if that opened the breaker. */
  failed(nowMs: number): boolean;
  /** The connection is down, or the probe failed. True if that opened a closed breaker. */
  down(nowMs: number): boolean;
  /** From open to probing. */
  probe(): void;
  /** A probe that told nothing about the peer: the next one may follow at once. */
  inconclusive(nowMs: number): void;
  /** The connection says that it can send: probe now. */
  wake(nowMs: number): void;
  reset(): void;
};

export type BreakerSettings = { failures: number; probeMs: number; probeMsMax: number; fraction: () => number };

/** A closed breaker. `probeMs`: wait before the first probe; each failed one doubles it. Half of it is jitter. */
export function createBreaker(settings: BreakerSettings): Breaker {
  let state: BreakerState = 'closed';
  let failures = 0;
  let probes = 0;
  let probeAt = 0;
  /** The connection became ready while a probe was under way that may have started too early to profit. */
  let woken = false;

  const open = (nowMs: number): boolean => {
    const opened = state === 'closed';
    const ceilingMs = Math.min(settings.probeMsMax, settings.probeMs * 2 ** Math.min(30, probes));
    // Not less than half: probes of a peer that is down shall not come in bursts.
    probeAt = woken ? nowMs : nowMs + Math.floor(ceilingMs / 2 + settings.fraction() * (ceilingMs / 2));
    probes += 1;
    state = 'open';
    woken = false;
    return opened;
  };
  const reset = (): void => {
    state = 'closed';
    failures = 0;
    probes = 0;
    woken = false;
  };
  return {
    state: () => state,
    probeAt: () => probeAt,
    succeeded() {
      if (state === 'closed') {
        failures = 0;
        return false;
      }
      reset();
      return true;
    },
    failed(nowMs) {
      if (state !== 'closed') return false;
      failures += 1;
      return failures >= settings.failures ? open(nowMs) : false;
    },
    // While it is open, what attempts of earlier say changes nothing: the probe's time stands.
    down: (nowMs) => (state === 'open' ? false : open(nowMs)),
    probe() {
      state = 'probing';
      woken = false;
    },
    inconclusive(nowMs) {
      state = 'open';
      probeAt = nowMs;
    },
    wake(nowMs) {
      if (state === 'open') probeAt = nowMs;
      else if (state === 'probing') woken = true;
    },
    reset,
  };
}
