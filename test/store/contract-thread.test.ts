// The embedded store with its thread keeps the promises of every store.
import { openSqliteStore } from '../../src/store/index.ts';
import { storeContract } from '../support/store-contract.ts';
import { OPTIONS, onFile } from './places.ts';

storeContract(
  'with a thread',
  onFile((path) => openSqliteStore({ path, ...OPTIONS })),
  1,
);
