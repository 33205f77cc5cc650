// `hookswitch token`: makes a token for a site or a phone and shows it, with the URLs that carry it, this once.
import type { MadeToken } from '../console/index.ts';
import { type Ask, accepted, asking } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, type Register, say, sayJson, withPlaces } from './io.ts';

type Options = PlaceOptions & { site?: string; phone?: string; json?: boolean };

/** The event whose URL is shown as the example. */
const EXAMPLE = 'missed_call';

export const register: Register = (program, io, finish) => {
  withPlaces(
    program.command('token').description('make a token for the URLs of a site or of one phone; it is shown once'),
  )
    .option('--site <id>', 'for all phones of this site')
    .option('--phone <id>', 'for this phone only')
    .option('--json', 'one JSON object with the URLs of all events')
    .addHelpText(
      'after',
      '\nAn earlier token made in this way goes on for 24 hours, so that phones can be changed one by one.',
    )
    .action(async (options: Options, command) => {
      if ((options.site === undefined) === (options.phone === undefined))
        command.error('error: give --site <id> or --phone <id>, for example --site default');
      finish(await asking(io, options, 'config', (ask) => make(ask, options, io)));
    });
};

async function make(ask: Ask, options: Options, io: CommandIo): Promise<number> {
  const body = options.site === undefined ? { phone: options.phone } : { site: options.site };
  return sayToken(accepted<MadeToken>(await ask('POST', '/tokens', body)), options, io);
}

/** Shows a token with the URLs that carry it, this once. */
export function sayToken({ token, holder, urls }: MadeToken, options: { json?: boolean }, io: CommandIo): number {
  if (options.json === true) {
    sayJson(io.out, { token, ...holder, urls });
    return EXIT.ok;
  }
  const whom = holder.phone === undefined ? `the phones of site "${holder.site}"` : `phone "${holder.phone}"`;
  say(io.out, `Token for ${whom}, shown this once:`);
  say(io.out, `  ${token}`);
  const shown = urls[EXAMPLE] ?? Object.values(urls)[0];
  if (shown === undefined) return EXIT.ok;
  const slug = Object.entries(urls).find(([, url]) => url === shown)?.[0] ?? EXAMPLE;
  say(io.out, `Action URL for ${slug}:`);
  say(io.out, `  ${shown}`);
  say(io.out, `For another event, put its name in the place of ${slug}:`);
  say(
    io.out,
    `  ${Object.keys(urls)
      .filter((name) => name !== slug)
      .join(' ')}`,
  );
  return EXIT.ok;
}
