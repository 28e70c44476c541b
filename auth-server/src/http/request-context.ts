import { contextOf, requestIdFrom, runInContext } from '@doa-market/common/context';
import type { ReadinessProbe } from '@doa-market/common/lifecycle';
import type { Middleware } from 'koa';

/** Gives each request its context, answers with its id, and asks clients to leave while draining. */
export const requestContext =
  (readiness: ReadinessProbe): Middleware =>
  async (ctx, next) => {
    const requestId = requestIdFrom(ctx.headers['x-request-id']);
    ctx.state['requestId'] = requestId;
    // Nothing may be stored unless its route says so on purpose.
    ctx.set({ 'X-Request-Id': requestId, 'Cache-Control': 'private, no-store' });
    await runInContext(contextOf(ctx.req, ctx.res, { requestId }), next);
    // Asked when the answer leaves: requests that came before the draining hold connections open too.
    if (readiness.isDraining()) ctx.set('Connection', 'close');
  };
