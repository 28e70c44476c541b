import { createServer, type Server } from 'node:http';
import type { FastifyServerFactory } from 'fastify';
import { createFastPaths, type FastPath, type FastPathOptions } from './fast-path.ts';
import { createLoadShedding } from './load-shedding.ts';

/**
 * What stands between the socket and the framework: answers at once what can be, and refuses what is too much. All else
 * goes through as it came.
 */
export function createFront(options: FastPathOptions) {
  const fastPaths = createFastPaths(options);
  const loadShedding = createLoadShedding(options);

  const serverFactory: FastifyServerFactory<Server> = (handler, { keepAliveTimeout, requestTimeout }) => {
    const server = createServer((request, response) => {
      const waited = loadShedding.waited();
      if (fastPaths.serve(request, response)) return;
      if (loadShedding.shed(request, response, waited)) return;
      handler(request, response);
    });
    // As the framework sets them on a server that it makes.
    server.keepAliveTimeout = Number(keepAliveTimeout);
    server.requestTimeout = Number(requestTimeout);
    return server;
  };

  return {
    serverFactory,
    addFastPath: (path: FastPath): void => fastPaths.add(path),
    addSheddable: loadShedding.add,
  };
}
export type Front = ReturnType<typeof createFront>;
