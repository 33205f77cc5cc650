// `hookswitch record`: hits of a time as a file, anonymised so that it can be given away; from now on, or from the journal.
import { join, resolve } from 'node:path';
import { Argument } from 'commander';
import type { ShownEvent } from '../console/index.ts';
import { FileError, fileErrorText } from '../core/files.ts';
import { parseDurationMs } from '../durations.ts';
import { anonymousBundle, type RecordedHit, rawBundle } from '../recording.ts';
import { type Ask, accepted, asking } from './daemon.ts';
import { momentIn, pause } from './events.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, type Register, say, sayJson, withPlaces } from './io.ts';

type Options = PlaceOptions & {
  for?: string;
  since?: string;
  phone?: string;
  out?: string;
  raw?: boolean;
  json?: boolean;
};

const PAGE = 1_000;
const LOOK_MS = 500;
/** More is no recording of a question, and would not fit into one file that people look at. */
const HITS_MAX = 50_000;
const FOR_MS_MAX = 7 * 86_400_000;

export const register: Register = (program, io, finish) => {
  withPlaces(
    program
      .command('record')
      .description('write what phones send into a file that can be given away: names and numbers are others'),
  )
    .addArgument(
      new Argument('[order]', 'export: what the journal has, instead of what comes from now on').choices(['export']),
    )
    .option('--for <time>', 'record for so long, like 10m, or until Ctrl-C (default: 10m)')
    .option('--since <time>', 'with export: from then on, a span like 1h or a time (default: 1h)', momentIn(io))
    .option('--phone <id>', 'this phone only')
    .option('--out <file>', 'the file (default: hookswitch-recording.json)')
    .option('--raw', 'as the phones sent it, names and numbers too: for yourself only')
    .option('--json', 'one JSON object instead of text')
    .addHelpText(
      'after',
      '\nThe file holds the request lines; tokens never, header lines are not kept. It goes on to exist when the journal has forgotten\nits requests (store.keep.raw). `hookswitch read <file>` shows how each hit is understood.',
    )
    .action(async (order: string | undefined, options: Options, command) => {
      const forMs = parseDurationMs(options.for ?? '10m');
      if (forMs === undefined || forMs <= 0 || forMs > FOR_MS_MAX)
        command.error('error: --for must be a span like 10m, up to 7d');
      if (order === 'export' && options.for !== undefined)
        command.error('error: --for does not go with export; write --since 1h');
      if (order === undefined && options.since !== undefined) command.error('error: --since goes with export');
      finish(
        order === 'export'
          ? await asking(io, options, 'store', (ask) => exported(ask, options, io))
          : await asking(io, options, 'daemon', (ask) => recorded(ask, forMs as number, options, io)),
      );
    });
};

async function exported(ask: Ask, options: Options, io: CommandIo): Promise<number> {
  const since = options.since ?? String(io.clock.wallMs() - 3_600_000);
  const { hits, forgotten } = await hitsAfter(ask, 0, options, since);
  if (forgotten > 0)
    say(io.err, `${forgotten} hits are without their requests, which the journal has forgotten (store.keep.raw)`);
  return write(hits, options, io);
}

/** As they come: what the journal forgets meanwhile has been taken down. */
async function recorded(ask: Ask, forMs: number, options: Options, io: CommandIo): Promise<number> {
  const newest = accepted<{ events: ShownEvent[] }>(await ask('GET', '/events?newest=true&limit=1')).events[0];
  const untilMs = io.clock.monotonicMs() + forMs;
  let after = newest?.seq ?? 0;
  const hits: RecordedHit[] = [];
  say(io.err, `recording for ${options.for ?? '10m'}; Ctrl-C ends it earlier`);
  while (!io.stopped.aborted && io.clock.monotonicMs() < untilMs && hits.length < HITS_MAX) {
    await pause(io, Math.min(LOOK_MS, Math.max(1, untilMs - io.clock.monotonicMs())));
    const found = await hitsAfter(ask, after, options);
    for (const hit of found.hits) hits.push(hit);
    after = found.after;
  }
  return write(hits, options, io);
}

type Found = { hits: RecordedHit[]; after: number; forgotten: number };

async function hitsAfter(ask: Ask, from: number, { phone }: Options, since?: string): Promise<Found> {
  const found: Found = { hits: [], after: from, forgotten: 0 };
  for (;;) {
    const query = new URLSearchParams({ after: String(found.after), limit: String(PAGE), journal: 'true' });
    if (phone !== undefined) query.set('phone', phone);
    if (since !== undefined) query.set('since', since);
    const { events } = accepted<{ events: ShownEvent[] }>(await ask('GET', `/events?${query}`));
    for (const event of events) {
      found.after = event.seq;
      if (!('vars' in event) || !('phone' in event)) continue;
      if (event.raw_b64 === null) found.forgotten += 1;
      else
        found.hits.push({
          atMs: Date.parse(event.at),
          site: event.site,
          phone: event.phone.id,
          vendor: event.phone.vendor,
          line: Buffer.from(event.raw_b64, 'base64').toString('latin1'),
        });
    }
    if (events.length < PAGE || found.hits.length >= HITS_MAX) return found;
  }
}

async function write(hits: readonly RecordedHit[], options: Options, io: CommandIo): Promise<number> {
  if (hits.length === 0) {
    say(io.err, 'no phone said anything in that time; nothing is written');
    return EXIT.failed;
  }
  const bundle = options.raw === true ? rawBundle(hits, io.version) : anonymousBundle(hits, io.version, io.random);
  const path =
    options.out === undefined ? join(io.folder, 'hookswitch-recording.json') : resolve(io.folder, options.out);
  try {
    await io.files.writeAside(path, `${JSON.stringify(bundle, null, 1)}\n`, 0o600);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    say(io.err, `${path}: ${error.code === 'denied' ? 'may not be written' : fileErrorText(error).message}`);
    return EXIT.failed;
  }
  const count = bundle.hits.length;
  if (options.json === true)
    sayJson(io.out, { file: path, hits: count, leftOut: bundle.leftOut, anonymised: bundle.anonymised });
  else {
    say(io.out, `${count} ${count === 1 ? 'hit' : 'hits'} in ${path}`);
    if (bundle.leftOut > 0)
      say(io.out, `${bundle.leftOut} left out: they could not be made anonymous and be read as before`);
    if (bundle.anonymised)
      say(
        io.out,
        'Names, numbers, hosts and addresses in it are others; model and firmware are not. Look before you send it:',
      );
    else say(io.out, 'Names and numbers in it are those of people: keep it to yourself.');
    say(io.out, `  hookswitch read ${path}`);
  }
  return EXIT.ok;
}
