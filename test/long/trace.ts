// Reads an strace of the daemon and says which acknowledgements were sent before their hit was on disk.

type Call = { name: string; fd: string; text: string; startLine: number; endLine: number };

const BEGINS = /^(\d+)\s+(\w+)\((\d+)(.*)$/s;
const RESUMES = /^(\d+)\s+<\.\.\. (\w+) resumed>(.*)$/s;

/** The system calls in the order of their ends; a call that never ended is left out. */
function callsOf(trace: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, Omit<Call, 'endLine'>>();
  for (const [line, text] of trace.split('\n').entries()) {
    const begins = BEGINS.exec(text);
    const resumes = RESUMES.exec(text);
    if (begins) {
      const [, thread = '', name = '', fd = '', rest = ''] = begins;
      const call = { name, fd, text: rest, startLine: line };
      if (rest.endsWith('<unfinished ...>')) open.set(thread, call);
      else calls.push({ ...call, endLine: line });
    } else if (resumes) {
      const [, thread = '', , rest = ''] = resumes;
      const call = open.get(thread);
      open.delete(thread);
      if (call) calls.push({ ...call, text: call.text + rest, endLine: line });
    }
  }
  return calls;
}

const MARK = /ack-\d+-end/g;
const SYNCS = new Set(['fsync', 'fdatasync']);
const FILE_WRITES = new Set(['write', 'pwrite64', 'pwritev', 'writev']);

export type AckOrder = {
  /** Hits that got a 200. */
  acknowledged: string[];
  /** Hits whose 200 began before an fsync of the file that holds them had returned. */
  violations: string[];
};

/**
 * A hit carries the word `ack-<n>-end`. Its row is on disk when a sync of the file into which the word was written began after
 * that write had ended; that sync must have returned before the write of the 200 to the hit's socket begins. Output of
 * `strace -f`, with strings long enough to show whole pages.
 */
export function ackOrder(trace: string): AckOrder {
  const calls = callsOf(trace);
  const hitOf = new Map<string, string>();
  const writes: (Call & { mark: string })[] = [];
  const syncs = calls.filter((call) => SYNCS.has(call.name));
  const result: AckOrder = { acknowledged: [], violations: [] };
  for (const call of calls) {
    const marks = call.text.match(MARK) ?? [];
    if (call.name === 'read' || call.name === 'recvfrom') {
      if (call.text.includes('GET /') && marks[0]) hitOf.set(call.fd, marks[0]);
    } else if (call.text.includes('HTTP/1.1 200')) {
      const mark = hitOf.get(call.fd);
      if (mark === undefined) continue;
      hitOf.delete(call.fd);
      result.acknowledged.push(mark);
      const synced = writes
        .filter((write) => write.mark === mark)
        .some((write) =>
          syncs.some((sync) => sync.fd === write.fd && sync.startLine > write.endLine && sync.endLine < call.startLine),
        );
      if (!synced) result.violations.push(mark);
    } else if (FILE_WRITES.has(call.name)) for (const mark of marks) writes.push({ ...call, mark });
  }
  return result;
}
