import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Access, assertAccess, type TokenVerifier } from '../auth/index.ts';
import { DEADLINE_HEADER, requestIdFrom } from '../context/index.ts';
import type { ReadinessProbe } from '../lifecycle/index.ts';
import type { Logger } from '../logging/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { type RoutePattern, toRoutePattern } from './route-pattern.ts';

/** A GET that most of the time can be answered from memory. */
export interface FastPath {
  /** As the route is registered, with one parameter: `/api/things/:id/state`. */
  url: string;
  access: Access;
  /**
   * @param parameter as it is in the address
   * @param callerId `sub` of a token that was verified before
   * @returns the answer of 200 as JSON; undefined where the route itself has to say
   */
  answer: (parameter: string, callerId: string) => string | undefined;
}

export interface FastPathOptions {
  verifyToken: TokenVerifier;
  readiness: ReadinessProbe;
  logger: Logger;
  metrics: Metrics;
}

const BEARER = 'Bearer ';
/** What asks for more than a plain answer. */
const SPECIAL = [DEADLINE_HEADER, 'content-length', 'transfer-encoding'];

/**
 * Answers in front of the framework what is asked ten thousand times a second: a request that is as all of its kind are (a
 * token that is known, no deadline, no body), with what is in memory, and with the same bytes. All others, and whatever goes
 * wrong here, are the route's own: nothing is refused here.
 */
export function createFastPaths({ verifyToken, readiness, logger, metrics }: FastPathOptions) {
  const paths: { path: FastPath; pattern: RoutePattern }[] = [];
  // Who reads lines for debugging is to see every request.
  const isDebugging = logger.isLevelEnabled('debug');

  function callerOf({ authorization }: IncomingMessage['headers'], access: Access): string | undefined {
    if (!authorization?.startsWith(BEARER)) return undefined;
    const claims = verifyToken.atOnce(authorization.slice(BEARER.length));
    if (!claims) return undefined;
    assertAccess(access, claims);
    return claims.sub;
  }

  function answerOf({ headers }: IncomingMessage, path: FastPath, parameter: string): string | undefined {
    if (SPECIAL.some((name) => headers[name] !== undefined)) return undefined;
    const caller = callerOf(headers, path.access);
    return caller === undefined ? undefined : path.answer(parameter, caller);
  }

  function send(request: IncomingMessage, response: ServerResponse, body: string): void {
    response.writeHead(200, [
      ...['x-request-id', requestIdFrom(request.headers['x-request-id'])],
      ...['cache-control', 'private, no-store'],
      ...['content-type', 'application/json; charset=utf-8'],
      ...['content-length', String(Buffer.byteLength(body))],
    ]);
    response.end(body);
  }

  function tryPath(
    path: FastPath,
    parameter: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): boolean {
    const began = performance.now();
    let body: string | undefined;
    try {
      body = answerOf(request, path, parameter);
    } catch {
      return false;
    }
    if (body === undefined) return false;
    metrics.requestStarted();
    send(request, response, body);
    metrics.requestFinished('GET', path.url, 200, (performance.now() - began) / 1_000);
    return true;
  }

  return {
    add(path: FastPath): void {
      if (!isDebugging) paths.push({ path, pattern: toRoutePattern(path.url) });
    },

    /** @returns whether it was answered */
    serve(request: IncomingMessage, response: ServerResponse): boolean {
      const { method, url = '' } = request;
      if (method !== 'GET' || readiness.isDraining()) return false;
      for (const { path, pattern } of paths) {
        const parameter = pattern(url);
        if (parameter !== undefined) return tryPath(path, parameter, request, response);
      }
      return false;
    },
  };
}
