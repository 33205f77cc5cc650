// What `simulate` shows: what is played while it is, and what came of it.
import type { SimulatedHit } from '../core/simulation.ts';
import type { SimulatedPhone } from '../simulate-phones.ts';
import type { Answered, Played } from '../simulator/index.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, say, sayJson } from './io.ts';

type Shown = { speed: number; seed: number; verbose?: boolean; json?: boolean };

/** More hits than that get no line each. */
const LINES_MAX = 300;
const PROGRESS_MS = 5_000;

const secondsText = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Says what will be played, and returns what tells each hit. */
export function tellHits(
  hits: readonly SimulatedHit[],
  phones: readonly SimulatedPhone[],
  { speed, seed, verbose = false, json = false }: Shown,
  io: CommandIo,
): (hit: SimulatedHit, answered: Answered, atMs: number, tookMs: number) => void {
  if (json) return () => {};
  const lastsMs = ((hits.at(-1)?.atMs ?? 0) - (hits[0]?.atMs ?? 0)) / speed;
  const faster = speed === 1 ? '' : `, ${speed} times as fast as in life`;
  const makers = [...new Set(phones.map(({ vendor }) => vendor))].join(', ');
  say(
    io.out,
    `${hits.length} hits of ${phones.length} phones (${makers}) in ${secondsText(lastsMs)}${faster} (seed ${seed})`,
  );
  const each = verbose || hits.length <= LINES_MAX;
  let done = 0;
  let saidMs = io.clock.monotonicMs();
  return ({ phone, slug, vars }, answered, atMs, tookMs) => {
    done++;
    if (each) {
      const about = vars.remote === undefined ? '' : ` ${vars.remote.replace(/^sip:/, '').split('@')[0]}`;
      say(
        io.out,
        `${`+${secondsText(atMs)}`.padStart(9)}  ${phone.padEnd(12)} ${slug}${about}  ${answerText(answered, tookMs)}`,
      );
    } else if (io.clock.monotonicMs() - saidMs >= PROGRESS_MS) {
      saidMs = io.clock.monotonicMs();
      say(io.out, `${done} of ${hits.length} hits; the course is at ${secondsText(atMs)}`);
    }
  };
}

function answerText(answered: Answered, tookMs: number): string {
  if (answered === 'unsaid') return 'not said by phones of this maker';
  return 'status' in answered ? `${answered.status} in ${Math.round(tookMs)} ms` : answered.failed;
}

const REASONS: Readonly<Record<string, string>> = {
  'HTTP 404': 'the token ended, or the site allows other addresses only',
  'HTTP 429': 'one phone spoke too often: receiver.limits.hitsPerSecondMax; play it more slowly',
  'HTTP 503': 'the store did not take them',
  ECONNRESET: 'too many connections at once: receiver.limits',
};

/** The summary; the exit code says whether every hit was stored. */
export function tellPlayed(
  played: Played,
  meant: number,
  { json = false }: Pick<Shown, 'json'>,
  io: CommandIo,
): number {
  const { sent, stored, unsaid, others, slowestMs, behindMs, tookMs } = played;
  const code = sent === stored && sent + unsaid === meant ? EXIT.ok : EXIT.failed;
  const figures = { sent, stored, unsaid, slowestMs: Math.round(slowestMs), behindMs: Math.round(behindMs) };
  if (json) {
    sayJson(io.out, { hits: meant, ...figures, tookMs: Math.round(tookMs), others: Object.fromEntries(others) });
    return code;
  }
  say(
    io.out,
    `${sent} hits sent in ${secondsText(tookMs)}, ${stored} answered 200 (stored); slowest answer ${figures.slowestMs} ms`,
  );
  if (unsaid > 0) say(io.out, `${unsaid} events were left out: phones of this maker do not say them`);
  if (behindMs >= 1_000) say(io.out, `up to ${secondsText(behindMs)} behind: this machine is too slow for that speed`);
  for (const [what, times] of others)
    say(io.err, `${times} × ${what}${REASONS[what] === undefined ? '' : ` (${REASONS[what]})`}`);
  if (sent + unsaid < meant) say(io.err, `stopped; ${meant - sent - unsaid} hits were not played`);
  return code;
}
