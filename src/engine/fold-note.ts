// Notes: what a person ordered or a look-up answered, folded into the state in its place among the hits.
import type { NoteEvent } from '../core/events.ts';
import { claimCall } from './calls/past.ts';
import { forgive } from './fleet/quarantine.ts';
import { type Folded, tell } from './fold.ts';
import { clearMissed, resetPhone } from './phones/later.ts';
import type { Program } from './program.ts';
import { forgetPhone, keepLooked, phoneRow, rearm, type State, unpin } from './state.ts';

/** Folds what a person or a look-up added. */
export function foldNote(state: State, note: NoteEvent, program: Program, folded: Folded): void {
  if (note.type === 'note.contact') {
    const { number, name } = note.contact;
    for (const row of keepLooked(state, number, { name })) folded.changes.push(row);
    return;
  }
  if (note.type === 'note.claimed') {
    tell(state, claimCall(state.calls, note.claim.call, note.claim.by, Date.parse(note.at)), program, folded);
    return;
  }
  if (note.type === 'note.test') return;
  const { id } = note.phone;
  if (note.type === 'note.repin' || note.type === 'note.forget') {
    forgive(state.fleet, id, folded.changes);
    folded.changes.push(...(note.type === 'note.repin' ? unpin(state, id) : forgetPhone(state, id)));
    return;
  }
  const phone = state.phones.get(id);
  if (phone === undefined) return;
  if (note.type === 'note.clear_missed') clearMissed(phone);
  else resetPhone(phone, Date.parse(note.at));
  rearm(state, phone);
  folded.changes.push(phoneRow(phone));
  folded.touched.push({ phone: phone.id });
}
