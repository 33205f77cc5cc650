// The embedded store without a thread keeps the promises of every store: on a file, and in memory.
import { openInlineHistory, openInlineStore, openMemoryDatabase } from '../../src/store/index.ts';
import { storeContract } from '../support/store-contract.ts';
import { OPTIONS, onFile } from './places.ts';

storeContract(
  'on a file',
  onFile(async (path) => openInlineStore({ path, ...OPTIONS })),
  10,
);

storeContract(
  'in memory',
  async () => {
    const database = openMemoryDatabase();
    return {
      open: async () => openInlineStore({ database }),
      history: () => openInlineHistory(database),
      remove: async () => database.close(),
    };
  },
  100,
);
