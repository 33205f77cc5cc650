// Metrics in Prometheus' text format: the counters as they stand, and what is measured when somebody asks.
import { Gauge, Registry, Counter as Series } from 'prom-client';
import type { Counter } from './counters.ts';

/** One figure of the moment. Labels come from the config, never from a phone. */
export type Measured = { name: string; help: string; value: number; labels?: Record<string, string> };

const PREFIX = 'hookswitch_';
const nameOf = (name: string): string => `${PREFIX}${name.replace(/[^a-zA-Z0-9_]/g, '_')}`;

/** The whole page. Counters end in `_total` (prometheus.io, "Metric and label naming"). */
export async function renderMetrics(counters: readonly Counter[], measured: readonly Measured[]): Promise<string> {
  const registry = new Registry();
  for (const [name, all] of byName(counters)) {
    const labelNames = [...new Set(all.flatMap(({ labels }) => Object.keys(labels)))];
    const series = new Series({
      name: `${nameOf(name)}_total`,
      help: `Counted since the start: ${name.replaceAll('_', ' ')}.`,
      labelNames,
      registers: [registry],
    });
    for (const { labels, value } of all) series.inc(labels, Math.max(0, value));
  }
  for (const [name, all] of byName(measured)) {
    const labelNames = [...new Set(all.flatMap(({ labels = {} }) => Object.keys(labels)))];
    const gauge = new Gauge({ name: nameOf(name), help: all[0]?.help ?? name, labelNames, registers: [registry] });
    for (const { labels = {}, value } of all) gauge.set(labels, value);
  }
  return registry.metrics();
}

function byName<T extends { name: string }>(all: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) groups.set(each.name, [...(groups.get(each.name) ?? []), each]);
  return groups;
}
