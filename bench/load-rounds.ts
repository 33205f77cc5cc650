// One round of load, as every figure uses it; hits are numbered through the whole run.
import type { LoadOrder, LoadResult } from './load.ts';
import type { Worker } from './servers.ts';

export type Figures = Record<string, number | string>;
export type Say = (text: string) => void;
/** Length of a round, and how many rounds each of the two servers gets. */
export type Span = { seconds: number; rounds: number };
export type Load = Worker<LoadOrder, LoadResult>;
export type Round = LoadResult & { firstSequence: number };

/** Phones that speak at the same moment: enough that a commit has hits to group, for both servers alike. */
export const CONNECTIONS = 256;
let sequence = 1;

async function round(load: Load, order: LoadOrder): Promise<Round> {
  const result = await load.ask(order);
  sequence = result.nextSequence;
  return { ...result, firstSequence: order.firstSequence };
}

/** The number that the next hit will carry. */
export const nextSequence = (): number => sequence;

/** As many hits as `CONNECTIONS` at a time can get answered in `seconds`. */
export function burst(load: Load, port: number, keepAlive: boolean, seconds: number): Promise<Round> {
  const spanMs = seconds * 1000;
  return round(load, { kind: 'closed', port, connections: CONNECTIONS, keepAlive, spanMs, firstSequence: sequence });
}

/** `perSecond` hits a second for `seconds`, whatever comes back. */
export function steady(load: Load, port: number, perSecond: number, seconds: number): Promise<Round> {
  return round(load, { kind: 'open', port, perSecond, spanMs: seconds * 1000, firstSequence: sequence });
}

export const ratePerSecond = (result: LoadResult): number => (result.answered / result.spanMs) * 1000;

export const describe = (result: LoadResult): string =>
  `${Math.round(ratePerSecond(result))}/s (load generator ${result.busy.toFixed(2)} of a core, ` +
  `${result.refused} refused, ${result.failed} failed)`;

/** The ratios of paired rounds: what both had to bear in that moment cancels out. */
export const ratios = (ours: readonly number[], theirs: readonly number[]): number[] =>
  ours.map((rate, n) => rate / (theirs[n] ?? Number.NaN));
