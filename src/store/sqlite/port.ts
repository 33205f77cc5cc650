// The port between the store that callers see and the core: inline in the same thread, or through a worker thread.
import { batchOf, type Member } from './batch.ts';
import type { Core, CoreCalls } from './core.ts';
import { fromWire } from './errors.ts';
import type { GroupReply } from './group.ts';

export type CallName = keyof CoreCalls;

export type Port = {
  /** Resolves when the member is on disk, with one `seq` an entry (negative: the id was known). */
  write(member: Member): Promise<number[]>;
  call<Name extends CallName>(name: Name, ...values: Parameters<CoreCalls[Name]>): Promise<ReturnType<CoreCalls[Name]>>;
  close(): Promise<void>;
};

/** Each member's share of a reply: its seqs, or why nothing of it was stored. */
export function shareOut(members: readonly Member[], reply: GroupReply): (number[] | StoreFailure)[] {
  const failures = new Map(reply.failures.map(({ member, error }) => [member, error]));
  let first = 0;
  return members.map((member, i) => {
    const count = member.kind === 'hits' ? member.hits.raws.length : 0;
    first += count;
    const failure = failures.get(i);
    return failure === undefined ? reply.seqs.slice(first - count, first) : { failure: fromWire(failure) };
  });
}

export type StoreFailure = { failure: Error };

/** Runs every call at once, in its own transaction; promises resolve on the microtask queue, so a seeded run repeats exactly. */
export function inlinePort(core: Core): Port {
  return {
    async write(member) {
      const [share] = shareOut([member], core.group(batchOf([member])));
      if (share === undefined || 'failure' in share) throw share?.failure;
      return share;
    },
    async call(name, ...values) {
      return callCore(core, name, values);
    },
    async close() {
      core.close();
    },
  };
}

/** The one place that knows that a call's name and its values belong together. */
export function callCore<Name extends CallName>(
  core: Core,
  name: Name,
  values: Parameters<CoreCalls[Name]>,
): ReturnType<CoreCalls[Name]> {
  const call = core.calls[name] as (...values: Parameters<CoreCalls[Name]>) => ReturnType<CoreCalls[Name]>;
  return call(...values);
}
