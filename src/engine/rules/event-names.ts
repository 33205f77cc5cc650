// Event names: what `on` says, read into the exact types of the events that a rule takes.
import { FLEET_EVENT_TYPES, STATE_CHANGED } from '../../core/events.ts';
import { EVENT_TYPES } from '../../core/fields.ts';
import { didYouMean, type Path } from '../../core/problems.ts';
import type { Report } from './compiled.ts';
import { kindOf } from './tree.ts';

/** Events that rules make with `emit`. */
export const CUSTOM_EVENT = /^custom\.[a-z0-9][a-z0-9_-]{0,63}$/;

const BY_NAME_ONLY = new Set<string>([STATE_CHANGED, ...FLEET_EVENT_TYPES]);

const EXAMPLE = 'like "phone.missed_call", "phone.*" or a list of them';

/** Reads `on` into types, each once; `emitted` are the `custom.` events that some rule makes. Empty if it has any problem. */
export function readOn(raw: unknown, path: Path, emitted: ReadonlySet<string>, report: Report): string[] {
  if (raw === undefined) return fail(report, path, 'is missing', EXAMPLE);
  if (typeof raw === 'string') return readName(raw, path, emitted, report);
  if (!Array.isArray(raw))
    return fail(report, path, `must be text in double quotes or a list, not ${kindOf(raw)}`, EXAMPLE);
  if (raw.length === 0) return fail(report, path, 'is an empty list', EXAMPLE);
  const types = raw.flatMap((entry: unknown, index) => {
    const here = [...path, index];
    if (typeof entry === 'string') return readName(entry, here, emitted, report);
    return fail(report, here, `must be text in double quotes, not ${kindOf(entry)}`, 'like "phone.missed_call"');
  });
  return [...new Set(types)];
}

function fail(report: Report, path: Path, message: string, hint?: string): [] {
  report(path, message, hint);
  return [];
}

function readName(name: string, path: Path, emitted: ReadonlySet<string>, report: Report): string[] {
  if (EVENT_TYPES.includes(name) || emitted.has(name)) return [name];
  const known = [...EVENT_TYPES, ...emitted];
  // What follows from what phones said would tell it twice: it is asked for by its name.
  if (name === 'phone.*' || name === '*')
    return known.filter((type) => !BY_NAME_ONLY.has(type) && type.startsWith(name.slice(0, -1)));
  if (name.endsWith('*')) {
    const types = known.filter((type) => type.startsWith(name.slice(0, -1)));
    if (types.length > 0) return types;
    if (name === 'custom.*') return fail(report, path, 'no rule makes such an event', 'make one with "emit"');
    return fail(report, path, `no event begins with ${quoted(name.slice(0, -1))}`, nearGroup(name));
  }
  if (name.startsWith('custom.'))
    return fail(report, path, `no rule makes ${quoted(name)}`, near(name, [...emitted]) ?? 'make it with "emit"');
  const [ofPhone, ofCall] = [`phone.${name}`, `call.${name}`];
  // "missed" is all of `call.missed`, however near `phone.mute` may be.
  const whole = known.includes(ofCall) ? ofCall : ofPhone;
  const hint = near(name, known) ?? near(whole, known) ?? near(ofCall, known) ?? EXAMPLE;
  return fail(report, path, `${quoted(name)} is not an event`, hint);
}

/** A misspelled group is nearest to the beginning of some event. */
function nearGroup(name: string): string {
  const beginnings = new Set<string>(['phone.*', 'call.*', 'custom.*', '*']);
  for (const type of EVENT_TYPES) {
    const [first, ...rest] = type.split('_');
    if (rest.length > 0) beginnings.add(`${first}_*`);
  }
  return near(name, [...beginnings]) ?? 'like "phone.*" or "phone.forward_*"';
}

function near(name: string, known: readonly string[]): string | undefined {
  const hint = didYouMean(name, known);
  return hint?.startsWith('did') === true ? hint : undefined;
}

const quoted = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
