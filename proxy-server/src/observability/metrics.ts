import { createMetrics } from '@doa-market/common/metrics';
import { Counter, Gauge } from 'prom-client';
import type { CacheOutcome } from '../cache/cache-status.ts';

interface CacheStats {
  bytes: number;
  entries: number;
  evictions: number;
}

/** The proxy's figures: the ones every server has, and those of its cache. */
export function createProxyMetrics(cacheStats: () => CacheStats) {
  const metrics = createMetrics('proxy-server');
  const registers = [metrics.registry];
  const outcomes = new Counter({
    name: 'proxy_cache_requests_total',
    help: 'Requests for pages by what the cache did with them',
    labelNames: ['outcome'],
    registers,
  });
  const renewalFailures = new Counter({
    name: 'proxy_cache_renewal_failures_total',
    help: 'Background renewals that did not bring a page',
    registers,
  });
  const sessionCalls = new Counter({
    name: 'proxy_session_calls_total',
    help: 'What the proxy asked of the API about sessions and guests, by outcome',
    labelNames: ['call', 'outcome'],
    registers,
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('proxy_cache_bytes', 'Bytes of pages held in memory', () => cacheStats().bytes);
  gauge('proxy_cache_entries', 'Pages held in memory', () => cacheStats().entries);
  gauge('proxy_cache_evictions', 'Pages dropped to stay within the bound', () => cacheStats().evictions);

  return {
    ...metrics,
    countOutcome: (outcome: CacheOutcome) => outcomes.inc({ outcome: outcome.toLowerCase() }),
    countSessionCall: (call: string, outcome: string) => sessionCalls.inc({ call, outcome }),
    countRenewalFailure: () => renewalFailures.inc(),
  };
}
export type ProxyMetrics = ReturnType<typeof createProxyMetrics>;
