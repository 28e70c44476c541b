import type { IncomingMessage, ServerResponse } from 'node:http';
import { signatureBacklog } from '../auth/index.ts';
import { requestIdFrom } from '../context/index.ts';
import { toProblem, unavailable } from '../errors/index.ts';
import type { Logger } from '../logging/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { type RoutePattern, toRoutePattern } from './route-pattern.ts';

/** Milliseconds: a burst of a thousand is over sooner, and better waited for than refused. */
const LONGEST_WAIT = 250;
/** Seconds; not the same for all, or they would all be back at the same moment. */
const RETRY_AFTER = { least: 2, most: 5 };
/** Milliseconds between two lines in the log. */
const WARN_EVERY = 5_000;

/** Made once: an error is slow to make, and a refusal has to be cheaper than what it refuses. */
const overloaded = unavailable();

/**
 * Under more load than can be served, refuses what its caller will ask again anyhow (routes that are `sheddable`), before
 * anything is done for it. A turn of the event loop serves whatever has arrived at its beginning: so how long it has been
 * going on is how long the next request has waited, and how much is served before does not depend on how much comes. Or it
 * waits for the threads that check signatures, where it is how long the one that is next has waited.
 */
export function createLoadShedding({ logger, metrics }: { logger: Logger; metrics: Metrics }) {
  const routes: { method: string; url: string; pattern: RoutePattern }[] = [];
  let began: number | undefined;
  let refused = 0;
  const end = () => {
    began = undefined;
  };

  function warn(): void {
    refused += 1;
    if (refused > 1) return;
    setTimeout(() => {
      logger.warn({ refused, seconds: WARN_EVERY / 1_000 }, 'more requests than can be served');
      refused = 0;
    }, WARN_EVERY).unref();
  }

  function refuse(request: IncomingMessage, response: ServerResponse, path: string): void {
    const id = requestIdFrom(request.headers['x-request-id']);
    const { least, most } = RETRY_AFTER;
    const body = JSON.stringify(toProblem(overloaded, path, id));
    response.writeHead(overloaded.status, [
      ...['x-request-id', id],
      ...['cache-control', 'private, no-store'],
      ...['content-type', 'application/problem+json'],
      ...['retry-after', String(least + Math.floor(Math.random() * (most - least + 1)))],
      ...['content-length', String(Buffer.byteLength(body))],
    ]);
    response.end(body);
  }

  return {
    add(method: string, url: string): void {
      routes.push({ method, url, pattern: toRoutePattern(url) });
    },

    /** To be asked of each request as it comes. @returns milliseconds that it has waited for its turn */
    waited(): number {
      const now = performance.now();
      if (began === undefined) {
        began = now;
        setImmediate(end);
      }
      return Math.max(now - began, signatureBacklog());
    },

    /** @returns whether it was refused */
    shed(request: IncomingMessage, response: ServerResponse, waited: number): boolean {
      if (waited <= LONGEST_WAIT) return false;
      const { method = '', url = '' } = request;
      const path = url.split('?', 1)[0] ?? url;
      const route = routes.find((it) => it.method === method && it.pattern(path) !== undefined);
      if (!route) return false;
      metrics.requestStarted();
      refuse(request, response, path);
      metrics.requestFinished(method, route.url, overloaded.status, waited / 1_000);
      warn();
      return true;
    },
  };
}
