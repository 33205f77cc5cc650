// `hookswitch provision`: the Action URLs that the rules need, as the phones' own files, as a table to type, or as a list.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { phoneBase, USUAL_FIELDS } from '../action-url.ts';
import type { Config } from '../config.ts';
import type { MadeToken } from '../console/index.ts';
import { normaliseMac } from '../core/phone-card.ts';
import { didYouMean } from '../core/problems.ts';
import type { CompiledRules } from '../engine/index.ts';
import { everyNeed, needsOf } from '../provision-needs.ts';
import { type Chosen, choosePhones } from '../provision-phones.ts';
import { fileOf, type Plan, planOf } from '../provision-plan.ts';
import { sharedTokens, type TokenOf, tokensPerPhone } from '../provision-tokens.ts';
import { vendorNames, vendors } from '../vendors/index.ts';
import { accepted, asking, CommandEnd, rightConfig } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, type Register, say, withPlaces } from './io.ts';
import { checkFolder, givenToken, sayExisting } from './provision-files.ts';
import { sayWarnings, tellPlans } from './provision-tell.ts';

export type ProvisionOptions = PlaceOptions & {
  phone: string[];
  mac: string[];
  all?: boolean;
  vendor: string;
  site?: string;
  variant?: string;
  sharedToken?: boolean;
  tokenFile?: string;
  preview?: boolean;
  format: 'files' | 'table' | 'url';
  out?: string;
  check?: string;
  existing?: string;
  withIpChanged?: boolean;
  allEvents?: boolean;
};

/** Stands where a token will stand. */
export const PREVIEW_TOKEN = 'TOKEN';

const several = (value: string, before: string[]): string[] => [...before, value];

export const register: Register = (program, io, finish) => {
  const command = program
    .command('provision')
    .description('write the Action URLs that the rules need, in the form in which the phones read their settings');
  phoneOptions(withPlaces(command))
    .option('--token-per-phone', 'a new token for each phone (this is so unless you say otherwise)')
    .addOption(new Option('--shared-token', 'one new token for all phones of a site').conflicts('tokenPerPhone'))
    .addOption(
      new Option('--token-file <file>', 'the token that stands in this file; no new one is made').conflicts([
        'sharedToken',
        'tokenPerPhone',
      ]),
    )
    .option('--preview', `make no token: show what would be written, with the word ${PREVIEW_TOKEN} in its place`)
    .addOption(
      new Option('--format <form>', 'files of the phones, a table to type into their web page, or URLs by event')
        .choices(['files', 'table', 'url'])
        .default('files'),
    )
    .option('--out <folder>', 'write the files there (readable by you only); else the file is shown')
    .option('--check <folder>', 'compare the files there with what rules need now; exit code 1 if they differ')
    .option('--existing <file>', "say what would change in this file of a phone's settings; writes nothing")
    .option('--with-ip-changed', 'also write ip_changed where the same setting may mean something else')
    .option('--all-events', 'all events and the usual variables, whatever the rules need')
    .addHelpText(
      'after',
      '\nTokens are kept as hashes only, so files need new ones; the token that a phone had before goes on for 24 hours.',
    )
    .action(async (options: ProvisionOptions, self: Command) => {
      const none = options.phone.length + options.mac.length === 0 && options.all !== true;
      if (none && options.check === undefined)
        self.error('error: say which phones: --phone <id>, --mac <mac> or --all');
      finish(await provision({ ...options, all: options.all === true || none }, io));
    });
};

const phoneOptions = (command: Command): Command =>
  command
    .option('--phone <id>', 'this phone of the config; may be repeated', several, [])
    .option('--mac <mac>', 'the phone with this MAC, known or not; may be repeated', severalMacs, [])
    .option('--all', 'all phones of the config')
    .option('--site <id>', 'only phones of this site; unknown phones belong to it')
    .addOption(
      new Option('--vendor <name>', 'maker of phones that the config does not know')
        .argParser(vendorOf)
        .default('sangoma'),
    )
    .option('--variant <name>', "another form of the maker's file, where there is one");

function severalMacs(text: string, before: string[]): string[] {
  const macs = text.split(/[\s,]+/).map((one) => normaliseMac(one));
  if (macs.includes(undefined)) throw new InvalidArgumentError('write it like 00:50:58:a1:b2:c3');
  return [...before, ...(macs as string[])];
}

function vendorOf(text: string): string {
  if (vendorNames.includes(text)) return text;
  throw new InvalidArgumentError(didYouMean(text, vendorNames) ?? `one of ${vendorNames.join(' ')}`);
}

function provision(options: ProvisionOptions, io: CommandIo): Promise<number> {
  if (options.check !== undefined || options.existing !== undefined || options.preview === true)
    return withoutTokens(options, io);
  return asking(io, options, 'config', async (ask) => {
    const config = await ruleConfig(io, options);
    const phones = chosenPhones(config, options);
    // Everything is looked at before a token is made: a token that is made ends the one before it.
    const drafts = plansOf(config, phones, options, () => PREVIEW_TOKEN);
    refuse(drafts);
    needFileNames(drafts, options);
    const given = await givenToken(options, config, phones, io);
    const make = async (holder: { phone: string } | { site: string }): Promise<string> =>
      accepted<MadeToken>(await ask('POST', '/tokens', holder)).token;
    const tokenOf: TokenOf =
      given === undefined
        ? options.sharedToken === true
          ? sharedTokens(make)
          : tokensPerPhone(make)
        : async () => given;
    const tokens = new Map<Chosen, string>();
    for (const phone of phones) tokens.set(phone, await tokenOf(phone));
    const plans = plansOf(config, phones, options, (phone) => tokens.get(phone) ?? PREVIEW_TOKEN);
    sayWarnings(plans, io);
    const code = await tellPlans(plans, options, io);
    if (code === EXIT.ok && given === undefined) sayTokens(phones, options, io);
    return code;
  });
}

/** What can be said without a token needs neither daemon nor store. */
async function withoutTokens(options: ProvisionOptions, io: CommandIo): Promise<number> {
  try {
    const config = await ruleConfig(io, options);
    const phones = chosenPhones(config, options);
    const plans = plansOf(config, phones, options, () => PREVIEW_TOKEN);
    if (options.check !== undefined) return await checkFolder(plans, options.check, io);
    if (options.existing !== undefined) return await sayExisting(plans, options.existing, io);
    sayWarnings(plans, io);
    refuse(plans);
    needFileNames(plans, options);
    return await tellPlans(plans, { ...options, out: undefined }, io);
  } catch (error) {
    if (!(error instanceof CommandEnd)) throw error;
    say(io.err, error.message);
    return error.code;
  }
}

const ruleConfig = async (io: CommandIo, options: PlaceOptions): Promise<Config<CompiledRules>> =>
  (await rightConfig(io, options)) as Config<CompiledRules>;

function chosenPhones(config: Config, options: ProvisionOptions): Chosen[] {
  const { phone: phones, mac: macs, all = false, vendor, site } = options;
  const chosen = choosePhones(config, { phones, macs, all, vendor, site });
  if ('problems' in chosen) throw new CommandEnd(EXIT.usage, chosen.problems.join('\n'));
  if (chosen.length === 0) throw new CommandEnd(EXIT.failed, 'the config has no such phones');
  return chosen;
}

function plansOf(
  config: Config<CompiledRules>,
  phones: readonly Chosen[],
  options: ProvisionOptions,
  tokenOf: (phone: Chosen) => string,
): Plan[] {
  const needs = options.allEvents === true ? everyNeed(USUAL_FIELDS) : needsOf(config);
  if (needs.size === 0)
    throw new CommandEnd(
      EXIT.failed,
      'no rule that is switched on needs any event of phones; write a rule, or take all events: --all-events',
    );
  const base = phoneBase(config.receiver);
  return phones.map((phone) => {
    const vendor = vendors.get(phone.vendor);
    if (vendor === undefined) throw new CommandEnd(EXIT.failed, `there is no profile of ${phone.vendor}`);
    const file = fileOf(vendor, options.variant);
    if ('problem' in file) throw new CommandEnd(EXIT.usage, `${phone.name} (${phone.vendor}): ${file.problem}`);
    return planOf(phone, file, {
      vendor,
      needs,
      base,
      token: tokenOf(phone),
      doubtful: options.withIpChanged === true,
    });
  });
}

/** Nothing is written where something cannot be right. */
function refuse(plans: readonly Plan[]): void {
  const problems = plans.flatMap(({ phone, problems: own }) => own.map((text) => `${phone.name}: ${text}`));
  if (problems.length > 0) throw new CommandEnd(EXIT.failed, problems.join('\n'));
}

function needFileNames(plans: readonly Plan[], { format }: ProvisionOptions): void {
  if (format !== 'files') return;
  const nameless = plans.filter(({ phone }) => phone.mac === undefined).map(({ phone }) => phone.name);
  if (nameless.length === 0) return;
  const problem = `the file of a phone is named after its MAC, and the config has none for ${nameless.join(', ')}`;
  throw new CommandEnd(EXIT.failed, `${problem}; write it into the config, or use --format table`);
}

function sayTokens(phones: readonly Chosen[], { sharedToken }: ProvisionOptions, io: CommandIo): void {
  const own = sharedToken === true ? [] : phones.filter(({ id }) => id !== undefined);
  const sites = new Set(phones.filter((phone) => !own.includes(phone)).map(({ site }) => site));
  if (own.length > 0)
    say(
      io.err,
      `${own.length === 1 ? 'A new token was' : `${own.length} new tokens were`} made. What a phone used before goes on for 24 hours.`,
    );
  for (const site of sites)
    say(
      io.err,
      `A new token was made for all phones of site "${site}". Phones that keep a token of that site made before are refused in 24 hours.`,
    );
}
