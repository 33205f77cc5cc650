// The lookup: which bucket of a table a value falls into.
import type { FieldValue } from '../../core/fields.ts';
import { type AddressBits, addressBits, leadingBits } from '../rules/address.ts';
import type { Node, Table } from './access-tree.ts';

export type Lookup = (table: Table, value: Exclude<FieldValue, readonly string[]>) => Node | undefined;

/** Addresses are kept as they were read last: the tables of one field ask for the same one, and a phone speaks more than once. */
export function createLookup(): Lookup {
  let lastText = '';
  let last: AddressBits | undefined;
  const addressOf = (text: string): AddressBits | undefined => {
    if (text !== lastText) {
      lastText = text;
      last = addressBits(text);
    }
    return last;
  };
  return ({ kind, length, version, buckets }, value) => {
    if (kind === 'exact') return buckets.get(value);
    if (typeof value !== 'string') return undefined;
    if (kind === 'folded') return buckets.get(value.toLowerCase());
    if (kind === 'network') {
      const address = addressOf(value);
      return address?.version === version ? buckets.get(leadingBits(address, length)) : undefined;
    }
    if (value.length < length) return undefined;
    return buckets.get(kind === 'prefix' ? value.slice(0, length) : value.slice(value.length - length));
  };
}
