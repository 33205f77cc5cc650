// `hookswitch phones`: who is known and who waits in quarantine; adopts, names, groups, forgets and repins phones, and changes tokens.
import { Argument } from 'commander';
import type { MadeToken, PhoneAnswer, PhoneList, PhoneRow } from '../console/index.ts';
import { type Ask, accepted, asking } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, type Register, say, sayJson, sayTable, withPlaces } from './io.ts';
import { sayToken } from './token.ts';

type Options = PlaceOptions & {
  id?: string;
  name?: string;
  group?: string[];
  area?: string;
  vendor?: string;
  site?: string;
  inventory?: boolean;
  now?: boolean;
  json?: boolean;
};

type Order = (ask: Ask, words: string[], options: Options, io: CommandIo) => Promise<number>;

/** What can be ordered, and how it is written. */
const ORDERS: Record<string, { words: string; least: number; most: number; run: Order }> = {
  list: { words: '', least: 0, most: 0, run: list },
  adopt: { words: '<mac>', least: 1, most: 1, run: adopt },
  name: { words: '<id> <name>', least: 2, most: 2, run: name },
  group: { words: '<id> [group...]', least: 1, most: 65, run: group },
  forget: { words: '<id>', least: 1, most: 1, run: forget },
  repin: { words: '<id>', least: 1, most: 1, run: repin },
  'rotate-token': { words: '<id>', least: 1, most: 1, run: rotate },
};

const HELP = `
What can be done:
  list                      known phones, and who waits in quarantine (also without a word)
  adopt <mac>               make a phone known; a phone without a MAC address: its id in quarantine
  name <id> <name>          call an adopted phone so
  group <id> [group...]     the groups of an adopted phone are these
  forget <id>               an adopted phone is unknown again
  repin <id>                forget the MAC address that was pinned; the next one that it names is pinned anew
  rotate-token <id>         a new token for the phone; the old one goes on for 24 hours, or ends with --now

Phones of the config are changed in the config.`;

const collect = (value: string, before: string[] = []): string[] => [...before, value];

export const register: Register = (program, io, finish) => {
  withPlaces(
    program.command('phones').description('show the phones, adopt unknown ones, and change what is known of them'),
  )
    .addArgument(new Argument('[order]', 'what to do').choices(Object.keys(ORDERS)).default('list'))
    .argument('[words...]', 'which phone, and its name or groups')
    .option('--id <id>', 'with adopt: its id, for ever (default: from its name, else its MAC address)')
    .option('--name <text>', 'with adopt: what people call it')
    .option('--group <group>', 'with adopt: a group that it belongs to; can be given more than once', collect)
    .option('--area <text>', 'with adopt: where it stands')
    .option('--vendor <maker>', 'with adopt: its maker (default: sangoma)')
    .option('--site <id>', 'with adopt: its site (default: where it was heard)')
    .option('--inventory', 'with list: how many there are of each model and firmware')
    .option('--now', 'with rotate-token: the old token ends at once')
    .option('--json', 'one JSON object instead of text')
    .addHelpText('after', HELP)
    .action(async (order: string, words: string[], options: Options, command) => {
      const { least, most, words: usage, run } = ORDERS[order] as (typeof ORDERS)[string];
      if (words.length < least || words.length > most)
        command.error(`error: write it like: hookswitch phones ${order} ${usage}`.trimEnd());
      finish(await asking(io, options, 'daemon', (ask) => run(ask, words, options, io)));
    });
};

async function list(ask: Ask, _words: string[], options: Options, io: CommandIo): Promise<number> {
  const found = accepted<PhoneList>(await ask('GET', '/phones'));
  if (options.inventory === true) return inventory(found.phones, options, io);
  if (options.json === true) {
    sayJson(io.out, found);
    return EXIT.ok;
  }
  const { phones, quarantine } = found;
  if (phones.length === 0) say(io.out, 'no phone is known yet');
  else
    sayTable(
      io.out,
      ['id', 'name', 'mac', 'maker', 'model', 'firmware', 'groups', 'state', 'last heard', 'from'],
      phones.map((phone) => [
        phone.id,
        phone.name ?? '',
        `${macOf(phone.mac)}${phone.macFrom === 'pinned' ? ' (pinned)' : ''}`,
        phone.maker,
        phone.model ?? '',
        phone.firmware ?? '',
        phone.groups.join(', '),
        stateOf(phone),
        agoOf(phone.lastSeen, io),
        phone.from,
      ]),
    );
  if (quarantine.length === 0) return EXIT.ok;
  say(io.out, '');
  say(io.out, 'In quarantine (heard and counted, met no rule):');
  sayTable(
    io.out,
    ['who', 'why', 'mac', 'ip', 'model', 'firmware', 'hits', 'first heard', 'last heard'],
    quarantine.map((row) => [
      row.id,
      row.why === 'unknown' ? 'unknown' : 'another MAC',
      macOf(row.mac),
      row.ip ?? '',
      row.model ?? '',
      row.firmware ?? '',
      String(row.hits),
      agoOf(row.firstSeen, io),
      agoOf(row.lastSeen, io),
    ]),
  );
  const unknown = quarantine.find(({ why }) => why === 'unknown');
  const differs = quarantine.find(({ why }) => why === 'mac-mismatch');
  say(io.out, '');
  if (unknown !== undefined) say(io.out, `To take one in: hookswitch phones adopt ${unknown.id} --name "Front desk"`);
  if (differs !== undefined) say(io.out, `If a phone was exchanged: hookswitch phones repin ${differs.id}`);
  return EXIT.ok;
}

const macOf = (mac: string | null): string => mac?.match(/../g)?.join(':') ?? '';

function stateOf({ state, registered, silent }: PhoneRow): string {
  const words = [
    state ?? 'unknown',
    ...(registered === false ? ['not registered'] : []),
    ...(silent ? ['silent'] : []),
  ];
  return words.join(', ');
}

/** How long ago, roughly: people look for what is odd. */
function agoOf(at: string | null, { clock }: CommandIo): string {
  if (at === null) return 'never';
  const seconds = Math.max(0, Math.round((clock.wallMs() - Date.parse(at)) / 1_000));
  const [unit, length] =
    seconds < 120 ? ['s', 1] : seconds < 7_200 ? ['min', 60] : seconds < 172_800 ? ['h', 3_600] : ['d', 86_400];
  return `${Math.floor(seconds / (length as number))} ${unit} ago`;
}

function inventory(phones: readonly PhoneRow[], options: Options, io: CommandIo): number {
  const kinds = new Map<string, { maker: string; model: string | null; firmware: string | null; phones: string[] }>();
  for (const { id, maker, model, firmware } of phones) {
    const key = JSON.stringify([maker, model, firmware]);
    const kind = kinds.get(key) ?? { maker, model, firmware, phones: [] };
    kinds.set(key, kind);
    kind.phones.push(id);
  }
  const sorted = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
  if (options.json === true)
    sayJson(io.out, { inventory: sorted.map((kind) => ({ ...kind, count: kind.phones.length })) });
  else
    sayTable(
      io.out,
      ['maker', 'model', 'firmware', 'phones', 'which'],
      sorted.map(({ maker, model, firmware, phones: ids }) => [
        maker,
        model ?? 'not said yet',
        firmware ?? 'not said yet',
        String(ids.length),
        ids.length > 5 ? `${ids.slice(0, 5).join(', ')}, …` : ids.join(', '),
      ]),
    );
  return EXIT.ok;
}

type Phone = Extract<PhoneAnswer, { phone: unknown }>;

async function order(
  ask: Ask,
  route: string,
  body: object,
  options: Options,
  io: CommandIo,
  done: string,
): Promise<number> {
  const { phone } = accepted<Phone>(await ask('POST', `/phones/${route}`, body));
  if (options.json === true) sayJson(io.out, { phone });
  else say(io.out, done.replace('{}', phone.name === undefined ? phone.id : `${phone.id} (${phone.name})`));
  return EXIT.ok;
}

async function adopt(ask: Ask, [who]: string[], options: Options, io: CommandIo): Promise<number> {
  const { id, name: called, group: groups, area, vendor, site } = options;
  const given = { who, id, name: called, groups, area, vendor, site };
  const body = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return order(ask, 'adopt', body, options, io, '{} is known from now on; what it says meets the rules');
}

function name(ask: Ask, [id, called]: string[], options: Options, io: CommandIo): Promise<number> {
  return order(ask, 'name', { id, name: called }, options, io, '{} is called so from now on');
}

function group(ask: Ask, [id, ...groups]: string[], options: Options, io: CommandIo): Promise<number> {
  return order(ask, 'group', { id, groups }, options, io, `groups of {}: ${groups.join(', ') || 'none'}`);
}

function forget(ask: Ask, [id]: string[], options: Options, io: CommandIo): Promise<number> {
  return order(ask, 'forget', { id }, options, io, '{} is unknown again');
}

function repin(ask: Ask, [id]: string[], options: Options, io: CommandIo): Promise<number> {
  return order(ask, 'repin', { id }, options, io, 'the next MAC address that {} names is pinned anew');
}

async function rotate(ask: Ask, [id]: string[], options: Options, io: CommandIo): Promise<number> {
  const now = options.now === true;
  const made = accepted<MadeToken>(await ask('POST', '/phones/rotate-token', { id, now }));
  sayToken(made, options, io);
  if (options.json !== true)
    say(io.out, now ? 'Older tokens of this phone have ended.' : 'An older token of this phone goes on for 24 hours.');
  return EXIT.ok;
}
