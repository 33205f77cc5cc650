// Sessions: who is logged in, in memory only: a restart logs everybody out. A session's name is random and kept as its hash.
import { createHash } from 'node:crypto';
import type { Clock, Random } from '../../core/ports.ts';
import type { Role } from './roles.ts';

export type Session = {
  user: string;
  role: Role;
  /** What every form and every writing request must carry besides the cookie. */
  csrf: string;
  /** Monotonic ms. */
  endsAt: number;
  idleAt: number;
};

export type Sessions = {
  /** A new session; its name goes into the cookie and is known to nobody else. */
  begin(user: string, role: Role): { name: string; session: Session };
  /** The session of that name, which goes on being used; undefined if there is none or its time is over. */
  use(name: string): Session | undefined;
  end(name: string): void;
  /** Whether a session still goes on; asking is no use of it. */
  isOn(session: Session): boolean;
  /** Ends all sessions of a user, as when the role or the password changed. */
  endAllOf(user: string): void;
};

const LIFE_MS = 12 * 3_600_000;
const IDLE_MS = 2 * 3_600_000;
const NAME_BYTES = 24;
const SESSIONS_MAX = 1_000;

const hashOf = (name: string): string => createHash('sha256').update(name).digest('hex');

/** No sessions yet. At most 1,000; the oldest makes room. */
export function createSessions(clock: Pick<Clock, 'monotonicMs'>, random: Pick<Random, 'bytes'>): Sessions {
  const sessions = new Map<string, Session>();
  const fresh = (): string => Buffer.from(random.bytes(NAME_BYTES)).toString('base64url');
  const isOver = (session: Session, nowMs: number): boolean => session.endsAt <= nowMs || session.idleAt <= nowMs;
  return {
    begin(user, role) {
      const nowMs = clock.monotonicMs();
      for (const [hash, session] of sessions) if (isOver(session, nowMs)) sessions.delete(hash);
      const [oldest] = sessions.keys();
      if (sessions.size >= SESSIONS_MAX && oldest !== undefined) sessions.delete(oldest);
      const name = fresh();
      const session = { user, role, csrf: fresh(), endsAt: nowMs + LIFE_MS, idleAt: nowMs + IDLE_MS };
      sessions.set(hashOf(name), session);
      return { name, session };
    },
    use(name) {
      const hash = hashOf(name);
      const session = sessions.get(hash);
      const nowMs = clock.monotonicMs();
      if (session === undefined) return undefined;
      if (isOver(session, nowMs)) {
        sessions.delete(hash);
        return undefined;
      }
      session.idleAt = nowMs + IDLE_MS;
      return session;
    },
    isOn: (session) => [...sessions.values()].includes(session) && !isOver(session, clock.monotonicMs()),
    end: (name) => void sessions.delete(hashOf(name)),
    endAllOf(user) {
      for (const [hash, session] of sessions) if (session.user === user) sessions.delete(hash);
    },
  };
}
