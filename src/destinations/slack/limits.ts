// How fast each channel may be written to: about one message a second, with a small burst; a turn that has to wait is reserved.
import type { Clock } from '../../core/ports.ts';

/** Slack takes one message a second and channel, and short bursts above it (docs.slack.dev, "Rate limits"). */
const INTERVAL_MS = 1_000;
const BURST = 3;
/** A reserved turn that nobody took by then is void, so that many late ones do not go at once. */
const LATE_MS_MAX = 3_000;
const RESERVED_MAX = 20_000;
const CHANNELS_MAX = 1_000;

/** `freeAt`: when all turns given so far are used up at one a second (monotonic ms). */
type Channel = { freeAt: number; reserved: Map<string, number> };

export type ChannelLimits = {
  /**
   * Takes a turn in a channel: 0 if it may write now, else the ms to wait. Whoever waited keeps the turn that was reserved under
   * `who`, so that those who wait go in the order in which they came.
   */
  turn(channel: string, who: string): number;
  /** Slack asked to leave that channel alone for `delayMs`: nobody writes until then, and turns that fall into it are given anew. */
  pause(channel: string, delayMs: number): void;
  /** A name and an id that mean one channel: from now on both share one count. */
  same(name: string, id: string): void;
};

/** Limits of one connection. */
export function createLimits(clock: Clock): ChannelLimits {
  const channels = new Map<string, Channel>();
  const ids = new Map<string, string>();

  function at(channel: string): Channel {
    const id = ids.get(channel) ?? channel;
    const known = channels.get(id);
    if (known !== undefined) return known;
    if (channels.size >= CHANNELS_MAX) dropIdle(channels, clock.monotonicMs());
    const fresh: Channel = { freeAt: 0, reserved: new Map() };
    channels.set(id, fresh);
    return fresh;
  }

  return {
    turn(channel, who) {
      const place = at(channel);
      const nowMs = clock.monotonicMs();
      const mine = place.reserved.get(who);
      if (mine !== undefined && nowMs < mine) return Math.ceil(mine - nowMs);
      place.reserved.delete(who);
      if (mine !== undefined && nowMs <= mine + LATE_MS_MAX) return 0;
      if (place.reserved.size >= RESERVED_MAX) dropVoid(place, nowMs);
      const turnAt = Math.max(nowMs, place.freeAt - (BURST - 1) * INTERVAL_MS);
      place.freeAt = Math.max(place.freeAt, turnAt) + INTERVAL_MS;
      if (turnAt <= nowMs) return 0;
      if (place.reserved.size < RESERVED_MAX) place.reserved.set(who, turnAt);
      return Math.ceil(turnAt - nowMs);
    },
    pause(channel, delayMs) {
      const place = at(channel);
      const resumeAt = clock.monotonicMs() + delayMs;
      // Turns that fall into the pause are void: whoever holds one asks again, and they come in that order.
      for (const [who, turnAt] of place.reserved) if (turnAt < resumeAt) place.reserved.delete(who);
      // No burst right after a pause: it would be the next thing to be refused.
      const earliest = resumeAt + (BURST - 1) * INTERVAL_MS;
      place.freeAt = place.reserved.size === 0 ? earliest : Math.max(earliest, place.freeAt);
    },
    same(name, id) {
      if (name === id || ids.get(name) === id) return;
      const old = at(name);
      channels.delete(name);
      if (ids.size >= CHANNELS_MAX) ids.clear();
      ids.set(name, id);
      if (!channels.has(id)) channels.set(id, old);
    },
  };
}

function dropVoid(channel: Channel, nowMs: number): void {
  for (const [who, turnAt] of channel.reserved) if (turnAt + LATE_MS_MAX < nowMs) channel.reserved.delete(who);
}

function dropIdle(channels: Map<string, Channel>, nowMs: number): void {
  for (const [name, channel] of channels) if (channel.freeAt <= nowMs) channels.delete(name);
}
