import type { Logger } from '@doa-market/common/logging';
import type { Answer } from '../cache/http-cache.ts';
import type { MemoryStore } from '../cache/memory-store.ts';
import type { ProxyConfig } from '../config.ts';
import type { AccessLog } from '../observability/access-log.ts';
import type { ProxyMetrics } from '../observability/metrics.ts';
import type { Draft } from '../proxy/handle-requests.ts';

/** What stands behind the public port. */
export interface Site {
  /** The short way, where there is one. */
  freshHit?(request: Request): Response | undefined;
  /** Finds out where a request goes, and answers it; what it learns on the way is left in the draft. */
  answer(draft: Draft): Promise<Partial<Answer>>;
  /** Whether what should be there is; by name, for /ready. */
  dependencies: Parameters<typeof import('@doa-market/common/lifecycle').createReadiness>[0];
  close(): Promise<void>;
}

export interface SiteOptions<Config extends ProxyConfig> {
  config: Config;
  logger: Logger;
  metrics: ProxyMetrics;
  store: MemoryStore;
  log: AccessLog;
}

/** An answer larger than this is passed on, not kept, in bytes. */
export const MAX_STORED_BODY = 4 * 2 ** 20;
