import { requestIdFrom, traceparentFrom } from '@doa-market/common/context';
import { ProblemError, toProblemError } from '@doa-market/common/errors';
import type { ReadinessProbe } from '@doa-market/common/lifecycle';
import type { Logger } from '@doa-market/common/logging';
import { bypassReason } from './cache/eligibility.ts';
import { type Answer, createHtmlCache } from './cache/html-cache.ts';
import { pageAddress } from './cache/key.ts';
import { createPageOrigin } from './cache/origin.ts';
import { createPageStore } from './cache/page-store.ts';
import { createRefreshCheck } from './cache/refresh.ts';
import { CACHE_ROUTES, type CacheRoute, createRouteTable } from './cache/routes.ts';
import { listOf, type ProxyConfig } from './config.ts';
import { createHealthRoutes } from './health/routes.ts';
import { createAccessLog } from './observability/access-log.ts';
import { createProxyMetrics } from './observability/metrics.ts';
import { routeClass } from './observability/route-class.ts';
import { type Exchange, requireKnownMethod } from './proxy/exchange.ts';
import { errorPageResponse, problemResponse, wantsPage } from './proxy/failure.ts';
import { createForwarder } from './proxy/forward.ts';
import { createHop } from './proxy/hop.ts';
import { createHostCheck } from './proxy/hosts.ts';
import { createPeerTrust } from './proxy/peers.ts';
import { parseTarget, type Target } from './proxy/target.ts';
import { createUpstream } from './proxy/upstream.ts';
import { applyChanges } from './session/cookies.ts';
import { createSessions } from './session/sessions.ts';

interface AppOptions {
  config: ProxyConfig;
  logger: Logger;
  readiness: ReadinessProbe;
  /** Where the lines of the access log go. */
  writeLine: (line: string) => void;
}

/** The nginx number for "the client closed the request", seen in logs alone. */
const CLIENT_LEFT = 499;
/** Monotonic, and still milliseconds since the epoch. */
const clock = () => performance.timeOrigin + performance.now();

/** Builds the handler of every request from its parts. */
export function createApp({ config, logger, readiness, writeLine }: AppOptions) {
  const publicUrl = new URL(config.PROXY_SERVER_URL);
  const store = createPageStore(config.CACHE_MAX_BYTES);
  const metrics = createProxyMetrics(store.stats);
  const logAccess = createAccessLog({
    write: writeLine,
    enabled: logger.isLevelEnabled('info'),
    metrics,
  });
  const answerHealth = createHealthRoutes(readiness);
  const mayRefresh = createRefreshCheck(config.WARMUP_TOKEN);
  const findRoute = createRouteTable(CACHE_ROUTES);
  const allowedHost = createHostCheck({
    allowed: [publicUrl.host, ...allowedNames(config)],
    ports: [config.PORT, ...(publicUrl.port ? [Number(publicUrl.port)] : [80, 443])],
  });
  const send = createUpstream(metrics.upstreamFinished);
  const addHop = createHop(createPeerTrust(listOf(config.TRUSTED_PROXIES)));
  const forward = createForwarder({
    send,
    origins: { web: config.NEXT_SERVER, gateway: config.KONG_GATEWAY_URL },
    addHop,
    timeout: config.REQUEST_TIMEOUT,
  });
  const sessions = createSessions({
    config,
    send,
    addHop,
    forward,
    isWarmUp: mayRefresh,
    observe: metrics.countSessionCall,
  });
  const cache = createHtmlCache({
    store,
    forward: sessions.forward,
    clock,
    fetchPage: createPageOrigin({
      send,
      origin: config.NEXT_SERVER,
      timeout: config.REQUEST_TIMEOUT,
      publicProtocol: publicUrl.protocol.slice(0, -1),
      clock,
    }),
    onRenewalFailure: (key, error) => {
      metrics.countRenewalFailure();
      logger.warn({ key, err: error }, 'a page could not be renewed');
    },
  });

  async function answerPage(exchange: Exchange, route: CacheRoute): Promise<Answer> {
    const { request, target, host } = exchange;
    const reason = bypassReason(request, target.path, target.query);
    if (reason) return cache.bypass(exchange, reason);
    const address = pageAddress(host, target.path, target.query, route);
    if (!address) return cache.bypass(exchange, 'parameters');
    return mayRefresh(request.headers) ? cache.refresh(address, exchange) : cache.answer(address, exchange);
  }

  async function answer(exchange: Exchange, route: CacheRoute | undefined): Promise<Partial<Answer>> {
    sessions.requireSameOrigin(exchange);
    if (route) return answerPage(exchange, route);
    const response = await sessions.answer(exchange);
    if (response) return { response };
    if (exchange.target.upstream === 'web') return cache.bypass(exchange, 'route');
    return { response: await sessions.forward(exchange) };
  }

  function failure(
    error: unknown,
    request: Request,
    target: Target | undefined,
    requestId: string,
  ): Response {
    if (request.signal.aborted) return new Response(null, { status: CLIENT_LEFT });
    const problem = toProblemError(error);
    if (problem.status >= 500) logger.error({ requestId, err: problem.cause ?? problem }, problem.message);
    const asPage = problem.status >= 500 && target && wantsPage(request, target);
    return asPage
      ? errorPageResponse(problem, requestId)
      : problemResponse(problem, target?.path ?? '/', requestId);
  }

  return {
    metrics,
    async fetch(request: Request, peerOf: (request: Request) => string): Promise<Response> {
      const startedAt = performance.now();
      const requestId = requestIdFrom(request.headers.get('x-request-id') ?? undefined);
      const traceparent = traceparentFrom(request.headers.get('traceparent') ?? undefined);
      let target: Target | undefined;
      let route: CacheRoute | undefined;
      let exchange: Exchange | undefined;
      let answered: Partial<Answer> = {};
      metrics.requestStarted();
      try {
        target = parseTarget(request.url);
        const health = await answerHealth(target.path);
        if (health) {
          answered = { response: health };
        } else {
          const host = allowedHost(request.headers.get('host'));
          requireKnownMethod(request.method);
          route = target.upstream === 'web' ? findRoute(target.path) : undefined;
          exchange = { request, target, host, requestId, traceparent, peer: () => peerOf(request) };
          answered = await answer(exchange, route);
        }
      } catch (error) {
        answered = { response: failure(error, request, target, requestId) };
      }
      const response = answered.response ?? problemResponse(unanswered(), '/', requestId);
      response.headers.set('X-Request-Id', requestId);
      if (exchange?.changes) applyChanges(response.headers, exchange.changes);
      if (readiness.isDraining()) response.headers.set('Connection', 'close');
      logAccess({
        method: request.method,
        path: target?.path ?? '/',
        route: target ? routeClass(target, route?.pattern) : 'refused',
        status: response.status,
        cache: answered.outcome,
        requestId,
        traceparent,
        startedAt,
      });
      return response;
    },
  };
}
export type App = ReturnType<typeof createApp>;

const unanswered = () => new ProblemError(500, 'SYS_5000', 'Something went wrong on our side.');

/** The names of this machine are good for development; production lists its own. */
const allowedNames = (config: ProxyConfig): string[] => {
  const listed = listOf(config.ALLOWED_HOSTS);
  return listed.length === 0 && config.NODE_ENV !== 'production'
    ? ['localhost', '127.0.0.1', '[::1]']
    : listed;
};
