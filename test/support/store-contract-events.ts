// What every store promises about events: the journal, the history and how they go when they are old.
import { expect, test } from 'vitest';
import type { PhoneEvent } from '../../src/core/events.ts';
import type { Store } from '../../src/core/store.ts';
import { HOSTILE_STRINGS } from './hostile-strings.ts';
import {
  answered,
  DAY_MS,
  loadAll,
  START_MS,
  sampleCall,
  sampleDelivery,
  sampleEntry,
  sampleEvent,
  sampleNote,
  sampleUnit,
} from './store-samples.ts';

type Current = () => Store;

export function journalContract(store: Current, reopen: () => Promise<void>): void {
  test('keeps entries in their order, bytes and all, over a restart', async () => {
    const entries = [1, 2, 3].map((n) => sampleEntry(n));
    const results = await store().append(entries);
    expect(results.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
    await reopen();
    const kept = await store().events({ limit: 10 });
    expect(kept).toEqual(entries.map(({ event, raw }, i) => ({ seq: results[i]?.seq, event, raw, processed: false })));
    const first = kept[0]?.event as PhoneEvent | undefined;
    expect(Object.getPrototypeOf(first?.vars)).toBeNull();
    const more = await store().append([sampleEntry(4)]);
    expect(more[0]?.seq).toBeGreaterThan(results[2]?.seq as number);
  });

  test('a known id is a duplicate: in one call, in the next, after a restart', async () => {
    const [first, again, other] = await store().append([sampleEntry(1), sampleEntry(1), sampleEntry(2)]);
    expect(again).toEqual({ seq: first?.seq, duplicate: true });
    expect(other?.duplicate).toBe(false);
    await reopen();
    const changed = sampleEntry(1, { suspect: ['truncated'] });
    expect(await store().append([changed, sampleEntry(3)])).toMatchObject([
      { seq: first?.seq, duplicate: true },
      { duplicate: false },
    ]);
    expect((await store().events({ id: changed.event.id, limit: 1 }))[0]?.event).toMatchObject({ suspect: [] });
    expect((await store().stats()).events).toBe(3);
  });

  test('strings of strangers come back as they were', async () => {
    const entries = HOSTILE_STRINGS.map((text, n) =>
      sampleEntry(n, { remote: { name: text }, vars: Object.assign(Object.create(null), { [text]: text }) }),
    );
    await store().append(entries);
    const kept = await store().events({ limit: 1000 });
    expect(kept.map(({ event }) => event)).toEqual(entries.map(({ event }) => event));
  });

  test('a call with an entry that cannot be stored stores nothing of it, and harms nobody else', async () => {
    const bad = sampleEntry(2, { at: 'yesterday' });
    const answers = await Promise.allSettled([
      store().append([sampleEntry(1)]),
      store().append([sampleEntry(5), bad]),
      store().append([sampleEntry(3)]),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const kept = await store().events({ limit: 10 });
    expect(kept.map(({ event }) => event.id)).toEqual([1, 3].map((n) => sampleEvent(n).id));
  });

  edgesContract(store);
}

function edgesContract(store: Current): void {
  test('an empty call is answered', async () => {
    expect(await store().append([])).toEqual([]);
  });

  test('knows the newest time of each site', async () => {
    await store().append([sampleEntry(1), sampleEntry(9, { site: 'north' }), sampleEntry(2)]);
    expect(await store().lastAtMs('default')).toBe(START_MS + 2);
    expect(await store().lastAtMs('north')).toBe(START_MS + 9);
    expect(await store().lastAtMs('south')).toBe(0);
  });
}

export function historyContract(store: Current): void {
  test('is found by id, phone, type, time and place', async () => {
    const entries = Array.from({ length: 9 }, (_, n) =>
      sampleEntry(n, n % 2 === 0 ? {} : { type: 'phone.missed_call' }),
    );
    const seqs = (await store().append(entries)).map(({ seq }) => seq);
    const places = async (query: object) =>
      (await store().events({ limit: 100, ...query })).map(({ seq }) => seqs.indexOf(seq));
    expect(await places({})).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await places({ newestFirst: true, limit: 2 })).toEqual([8, 7]);
    expect(await places({ id: sampleEvent(4).id })).toEqual([4]);
    expect(await places({ id: 'unknown' })).toEqual([]);
    expect(await places({ phone: 'desk-1' })).toEqual([1, 4, 7]);
    expect(await places({ phone: 'desk-1', type: 'phone.missed_call', newestFirst: true })).toEqual([7, 1]);
    expect(await places({ sinceMs: START_MS + 6 })).toEqual([6, 7, 8]);
    expect(await places({ sinceMs: START_MS + 2, afterSeq: seqs[4], limit: 2 })).toEqual([5, 6]);
    expect(await places({ afterSeq: seqs[8] })).toEqual([]);
    expect(await places({ limit: 0 })).toEqual([]);
  });

  test('a limit that is no whole number is refused, not taken for "everything"', async () => {
    for (const limit of [-1, Number.NaN, 1.5]) {
      await expect(store().events({ limit })).rejects.toThrow(TypeError);
      await expect(store().deliveries({ limit })).rejects.toThrow(TypeError);
    }
  });
}

/** What no phone said itself. */
export function otherEventsContract(store: Current, reopen: () => Promise<void>): void {
  test('notes stand in the journal like hits, at their place, and wait to be decided as they do', async () => {
    const entries = [sampleEntry(1), sampleNote(2), sampleEntry(3), sampleNote(4, 'desk-1')];
    const seqs = (await store().append(entries)).map(({ seq }) => seq);
    expect((await store().append([sampleNote(2)]))[0]).toEqual({ seq: seqs[1], duplicate: true });
    await store().commit(sampleUnit({ processed: [seqs[0] as number] }));
    await reopen();
    const waiting = (await loadAll(store())).map((pending) =>
      pending.kind === 'event' ? pending.event : pending.kind,
    );
    expect(waiting).toEqual(entries.slice(1).map(({ event }) => event));
    const kept = await store().events({ type: 'note.contact', limit: 9 });
    expect(kept).toMatchObject([{ event: { contact: { number: '+4930100', name: 'Erika' } }, processed: false }]);
    expect(await store().events({ phone: 'desk-1', type: 'note.clear_missed', limit: 9 })).toHaveLength(1);
    expect(await store().lastAtMs('default')).toBe(START_MS + 4);
  });

  test('events about calls are found by the phone that answered or was the only one; nobody decides them again', async () => {
    const [entry] = await store().append([sampleEntry(0)]);
    const taken = sampleCall(1, { answeredBy: 'desk-2', phones: [answered('desk-1'), answered('desk-2')] });
    const alone = sampleCall(2, { phones: [answered('desk-1')] });
    const nobodys = sampleCall(3, { phones: [answered('desk-1'), answered('desk-2')] });
    const made = [taken, alone, nobodys];
    await store().commit(sampleUnit({ processed: [entry?.seq as number], made }));
    const found = async (query: object) =>
      (await store().events({ type: 'call.answered', limit: 9, ...query })).map(({ event }) => event);
    expect(await found({})).toEqual(made);
    expect(await found({ phone: 'desk-2' })).toEqual([taken]);
    expect(await found({ phone: 'desk-1' })).toEqual([alone]);
    expect(await found({ id: nobodys.id })).toEqual([nobodys]);
    expect(await loadAll(store())).toEqual([]);
    expect(await store().stats()).toMatchObject({ events: 4, unprocessed: 0 });
  });
}

/** Everything is old by now. */
const policy = { nowMs: START_MS + 30 * DAY_MS, eventsMs: 0, deliveredMs: 0, deadMs: 0, rawMs: 0 };

export function retentionContract(store: Current): void {
  test('what is old goes, more than one transaction full; what waits and where it comes from stays', async () => {
    const entries = Array.from({ length: 1300 }, (_, n) => sampleEntry(n));
    const seqs = (await store().append(entries)).map(({ seq }) => seq);
    const deliveries = entries.map(({ event }, n) =>
      sampleDelivery(event, 0, { state: n === 700 ? 'waiting' : n % 2 === 0 ? 'delivered' : 'dead' }),
    );
    await store().commit(sampleUnit({ processed: seqs.filter((_, n) => n !== 3 && n !== 1200), deliveries }));
    const [kept, unprocessed] = [sampleEvent(700).id, [sampleEvent(3).id, sampleEvent(1200).id]];
    const pruned = await store().prune(policy);
    expect(pruned).toMatchObject({ events: 1297, deliveries: 1299 });
    const events = await store().events({ limit: 10 });
    expect(events.map(({ event }) => event.id).sort()).toEqual([kept, ...unprocessed].sort());
    expect(events.every(({ raw }) => raw === null)).toBe(true);
    expect(await store().deliveries({ limit: 10 })).toEqual([deliveries[700]]);
    expect(await store().stats()).toMatchObject({
      events: 3,
      unprocessed: 2,
      deliveries: { waiting: 1, delivered: 0, dead: 0, expired: 0, replaced: 0, cancelled: 0 },
    });
    expect(await store().prune(policy)).toEqual({ events: 0, deliveries: 0, raw: 0 });
  });

  test('each kind has its own age', async () => {
    const at = (ageMs: number) => new Date(policy.nowMs - ageMs).toISOString();
    const entries = [3, 2, 1].map((days, n) => sampleEntry(n, { at: at(days * DAY_MS) }));
    const seqs = (await store().append(entries)).map(({ seq }) => seq);
    const states = ['delivered', 'dead', 'expired'] as const;
    const deliveries = entries.flatMap(({ event }) => states.map((state, n) => sampleDelivery(event, n, { state })));
    await store().commit(sampleUnit({ processed: seqs, deliveries }));
    const ages = { eventsMs: 2.5 * DAY_MS, deliveredMs: 1.5 * DAY_MS, deadMs: 2.5 * DAY_MS, rawMs: 1.5 * DAY_MS };
    expect(await store().prune({ nowMs: policy.nowMs, ...ages })).toEqual({ events: 1, deliveries: 4, raw: 1 });
    expect((await store().events({ limit: 9 })).map(({ raw }) => raw === null)).toEqual([true, false]);
    const left = (await store().deliveries({ limit: 9 })).map(({ event, state }) => `${event.at(-1)} ${state}`);
    expect(left.sort()).toEqual(['1 dead', '1 expired', '2 dead', '2 delivered', '2 expired']);
  });

  test('sequence numbers are not given out again after everything is gone', async () => {
    const [first] = await store().append([sampleEntry(1)]);
    await store().commit(sampleUnit({ processed: [first?.seq as number] }));
    await store().prune(policy);
    const [next] = await store().append([sampleEntry(2)]);
    expect(next?.seq).toBeGreaterThan(first?.seq as number);
  });
}

export function pruneUnderLoadContract(store: Current): void {
  test('it ends, although what comes in meanwhile is old at once', async () => {
    let pruning = true;
    let n = 0;
    const feed = async (): Promise<void> => {
      while (pruning && n < 5000) await store().append([sampleEntry(n++)]);
    };
    await store().append([sampleEntry(n++)]);
    const feeding = feed();
    await store().prune(policy);
    pruning = false;
    await feeding;
    expect(n).toBeLessThan(5000);
  });

  test('hits and units are written while it runs', async () => {
    const entries = Array.from({ length: 3000 }, (_, n) => sampleEntry(n));
    const seqs = (await store().append(entries)).map(({ seq }) => seq);
    await store().commit(sampleUnit({ processed: seqs }));
    let pruning = true;
    const running = store()
      .prune(policy)
      .finally(() => {
        pruning = false;
      });
    let during = 0;
    for (let n = 10_000; pruning && n < 12_000; n++) {
      await store().append([sampleEntry(n, { at: new Date(policy.nowMs + n).toISOString() })]);
      if (pruning) during++;
    }
    expect((await running).events).toBe(3000);
    expect(during).toBeGreaterThan(2);
    expect((await store().stats()).events).toBeGreaterThanOrEqual(during);
  });
}
