// The console's public face.
export { ACCOUNT_NAME, type Account, type AccountBook } from './access/accounts.ts';
export {
  hashPassword,
  isPasswordHash,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  SALT_BYTES,
} from './access/passwords.ts';
export { ROLES, type Role } from './access/roles.ts';
export { type ControlDeps, createControlApi, type MadeTest, type ShownEvent } from './control.ts';
export { type AccountDeps, type AccountList, createAccountApi } from './control-accounts.ts';
export type { Found, NumberDeps, Purged } from './control-numbers.ts';
export type { AdoptAsked, PhoneAnswer, PhoneDeps, PhoneList, PhoneRow, QuarantineRow } from './control-phones.ts';
export type { Holder, MadeToken, OnceToken, TokenDeps } from './control-tokens.ts';
export type { Asset, ConsoleDeps, Explained } from './deps.ts';
export type { MakeSheet, ProvisionSheet } from './provision-sheet.ts';
export {
  type BenchDesk,
  type BenchEnd,
  type BenchOrder,
  type BenchRun,
  type Composed,
  EDITED_UNITS_MAX,
  type EditedRules,
  type Refused,
  type ReplayDesk,
  type ReplayOrder,
  type ReplayState,
  type RuleCard,
  type RuleDesk,
  type ShownProblem,
} from './rule-desk.ts';
