// What phones must tell: the events and variables that the active rules, the folding of calls and Home Assistant live on.
import type { Config } from './config.ts';
import { CALL_EVENT_TYPES, SLUGS, type Slug, STATE_CHANGED } from './core/events.ts';
import {
  CALL_SLUGS,
  CALL_VARIABLES,
  type CompiledRule,
  type CompiledRules,
  OWN_NUMBER_SLUGS,
  STATE_SLUGS,
} from './engine/index.ts';

/** `variables` in the names that URLs have. `why`: the rules (`rule "x"`), or `Home Assistant`. */
export type Need = { variables: Set<string>; why: Set<string> };

/** By event, in the order of all events; an event that nobody needs is not there. */
export type Needs = ReadonlyMap<Slug, Need>;

/** From a field of the rule language to the variables of the URL from which it is read; the rest comes from elsewhere. */
const VARIABLES_OF: Readonly<Record<string, readonly string[]>> = {
  'phone.ip': ['ip'],
  'phone.model': ['model'],
  'phone.firmware': ['firmware'],
  'line.user': ['user'],
  'line.host': ['host'],
  'line.uri': ['url'],
  'local.number': ['local'],
  'local.uri': ['local'],
  'local.name': ['display_local'],
  'remote.number': ['remote'],
  'remote.uri': ['remote'],
  'remote.kind': ['remote'],
  'remote.contact': ['remote'],
  'remote.name': ['display_remote'],
  callers: ['remote'],
};
/** Home Assistant shows every event of a phone, and of each what is known about the phone and the other side. */
const HOME_ASSISTANT_VARIABLES = ['ip', 'model', 'firmware', ...CALL_VARIABLES];
const VARS = 'vars.';

/** What the rules that are switched on need, and Home Assistant where a connection of the config shows the phones there. */
export function needsOf(config: Pick<Config<CompiledRules>, 'rules' | 'connections'>): Needs {
  const needs = new Map<Slug, Need>();
  const add = (slugs: readonly Slug[], variables: readonly string[], why: string): void => {
    for (const slug of slugs) {
      const need = needs.get(slug) ?? { variables: new Set(['mac']), why: new Set() };
      for (const variable of variables) need.variables.add(variable);
      needs.set(slug, { ...need, why: need.why.add(why) });
    }
  };
  const active = config.rules.filter(({ enabled }) => enabled);
  for (const rule of active) addRule(rule, typesOf(rule, active), add);
  if (showsPhones(config)) {
    add(SLUGS, HOME_ASSISTANT_VARIABLES, 'Home Assistant');
    addFold(STATE_SLUGS, 'Home Assistant', add);
  }
  return new Map(SLUGS.flatMap((slug) => (needs.has(slug) ? [[slug, needs.get(slug) as Need]] : [])));
}

/** Everything that phones can tell, with the usual variables: for whoever does not want to write the files again for each rule. */
export const everyNeed = (variables: readonly string[]): Needs =>
  new Map(SLUGS.map((slug) => [slug, { variables: new Set(variables), why: new Set(['--all-events']) }]));

type Add = (slugs: readonly Slug[], variables: readonly string[], why: string) => void;

/** The events that a rule lives on. One that rules make themselves keeps what the event knew that it was made of, so that counts. */
function typesOf(rule: CompiledRule, rules: CompiledRules): Set<string> {
  const types = new Set([...rule.on, ...rule.hears]);
  // A set that grows while it is walked: whatever is added is walked, too.
  for (const type of types) {
    if (!type.startsWith('custom.')) continue;
    for (const maker of rules)
      if (maker.actions.some((action) => action.kind === 'emit' && action.event === type))
        for (const cause of maker.on) types.add(cause);
  }
  return types;
}

function addRule(rule: CompiledRule, types: ReadonlySet<string>, add: Add): void {
  const why = `rule "${rule.id}"`;
  const read = rule.reads.flatMap((field) =>
    field.startsWith(VARS) ? [field.slice(VARS.length)] : (VARIABLES_OF[field] ?? []),
  );
  add(
    SLUGS.filter((slug) => types.has(`phone.${slug}`)),
    read,
    why,
  );
  if (CALL_EVENT_TYPES.some((type) => types.has(type))) {
    // A call's names and numbers may go out whole, so what tells them is always needed. Raw variables a call has none.
    addFold(CALL_SLUGS, why, add);
  }
  if (types.has(STATE_CHANGED)) add(STATE_SLUGS, read, why);
  if (types.has(STATE_CHANGED) || rule.reads.includes('phone.state')) addFold(STATE_SLUGS, why, add);
}

function addFold(slugs: readonly Slug[], why: string, add: Add): void {
  add(slugs, CALL_VARIABLES, why);
  add(
    OWN_NUMBER_SLUGS.filter((slug) => slugs.includes(slug)),
    ['local'],
    why,
  );
}

const showsPhones = ({ connections }: Pick<Config, 'connections'>): boolean =>
  [...connections.values()].some(
    ({ settings }) =>
      typeof settings === 'object' &&
      settings !== null &&
      (settings as { homeAssistant?: unknown }).homeAssistant !== undefined,
  );
