// What each operator asks of a field, with an example that is true and one that is not.
import type { Json } from '../../core/delivery.ts';

/** What stands behind the operator. `test`: any test of the field. */
export type Operand = 'text' | 'number' | 'network' | 'list' | 'field' | 'yes-or-no' | 'test';

export type OperatorMeaning = {
  meaning: string;
  operand: Operand;
  /** A field of the catalogue, the operator's operand, and values of that field for which the test holds, or does not. */
  example: { field: string; operand: Json; holds: Json; fails: Json };
};

const TEXT_FIELD = 'remote.number';

export const OPERATOR_MEANINGS: Readonly<Record<string, OperatorMeaning>> = {
  prefix: {
    meaning: 'The value begins with this.',
    operand: 'text',
    example: { field: TEXT_FIELD, operand: '+4930', holds: '+493012345', fails: '+498912345' },
  },
  suffix: {
    meaning: 'The value ends with this.',
    operand: 'text',
    example: { field: TEXT_FIELD, operand: '100', holds: '+4930123100', fails: '+4930123101' },
  },
  contains: {
    meaning: 'The value has this in it.',
    operand: 'text',
    example: { field: 'remote.name', operand: 'GmbH', holds: 'Mustermann GmbH & Co', fails: 'Erika Mustermann' },
  },
  wildcard: {
    meaning:
      'The value as a whole has this form: * stands for any text, ? for one character; \\ before either takes it as it is.',
    operand: 'text',
    example: { field: TEXT_FIELD, operand: '+49*100', holds: '+4930123100', fails: '+4930123101' },
  },
  'equals-ignore-case': {
    meaning: 'The value is this; small and capital letters are alike.',
    operand: 'text',
    example: { field: 'remote.name', operand: 'erika mustermann', holds: 'Erika MUSTERMANN', fails: 'Erika' },
  },
  '>': {
    meaning: 'The value is more than this.',
    operand: 'number',
    example: { field: 'call.talkSeconds', operand: 30, holds: 31, fails: 30 },
  },
  '>=': {
    meaning: 'The value is this or more.',
    operand: 'number',
    example: { field: 'call.talkSeconds', operand: 30, holds: 30, fails: 29 },
  },
  '<': {
    meaning: 'The value is less than this.',
    operand: 'number',
    example: { field: 'call.ringSeconds', operand: 5, holds: 4, fails: 5 },
  },
  '<=': {
    meaning: 'The value is this or less.',
    operand: 'number',
    example: { field: 'call.ringSeconds', operand: 5, holds: 5, fails: 6 },
  },
  cidr: {
    meaning: 'The address lies in this network.',
    operand: 'network',
    example: { field: 'phone.ip', operand: '192.168.1.0/24', holds: '192.168.1.51', fails: '192.168.2.51' },
  },
  in: {
    meaning: 'The value stands in the list of this name; lists are written under "lists" in the same file.',
    operand: 'list',
    example: { field: TEXT_FIELD, operand: 'vip', holds: '+493012345', fails: '+498912345' },
  },
  'same-as': {
    meaning: 'The value is the same as that of another field of the event; two unknown values are the same too.',
    operand: 'field',
    example: { field: 'local.number', operand: 'line.user', holds: '201', fails: '202' },
  },
  exists: {
    meaning: 'true: there is a value. false: there is none.',
    operand: 'yes-or-no',
    example: { field: TEXT_FIELD, operand: true, holds: '+493012345', fails: null },
  },
  not: {
    meaning:
      'The test behind it does not hold. Mind that a field without a value holds no test, so that "not" holds there.',
    operand: 'test',
    example: { field: TEXT_FIELD, operand: { prefix: '+49' }, holds: '+43112345', fails: '+493012345' },
  },
};
