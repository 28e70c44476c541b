import type { FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { contextOf, type RequestContext, runInContext, timeLeft } from '../context/index.ts';
import { timedOut } from '../errors/index.ts';
import type { ReadinessProbe } from '../lifecycle/index.ts';

interface RequestContextOptions {
  readiness: ReadinessProbe;
  /** Milliseconds for a request whose caller gives it no less. */
  budget: number | undefined;
}

const CONTEXT = 'context';

/** Gives each request its context, answers with its id, and asks clients to leave while draining. */
export const requestContext = plugin<RequestContextOptions>(
  async (app, { readiness, budget }) => {
    app.decorateRequest<RequestContext | undefined>(CONTEXT, undefined);

    app.addHook('onRequest', (request, reply, done) => {
      const context = contextOf(request.raw, reply.raw, { requestId: request.id, budget });
      request.setDecorator<RequestContext | undefined>(CONTEXT, context);
      // Nothing may be stored unless its route says so on purpose.
      reply.header('x-request-id', request.id).header('cache-control', 'private, no-store');
      // Whoever sent it has given up by now.
      if (timeLeft(context) === 0) return done(timedOut());
      runInContext(context, done);
    });

    // Asked when the answer leaves: requests that came before the draining hold connections open too.
    app.addHook('onSend', (_request, reply, _payload, done) => {
      if (readiness.isDraining()) reply.header('connection', 'close');
      done();
    });

    // A body arrives on the socket's own events, which lose the context, so it is entered again.
    app.addHook('preValidation', (request, _reply, done) => {
      const context = contextWithBody(request);
      if (context) runInContext(context, done);
      else done();
    });
  },
  { name: 'request-context' },
);

const contextWithBody = (request: FastifyRequest): RequestContext | undefined =>
  request.body === undefined ? undefined : request.getDecorator<RequestContext | undefined>(CONTEXT);
