// Folders for the stores of these tests.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../src/core/store.ts';
import { openHistory } from '../../src/store/index.ts';
import type { StorePlace } from '../support/store-contract.ts';

export const OPTIONS = { bytesMax: 1e9, nowMs: Date.UTC(2026, 0, 2, 3, 4, 5) };

/** Makes places that are one database file in a folder of its own. */
export const onFile = (open: (path: string) => Promise<Store>) => async (): Promise<StorePlace> => {
  const folder = mkdtempSync(join(tmpdir(), 'hookswitch-store-'));
  return {
    open: () => open(join(folder, 'hookswitch.db')),
    history: () => openHistory(join(folder, 'hookswitch.db')),
    remove: async () => rmSync(folder, { recursive: true }),
  };
};
