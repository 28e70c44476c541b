import type { FastifyReply, FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { toProblem, unavailable } from '../errors/index.ts';

/**
 * Milliseconds that one turn of the event loop goes on taking requests; those behind them have waited as long. A burst of
 * a thousand is over sooner, and better waited for than refused.
 */
const TURN = 250;
/** Seconds; not the same for all, or they would all be back at the same moment. */
const RETRY_AFTER = { least: 2, most: 5 };

/** Made once: an error is slow to make, and a refusal has to be cheaper than what it refuses. */
const overloaded = unavailable();

/**
 * Under more load than can be served, refuses what its caller will ask again anyhow (routes that are `sheddable`), before
 * its token is looked at. A turn of the event loop serves whatever has arrived at its beginning: so how long it has been
 * going on is how long the next request has waited, and how much is served before does not depend on how much comes.
 */
export const loadShedding = plugin(
  async (app) => {
    let began: number | undefined;
    let listens = false;
    app.addHook('onListen', async () => {
      listens = true;
    });
    const end = () => {
      began = undefined;
    };

    app.addHook('onRequest', (request, reply, done) => {
      const now = performance.now();
      if (began === undefined) {
        began = now;
        setImmediate(end);
      }
      if (now - began > TURN && listens && request.routeOptions.config.sheddable) refuse(request, reply);
      else done();
    });
  },
  { name: 'load-shedding' },
);

function refuse(request: FastifyRequest, reply: FastifyReply): void {
  const { least, most } = RETRY_AFTER;
  const instance = request.url.split('?', 1)[0] ?? request.url;
  reply
    .status(overloaded.status)
    .header('Retry-After', String(least + Math.floor(Math.random() * (most - least + 1))))
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(toProblem(overloaded, instance, request.id));
}
