// A reload under the test's own clock: what it reads, swaps in and says.
import type { Config } from '../../src/config.ts';
import type { Clock, Log } from '../../src/core/ports.ts';
import { systemFiles } from '../../src/files.ts';
import { createReload } from '../../src/reload.ts';
import { createCounters } from '../../src/telemetry/index.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';
import { type Rules, read } from './reading.ts';

/** A clock that moves when the test says so; `tick` ends when the look that it caused has ended. */
function handClock() {
  let armed: (() => void) | undefined;
  const clock: Clock = {
    wallMs: () => 1_000,
    monotonicMs: () => 0,
    after(_delayMs, task) {
      armed = task;
      return () => {
        armed = undefined;
      };
    },
  };
  const tick = async (): Promise<void> => {
    const task = armed;
    if (task === undefined) throw new Error('nobody waits');
    armed = undefined;
    task();
    while (armed === undefined) await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, tick };
}

export const CONFIG = (area: string) => ({
  phones: [{ id: 'desk', area }],
  connections: { team: { type: 'chat', token: { file: 'key' } } },
});
export const RULES = (id: string) => ({ rules: [{ id, on: 'phone.missed_call' }] });

type Meanwhile = { swap?: () => Promise<void>; afterRead?: (reads: number) => void };

/** A reload of that folder, one look per tick. */
export async function watched(folder: TempFolder, { swap, afterRead }: Meanwhile = {}) {
  const { clock, tick } = handClock();
  const counters = createCounters();
  const lines: string[] = [];
  const log: Log = {
    debug: () => {},
    info: (event) => lines.push(event),
    warn: (event) => lines.push(event),
    error: (event, fields) => lines.push(`${event} ${fields?.problem ?? ''}`.trim()),
  };
  const swapped: Config<Rules>[] = [];
  let reads = 0;
  const first = await read(folder);
  const reload = createReload<Config<Rules>>({
    clock,
    log,
    count: counters.count,
    files: systemFiles,
    stamps: first.stamps,
    read: async () => {
      reads += 1;
      const candidate = await read(folder);
      afterRead?.(reads);
      return candidate;
    },
    swap: async (config) => {
      await swap?.();
      swapped.push(config);
    },
  });
  reload.start();
  const ticks = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) await tick();
  };
  return { reload, ticks, lines, swapped, counters, reads: () => reads };
}

/** A folder with a config, one rule file and one secret. */
export function home(): TempFolder {
  const folder = tempFolder();
  folder.write('config.json', CONFIG('hall'));
  folder.write('rules/a.json', RULES('a'));
  folder.write('key', 'geheim');
  return folder;
}

export const areaOf = (config: Config<Rules> | undefined): string | undefined => config?.phones[0]?.area;
