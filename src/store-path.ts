// Where the database lies in a data folder.
import { join } from 'node:path';

/** The database of a data folder. */
export const storePath = (dataPath: string): string => join(dataPath, 'hookswitch.db');
