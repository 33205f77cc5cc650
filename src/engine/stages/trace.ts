// Trace: what each stage said of an event, told while it is decided; `explain` is made of it.

/** `wait` with `ok: false`: an event that cancels had come before, or the wait was dropped. */
export type Stage =
  | 'when'
  | 'fallback'
  | 'during'
  | 'after'
  | 'count'
  | 'wait'
  | 'joined'
  | 'cancelled'
  | 'limit'
  | 'suppressed'
  | 'fired';

/** `ok`: whether the event got past the stage. `saw`: what the stage went by, in a few words. */
export type Saw = { stage: Stage; ok: boolean; saw?: string };

/** Called for every rule that takes the event's type, stage by stage, until one says no; of a wait with the event that began it. */
export type Trace = (event: string, rule: string, saw: Saw) => void;
