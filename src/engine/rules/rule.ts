// One rule of a file: its keys, the events that it is on, its condition and its actions.
import { CALL_EVENT_TYPES } from '../../core/events.ts';
import { EVENT_TYPES } from '../../core/fields.ts';
import { didYouMean, type Path } from '../../core/problems.ts';
import { type Action, type ActionContext, readAction } from './action.ts';
import { type Check, readCondition } from './condition.ts';
import { isObject, sayKind } from './report.ts';

export type Rule = {
  id: string;
  file: string;
  path: Path;
  enabled: boolean;
  /** Exact event types; `custom.*` stands for all events that rules emit. */
  types: ReadonlySet<string>;
  when: Check;
  actions: Action[];
};

export type RuleContext = ActionContext & { lists: ReadonlyMap<string, readonly string[]>; file: string };

const KEYS = ['id', 'description', 'enabled', 'on', 'when', 'do'];
const KEYS_NOT_YET = ['during', 'outside', 'after', 'count', 'wait', 'limit', 'fallback'];
const ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const GROUPS = [
  '*',
  'phone.*',
  'custom.*',
  ...new Set(EVENT_TYPES.flatMap((type) => (/_/.test(type) ? [`${type.split('_')[0]}_*`] : []))),
];

/** Reads one rule; undefined if it has any problem. */
export function readRule(raw: unknown, path: Path, context: RuleContext): Rule | undefined {
  const { report } = context;
  if (!isObject(raw)) return void report(path, `must be an object { … }, not ${sayKind(raw)}`);
  let good = true;
  const wrong = (key: string, message: string, hint?: string): void => {
    good = false;
    report([...path, key], message, hint);
  };
  for (const key of Object.keys(raw)) {
    if (KEYS_NOT_YET.includes(key)) wrong(key, 'is not built yet in this version', 'rules act on each event at once');
    else if (!KEYS.includes(key)) wrong(key, 'unknown key', didYouMean(key, KEYS));
  }
  if (typeof raw.id !== 'string' || !ID.test(raw.id))
    wrong(
      'id',
      raw.id === undefined ? 'is missing' : 'is not an id',
      'a-z, 0-9, _ and -, up to 64, like "missed-to-slack"',
    );
  if (raw.description !== undefined && typeof raw.description !== 'string')
    wrong('description', `must be text, not ${sayKind(raw.description)}`);
  if (raw.enabled !== undefined && typeof raw.enabled !== 'boolean')
    wrong('enabled', `must be true or false, not ${sayKind(raw.enabled)}`);
  const types = readOn(raw.on, [...path, 'on'], context);
  const when = raw.when === undefined ? () => true : readCondition(raw.when, [...path, 'when'], context);
  const actions = readDo(raw.do, [...path, 'do'], context);
  if (!good || types === undefined || actions === undefined) return undefined;
  return { id: raw.id as string, file: context.file, path, enabled: raw.enabled !== false, types, when, actions };
}

function readDo(raw: unknown, path: Path, context: RuleContext): Action[] | undefined {
  if (!Array.isArray(raw) || raw.length === 0) {
    const hint = 'like [{ "log": { "text": "{{ phone.id }}" } }]';
    return void context.report(path, raw === undefined ? 'is missing' : 'must be a list of actions, not empty', hint);
  }
  if (raw.length > 100) return void context.report(path, 'has more than 100 actions');
  const actions = raw.map((item, i) => readAction(item, [...path, i], context));
  return actions.includes(undefined) ? undefined : (actions as Action[]);
}

function readOn(raw: unknown, path: Path, { report }: RuleContext): ReadonlySet<string> | undefined {
  if (raw === undefined) return void report(path, 'is missing', 'like "phone.missed_call"');
  const names = Array.isArray(raw) ? raw : [raw];
  if (names.length === 0) return void report(path, 'must not be an empty list');
  if (names.length > 200) return void report(path, 'has more than 200 events');
  const types = new Set<string>();
  let good = true;
  for (const [i, name] of names.entries()) {
    const found = typesOf(name);
    if ('types' in found) for (const type of found.types) types.add(type);
    else {
      good = false;
      report(Array.isArray(raw) ? [...path, i] : path, found.wrong, found.hint);
    }
  }
  return good ? types : undefined;
}

function typesOf(name: unknown): { types: readonly string[] } | { wrong: string; hint?: string } {
  if (typeof name !== 'string') return { wrong: `must be the name of an event, not ${sayKind(name)}` };
  if (EVENT_TYPES.includes(name)) return { types: [name] };
  if (name === '*') return { types: [...EVENT_TYPES, 'custom.*'] };
  if (name === 'custom.*' || /^custom\.[a-z0-9][a-z0-9_-]{0,63}$/.test(name)) return { types: [name] };
  if (name === 'call.*' || (CALL_EVENT_TYPES as readonly string[]).includes(name)) {
    return {
      wrong: `the event ${JSON.stringify(name)} is not built yet in this version`,
      hint: 'phone events are: "phone.*"',
    };
  }
  const head = /^(phone\.[a-z_]*)\*$/.exec(name)?.[1];
  const group = head === undefined ? [] : EVENT_TYPES.filter((type) => type.startsWith(head));
  if (group.length > 0) return { types: group };
  const hint =
    didYouMean(name, [...EVENT_TYPES, ...CALL_EVENT_TYPES, ...GROUPS]) ?? 'like "phone.missed_call" or "phone.*"';
  return { wrong: `${JSON.stringify(name.slice(0, 64))} is not an event`, hint };
}
