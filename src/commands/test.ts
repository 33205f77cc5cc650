// `hookswitch test`: sends one test message over a connection, and says in words what became of it.
import type { MadeTest } from '../console/index.ts';
import type { StoredDelivery } from '../core/store.ts';
import { type Ask, accepted, asking } from './daemon.ts';
import { pause } from './events.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, cut, type PlaceOptions, type Register, say, sayJson, withPlaces } from './io.ts';

type Options = PlaceOptions & { json?: boolean };

const WAIT_MS = 30_000;
const LOOK_MS = 100;

export const register: Register = (program, io, finish) => {
  withPlaces(program.command('test').description('send one test message over a connection, and say what became of it'))
    .argument('<connection>', 'its name in the config')
    .option('--json', 'one JSON object instead of text')
    .action(async (to: string, options: Options) =>
      finish(await asking(io, options, 'daemon', (ask) => test(ask, to, options, io))),
    );
};

async function test(ask: Ask, to: string, options: Options, io: CommandIo): Promise<number> {
  const made = accepted<MadeTest>(await ask('POST', '/test', { to }));
  const delivery = await outcome(ask, made.delivery, io);
  if (options.json === true) sayJson(io.out, { ...made, outcome: delivery ?? null });
  else for (const { write, text } of told(made, delivery)) say(write === 'out' ? io.out : io.err, text);
  return delivery?.state === 'delivered' ? EXIT.ok : EXIT.failed;
}

/** The delivery, once it has its outcome; as it stands after 30 s; undefined while it is not even made. */
async function outcome(ask: Ask, id: string, io: CommandIo): Promise<StoredDelivery | undefined> {
  const sinceMs = io.clock.monotonicMs();
  const query = new URLSearchParams({ id });
  for (;;) {
    const answer = accepted<{ deliveries: StoredDelivery[] }>(await ask('GET', `/deliveries?${query}`));
    const [delivery] = answer.deliveries;
    const over = io.clock.monotonicMs() - sinceMs >= WAIT_MS || io.stopped.aborted;
    if (over || (delivery !== undefined && delivery.state !== 'waiting')) return delivery;
    await pause(io, LOOK_MS);
  }
}

type Line = { write: 'out' | 'err'; text: string };
const line = (write: Line['write'], text: string): Line => ({ write, text });

function told({ to, type, dryRun, delivery: id }: MadeTest, delivery: StoredDelivery | undefined): Line[] {
  const name = `${to} (${type})`;
  const look = `look again: hookswitch deliveries --id ${id}`;
  if (delivery === undefined) return [line('err', `${name}: the daemon has not come to it yet; ${look}`)];
  const why = whyOf(delivery);
  switch (delivery.state) {
    case 'delivered':
      if (dryRun) return [line('out', `${name}: nothing was sent, because dryRun is on for this connection`)];
      return [line('out', `${name}: the test message arrived${why === '' ? '' : ` (${why})`}`)];
    case 'waiting':
      return [
        line('err', `${name}: not sent yet; ${why === '' ? 'no attempt has ended so far' : why}`),
        line('err', `it is tried again by itself until ${new Date(delivery.expiresAtMs).toISOString()}; ${look}`),
      ];
    case 'dead':
      return [
        line('err', `${name}: it cannot be sent; ${why === '' ? 'nobody said why' : why}`),
        line('err', 'put right what is wrong, in the config or on the other side, then test again'),
      ];
    case 'expired':
      return [line('err', `${name}: it could not be sent in time; ${why === '' ? 'nobody said why' : why}`)];
    default:
      return [line('err', `${name}: it was not sent, because it was ${delivery.state}`)];
  }
}

const whyOf = ({ lastCode, lastError, state }: StoredDelivery): string => {
  const parts = state === 'delivered' ? [lastCode] : [lastCode, lastError];
  return cut(parts.filter((text) => text !== undefined).join(' '), 300);
};
