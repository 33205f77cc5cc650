// What every store promises about what people look up: calls as they stand, deliveries by the hour, and who did what.
import { expect, test } from 'vitest';
import type { CallDetails } from '../../src/core/events.ts';
import type { History } from '../../src/core/history.ts';
import type { Store } from '../../src/core/store.ts';
import { HOSTILE_STRINGS } from './hostile-strings.ts';
import {
  answered,
  DAY_MS,
  HOUR_MS,
  START_MS,
  sampleCall,
  sampleDelivery,
  sampleEvent,
  sampleUnit,
} from './store-samples.ts';

const NUMBER = '+493012345678';
const policy = { eventsMs: 90 * DAY_MS, deliveredMs: 0, deadMs: 0, rawMs: 0 };

type World = {
  store(): Store;
  /** Asks a history beside the open store, which is closed behind the answer. */
  asked<T>(ask: (beside: History) => Promise<T>): Promise<T>;
  /** Stores what was said of the n-th call. */
  tell(n: number, type: string, change: Partial<CallDetails>): Promise<void>;
};

export function lookedUpContract(store: () => Store, history: () => History): void {
  const world: World = {
    store,
    async asked(ask) {
      const beside = history();
      return ask(beside).finally(() => beside.close());
    },
    tell(n, type, change) {
      const event = sampleCall(n, { direction: 'in', remote: { kind: 'external', number: NUMBER }, ...change });
      const id = `${event.call.key}-${type.slice(5)}`;
      return store().commit(sampleUnit({ made: [{ ...event, id, type: type as typeof event.type }] }));
    },
  };
  callsContract(world);
  searchContract(world);
  figuresContract(world);
  keptContract(world);
}

function callsContract({ asked, tell }: World): void {
  test('a call is one row, as the last word about it says', async () => {
    await tell(1, 'call.ringing', { phones: [{ id: 'a', outcome: 'ringing' }] });
    expect(await asked((beside) => beside.calls({ state: 'open', limit: 9 }))).toHaveLength(1);
    await tell(1, 'call.answered', { phones: [answered('a')], answeredBy: 'a', ringSeconds: 4 });
    await tell(1, 'call.ended', {
      phones: [answered('a')],
      answeredBy: 'a',
      ringSeconds: 4,
      talkSeconds: 60,
      outcome: 'answered',
    });
    const calls = await asked((beside) => beside.calls({ limit: 9 }));
    expect(calls).toMatchObject([
      { key: sampleEvent(1).id, state: 'answered', answeredBy: 'a', talkSeconds: 60, number: NUMBER },
    ]);
  });

  test('a later word forgets neither who takes care of a call nor that it was returned', async () => {
    await tell(1, 'call.missed', { outcome: 'missed' });
    await tell(1, 'call.claimed', { outcome: 'missed', claimedBy: 'Erika', claimedAt: sampleEvent(2).at });
    const returnedAt = sampleEvent(3).at;
    await tell(1, 'call.returned', { outcome: 'missed', returnedBy: 'desk-1', returnedAt });
    await tell(1, 'call.corrected', { outcome: 'rejected', correctedFrom: 'missed' });
    expect(await asked((beside) => beside.call(sampleEvent(1).id))).toMatchObject({
      state: 'rejected',
      claimedBy: 'Erika',
      returnedBy: 'desk-1',
      returnedAtMs: Date.parse(returnedAt),
    });
  });
}

function searchContract({ asked, tell }: World): void {
  test('a call is found by part of its number, name or contact; what is typed has no meaning of its own', async () => {
    await tell(1, 'call.missed', {
      remote: { kind: 'external', number: NUMBER, name: '100 % Söhne', contact: 'ACME_x' },
    });
    await tell(2, 'call.missed', { remote: { kind: 'withheld' } });
    const texts = ['030 1234', '0049 30', '+49 (30) 12', 'SÖHNE', '100 %', 'acme_x', '%', '_'];
    const without = ['100_', 'acmeyx', "' OR 1=1 --"];
    const found = await asked(async (beside) => {
      const counts: [string, number][] = [];
      for (const text of [...texts, ...without, ...HOSTILE_STRINGS])
        counts.push([text, (await beside.calls({ text, limit: 9 })).length]);
      return new Map(counts);
    });
    for (const text of texts) expect([text, found.get(text)]).toEqual([text, 1]);
    for (const text of without) expect([text, found.get(text)]).toEqual([text, 0]);
  });

  test('pages go on behind the call of the page before, also where calls began in the same moment', async () => {
    for (let n = 1; n <= 7; n++) await tell(n, 'call.missed', { startedAt: new Date(START_MS).toISOString() });
    const keys: string[] = [];
    for (;;) {
      const last = keys.at(-1);
      const page = await asked((beside) =>
        beside.calls({ limit: 3, ...(last === undefined ? {} : { before: { startedAtMs: START_MS, key: last } }) }),
      );
      keys.push(...page.map(({ key }) => key));
      if (page.length < 3) break;
    }
    expect(keys).toEqual([7, 6, 5, 4, 3, 2, 1].map((n) => sampleEvent(n).id));
  });
}

function figuresContract({ store, asked, tell }: World): void {
  test('deliveries are counted in the hour in which they ended, each time that they end', async () => {
    const delivery = sampleDelivery(sampleEvent(1));
    const dead = sampleDelivery(sampleEvent(2), 0, { state: 'dead' });
    await store().commit(sampleUnit({ deliveries: [delivery, dead] }));
    const attempt = { atMs: START_MS + HOUR_MS, tookMs: 5 };
    await store().commit(
      sampleUnit({ settled: [{ id: delivery.id, state: 'delivered', attempts: 1, dueAtMs: START_MS, attempt }] }),
    );
    await store().replay([dead.id], START_MS + 2 * HOUR_MS);
    const again = { ...attempt, atMs: START_MS + 2 * HOUR_MS };
    await store().commit(
      sampleUnit({ settled: [{ id: dead.id, state: 'delivered', attempts: 1, dueAtMs: START_MS, attempt: again }] }),
    );
    const figures = await asked((beside) => beside.deliveryFigures({ fromMs: START_MS, toMs: START_MS + DAY_MS }));
    expect(figures).toEqual([
      { atMs: START_MS, to: 'slack', state: 'dead', deliveries: 1 },
      { atMs: START_MS + HOUR_MS, to: 'slack', state: 'delivered', deliveries: 1 },
      { atMs: START_MS + 2 * HOUR_MS, to: 'slack', state: 'delivered', deliveries: 1 },
    ]);
  });

  test('figures count calls where they began, and phones by the calls that rang there', async () => {
    const phones = [answered('a'), { id: 'b', outcome: 'ended' as const }];
    await tell(1, 'call.ended', { outcome: 'answered', ringSeconds: 4, phones });
    await tell(2, 'call.ended', {
      outcome: 'answered',
      ringSeconds: 9,
      phones: [answered('a')],
      startedAt: new Date(START_MS + HOUR_MS).toISOString(),
    });
    await tell(3, 'call.dialing', { direction: 'out', phones });
    const span = { fromMs: START_MS, toMs: START_MS + DAY_MS };
    expect(await asked((beside) => beside.callFigures(span))).toEqual([
      { atMs: START_MS, state: 'answered', direction: 'in', calls: 1, returned: 0 },
      { atMs: START_MS, state: 'open', direction: 'out', calls: 1, returned: 0 },
      { atMs: START_MS + HOUR_MS, state: 'answered', direction: 'in', calls: 1, returned: 0 },
    ]);
    expect(await asked((beside) => beside.ringFigures([START_MS, START_MS + HOUR_MS / 2], span.toMs))).toEqual([
      { atMs: START_MS, ringSeconds: 4, calls: 1 },
      { atMs: START_MS + HOUR_MS / 2, ringSeconds: 9, calls: 1 },
    ]);
    expect(await asked((beside) => beside.phoneFigures(span))).toEqual([
      { phone: 'a', rang: 2, answered: 2 },
      { phone: 'b', rang: 1, answered: 0 },
    ]);
  });
}

function keptContract({ store, asked, tell }: World): void {
  test('the audit log is added to, in the order in which things were done, and hostile names stay as they are', async () => {
    const audit = HOSTILE_STRINGS.map((text, n) => ({ atMs: START_MS - n, who: text, action: 'retry', detail: text }));
    for (const entry of audit) await store().commit(sampleUnit({ audit: [entry] }));
    const found = await asked((beside) => beside.audit({ limit: 500 }));
    expect(found.map(({ seq: _, ...entry }) => entry)).toEqual(audit.toReversed());
    const next = found[2]?.seq as number;
    expect(await asked((beside) => beside.audit({ beforeSeq: next, limit: 1 }))).toEqual([found[3]]);
  });

  test('calls go with the events; figures and the audit log stay for 400 days', async () => {
    for (let n = 0; n < 1_200; n++)
      if (n % 400 === 0)
        await store().commit(sampleUnit({ made: Array.from({ length: 400 }, (_, i) => sampleCall(n + i, {})) }));
    await tell(5_000, 'call.missed', { startedAt: new Date(START_MS + 50 * DAY_MS).toISOString() });
    const audit = [0, 50].map((days) => ({
      atMs: START_MS + days * DAY_MS,
      who: 'a',
      action: 'b',
      detail: String(days),
    }));
    const deliveries = [0, 50].map((days) =>
      sampleDelivery(sampleEvent(days), 0, { state: 'dead', madeAtMs: START_MS + days * DAY_MS }),
    );
    await store().commit(sampleUnit({ audit, deliveries }));
    const span = { fromMs: 0, toMs: START_MS + 999 * DAY_MS };
    const kept = async () => [
      (await asked((beside) => beside.calls({ limit: 500 }))).length,
      (await asked((beside) => beside.deliveryFigures(span))).length,
      (await asked((beside) => beside.audit({ limit: 500 }))).length,
    ];
    await store().prune({ ...policy, nowMs: START_MS + 100 * DAY_MS });
    expect(await kept()).toEqual([1, 2, 2]);
    await store().prune({ ...policy, nowMs: START_MS + 410 * DAY_MS });
    expect(await kept()).toEqual([0, 1, 1]);
  });
}
