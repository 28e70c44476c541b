import { type ReadinessProbe, readinessStatusCode } from '@doa-market/common/lifecycle';
import type { Metrics } from '@doa-market/common/metrics';
import { docsAsset } from '@doa-market/common/openapi';
import type { Middleware } from 'koa';

interface Options {
  readiness: ReadinessProbe;
  metrics: Metrics;
  openApi: () => object;
}

const DOCS = /^\/docs(?:\/([a-z.-]*))?$/;

/** /health, /ready, /metrics and /docs, as on every server. */
export const operations =
  ({ readiness, metrics, openApi }: Options): Middleware =>
  async (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next();
    if (ctx.path === '/health') {
      ctx.body = { status: 'ok' };
    } else if (ctx.path === '/ready') {
      const result = await readiness.probe();
      ctx.status = readinessStatusCode(result);
      ctx.body = result;
    } else if (ctx.path === '/metrics') {
      ctx.type = metrics.registry.contentType;
      ctx.body = await metrics.registry.metrics();
    } else if (ctx.path === '/docs/json') {
      ctx.set('Cache-Control', 'no-cache');
      ctx.body = openApi();
    } else {
      const asset = await docsAsset(DOCS.exec(ctx.path)?.[1] ?? (ctx.path === '/docs' ? '' : 'none'));
      if (!asset) return next();
      ctx.set('Cache-Control', 'public, max-age=3600');
      ctx.type = asset.type;
      ctx.body = asset.body;
    }
  };
