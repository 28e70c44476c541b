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
  const counter = (name: string, help: string) => {
    const it = new Counter({ name, help, registers });
    return () => it.inc();
  };
  /** Counted in plain numbers, for they are on the hot path, and handed over when somebody asks. */
  const fresh = { requests: 0, bytes: 0 };
  const seen = { hit: 0, all: 0 };
  const outcomes = new Counter({
    name: 'proxy_cache_requests_total',
    help: 'Requests for pages by what the cache did with them',
    labelNames: ['outcome'],
    registers,
    collect() {
      if (fresh.requests > 0) this.inc({ outcome: 'hit' }, fresh.requests);
      seen.hit += fresh.requests;
      seen.all += fresh.requests;
      fresh.requests = 0;
    },
  });
  new Counter({
    name: 'proxy_cache_hit_bytes_total',
    help: 'Bytes of bodies that fresh pages were answered with',
    registers,
    collect() {
      this.inc(fresh.bytes);
      fresh.bytes = 0;
    },
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
  gauge(
    'proxy_cache_hit_ratio',
    'Share of cacheable requests answered without waiting for an origin, since the start',
    () => (seen.all === 0 ? 0 : seen.hit / seen.all),
  );
  gauge('proxy_cache_bytes', 'Bytes of pages held in memory', () => cacheStats().bytes);
  gauge('proxy_cache_entries', 'Pages held in memory', () => cacheStats().entries);
  gauge('proxy_cache_evictions', 'Pages dropped to stay within the bound', () => cacheStats().evictions);

  return {
    ...metrics,
    countOutcome(outcome: CacheOutcome) {
      outcomes.inc({ outcome: outcome.toLowerCase() });
      if (outcome === 'BYPASS') return;
      seen.all += 1;
      if (outcome !== 'MISS') seen.hit += 1;
    },
    countFreshHit(bytes: number) {
      fresh.requests += 1;
      fresh.bytes += bytes;
    },
    countRender: counter('proxy_cache_renders_total', 'Fetches from an origin that were made for everyone'),
    countCollapsed: counter(
      'proxy_cache_collapsed_total',
      'Requests that were answered by the fetch of another',
    ),
    countShared: counter('proxy_cache_shared_total', 'Pages that another proxy had rendered'),
    countSessionCall: (call: string, outcome: string) => sessionCalls.inc({ call, outcome }),
    countRenewalFailure: () => renewalFailures.inc(),
  };
}
export type ProxyMetrics = ReturnType<typeof createProxyMetrics>;
