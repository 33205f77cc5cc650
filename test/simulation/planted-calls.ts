// Planted bugs about phones, calls and time: what somebody could get wrong there, and the simulation must notice.
import type { Planted } from './planted.ts';

export const PLANTED_IN_CALLS: readonly Planted[] = [
  {
    name: 'the timer is set once',
    meaning: 'what is due after the next thing waits until some phone speaks',
    file: 'src/pump.ts',
    edits: [{ find: '    wakeIfIdle(state);\n    arm(state);\n', put: '    wakeIfIdle(state);\n' }],
  },
  {
    name: 'a timer that came early is gone',
    meaning: 'the clock was set back, and what was due is forgotten',
    file: 'src/pump.ts',
    edits: [{ find: '    state.armedMs = undefined;\n    // The wall', put: '    // The wall' }],
  },
  {
    name: 'time overtakes a hit',
    meaning: 'a verdict goes out while the answer is being written',
    file: 'src/pump.ts',
    edits: [{ find: '  state.accepting === 0 &&\n', put: '' }],
  },
  {
    name: 'the start is not told',
    meaning: 'after hours without us a phone is still believed to talk',
    file: 'src/pump.ts',
    edits: [{ find: 'decideOne(state, { now, started: true }, {})', put: 'undefined' }],
  },
  {
    name: 'the start is told too late',
    meaning: 'what a phone says first after a start is thrown away as out of date',
    file: 'src/pump.ts',
    edits: [{ find: 'Date.parse(event.at) >= state.startedAtMs', put: 'false' }],
  },
  {
    name: 'no settling',
    meaning: 'a colleague took the call, and "answered" came a moment after the last "missed"',
    file: 'src/engine/program.ts',
    edits: [
      { find: 'groups.get(name)?.settleMs ?? 0), settings.settleMs)', put: 'groups.get(name)?.settleMs ?? 0), 0)' },
    ],
  },
  {
    name: 'the row of a call is not written',
    meaning: 'a restart goes on with a call as it was some words ago',
    file: 'src/engine/calls/table.ts',
    edits: [
      {
        find: '  calls.changed.add(call.key);\n  rearm(',
        put: '  if (call.closedMs === null) calls.changed.add(call.key);\n  rearm(',
      },
    ],
  },
  {
    name: 'calls that a restart forgets',
    meaning: 'a call in which the daemon was restarted is never told to its end',
    file: 'src/engine/state.ts',
    edits: [{ find: 'else if (kind === CALL) restoreCall(', put: "else if (kind === 'none') restoreCall(" }],
  },
  {
    name: 'a restored phone that nobody watches',
    meaning: 'a phone that was ringing at a restart rings for ever',
    file: 'src/engine/state.ts',
    edits: [{ find: '  rearm(state, phone);\n  rejoin', put: '  rejoin' }],
  },
  {
    name: 'a state that runs out is not stored',
    meaning: 'after a restart a phone rings again that had stopped long ago',
    file: 'src/engine/fold.ts',
    edits: [
      { find: '  if (!expired) return;\n  folded.changes.push(phoneRow(phone));\n', put: '  if (!expired) return;\n' },
    ],
  },
  {
    name: 'time at the moment of looking',
    meaning: 'what a call lasted depends on when somebody looked',
    file: 'src/engine/fold.ts',
    edits: [{ find: 'const atMs = Math.max(next.atMs, state.nowMs);', put: 'const atMs = nowMs;' }],
  },
  {
    name: 'a call of one phone only',
    meaning: 'ten phones that ring together are ten calls, and nine of them were missed',
    file: 'src/engine/calls/fold.ts',
    edits: [
      {
        find: 'sharedCall(callsWith(calls, said.number), said, folding.settleMsOf) ?? begin(',
        put: 'sharedCall([], said, folding.settleMsOf) ?? begin(',
      },
    ],
  },
];
