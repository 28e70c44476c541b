import { AggregatorRegistry, type Registry } from 'prom-client';
import type { Figures } from './messages.ts';

/** What only ever grows must not shrink because the process that counted is gone. */
const LASTING = new Set(['counter', 'histogram', 'summary']);

/** Adds up the figures of several processes, of those that have left as well. */
export function createFigures() {
  let ofTheGone: Figures = [];
  let adding = Promise.resolve();

  return {
    /** Keeps the counts of a process that has left. */
    retain(figures: Figures): Promise<void> {
      adding = adding.then(async () => {
        const sum = await figuresOf(AggregatorRegistry.aggregate([ofTheGone, figures]));
        ofTheGone = sum.filter(({ type }) => LASTING.has(type));
      });
      return adding;
    },
    /** The sum in Prometheus's text format; each metric's own aggregator decides what a sum is. */
    async total(living: readonly Figures[]): Promise<string> {
      await adding;
      return AggregatorRegistry.aggregate([ofTheGone, ...living]).metrics();
    },
  };
}

/** The figures of a registry as another process can add them up. */
export async function figuresOf(registry: Pick<Registry, 'getMetricsAsJSON'>): Promise<Figures> {
  const metrics = await registry.getMetricsAsJSON();
  // A number in prom-client's types, a word in fact.
  return metrics.map((metric) => ({ ...metric, type: String(metric.type) }));
}
