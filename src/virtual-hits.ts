// Virtual hits: variables as people write them in tests, read in the way in which the receiver reads those of phones.
import { wellFormed } from './core/caller-text.ts';
import type { ReadVars } from './core/simulation.ts';
import { readPieces } from './receiver/target.ts';
import { vendorVariables } from './vendors/index.ts';

/** What `hookswitch send` claims to be where nobody says: locally administered, so that it is no real phone's. */
export const VIRTUAL_MAC = '020000000001';

/** Needs no encoding to arrive as it is. */
const PLAIN = /^[\x20-\x24\x26-\x7e]*$/;

/** The receiver's own reading: what a phone did not fill in (`$remote`, empty) is absent, a bad MAC is told, bidi controls go. */
export const readVars: ReadVars = (vars) => {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(vars))
    values.set(name, PLAIN.test(value) ? value : encodeURIComponent(wellFormed(value)));
  const {
    mac,
    suspect,
    vars: read,
    local,
    remote,
  } = readPieces({ values, marks: new Set(), whole: true }, vendorVariables);
  return { vars: read, local, remote, suspect: [...suspect].sort(), ...(mac === undefined ? {} : { mac }) };
};
