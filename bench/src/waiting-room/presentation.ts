import { quantile } from '../statistics.ts';
import type { Outcome } from './crowd.ts';

/** Latencies of a run beside the bar of its P95, in milliseconds, and how it was answered. */
export function linesOf({ samples, statuses }: Outcome, bar?: number): string {
  const latencies = samples.map(({ latency }) => latency);
  const [p50, p95, p99, longest] = [0.5, 0.95, 0.99, 1].map((share) => quantile(latencies, share).toFixed(1));
  const verdict = bar === undefined ? '' : `   (bar: P95 ${bar} ms)`;
  const answers = [...statuses].map(([status, count]) => `${count} x ${status}`).join(', ');
  return `  P50 ${p50}, P95 ${p95}, P99 ${p99}, longest ${longest} ms${verdict}\n  answers: ${answers}`;
}
