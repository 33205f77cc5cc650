// Taken: who is done with a mail already, where a server took it for some recipients and put others off. Those alone get the next
// attempt. Kept in memory only: after a restart everybody gets the mail again, under the same Message-ID (at least once, each).

const MAILS_MAX = 1_000;

/** `done`: addresses that have the mail or were refused for good; `refused`: how many of them were refused. */
export type Progress = { done: ReadonlySet<string>; refused: number };

export type Taken = {
  of(deliveryId: string): Progress;
  add(deliveryId: string, addresses: readonly string[], refused: number): void;
  forget(deliveryId: string): void;
};

/** Nobody has anything yet. Beyond a thousand mails the oldest is forgotten. */
export function createTaken(): Taken {
  const mails = new Map<string, Progress>();
  const of = (id: string): Progress => mails.get(id) ?? { done: new Set(), refused: 0 };
  return {
    of,
    add(id, addresses, refused) {
      const before = of(id);
      mails.delete(id);
      mails.set(id, { done: new Set([...before.done, ...addresses]), refused: before.refused + refused });
      const [oldest] = mails.keys();
      if (mails.size > MAILS_MAX && oldest !== undefined) mails.delete(oldest);
    },
    forget: (id) => void mails.delete(id),
  };
}
