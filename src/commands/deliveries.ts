// `hookswitch deliveries`: what was decided, and what became of it.
import { Option } from 'commander';
import { DELIVERY_STATES } from '../core/delivery.ts';
import type { StoredDelivery } from '../core/store.ts';
import { accepted, asking } from './daemon.ts';
import { wholeNumber } from './events.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, cut, type PlaceOptions, type Register, say, sayJson, sayTable, withPlaces } from './io.ts';

type Options = PlaceOptions & {
  event?: string;
  to?: string;
  state?: string;
  id?: string;
  limit: number;
  json?: boolean;
};

export const register: Register = (program, io, finish) => {
  withPlaces(
    program
      .command('deliveries')
      .description('show deliveries and what became of them; works with and without a daemon'),
  )
    .option('--event <id>', 'that follow from this event')
    .option('--to <connection>', 'to this connection')
    .addOption(new Option('--state <state>', 'in this state').choices(DELIVERY_STATES))
    .option('--id <id>', 'this delivery only')
    .option('--limit <count>', 'at most (up to 1000)', wholeNumber, 100)
    .option('--json', 'one JSON delivery a line')
    .action(async (options: Options) => finish(await asking(io, options, 'store', (ask) => show(ask, options, io))));
};

async function show(
  ask: Parameters<Parameters<typeof asking>[3]>[0],
  options: Options,
  io: CommandIo,
): Promise<number> {
  const query = new URLSearchParams({ limit: String(options.limit) });
  for (const key of ['event', 'to', 'state', 'id'] as const)
    if (options[key] !== undefined) query.set(key, options[key]);
  const { deliveries } = accepted<{ deliveries: StoredDelivery[] }>(await ask('GET', `/deliveries?${query}`));
  if (options.json === true) for (const delivery of deliveries) sayJson(io.out, delivery);
  else if (deliveries.length === 0) say(io.err, 'no such deliveries');
  else sayTable(io.out, ['MADE', 'RULE', 'TO', 'STATE', 'TRIES', 'ID', 'LAST ERROR'], deliveries.map(row));
  return EXIT.ok;
}

const row = (delivery: StoredDelivery): string[] => [
  new Date(delivery.madeAtMs).toISOString(),
  delivery.rule,
  `${delivery.to} (${delivery.type})`,
  delivery.state,
  String(delivery.attempts),
  delivery.id,
  cut([delivery.lastCode, delivery.lastError].filter((text) => text !== undefined).join(' '), 80),
];
