// `hookswitch console`: who may log in to the console, and which tokens programs use; asked of the daemon, or written where none runs.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { Argument, Option } from 'commander';
import { type AccountList, ROLES, type Role } from '../console/index.ts';
import { askingAccounts } from './console-accounts.ts';
import { hashOfGiven, madePassword } from './console-password.ts';
import { type Ask, accepted } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, type Register, say, sayJson, sayTable, withPlaces } from './io.ts';

type Options = PlaceOptions & {
  role?: Role;
  make?: boolean;
  keep?: boolean;
  passwordFile?: string;
  json?: boolean;
};

const TOKEN_BYTES = 24;

type Order = (ask: Ask, name: string, options: Options, io: CommandIo) => Promise<number>;
const ORDERS: Record<string, { named: boolean; role: boolean; run: Order }> = {
  list: { named: false, role: false, run: list },
  user: { named: true, role: true, run: user },
  token: { named: true, role: true, run: token },
  remove: { named: true, role: false, run: remove },
};

const HELP = `
What can be done:
  list                        accounts and tokens (also without a word)
  user <name> --role <role>   make an account, or give one that is there another role and password; the password is asked twice
  token <name> --role <role>  a token for a program, shown once; it takes the place of one of that name
  remove <name>               remove an account, and the token of that name

Roles: read looks at everything that is shown; operate also sends again, calls off and names phones; admin does everything.
Whoever gets another role or password is logged out everywhere.`;

export const register: Register = (program, io, finish) => {
  withPlaces(program.command('console').description('who may log in to the web console, and tokens for its admin API'))
    .addArgument(new Argument('[order]', 'what to do').choices(Object.keys(ORDERS)).default('list'))
    .argument('[name]', 'of the account or the token')
    .addOption(new Option('--role <role>', 'what it may do').choices([...ROLES]))
    .addOption(
      new Option('--make', 'with user: a password is made, and shown once').conflicts(['passwordFile', 'keep']),
    )
    .addOption(
      new Option('--password-file <file>', 'with user: the password is the first line of this file').conflicts('keep'),
    )
    .option('--keep', 'with user: the password stays, and only the role changes')
    .option('--json', 'one JSON object instead of text')
    .addHelpText('after', HELP)
    .action(async (order: string, name: string | undefined, options: Options, command) => {
      const { named, role, run } = ORDERS[order] as (typeof ORDERS)[string];
      const usage = `hookswitch console ${order}${named ? ' <name>' : ''}${role ? ' --role <role>' : ''}`;
      if ((name !== undefined) !== named || (role && options.role === undefined))
        command.error(`error: write it like: ${usage}`);
      finish(await askingAccounts(io, options, (ask) => run(ask, name ?? '', options, io)));
    });
};

async function list(ask: Ask, _name: string, options: Options, io: CommandIo): Promise<number> {
  const found = accepted<AccountList>(await ask('GET', '/console'));
  if (options.json === true) sayJson(io.out, found);
  else if (found.accounts.length + found.tokens.length === 0)
    say(io.out, 'nobody can log in yet; make an account: hookswitch console user admin --role admin');
  else
    sayTable(
      io.out,
      ['kind', 'name', 'role'],
      [
        ...found.accounts.map(({ name, role }) => ['account', name, role]),
        ...found.tokens.map(({ name, role }) => ['token', name, role]),
      ],
    );
  return EXIT.ok;
}

async function user(ask: Ask, name: string, options: Options, io: CommandIo): Promise<number> {
  const made = options.make === true ? madePassword(io) : undefined;
  const file = options.passwordFile === undefined ? undefined : resolve(io.folder, options.passwordFile);
  const passwordHash = options.keep === true ? undefined : await hashOfGiven({ made, file }, io);
  const body = { name, role: options.role, ...(passwordHash === undefined ? {} : { passwordHash }) };
  accepted(await ask('POST', '/console/users', body));
  if (options.json === true)
    sayJson(io.out, { name, role: options.role, ...(made === undefined ? {} : { password: made }) });
  else {
    say(io.out, `${name} may log in, with the role ${options.role}`);
    if (made !== undefined) say(io.out, `Password, shown this once: ${made}`);
  }
  return EXIT.ok;
}

async function token(ask: Ask, name: string, options: Options, io: CommandIo): Promise<number> {
  const made = Buffer.from(io.random.bytes(TOKEN_BYTES)).toString('base64url');
  const sha256 = createHash('sha256').update(made).digest('hex');
  accepted(await ask('POST', '/console/tokens', { name, role: options.role, sha256 }));
  if (options.json === true) sayJson(io.out, { name, role: options.role, token: made });
  else {
    say(io.out, `Token ${name} with the role ${options.role}, shown this once:`);
    say(io.out, `  ${made}`);
    say(io.out, 'Programs send it as: Authorization: Bearer <token>');
  }
  return EXIT.ok;
}

async function remove(ask: Ask, name: string, options: Options, io: CommandIo): Promise<number> {
  const before = accepted<AccountList>(await ask('GET', '/console'));
  accepted(await ask('POST', '/console/remove', { name }));
  const admins = before.accounts.filter((account) => account.role === 'admin');
  if (options.json === true) sayJson(io.out, { name });
  else say(io.out, `${name} is gone`);
  if (admins.length === 1 && admins[0]?.name === name)
    say(io.err, '(warning) there is no account with the role admin any more');
  return EXIT.ok;
}
