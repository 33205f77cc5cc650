// Slices: long work of the console's in pieces of a few milliseconds, so that phones are answered meanwhile; with an end in any case.
import type { Clock } from './core/ports.ts';
import type { Program } from './engine/index.ts';

/** `late`: its time is up. `heavy`: one step alone took too long. `cancelled`: somebody called it off. */
export type WorkEndCode = 'late' | 'heavy' | 'cancelled';

/** The work was ended before it was done. */
export class WorkEnd extends Error {
  override name = 'WorkEnd';
  readonly code: WorkEndCode;
  constructor(code: WorkEndCode) {
    super(code);
    this.code = code;
  }
}

export type Slices = {
  /** Does one step, which nothing interrupts. What `guarded` looks at counts from here. */
  step<T>(work: () => T): T;
  /** Between two steps: lets others run if a slice is used up. Rejects with a WorkEnd. */
  breathe(): Promise<void>;
  /** All steps of a generator, with breath between them. Resolves with what it returns; rejects with a WorkEnd. */
  all<T>(steps: Generator<unknown, T>): Promise<T>;
  /** The same program, which throws a WorkEnd where one step takes too long: rules that somebody tries out may be of any kind. */
  guarded(program: Program): Program;
};

export type SlicesOptions = { deadlineMs: number; cancelled?(): boolean };

/** Far below what a phone or a person notices. */
const SLICE_MS = 10;
/** Rules that need longer for one event would hold up every phone if they were in use. Wall time: a busy machine needs some room. */
const STEP_MS_MAX = 1_000;

/** Time counts from now on. */
export function createSlices(
  clock: Pick<Clock, 'monotonicMs' | 'after'>,
  { deadlineMs, cancelled = () => false }: SlicesOptions,
): Slices {
  const endMs = clock.monotonicMs() + deadlineMs;
  let sliceMs = clock.monotonicMs();
  let stepMs = sliceMs;

  const step = <T>(work: () => T): T => {
    stepMs = clock.monotonicMs();
    return work();
  };
  const check = (): void => {
    if (clock.monotonicMs() - stepMs > STEP_MS_MAX) throw new WorkEnd('heavy');
  };
  const breathe = async (): Promise<void> => {
    if (cancelled()) throw new WorkEnd('cancelled');
    const nowMs = clock.monotonicMs();
    if (nowMs > endMs) throw new WorkEnd('late');
    if (nowMs - sliceMs < SLICE_MS) return;
    await new Promise<void>((resolve) => void clock.after(0, resolve));
    sliceMs = clock.monotonicMs();
  };
  return {
    step,
    breathe,
    async all(steps) {
      for (;;) {
        const { done, value } = step(() => steps.next());
        if (done) return value;
        await breathe();
      }
    },
    guarded: (program) => ({
      ...program,
      match(event, known) {
        check();
        return program.match(event, known);
      },
      routeTo(connection) {
        check();
        return program.routeTo(connection);
      },
    }),
  };
}
