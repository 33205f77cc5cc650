// `hookswitch events`: what phones said, oldest first.
import { InvalidArgumentError } from 'commander';
import type { ShownEvent } from '../console/index.ts';
import { phoneIdOf } from '../core/events.ts';
import { parseDurationMs } from '../durations.ts';
import { type Ask, accepted, asking } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, cut, type PlaceOptions, type Register, say, sayJson, withPlaces } from './io.ts';

type Options = PlaceOptions & {
  since?: string;
  phone?: string;
  type?: string;
  id?: string;
  limit?: number;
  follow?: boolean;
  json?: boolean;
};

const LIMIT_DEFAULT = 100;
const PAGE = 1_000;
const FOLLOW_MS = 500;

export const register: Register = (program, io, finish) => {
  withPlaces(
    program.command('events').description('show what phones said, oldest first; works with and without a daemon'),
  )
    .option('--since <time>', 'from then on: a span like 1h, or a time like 2026-11-24T09:00:00Z', momentIn(io))
    .option('--phone <id>', 'of this phone only')
    .option('--type <event>', 'of this type only, like phone.missed_call')
    .option('--id <id>', 'this event only')
    .option('--limit <count>', `the newest of them at most (default: ${LIMIT_DEFAULT}, with --since all)`, wholeNumber)
    .option('--follow', 'go on showing what comes in, until Ctrl-C')
    .option('--json', 'one JSON event a line, with the raw request as raw_b64')
    .action(async (options: Options) => finish(await events(options, io)));
};

/** A moment as people write it → milliseconds since 1970, as text for the query. */
export const momentIn =
  (io: Pick<CommandIo, 'clock'>) =>
  (text: string): string => {
    const spanMs = parseDurationMs(text);
    if (spanMs !== undefined) return String(io.clock.wallMs() - spanMs);
    const ms = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(ms)) throw new InvalidArgumentError('write a span like 1h, or a time like 2026-11-24T09:00:00Z');
    return String(ms);
  };

export function wholeNumber(text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InvalidArgumentError('must be a whole number from 1 on');
  return count;
}

async function events(options: Options, io: CommandIo): Promise<number> {
  const show = options.json === true ? showJson(io) : showLine(io);
  let after = 0;
  const code = await asking(io, options, 'store', async (ask) => {
    const found = await wanted(ask, options);
    for (const event of found) show(event);
    if (found.length === 0 && options.json !== true && options.follow !== true) say(io.err, 'no such events');
    after = options.follow === true ? Math.max(found.at(-1)?.seq ?? 0, await newest(ask)) : 0;
    return EXIT.ok;
  });
  return code === EXIT.ok && options.follow === true ? follow(options, io, after, show) : code;
}

function queryOf(options: Options, more: Record<string, string | number>): string {
  const query = new URLSearchParams();
  for (const key of ['since', 'phone', 'type', 'id'] as const)
    if (options[key] !== undefined) query.set(key, options[key]);
  for (const [key, value] of Object.entries(more)) query.set(key, String(value));
  return `/events?${query}`;
}

const page = async (ask: Ask, route: string): Promise<ShownEvent[]> =>
  accepted<{ events: ShownEvent[] }>(await ask('GET', route)).events;

const newest = async (ask: Ask): Promise<number> => (await page(ask, '/events?newest=true&limit=1'))[0]?.seq ?? 0;

/** The newest `limit` of them, oldest first. */
async function wanted(ask: Ask, options: Options): Promise<ShownEvent[]> {
  const limit = options.limit ?? (options.since === undefined ? LIMIT_DEFAULT : Number.POSITIVE_INFINITY);
  if (limit <= PAGE) return (await page(ask, queryOf(options, { newest: 'true', limit }))).reverse();
  let found: ShownEvent[] = [];
  for (let after = 0; ; ) {
    const next = await page(ask, queryOf(options, { after, limit: PAGE }));
    found = [...found, ...next].slice(-Math.min(limit, found.length + next.length));
    after = next.at(-1)?.seq ?? after;
    if (next.length < PAGE) return found;
  }
}

async function follow(
  options: Options,
  io: CommandIo,
  from: number,
  show: (event: ShownEvent) => void,
): Promise<number> {
  let after = from;
  while (!io.stopped.aborted) {
    // Not from the store: nothing new gets in without a daemon, and a look into it would be in the way of one that starts.
    const code = await asking(io, options, 'daemon-if-any', async (ask) => {
      const next = await page(ask, queryOf(options, { after, limit: PAGE }));
      for (const event of next) show(event);
      after = next.at(-1)?.seq ?? after;
      return EXIT.ok;
    });
    if (code !== EXIT.ok && code !== EXIT.noDaemon) return code;
    await pause(io, FOLLOW_MS);
  }
  return EXIT.ok;
}

/** Resolves after that time, or when the person wants to stop. */
export function pause(io: Pick<CommandIo, 'clock' | 'stopped'>, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = io.clock.after(delayMs, over);
    function over(): void {
      cancel();
      io.stopped.removeEventListener('abort', over);
      resolve();
    }
    if (io.stopped.aborted) over();
    else io.stopped.addEventListener('abort', over);
  });
}

const showJson =
  (io: CommandIo) =>
  ({ seq: _, processed: __, ...event }: ShownEvent): void =>
    sayJson(io.out, event);

const showLine =
  (io: CommandIo) =>
  (event: ShownEvent): void => {
    const remote = 'call' in event ? event.call.remote : 'remote' in event ? event.remote : {};
    const who = [remote.number, remote.name === undefined ? undefined : JSON.stringify(cut(remote.name, 60))];
    const doubts = 'suspect' in event && event.suspect.length > 0 ? [`(${cut(event.suspect.join(', '), 80)})`] : [];
    const cells = [event.at, cut(whereOf(event), 24).padEnd(16), event.type.padEnd(28), ...who, ...doubts];
    say(io.out, cells.filter((cell) => cell !== undefined).join('  '));
  };

/** The phone, or how many of them. */
function whereOf(event: ShownEvent): string {
  const phone = phoneIdOf(event);
  const phones = 'call' in event ? event.call.phones : 'fleet' in event ? event.fleet.phones : undefined;
  return phone ?? (phones === undefined ? '' : `${phones.length} phones`);
}
