// A house whose daemon has run for a while: events in its journal, and what its rules decided of them.
import { readConfig } from '../../src/config.ts';
import { CONFIG_PARTS } from '../../src/config-parts.ts';
import type { JournalEvent } from '../../src/core/events.ts';
import type { SimulatedHit } from '../../src/core/simulation.ts';
import type { Store } from '../../src/core/store.ts';
import { createState, type Stepped, step } from '../../src/engine/index.ts';
import { systemFiles } from '../../src/files.ts';
import { programOf } from '../../src/program-of.ts';
import { evenDraw, hitEvents, scenarioNamed } from '../../src/simulator/index.ts';
import { readVars } from '../../src/virtual-hits.ts';
import { type CommandWorld, commandWorld, storeOf, testDaemon } from './world.ts';

export const NOW_MS = Date.UTC(2026, 10, 24, 12);
const HOUR_MS = 3_600_000;

export const MISSED = {
  id: 'missed',
  on: 'call.missed',
  do: [{ slack: { to: 'team', text: 'Missed call from {{ remote.contact | default: remote.number }}' } }],
};
export const DND = {
  id: 'dnd',
  on: ['phone.dnd_on', 'phone.dnd_off'],
  do: [{ mqtt: { to: 'house', topic: 'phones/{{ phone.id }}/dnd', payload: '{{ event.type }}' } }],
};

export const CONFIG = {
  rules: './rules',
  phones: [
    { id: 'desk', groups: ['sales'] },
    { id: 'lab', groups: ['sales'] },
    { id: 'shop', site: 'berlin' },
  ],
  sites: { berlin: {} },
  connections: {
    team: { type: 'slack', dryRun: true, channel: '#a', token: { env: 'TEAM' } },
    house: { type: 'mqtt', broker: 'mqtt://127.0.0.1' },
  },
};

/** Hits of a scenario that begins so many hours before now. */
export function course(
  name: string,
  hoursAgo: number,
  more: { phones?: string[]; number?: string } = {},
): SimulatedHit[] {
  const { phones = ['desk', 'lab'], number = '+4930999' } = more;
  const startMs = NOW_MS - hoursAgo * HOUR_MS;
  return scenarioNamed(name)?.play({ phones, number, startMs, draw: evenDraw }) ?? [];
}

/** The events of hits at a site. */
export const eventsOf = (hits: readonly SimulatedHit[], site = 'default'): JournalEvent[] =>
  hitEvents(hits, site, readVars);

export type ReplayWorld = CommandWorld & { store: Store | undefined };

/** `live`: with a daemon that has the store, which else is closed. `rules`: those by which the daemon decided. */
export async function recorded(events: readonly JournalEvent[], rules: unknown[], live = false): Promise<ReplayWorld> {
  const world = commandWorld(NOW_MS);
  world.env.TEAM = 'xoxb-1';
  world.folder.write('config.json', CONFIG);
  world.folder.write('rules/a.json', { rules });
  world.folder.write('data/keep', '');
  const store = live ? (await testDaemon(world)).store : storeOf(world);
  await decide(world, store, events);
  if (!live) await store.close();
  return { ...world, store: live ? store : undefined };
}

/** Stores events and what follows from them, as the daemon does. */
export async function decide(
  { folder, env }: Pick<CommandWorld, 'folder' | 'env'>,
  store: Store,
  events: readonly JournalEvent[],
): Promise<void> {
  const result = await readConfig({
    configPath: folder.at('config.json'),
    env,
    files: systemFiles,
    parts: CONFIG_PARTS,
    folder: folder.path,
  });
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  const program = programOf(result.config);
  for (const site of ['default', 'berlin']) {
    const state = createState(site);
    const commit = (steps: readonly Stepped[], processed: number[]): Promise<void> =>
      store.commit({
        site,
        epoch: 1,
        processed,
        made: steps.flatMap((each) => each.events),
        state: [],
        deliveries: steps.flatMap((each) => each.deliveries),
        settled: [],
      });
    const own = events.filter((event) => event.site === site).sort((a, b) => (a.at < b.at ? -1 : 1));
    for (let from = 0; from < own.length; from += 500) {
      const batch = own.slice(from, from + 500);
      const appended = await store.append(batch.map((event) => ({ event, raw: Buffer.from('GET / HTTP/1.1') })));
      await commit(
        batch.map((event) => step(state, { event }, program)),
        appended.map(({ seq }) => seq),
      );
    }
    await commit([step(state, { now: new Date(NOW_MS).toISOString() }, program)], []);
  }
}

export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
