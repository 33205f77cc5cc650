// What the daemon says when it has started: the URL for a phone, and the command that shows that everything works.
import type { ServeOptions } from './commands/io.ts';

type Greeting = {
  /** The URLs of a token that was made just now, by event; undefined if there was one before. */
  urls: Record<string, string> | undefined;
  bundled: boolean;
  /** A phone that is known, to play; undefined while there is none. */
  phone?: string | undefined;
  /** Where the console is, and the password that was made with it. */
  console: { url: string | undefined; firstPassword: string | undefined };
  options: Pick<ServeOptions, 'configPath' | 'dataPath' | 'bundled'>;
  env: Readonly<Record<string, string | undefined>>;
};

const EXAMPLE_EVENT = 'missed_call';

/** Plain text with a line end. The token in it is shown this once: only its hash is kept. */
export function firstMinute({ urls, bundled, phone: known, options, env, console }: Greeting): string {
  const command = commandText(options, env);
  const lines = [''];
  if (bundled) lines.push('No config.json here: running the example (Slack, email and webhook as a dry run).', '');
  if (urls === undefined) {
    lines.push(
      'Phones go on with the URLs they have. For a new token and its URLs:',
      `  ${command('token --site default')}`,
    );
  } else {
    lines.push(
      `Paste this into a phone as its Action URL for "Missed Call" (shown only now; a new one: ${command('token --site default')}):`,
      `  ${urls[EXAMPLE_EVENT] ?? Object.values(urls)[0] ?? ''}`,
      `For other events put their name in the place of ${EXAMPLE_EVENT}: incoming_call, established, terminated, …`,
    );
  }
  const phone = known === undefined ? '' : ` --phone ${known}`;
  if (console.url !== undefined) lines.push('', `Console: ${console.url}`);
  if (console.firstPassword !== undefined)
    lines.push(`  Log in as admin with the password ${console.firstPassword} (shown only now).`);
  lines.push('', 'To play a missed call and see what comes out where:');
  const play = `send missed_call${phone} --remote +4930123456 --name "Erika Mustermann"`;
  lines.push(`  ${command(play)}`, '', '');
  return lines.join('\n');
}

/** How the person who started this runs another command, in the same place. */
function commandText(
  { configPath, dataPath, bundled }: Greeting['options'],
  env: Greeting['env'],
): (command: string) => string {
  const program = env.npm_lifecycle_event === 'start' ? 'npm run -s hookswitch --' : 'hookswitch';
  const quoted = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
  const config = bundled || configPath.endsWith('/config.json') ? '' : ` --config ${quoted(configPath)}`;
  const data = bundled || dataPath === undefined ? '' : ` --data ${quoted(dataPath)}`;
  return (command) => `${program} ${command}${config}${data}`;
}
