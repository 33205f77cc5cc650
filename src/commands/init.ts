// `hookswitch init`: asks for, or takes by flags, what a first config needs, tries it out, and writes it with its secrets and rules.
import { relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { TIMEZONES } from '../config-schema.ts';
import { FileError, fileErrorText } from '../core/files.ts';
import { brokerPortProblem, checkWritten, draftProblems } from '../init-check.ts';
import { filesOf, type Setup, thereAlready, type Written, writeAll } from '../init-files.ts';
import { draftsOf, type Flags, PARTS } from '../init-flags.ts';
import { ask, askParts, Stopped } from '../init-questions.ts';
import { type Recipe, readRecipes } from '../init-recipes.ts';
import { sayProbed } from './check.ts';
import { EXIT } from './exit.ts';
import { sayNext, sayWritten, tokenFor } from './init-tell.ts';
import { type CommandIo, type Register, say, sayProblems } from './io.ts';

export type Options = Flags & {
  config?: string;
  country?: string;
  timezone?: string;
  port: number;
  brokerPort: number;
  yes?: boolean;
  print?: boolean;
  force?: boolean;
  test: boolean;
};

const portOf = (text: string): number => Number(text);
const also = (text: string, before: string[] = []): string[] => [...before, text];

export const register: Register = (program, io, finish) => {
  const command = program
    .command('init')
    .description('write a first config: asks for what it needs, tries every connection, keeps secrets in files')
    .option('--config <file>', 'the file to write (default: ./config.json)');
  withFlags(command)
    .option('--no-test', 'try no connection')
    .option('--print', 'show what would be written, without secrets; write nothing')
    .option('--force', 'write over files that are there')
    .option('--yes', 'ask nothing: the flags say it all')
    .addHelpText(
      'after',
      '\nA secret is never given itself: write env:NAME for an environment variable, file:PATH for a file, or be asked for it.\nWithout a terminal nothing is asked.',
    )
    .action(async (options: Options, self: Command) => finish(await init(options, self, io)));
};

const withFlags = (command: Command): Command =>
  command
    .option('--country <code>', 'country of the phones, two letters like DE: how numbers are read')
    .option('--timezone <zone>', 'time zone like Europe/Berlin (default: that of this machine)')
    .addOption(new Option('--port <port>', 'port at which phones are received').default(8484).argParser(portOf))
    .addOption(new Option('--broker-port <port>', 'port of the embedded broker').default(1883).argParser(portOf))
    .option('--mqtt <address>', 'MQTT broker: mqtt://host, mqtts://host, or "embedded"')
    .option('--mqtt-user <name>', 'its user name')
    .option('--mqtt-password <where>', 'its password: env:NAME or file:PATH')
    .option('--home-assistant', 'show every phone as a device in Home Assistant')
    .option('--slack-token <where>', 'Slack bot token: env:NAME or file:PATH')
    .option('--slack-channel <channel>', 'channel like "#phones"')
    .option('--smtp-host <host>', 'mail server')
    .option('--smtp-port <port>', 'its port (default: 587, or 465 with implicit)')
    .option('--smtp-tls <how>', 'starttls, implicit or none (default: starttls)')
    .option('--smtp-user <name>', 'its user name')
    .option('--smtp-password <where>', 'its password: env:NAME or file:PATH')
    .option('--smtp-from <address>', 'sender of the mails')
    .option('--smtp-to <addresses>', 'recipients, with commas between them')
    .option('--crm <recipe>', 'a CRM or another service, by the name of its recipe, like hubspot or generic-crm')
    .option('--crm-url <url>', 'its address, where the recipe has only an example')
    .addOption(
      new Option('--crm-secret <name=where>', 'a secret of the recipe: NAME=env:OTHER or NAME=file:PATH').argParser(
        also,
      ),
    );

async function init(options: Options, command: Command, io: CommandIo): Promise<number> {
  const configPath = resolve(io.folder, options.config ?? 'config.json');
  try {
    const recipes = await readRecipes(io.files);
    const { drafts, problems } = draftsOf(options, recipes);
    problems.push(...plainProblems(options));
    if (problems.length > 0) command.error(problems.map((text) => `error: ${text}`).join('\n'));
    const timezone = options.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    const { port, brokerPort } = options;
    const country = options.country?.toUpperCase();
    const all = PARTS.flatMap((part) => drafts[part] ?? []);
    const setup: Setup = { configPath, country, timezone, port, brokerPort, drafts: all };
    return await finishInit(await asked(setup, drafts, options, recipes, io), options, io);
  } catch (error) {
    if (error instanceof Stopped) {
      say(io.err, 'stopped; nothing was written');
      return EXIT.failed;
    }
    if (!(error instanceof FileError)) throw error;
    say(io.err, `${configPath}: ${error.code === 'denied' ? 'may not be written' : fileErrorText(error).message}`);
    return EXIT.cannotCreate;
  }
}

function plainProblems({ port, brokerPort, timezone }: Options): string[] {
  const ports = { '--port': port, '--broker-port': brokerPort };
  const wrong = Object.entries(ports).filter(([, value]) => !Number.isInteger(value) || value < 1 || value > 65_535);
  const zone = timezone !== undefined && !TIMEZONES.includes(timezone);
  return [
    ...wrong.map(([flag]) => `${flag}: must be a number from 1 to 65535`),
    ...(zone ? [`--timezone: there is no time zone ${JSON.stringify(timezone)}; write it like Europe/Berlin`] : []),
  ];
}

/** What flags left open is asked, where there is somebody to ask. */
async function asked(
  setup: Setup,
  given: ReturnType<typeof draftsOf>['drafts'],
  options: Options,
  recipes: readonly Recipe[],
  io: CommandIo,
): Promise<Setup> {
  if (options.yes === true || io.prompt === undefined) return setup;
  const prompt = io.prompt();
  try {
    say(io.out, 'An empty answer leaves a part out; Ctrl-C ends without writing anything.');
    const country =
      setup.country ?? (await ask({ prompt }, 'Country of the phones, two letters like DE (empty: none)'));
    const timezone = options.timezone ?? (await ask({ prompt }, 'Time zone', setup.timezone));
    const now = { ...setup, timezone, country: country === '' ? undefined : country.toUpperCase() };
    const tryOut = (draft: Setup['drafts'][number]) => draftProblems(draft, now, io, options.test);
    const drafts = await askParts(given, { prompt, io, recipes, tryOut });
    return { ...now, drafts: PARTS.flatMap((part) => drafts[part] ?? []) };
  } finally {
    prompt.close();
  }
}

const NOTHING =
  'no connection is named, so there is nothing to write; give --mqtt, --slack-token, --smtp-host or --crm, or try the example first: hookswitch serve';

async function finishInit(setup: Setup, options: Options, io: CommandIo): Promise<number> {
  if (setup.drafts.length === 0) {
    say(io.err, NOTHING);
    return EXIT.failed;
  }
  const written = await filesOf(setup, io.files);
  const checked = await checkWritten(written, setup, io, options.test);
  if ('problems' in checked) {
    sayProblems(io.err, checked.problems);
    say(io.err, 'nothing was written');
    return EXIT.config;
  }
  for (const one of checked.probed) sayProbed(one, io);
  const unreached = checked.probed.some((one) => 'error' in one);
  const taken = options.test ? await brokerPortProblem(setup.drafts, setup.brokerPort) : [];
  for (const sentence of taken) say(io.err, sentence);
  // Who was asked has seen it before and kept it.
  const wasAsked = options.yes !== true && io.prompt !== undefined;
  if ((unreached || taken.length > 0) && !wasAsked) {
    say(io.err, 'nothing was written; put that right, or leave the trying out with --no-test');
    return EXIT.failed;
  }
  if (options.print === true) return sayWritten(written, io);
  return write(written, setup, options, io);
}

async function write(written: Written, setup: Setup, options: Options, io: CommandIo): Promise<number> {
  const near = (path: string): string =>
    relative(io.folder, path).startsWith('..') ? path : relative(io.folder, path);
  const there = await thereAlready(written, io.files);
  if (there.length > 0 && options.force !== true) {
    for (const path of there) say(io.err, `${near(path)}: is there already; --force writes over it`);
    say(io.err, 'nothing was written');
    return EXIT.failed;
  }
  await writeAll(written, setup, io.files);
  for (const path of written.keys()) say(io.out, `written: ${near(path)}`);
  const code = await tokenFor(setup, io);
  sayNext(setup, options, io);
  return code;
}
