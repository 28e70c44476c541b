import { notFound } from '@doa-market/common/errors';
import { createHttpCache } from '../cache/http-cache.ts';
import { clock } from '../clock.ts';
import { listOf, type StorefrontConfig } from '../config.ts';
import { createDependencies } from '../health/dependencies.ts';
import { createDeployments } from '../policy/deployments.ts';
import { createFreshHits } from '../policy/fresh-hits.ts';
import { createPurgeRequests } from '../policy/purge-requests.ts';
import { createRefreshCheck } from '../policy/refresh.ts';
import { renewalOf } from '../policy/renewal-request.ts';
import { CACHE_ROUTES, createRouteTable } from '../policy/routes.ts';
import { createSharedPages, type SharedPages } from '../policy/shared-pages.ts';
import { createStorefrontPolicy } from '../policy/storefront.ts';
import { type Exchange, requireKnownMethod } from '../proxy/exchange.ts';
import { createForwarder } from '../proxy/forward.ts';
import { createHop } from '../proxy/hop.ts';
import { createHostCheck } from '../proxy/hosts.ts';
import { createPeerTrust } from '../proxy/peers.ts';
import { isInternal, parseTarget } from '../proxy/target.ts';
import { createUpstream } from '../proxy/upstream.ts';
import { createSessions } from '../session/sessions.ts';
import { createSharedLevel } from '../shared/create-shared-level.ts';
import { MAX_STORED_BODY, type Site, type SiteOptions } from './site.ts';

/** The market: pages from Next.js and the cache in front of it, the API from the gateway, sessions of browsers. */
export async function createStorefrontSite(options: SiteOptions<StorefrontConfig>): Promise<Site> {
  const { config, logger, metrics, store, log } = options;
  const publicUrl = new URL(config.PROXY_SERVER_URL);
  const findRoute = createRouteTable(CACHE_ROUTES);
  const mayRefresh = createRefreshCheck(config.WARMUP_TOKEN);
  const allowedHost = createHostCheck({
    allowed: [publicUrl.host, ...allowedNames(config)],
    ports: [config.PORT, ...(publicUrl.port ? [Number(publicUrl.port)] : [80, 443])],
  });
  const send = createUpstream(metrics.upstreamFinished);
  const addHop = createHop(createPeerTrust(listOf(config.TRUSTED_PROXIES)));
  const origins = { web: config.NEXT_SERVER, gateway: config.KONG_GATEWAY_URL };
  const forward = createForwarder({ send, origins, addHop, timeout: config.REQUEST_TIMEOUT });
  const sessions = createSessions({
    config,
    send,
    addHop,
    forward,
    isWarmUp: mayRefresh,
    observe: metrics.countSessionCall,
  });

  const deployments = createDeployments(clock, () => cache.clear());
  // Events of other proxies may come before the cache is there; it is empty then.
  let shared: SharedPages | undefined;
  const level =
    config.REDIS_URL === undefined
      ? undefined
      : await createSharedLevel({
          url: config.REDIS_URL,
          logger,
          onPurged: (tags) => void followPurge(tags),
          onLost: () => cache.clear(),
          onStored: (key) => void followStored(key),
        });
  shared = level && createSharedPages({ level, deployments, clock, onShared: metrics.countShared });
  const cache = createHttpCache({
    policy: createStorefrontPolicy({
      findRoute,
      send,
      origin: config.NEXT_SERVER,
      timeout: config.REQUEST_TIMEOUT,
      publicProtocol: publicUrl.protocol.slice(0, -1),
      deployments,
      onRender: metrics.countRender,
    }),
    store,
    maxBodyBytes: MAX_STORED_BODY,
    forward: sessions.forward,
    ...(shared && { around: shared.around }),
    clock,
    onCollapsed: metrics.countCollapsed,
    onRenewalFailure: (key, error) => {
      metrics.countRenewalFailure();
      logger.warn({ key, err: error }, 'a page could not be renewed');
    },
  });
  const hits = createFreshHits({ store, clock, log });
  const purges = createPurgeRequests({
    token: config.PURGE_TOKEN,
    async purge(tags) {
      cache.purge(tags);
      await level?.purge(tags);
    },
    async renew(tags) {
      const all = [RENEWAL, ...tags];
      if (!level) followPurge(all);
      // Known to everybody first: the second level refuses what was begun before that. It tells this process, too.
      else {
        await level.purge(all).catch((error: unknown) => {
          followPurge(all);
          throw error;
        });
      }
      const failures = await Promise.all(renewing);
      return failures.reduce((sum, failed) => sum + failed, 0);
    },
  });

  const renewing = new Set<Promise<number>>();

  /** Somebody, possibly this process, has purged these, or wants them made anew. */
  function followPurge(tags: readonly string[]): void {
    if (!tags.includes(RENEWAL)) return void cache.purge(tags);
    const work = cache.renew(
      tags.filter((tag) => tag !== RENEWAL),
      renewalOf,
    );
    renewing.add(work);
    void work.finally(() => renewing.delete(work));
  }

  /** Another proxy has a newer page: so should this one, where it has one at all. */
  async function followStored(key: string): Promise<void> {
    if (!shared || !store.has(key)) return;
    const mark = cache.mark();
    const page = await shared.fetch(key);
    if (page) cache.replace(page, mark);
  }

  return {
    freshHit: hits.answer,
    dependencies: [
      ...createDependencies(config.NEXT_SERVER, config.KONG_GATEWAY_URL),
      ...(level ? [redisDependency(level.isAvailable)] : []),
    ],
    async answer(draft) {
      const { request } = draft;
      const target = parseTarget(request.url);
      draft.target = target;
      const host = allowedHost(request.headers.get('host'));
      const exchange: Exchange = Object.assign(draft, { target, host });
      if (request.method === 'PURGE') {
        if (!purges.isAuthorized(exchange)) throw purges.unauthorized();
        return { response: await purges.answer(exchange) };
      }
      if (isInternal(target)) throw notFound();
      requireKnownMethod(request.method);
      sessions.requireSameOrigin(exchange);
      const route = target.upstream === 'web' ? findRoute(target.path)?.route : undefined;
      if (route) {
        draft.route = route.pattern;
        if (mayRefresh(request.headers)) return cache.refresh(exchange);
        const answer = await cache.answer(exchange);
        if (answer.key !== undefined) {
          hits.learn(request.url, { key: answer.key, path: target.path, route: route.pattern });
        }
        return answer;
      }
      const response = await sessions.answer(exchange);
      if (response) return { response };
      return target.upstream === 'web'
        ? cache.pass(exchange, { kind: 'bypass', fwd: 'bypass', detail: 'route' })
        : { response: await sessions.forward(exchange) };
    },
    close: async () => level?.close(),
  };
}

/** Goes with the tags of a purge that is to make pages anew. */
const RENEWAL = '!renewal';

const redisDependency = (isAvailable: () => boolean) => ({
  name: 'redis',
  required: false,
  check: async () => {
    if (!isAvailable()) throw new Error('unreachable');
  },
});

/** The names of this machine are good for development; production lists its own. */
const allowedNames = (config: StorefrontConfig): string[] => {
  const listed = listOf(config.ALLOWED_HOSTS);
  return listed.length === 0 && config.NODE_ENV !== 'production'
    ? ['localhost', '127.0.0.1', '[::1]']
    : listed;
};
