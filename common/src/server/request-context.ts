import plugin from 'fastify-plugin';
import { type RequestContext, runInContext, traceparentFrom } from '../context/index.ts';
import type { ReadinessProbe } from '../lifecycle/index.ts';

/** Gives each request its context, answers with its id, and asks clients to leave while draining. */
export const requestContext = plugin<{ readiness: ReadinessProbe }>(
  async (app, { readiness }) => {
    const contexts = new WeakMap<object, RequestContext>();

    app.addHook('onRequest', (request, reply, done) => {
      const gone = new AbortController();
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) gone.abort();
      });
      const context = {
        requestId: request.id,
        traceparent: traceparentFrom(request.headers['traceparent']),
        signal: gone.signal,
      };
      contexts.set(request, context);
      // Nothing may be stored unless its route says so on purpose.
      reply.headers({ 'X-Request-Id': request.id, 'Cache-Control': 'private, no-store' });
      runInContext(context, done);
    });

    // Asked when the answer leaves: requests that came before the draining hold connections open too.
    app.addHook('onSend', async (_request, reply) => {
      if (readiness.isDraining()) reply.header('Connection', 'close');
    });

    // A body arrives on the socket's own events, which lose the context, so it is entered again.
    app.addHook('preValidation', (request, _reply, done) => {
      const context = contexts.get(request);
      if (context) runInContext(context, done);
      else done();
    });
  },
  { name: 'request-context' },
);
