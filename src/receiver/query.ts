// Query: pieces between separators → variables, so that a caller's text can neither replace nor supply one.

/**
 * What a known name is: `own` comes from the phone, `caller` may hold a stranger's text, `sentinel` is the `_` that ends our
 * URLs. `seal` is a name that may not appear as a variable of its own, because another one is stored under it.
 */
export type NameRole = 'own' | 'caller' | 'sentinel' | 'seal';
export type Names = ReadonlyMap<string, NameRole>;

/** `values` as raw bytes, in order, the sentinel among them. `whole`: the text ends with the first `_=` and it says `_=.`. */
export type Pieces = { values: Map<string, string>; marks: Set<string>; whole: boolean };

/** The variables of the URLs that Hookswitch makes; see the rules at `split`. */
export const HIT_NAMES: Names = new Map<string, NameRole>([
  ...['mac', 'ip', 'model', 'firmware', 'user', 'host', 'url', 'call_id', 'called_number'].map(
    (name): [string, NameRole] => [name, 'own'],
  ),
  ...['local', 'display_local', 'remote', 'display_remote'].map((name): [string, NameRole] => [name, 'caller']),
  ['_', 'sentinel'],
]);

const UNKNOWN_NAME = /^[A-Za-z0-9_.-]{1,64}$/;

type Verdict = 'starts' | 'repeated' | 'late' | 'text';

function judge(name: string, names: Names, seen: Map<string, string>, callerSeen: boolean): Verdict {
  const role = names.get(name);
  if (role === 'seal') return 'text';
  if (role === undefined) return !callerSeen && !seen.has(name) && UNKNOWN_NAME.test(name) ? 'starts' : 'text';
  if (seen.has(name)) return 'repeated';
  return callerSeen && role === 'own' ? 'late' : 'starts';
}

/**
 * Splits before any decoding. A piece starts a variable if its name is known and new and, once a caller-controlled variable has
 * begun, caller-controlled itself; an unknown name only before that. Everything else is more text of the value before it, with
 * its separator. So "Smith & Sons" arrives whole, and a caller named `x&mac=…` changes nothing but the marks.
 * Never throws; linear in the text.
 */
export function split(text: string, names: Names, separator = '&'): Pieces {
  const values = new Map<string, string>();
  const marks = new Set<string>();
  let current: string | undefined;
  let valueAt = 0;
  let sentinelAt = -1;
  let callerSeen = false;
  let equals = text.indexOf('=');
  for (let at = 0, stop = 0; at <= text.length; at = stop + 1) {
    stop = text.indexOf(separator, at);
    if (stop < 0) stop = text.length;
    if (equals >= 0 && equals < at) equals = text.indexOf('=', at);
    if (equals < 0 || equals >= stop) continue;
    const name = text.slice(at, equals);
    const verdict = judge(name, names, values, callerSeen);
    if (verdict === 'starts') {
      if (current !== undefined) values.set(current, text.slice(valueAt, at - 1));
      values.set(name, '');
      current = name;
      valueAt = equals + 1;
      const role = names.get(name);
      if (role === 'caller') callerSeen = true;
      else if (role === 'sentinel') sentinelAt = at;
    } else if (verdict !== 'text') marks.add(`${verdict}:${name}`);
  }
  if (current !== undefined) values.set(current, text.slice(valueAt));
  return { values, marks, whole: sentinelAt >= 0 && text.slice(sentinelAt) === '_=.' };
}
