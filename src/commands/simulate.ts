// `hookswitch simulate`: virtual phones that play a scenario at the running daemon, over real HTTP and with their maker's habits.
import { InvalidArgumentError, Option } from 'commander';
import type { OnceToken } from '../console/index.ts';
import { didYouMean } from '../core/problems.ts';
import type { SimulatedHit } from '../core/simulation.ts';
import type { Habits } from '../core/vendor.ts';
import { requestMaker, type SimulatedPhone } from '../simulate-phones.ts';
import { play, SCENARIOS } from '../simulator/index.ts';
import { vendorNames } from '../vendors/index.ts';
import { accepted, asking, rightConfig } from './daemon.ts';
import { EXIT } from './exit.ts';
import { sendHit } from './hit.ts';
import { type CommandIo, type PlaceOptions, type Register, sayTable, withPlaces } from './io.ts';
import { courseOf } from './simulate-course.ts';
import { type Answer, answerOf, count, hours, numberOf, seedOf, speedOf } from './simulate-input.ts';
import { tellHits, tellPlayed } from './simulate-tell.ts';

export type SimulateOptions = PlaceOptions & {
  phones?: number;
  answer?: Answer;
  number: string | null;
  name: string;
  vendor?: string;
  encode?: Habits['encode'];
  charset?: Habits['charset'];
  hours?: number;
  speed: number;
  seed?: number;
  site: string;
  virtual?: boolean;
  verbose?: boolean;
  json?: boolean;
};

const NUMBER = '+493023125100';
/** Fewer than one address may have open at the receiver. */
const PARALLEL_MAX = 24;
/** How long a token goes on after the last hit was meant, in seconds; a course can fall behind. */
const SPARE_SECONDS = 600;
const DAY_SECONDS = 86_400;
const SEED_MAX = 1_000_000;

export const register: Register = (program, io, finish) => {
  withPlaces(
    program
      .command('simulate')
      .description('play a scenario with virtual phones at the running daemon; without a name: list the scenarios'),
  )
    .argument('[scenario]', 'name of a scenario, or a JSON file: [{ "at": 0, "phone": "a", "event": "incoming_call" }]')
    .option('--phones <count>', 'how many phones take part: those of the config first, then virtual ones', count)
    .option('--virtual', 'virtual phones only, none of the config')
    .option('--vendor <name>', 'all phones write like those of this maker', vendorOf)
    .addOption(
      new Option('--encode <what>', "what phones percent-encode, instead of their maker's habit").choices([
        'nothing',
        'spaces',
        'all',
      ]),
    )
    .addOption(
      new Option('--charset <charset>', "how phones write letters, instead of their maker's habit").choices([
        'utf-8',
        'windows-1252',
      ]),
    )
    .option('--answer <who>', 'of a ring group: who answers and after how long, like 3@6s; or "nobody"', answerOf)
    .option('--number <number>', 'the other side, or "withheld"', numberOf, NUMBER)
    .option('--name <text>', "the other side's display name", 'Erika Mustermann')
    .option('--hours <hours>', 'of busy-day: how long', hours)
    .option('--speed <times>', 'how many times faster than in life', speedOf, 1)
    .option('--seed <number>', 'another course of chance; the same number plays the same course', seedOf)
    .option('--site <id>', 'the site whose phones speak', 'default')
    .option('--verbose', 'a line for every hit, however many there are')
    .option('--json', 'the summary as one JSON object')
    .action(async (name: string | undefined, options: SimulateOptions) => {
      if (name === undefined) finish(list(io));
      else
        finish(
          await asking(io, options, 'daemon', async (ask) => {
            const config = await rightConfig(io, options);
            const seed = options.seed ?? Math.floor(io.random.fraction() * SEED_MAX);
            const { hits, phones } = await courseOf(name, { ...options, seed }, config, io);
            const spanMs = (hits.at(-1)?.atMs ?? 0) - (hits[0]?.atMs ?? 0);
            const seconds = Math.min(DAY_SECONDS, Math.ceil(spanMs / 1_000 / options.speed) + SPARE_SECONDS);
            const once = accepted<OnceToken>(await ask('POST', '/tokens/once', { site: options.site, seconds }));
            return playAll(hits, phones, once, { ...options, seed }, io);
          }),
        );
    });
};

function vendorOf(text: string): string {
  if (vendorNames.includes(text)) return text;
  throw new InvalidArgumentError(didYouMean(text, vendorNames) ?? `one of ${vendorNames.join(' ')}`);
}

function list(io: CommandIo): number {
  sayTable(
    io.out,
    ['SCENARIO', 'PHONES', 'WHAT HAPPENS'],
    SCENARIOS.map(({ name, phonesUsual, summary }) => [name, String(phonesUsual), summary]),
  );
  return EXIT.ok;
}

async function playAll(
  hits: readonly SimulatedHit[],
  phones: readonly SimulatedPhone[],
  { base, token }: OnceToken,
  options: SimulateOptions & { seed: number },
  io: CommandIo,
): Promise<number> {
  const { encode, charset } = options;
  const make = requestMaker(phones, base, token, {
    ...(encode === undefined ? {} : { encode }),
    ...(charset === undefined ? {} : { charset }),
  });
  const told = tellHits(hits, phones, options, io);
  const played = await play(hits, {
    clock: io.clock,
    speed: options.speed,
    parallelMax: PARALLEL_MAX,
    stopped: io.stopped,
    told,
    async send(hit) {
      const request = make(hit);
      return request === undefined ? 'unsaid' : sendHit(new URL(base), request, io.clock);
    },
  });
  return tellPlayed(played, hits.length, options, io);
}
