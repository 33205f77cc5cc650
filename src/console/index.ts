// The console's public face.
export { type ControlDeps, createControlApi, type MadeTest, type ShownEvent } from './control.ts';
export type { AdoptAsked, PhoneAnswer, PhoneDeps, PhoneList, PhoneRow, QuarantineRow } from './control-phones.ts';
export type { Holder, MadeToken, OnceToken, TokenDeps } from './control-tokens.ts';
