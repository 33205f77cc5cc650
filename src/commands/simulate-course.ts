// The course that `simulate` plays: a scenario of the catalogue, or a file of one's own, and the phones that take part in it.
import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { FileError, fileErrorText } from '../core/files.ts';
import { didYouMean } from '../core/problems.ts';
import type { SimulatedHit } from '../core/simulation.ts';
import { DOCUMENT_BYTES_MAX, placed, readDocument } from '../document.ts';
import { namedPhones, type SimulatedPhone, simulatedPhones } from '../simulate-phones.ts';
import { readCourse, SCENARIOS, scenarioNamed, seededDraw } from '../simulator/index.ts';
import { CommandEnd } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, sayProblems } from './io.ts';
import type { Answer } from './simulate-input.ts';

/** What decides about a course, as the person said it. */
type Asked = {
  phones?: number;
  answer?: Answer;
  number: string | null;
  name: string;
  vendor?: string;
  hours?: number;
  seed: number;
  site: string;
  virtual?: boolean;
};

type Course = { hits: SimulatedHit[]; phones: SimulatedPhone[] };

/** The hits in the order of time, and their phones. Ends the command where there is no such scenario, or it cannot be played so. */
export async function courseOf(name: string, options: Asked, config: Config, io: CommandIo): Promise<Course> {
  const { answer, number, seed, hours: long, site, vendor, virtual = false } = options;
  if (/[/\\]|\.jsonc?$/.test(name)) {
    const hits = await courseOfFile(name, io);
    return {
      hits,
      phones: namedPhones(
        config,
        hits.map(({ phone }) => phone),
        vendor,
      ),
    };
  }
  const scenario = scenarioNamed(name);
  if (scenario === undefined) {
    const hint = didYouMean(
      name,
      SCENARIOS.map((each) => each.name),
    );
    throw new CommandEnd(EXIT.usage, `there is no scenario "${name}"; ${hint ?? 'hookswitch simulate lists them'}`);
  }
  const phones = simulatedPhones(config, { site, count: options.phones ?? scenario.phonesUsual, vendor, virtual });
  try {
    const hits = scenario.play({
      phones: phones.map(({ id }) => id),
      number,
      name: options.name,
      ...(answer === undefined ? {} : { answer: answer === 'nobody' ? null : answer }),
      ...(long === undefined ? {} : { hours: long }),
      startMs: 0,
      draw: seededDraw(seed),
    });
    return { hits, phones };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandEnd(EXIT.usage, error.message);
  }
}

async function courseOfFile(name: string, io: CommandIo): Promise<SimulatedHit[]> {
  try {
    const document = readDocument((await io.files.read(resolve(io.folder, name), DOCUMENT_BYTES_MAX)).text, name);
    const course = document.broken ? { problems: document.problems } : readCourse(document.value, 0);
    if ('hits' in course) return course.hits;
    sayProblems(
      io.err,
      course.problems.map((problem) => placed(problem, document, name)),
    );
    throw new CommandEnd(EXIT.config, 'the scenario is not right');
  } catch (error) {
    if (error instanceof FileError) throw new CommandEnd(EXIT.failed, `${name}: ${fileErrorText(error).message}`);
    throw error;
  }
}
