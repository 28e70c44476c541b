import { createReadiness } from '@doa-market/common/lifecycle';
import type { Logger } from '@doa-market/common/logging';
import { createMemoryStore } from './cache/memory-store.ts';
import type { ProxyConfig } from './config.ts';
import { createHealthRoutes } from './health/routes.ts';
import { createAccessLog } from './observability/access-log.ts';
import { createProxyMetrics } from './observability/metrics.ts';
import { createRequestHandler } from './proxy/handle-requests.ts';
import { createPlainSite } from './sites/plain-site.ts';
import { createStorefrontSite } from './sites/storefront-site.ts';

interface AppOptions {
  config: ProxyConfig;
  logger: Logger;
  /** Where the lines of the access log go. */
  writeLine: (line: string) => void;
}

const MAX_NEGATIVE = 1_000;

/** Builds the handler of every request from its parts. */
export async function createApp({ config, logger, writeLine }: AppOptions) {
  const store = createMemoryStore({ maxBytes: config.CACHE_MAX_BYTES, maxNegative: MAX_NEGATIVE });
  const metrics = createProxyMetrics(store.stats);
  const log = createAccessLog({ write: writeLine, enabled: logger.isLevelEnabled('info'), metrics });
  const parts = { logger, metrics, store, log };
  const site =
    config.CACHE_POLICY === 'standard'
      ? createPlainSite({ config, ...parts })
      : await createStorefrontSite({ config, ...parts });
  const readiness = createReadiness(site.dependencies);
  const health = createHealthRoutes(readiness);
  const handle = createRequestHandler({
    async answer(draft) {
      // In front of a foreign origin every path is that origin's.
      const response = config.CACHE_POLICY === 'standard' ? undefined : await health(draft.request.url);
      return response ? { response } : site.answer(draft);
    },
    logger,
    metrics,
    logAccess: log.request,
    readiness,
  });

  return {
    metrics,
    readiness,
    /** Not a promise where a fresh page is at hand. */
    fetch(request: Request, peerOf: (request: Request) => string): Response | Promise<Response> {
      return site.freshHit?.(request) ?? handle(request, peerOf);
    },
    close: site.close,
  };
}
export type App = Awaited<ReturnType<typeof createApp>>;
