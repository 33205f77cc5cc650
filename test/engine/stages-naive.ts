// The naive model of stages: plain arrays that are searched from the beginning, and the words of the reference. Never fast.

export type By = readonly ('number' | 'phone')[];

/** Stages as the model knows them; all spans in ms. */
export type Plan = {
  id: string;
  on: readonly string[];
  after?: { withinMs: number; same: By };
  count?: { min: number; withinMs: number; by?: By };
  wait?: { forMs: number; by?: By; extend: boolean; maxMs?: number; unless?: { beforeMs?: number; same?: By } };
  limit?: { max: number; perMs: number; by?: By };
};

export type Said = { id: string; atMs: number; type: string; number: string | null; phone: string };

type Held = { key: string; same: string; first: Said; dueMs: number; lastMs: number; group: Said[] };
type Memory = {
  plan: Plan;
  said: Said[];
  counted: { key: string; said: Said }[];
  held: Held[];
  through: { key: string; atMs: number }[];
  kept: string[];
};

export const UNLESS = 'phone.dnd_off';
export const AFTER = 'phone.registered';

const keyOf = (by: By | undefined, said: Said): string => JSON.stringify((by ?? []).map((field) => said[field]));

export type NaiveStages = {
  told: { atMs: number; rule: string; text: string }[];
  /** Waits, by what became of them. */
  counts: { opened: number; fired: number; cancelled: number; dropped: number };
  memories: Memory[];
  /** What is late by that after a start is dropped. */
  lateMsMax: number;
};

const fresh = (plan: Plan): Memory => ({ plan, said: [], counted: [], held: [], through: [], kept: [] });

/** The model with nothing remembered. */
export const naiveStages = (plans: readonly Plan[], lateMsMax: number): NaiveStages => ({
  told: [],
  counts: { opened: 0, fired: 0, cancelled: 0, dropped: 0 },
  memories: plans.map(fresh),
  lateMsMax,
});

/** Other rules: the memory of those in `same` stays. */
export function naiveReload(model: NaiveStages, plans: readonly Plan[], same: ReadonlySet<string>): void {
  const old = model.memories;
  const kept = (plan: Plan): Memory | undefined => old.find((one) => same.has(plan.id) && one.plan.id === plan.id);
  model.memories = plans.map((plan) => kept(plan) ?? fresh(plan));
  for (const one of old) if (!model.memories.includes(one)) model.counts.dropped += one.held.length;
}

/** `startedMs`: nobody ran until then. */
export function naivePass(model: NaiveStages, nowMs: number, startedMs?: number): void {
  for (;;) {
    const [next] = model.memories
      .flatMap((memory) => memory.held.map((held) => ({ memory, held })))
      .filter(({ held }) => held.dueMs <= nowMs)
      .sort((a, b) => a.held.dueMs - b.held.dueMs || (nameOf(a) < nameOf(b) ? -1 : 1));
    if (next === undefined) return;
    end(model, next, startedMs);
  }
}

export function naiveSay(model: NaiveStages, said: Said): void {
  naivePass(model, said.atMs);
  for (const { plan, held } of model.memories) {
    if (said.type !== UNLESS || plan.wait?.unless === undefined) continue;
    for (const one of held.filter(({ same }) => same === sameOf(plan, said))) {
      held.splice(held.indexOf(one), 1);
      model.counts.cancelled += 1;
    }
  }
  for (const memory of model.memories) if (memory.plan.on.includes(said.type)) meet(model, memory, said);
  for (const memory of model.memories) memory.said.push(said);
}

export const naivePending = ({ memories }: NaiveStages): number =>
  memories.reduce((sum, { held }) => sum + held.length, 0);

function end(model: NaiveStages, { memory, held }: Ending, startedMs: number | undefined): void {
  memory.held.splice(memory.held.indexOf(held), 1);
  const lateMs = startedMs === undefined ? 0 : startedMs - held.dueMs;
  if (lateMs > 0 && lateMs >= model.lateMsMax) {
    model.counts.dropped += 1;
    return;
  }
  model.counts.fired += 1;
  const atMs = startedMs !== undefined && lateMs > 0 ? startedMs : held.dueMs;
  tell(model, memory, { said: held.first, momentMs: held.dueMs, atMs, group: held.group, lateMs });
}

function meet(model: NaiveStages, memory: Memory, said: Said): void {
  const { plan } = memory;
  const { after, wait } = plan;
  if (after !== undefined && !cameBefore(memory, said, AFTER, after.withinMs, (one) => keyOf(after.same, one))) return;
  const group = countedOf(memory, said);
  if (group === undefined) return;
  if (wait === undefined) {
    const of = plan.count === undefined ? undefined : group;
    tell(model, memory, { said, momentMs: said.atMs, atMs: said.atMs, group: of, lateMs: 0 });
    return;
  }
  const beforeMs = wait.unless === undefined ? 0 : (wait.unless.beforeMs ?? wait.forMs);
  if (beforeMs > 0 && cameBefore(memory, said, UNLESS, beforeMs, (one) => sameOf(plan, one))) return;
  const key = wait.by === undefined ? JSON.stringify([said.id]) : keyOf(wait.by, said);
  const held = memory.held.find((one) => one.key === key);
  const dueMs = said.atMs + wait.forMs;
  if (held !== undefined) {
    held.group.push(...group);
    if (wait.extend) held.dueMs = Math.min(dueMs, held.lastMs);
    return;
  }
  model.counts.opened += 1;
  const lastMs = wait.maxMs === undefined ? Number.POSITIVE_INFINITY : said.atMs + wait.maxMs;
  memory.held.push({ key, same: sameOf(plan, said), first: said, dueMs, lastMs, group });
}

function tell(model: NaiveStages, memory: Memory, { said, momentMs, atMs, group, lateMs }: Telling): void {
  const suppressed = suppressedOf(memory, said, momentMs);
  if (suppressed === undefined) return;
  const callers = [...new Set(group?.flatMap(({ number }) => number ?? []) ?? [])].join(',');
  const late = lateMs > 0 ? String(Math.ceil(lateMs / 1_000)) : '';
  const text = `${said.id} x${group?.length ?? ''} +${suppressed} l${late} ${callers}`;
  model.told.push({ atMs, rule: memory.plan.id, text });
}

type Ending = { memory: Memory; held: Held };
type Telling = { said: Said; momentMs: number; atMs: number; group: Said[] | undefined; lateMs: number };

const cameBefore = (memory: Memory, now: Said, type: string, withinMs: number, key: (said: Said) => string): boolean =>
  memory.said.some((said) => said.type === type && now.atMs - said.atMs <= withinMs && key(said) === key(now));

/** The events that come together with this one, itself included; undefined: not enough yet. */
function countedOf(memory: Memory, said: Said): Said[] | undefined {
  const { count } = memory.plan;
  if (count === undefined) return [said];
  const key = keyOf(count.by, said);
  memory.counted.push({ key, said });
  const alike = memory.counted.filter((one) => one.key === key && said.atMs - one.said.atMs <= count.withinMs);
  if (alike.length < count.min) return undefined;
  memory.counted = memory.counted.filter((one) => one.key !== key);
  return alike.map((one) => one.said);
}

/** What was held back before; undefined: this is held back, too. `''`: there is no limit. */
function suppressedOf(memory: Memory, said: Said, momentMs: number): string | undefined {
  const { limit } = memory.plan;
  if (limit === undefined) return '';
  const key = keyOf(limit.by, said);
  const recent = memory.through.filter((one) => one.key === key && momentMs - one.atMs < limit.perMs);
  if (recent.length >= limit.max) {
    memory.kept.push(key);
    return undefined;
  }
  const suppressed = memory.kept.filter((one) => one === key).length;
  memory.kept = memory.kept.filter((one) => one !== key);
  memory.through.push({ key, atMs: momentMs });
  return String(suppressed);
}

const nameOf = ({ memory, held }: Ending): string => `${memory.plan.id}\n${held.key}`;

const sameOf = ({ wait }: Plan, said: Said): string => keyOf(wait?.unless?.same ?? wait?.by, said);
