// Exit codes: what a command tells the program that called it. From 64 on as in sysexits.h.

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  config: 65,
  noDaemon: 69,
  cannotCreate: 73,
  io: 74,
  locked: 75,
} as const;

const MEANINGS: [number, string][] = [
  [EXIT.ok, 'done'],
  [EXIT.failed, 'not done: what was asked for failed or is not there'],
  [EXIT.usage, 'the command line is wrong'],
  [EXIT.config, 'the config or a rule is wrong'],
  [EXIT.noDaemon, 'no daemon is running for this data folder, and the command needs one'],
  [EXIT.cannotCreate, 'the data folder cannot be made or written'],
  [EXIT.io, 'the store cannot be read or written'],
  [EXIT.locked, 'another daemon has the data folder; try again later'],
];

/** The table that `--help` shows. */
export const EXIT_HELP = `\nExit codes:\n${MEANINGS.map(([code, meaning]) => `  ${String(code).padStart(2)}  ${meaning}`).join('\n')}\n`;
