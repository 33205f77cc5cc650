// Facts about the fleet on their way to the rules: with what is known besides them, and at the moment that they were due.
import type { FleetEvent } from '../../core/events.ts';
import type { Known } from '../../core/fields.ts';
import type { Folded } from '../fold.ts';
import { callState } from '../phones/state.ts';
import type { Program } from '../program.ts';
import { phoneRow, type State } from '../state.ts';
import { tellSilent, tellStorm } from './facts.ts';
import { SILENT_DUE } from './state.ts';

/** What is made of the fleet meets the rules like anything else. */
export function tellFleet(state: State, made: readonly FleetEvent[], program: Program, folded: Folded): void {
  for (const event of made) {
    const phone = 'phone' in event ? state.phones.get(event.phone.id) : undefined;
    const known: Known = {
      card: phone && program.cardOf(state.site, phone.id),
      state: phone === undefined ? null : callState(phone),
      number: null,
      kind: null,
      contact: null,
    };
    if (event.type === 'site.restarted') known.count = event.fleet.phones.length;
    folded.met.push({ event, known });
  }
}

/** The time of what is due under that name has come. */
export function fleetDue(state: State, due: string, atMs: number, program: Program, folded: Folded): void {
  if (!due.startsWith(SILENT_DUE)) {
    tellFleet(state, tellStorm(state, atMs, folded.changes), program, folded);
    return;
  }
  const id = due.slice(SILENT_DUE.length);
  const isKnown = program.cardOf(state.site, id) !== undefined;
  const told = tellSilent(state, id, isKnown, program.fleet, atMs);
  const phone = state.phones.get(id);
  if (told.length > 0 && phone !== undefined) folded.changes.push(phoneRow(phone));
  tellFleet(state, told, program, folded);
}
