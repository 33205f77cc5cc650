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
export type { AdoptAsked, PhoneAnswer, PhoneDeps, PhoneList, PhoneRow, QuarantineRow } from './control-phones.ts';
export type { Holder, MadeToken, OnceToken, TokenDeps } from './control-tokens.ts';
export type { Asset, ConsoleDeps } from './deps.ts';
export type { MakeSheet, ProvisionSheet } from './provision-sheet.ts';
