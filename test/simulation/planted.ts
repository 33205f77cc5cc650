// Planted bugs: each is a change to a copy of the sources that the simulation must notice. None exists in the sources. Those
// about phones, calls and time are in planted-calls.ts.

export type Planted = {
  name: string;
  /** What somebody could get wrong that way. */
  meaning: string;
  file: string;
  /** Exact text, found exactly once (`everywhere`: at least once), and what stands there instead. */
  edits: { find: string; put: string; everywhere?: boolean }[];
};

export const PLANTED: readonly Planted[] = [
  {
    name: 'acknowledge before store',
    meaning: 'the phone gets its 200 while the hit is only in memory',
    file: 'src/pump.ts',
    edits: [
      {
        find: 'const results = await options.store.append(entries);\n        take(state, entries, results);\n        return results;',
        put: 'void options.store.append(entries).then((results) => take(state, entries, results), () => {});\n        return [];',
      },
    ],
  },
  {
    name: 'mark before send',
    meaning: 'a delivery counts as delivered before the peer has it',
    file: 'src/outbox/dispatch.ts',
    edits: [
      {
        find: '  const attempt = launch(',
        put: "  queue.settling.push({ id: entry.id, state: 'delivered', attempts: entry.attempts + 1, dueAtMs: 0 });\n  const attempt = launch(",
      },
    ],
  },
  {
    name: 'lease without expiry',
    meaning: 'an attempt that never ends holds its lane for ever',
    file: 'src/outbox/link.ts',
    edits: [{ find: 'lookAt: nowMs + link.timeoutMs', put: 'lookAt: Number.POSITIVE_INFINITY' }],
  },
  {
    name: 'wall-clock scheduling',
    meaning: 'waits are measured by a clock that people and NTP set',
    file: 'src/outbox/queue.ts',
    edits: [{ find: 'clock.monotonicMs()', put: 'clock.wallMs()', everywhere: true }],
  },
  {
    name: 'head-of-line poison',
    meaning: 'what can never be sent is tried for ever and holds up its lane',
    file: 'src/outbox/outcomes.ts',
    edits: [
      {
        find: "outcome.kind === 'delivered' || outcome.kind === 'dead' || outcome.kind === 'gone'",
        put: "outcome.kind === 'delivered' || outcome.kind === 'gone'",
      },
    ],
  },
  {
    name: 'followers pass a head that backs off',
    meaning: 'an old state overwrites a newer one',
    file: 'src/outbox/queue.ts',
    edits: [{ find: "if (queue.settings.ordering === 'strict') return;", put: '' }],
  },
  {
    name: 'a timer ends an attempt',
    meaning: 'a delivery is under way twice, because an attempt that timed out still goes on',
    file: 'src/outbox/link.ts',
    edits: [
      {
        find: 'else attempt.controller.abort();',
        put: "else {\n        attempt.controller.abort();\n        land(link, attempt, { kind: 'retry', error: 'timeout' });\n      }",
      },
    ],
  },
  {
    name: 'two lines for one lane',
    meaning: 'a lane that is looked at while its attempt ends stands in line twice',
    file: 'src/outbox/outcomes.ts',
    edits: [
      {
        find: '  // The lane stays `flying` until its next state is known',
        put: "  attempt.entry.lane.state = 'idle';\n  // The lane stays `flying` until its next state is known",
      },
    ],
  },
  {
    name: 'the pause is forgotten',
    meaning: 'a Retry-After holds for one message only',
    file: 'src/outbox/outcomes.ts',
    edits: [{ find: 'if (grantMs > 0) queue.pausedUntil', put: 'if (grantMs < 0) queue.pausedUntil' }],
  },
  {
    name: 'no cap on Retry-After',
    meaning: 'a peer that asks for a month gets a month',
    file: 'src/outbox/backoff.ts',
    edits: [
      { find: 'return Math.min(Math.ceil(afterMs), settings.retryAfterMsMax);', put: 'return Math.ceil(afterMs);' },
    ],
  },
  {
    name: 'an open breaker burns attempts',
    meaning: 'an outage of hours uses up what a delivery may try',
    file: 'src/outbox/outcomes.ts',
    edits: [
      {
        find: '  watch(queue, entry, entry.endAt);\n  stepBack(queue, entry.lane);\n}',
        put: '  entry.attempts += 1;\n  watch(queue, entry, entry.endAt);\n  stepBack(queue, entry.lane);\n}',
      },
    ],
  },
  {
    name: 'a failed probe is forgotten',
    meaning: 'the lane that looked whether the peer is back never gets in line again',
    file: 'src/outbox/queue.ts',
    edits: [
      { find: '  (closed ? queue.ready : queue.tried).push(lane);', put: '  if (closed) queue.ready.push(lane);' },
    ],
  },
  {
    name: 'no probe',
    meaning: 'an open breaker waits for somebody else to look',
    file: 'src/outbox/dispatch.ts',
    edits: [{ find: '      wakeAt(queue, mayAt);\n', put: '' }],
  },
  {
    name: 'a reload drops what waits',
    meaning: 'deliveries to a connection that was taken away are gone when it is back',
    file: 'src/outbox/outbox.ts',
    edits: [
      {
        find: 'if (mine !== queue.generation || queue.known.size > 0) return;',
        put: '',
      },
    ],
  },
  {
    name: 'one delivery an event',
    meaning: 'copies are recognised too widely, and a second delivery of the same event is lost',
    file: 'src/outbox/admit.ts',
    edits: [
      {
        find: 'if (queue.known.has(delivery.id)) return;',
        put: 'for (const other of queue.known.values()) if (other.delivery?.event === delivery.event) return;',
      },
    ],
  },
  {
    name: 'the due time of a failed probe',
    meaning: 'a delivery that was never counted as tried rests for hours after a clock jump and a restart',
    file: 'src/outbox/backoff.ts',
    edits: [
      {
        find: 'return Math.min(restMs, backoffCeilingMs(delivery.attempts, settings));',
        put: 'return restMs;',
      },
    ],
  },
  {
    name: 'send before store',
    meaning: 'a delivery leaves before the decision is on disk',
    file: 'src/pump.ts',
    edits: [
      {
        find: '  state.options.store.commit(unit.work).then(',
        put: '  state.options.add(unit.work.deliveries);\n  state.options.store.commit(unit.work).then(',
      },
    ],
  },
  {
    name: 'the older one of a slot stays',
    meaning: 'what a newer delivery says is lost, because an older one of its slot waits already',
    file: 'src/outbox/admit.ts',
    edits: [
      {
        find: '  if (older === undefined && isFull(queue)) {',
        put: "  if (older !== undefined) {\n    settleUntried(queue, delivery, 'replaced', REPLACED);\n    return;\n  }\n  if (isFull(queue)) {",
      },
    ],
  },
  {
    name: 'one slot for all lanes',
    meaning: 'the state of one phone replaces that of another',
    file: 'src/outbox/admit.ts',
    edits: [
      {
        find: 'queue.lanes.get(delivery.order)?.slots?.get(slot);',
        put: '[...queue.lanes.values()].map((lane) => lane.slots?.get(slot)).find((holder) => holder !== undefined);',
      },
    ],
  },
  {
    name: 'an overtaken one is tried again',
    meaning: 'an old state is sent once more although a newer one waits',
    file: 'src/outbox/outcomes.ts',
    edits: [{ find: 'else if (isOvertaken(attempt.entry))', put: 'else if (queue.halted)' }],
  },
  {
    name: 'slots are forgotten by a restart',
    meaning: 'what was replaced in memory only goes out after a crash',
    file: 'src/store/sqlite/rows.ts',
    edits: [
      {
        find: 'const { state, attempts, dueAtMs, expiresAtMs, lastError, lastCode, ...made } = delivery;',
        put: 'const { state, attempts, dueAtMs, expiresAtMs, lastError, lastCode, slot: _, ...made } = delivery;',
      },
    ],
  },
  {
    name: 'a turn that has not come burns an attempt',
    meaning: 'waiting for a limit uses up what a delivery may try',
    file: 'src/outbox/outcomes.ts',
    edits: [
      { find: '  // Never at once: a destination', put: '  entry.attempts += 1;\n  // Never at once: a destination' },
    ],
  },
  {
    name: 'gone for this message only',
    meaning: 'a peer that said it is gone for good is asked again and again',
    file: 'src/outbox/outcomes.ts',
    edits: [{ find: "    if (outcome.kind === 'gone') pronounceGone(queue, outcome.code);\n", put: '' }],
  },
  {
    name: 'two transactions',
    meaning: 'an event is marked as processed first, its deliveries are stored second',
    file: 'src/pump.ts',
    edits: [
      {
        find: '  state.options.store.commit(unit.work).then(',
        put: '  const { work } = unit;\n  const second = { ...work, processed: [], made: [], state: [], settled: [] };\n  state.options.store.commit({ ...work, deliveries: [] }).then(() => state.options.store.commit(second)).then(',
      },
    ],
  },
  {
    name: 'a refused unit is skipped',
    meaning: 'what a full store did not take is forgotten',
    file: 'src/pump.ts',
    edits: [
      {
        find: 'ports.clock.after(delayMs, () => commit(state, unit));',
        put: 'ports.clock.after(delayMs, () => {\n    state.unit = undefined;\n    advance(state);\n  });',
      },
    ],
  },
  {
    name: 'outcomes of a refused unit are dropped',
    meaning: 'what was delivered while the store was full is sent again after a restart',
    file: 'src/pump.ts',
    edits: [
      {
        find: 'ports.clock.after(delayMs, () => commit(state, unit));',
        put: 'unit.work.settled = [];\n  ports.clock.after(delayMs, () => commit(state, unit));',
      },
    ],
  },
  {
    name: 'a reload that nobody notices',
    meaning: 'events are decided by the rules that were there at the start',
    file: 'src/pump.ts',
    edits: [
      { find: 'state.options.step(state.program, input)', put: 'state.options.step(state.options.program, input)' },
    ],
  },
  {
    name: 'what rules emit is not kept',
    meaning: 'history does not show why something was sent',
    file: 'src/pump.ts',
    edits: [{ find: 'for (const made of stepped.events) work.made.push(made);', put: '' }],
  },
  {
    name: 'state that a restart forgets',
    meaning: 'after a crash a phone is held to the wrong MAC',
    file: 'src/engine/state.ts',
    edits: [
      {
        find: "if (kind === PIN && typeof value === 'string')",
        put: "if (kind === 'none' && typeof value === 'string')",
      },
    ],
  },
  {
    name: 'an event is never marked',
    meaning: 'every start decides everything anew',
    file: 'src/store/sqlite/units.ts',
    edits: [{ find: 'journal.processed(unit.processed);', put: '' }],
  },
];
