// Notes: what look-ups and people add, put into the journal of its site like a hit.
import { cleanLine } from './core/caller-text.ts';
import type { CallClaim } from './core/destination.ts';
import type { NoteEvent } from './core/events.ts';
import type { Ports } from './core/ports.ts';
import { knowsCall, type Program, type State, testDeliveryOf } from './engine/index.ts';
import type { Pump } from './pump.ts';
import type { Arrivals } from './receiver/index.ts';

/** A note without what the journal gives it. */
export type Note = NoteEvent extends infer One
  ? One extends NoteEvent
    ? Omit<One, 'id' | 'at' | 'site'>
    : never
  : never;

export type Notes = {
  /** Puts a note into a site's journal; resolves when it is durable. */
  note(site: string, note: Note): Promise<void>;
  /** Puts down that somebody takes care of a call; resolves when that is durable. False if the call is not known (any more), or
   * nobody is named. */
  claim(claim: CallClaim): Promise<boolean>;
  /** Asks for a test message over a connection; resolves with the id of its delivery, which is still to be made. */
  test(to: string): Promise<string>;
};

const EMPTY = new Uint8Array();
/** A longer name is cut. */
const CLAIMED_BY_MAX = 128;
const DEFAULT_SITE = 'default';

/** `siteOf`: a site that is there. All reject with the store's error. */
export function createNotes(
  { clock, random }: Pick<Ports, 'clock' | 'random'>,
  arrivals: Arrivals,
  siteOf: (site: string) => { state: State; pump: Pump<Program> } | undefined,
): Notes {
  /** Resolves with the note's id. */
  async function put(site: string, note: Note): Promise<string> {
    const pump = siteOf(site)?.pump;
    if (pump === undefined) throw new Error('unknown site');
    const atMs = arrivals.next(site, clock.wallMs());
    const event: NoteEvent = { ...note, id: random.uuid7(atMs), at: new Date(atMs).toISOString(), site };
    await pump.accept([{ event, raw: EMPTY }]);
    return event.id;
  }

  return {
    async note(site, note) {
      await put(site, note);
    },
    async claim({ site, call, by }) {
      const state = siteOf(site)?.state;
      const name = cleanLine(by, CLAIMED_BY_MAX).trim();
      if (state === undefined || name === '' || !knowsCall(state, call)) return false;
      await put(site, { type: 'note.claimed', claim: { call, by: name } });
      return true;
    },
    async test(to) {
      return testDeliveryOf(await put(DEFAULT_SITE, { type: 'note.test', to }));
    },
  };
}
