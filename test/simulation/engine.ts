// STAND-IN
import type { Delivery } from '../../src/core/delivery.ts';
import type { PhoneEvent } from '../../src/core/events.ts';
import type { StateChange } from '../../src/core/store.ts';
import type { Stepped } from '../../src/pump.ts';
import type { SinkName } from './scenario.ts';

export const programOf = (generation: number): number => generation;
export function plannedFor(generation: number, event: PhoneEvent): SinkName[] {
  const to: SinkName[] = ['house'];
  if (event.type === 'phone.incoming_call' || generation % 2 === 1) to.push('team');
  if (event.type === 'phone.off_hook') to.push('lead', 'lead');
  return to;
}
export function createEngine() {
  const counts = new Map<string, number>();
  return {
    restore: ({ key, value }: StateChange): void => void counts.set(key, Number(value)),
    step(program: number, event: PhoneEvent): Stepped {
      const n = (counts.get(event.phone.id) ?? 0) + 1;
      counts.set(event.phone.id, n);
      const madeAtMs = Date.parse(event.at);
      const deliveries = plannedFor(program, event).map(
        (to, k): Delivery => ({
          id: `${event.id}/r${k}/0`,
          event: event.id,
          site: event.site,
          rule: `r${k}`,
          to,
          type: 'webhook',
          message: {
            generation: String(program),
            lane: `${to}|${event.phone.id}`,
            number: event.remote.number ?? '',
            n,
          },
          order: `${to}|${event.phone.id}`,
          state: 'waiting',
          attempts: 0,
          madeAtMs,
          dueAtMs: madeAtMs,
          expiresAtMs: madeAtMs + 72 * 3_600_000,
        }),
      );
      return { changes: [{ kind: 'count', key: event.phone.id, value: n }], events: [], deliveries };
    },
  };
}
