import { METHODS as KNOWN_METHODS } from 'node:http';
import { ProblemError } from '@doa-market/common/errors';
import { createHttpCache } from '../cache/http-cache.ts';
import { clock } from '../clock.ts';
import { listOf, type StandardConfig } from '../config.ts';
import { createPurgeRequests } from '../policy/purge-requests.ts';
import { createStandardPolicy } from '../policy/standard.ts';
import { type Exchange, isSafeRead } from '../proxy/exchange.ts';
import { endToEndHeaders } from '../proxy/headers.ts';
import { createHop } from '../proxy/hop.ts';
import { createPeerTrust } from '../proxy/peers.ts';
import type { Target } from '../proxy/target.ts';
import { createUpstream } from '../proxy/upstream.ts';
import { MAX_STORED_BODY, type Site, type SiteOptions } from './site.ts';

/** Bun cannot pass TRACE on, a tunnel is no answer, and what it does not know it would send as GET. */
const METHODS = new Set(KNOWN_METHODS.filter((method) => method !== 'TRACE' && method !== 'CONNECT'));
const CONDITIONS = ['if-none-match', 'if-modified-since'];

/** The cache alone in front of any origin: everything is passed on as it is, and kept as far as RFC 9111 allows. */
export function createPlainSite({ config, logger, metrics, store }: SiteOptions<StandardConfig>): Site {
  const send = createUpstream(metrics.upstreamFinished);

  const addHop = createHop(createPeerTrust(listOf(config.TRUSTED_PROXIES)));

  function headersFor(exchange: Exchange): Headers {
    const { request, host } = exchange;
    const headers = endToEndHeaders(request.headers);
    headers.delete('expect');
    headers.set('Host', host);
    addHop(headers, exchange);
    const hops = Number(headers.get('max-forwards') ?? 0);
    // RFC 9110 section 7.6.2
    if (request.method === 'OPTIONS' && hops > 0) headers.set('Max-Forwards', String(hops - 1));
    if (isSafeRead(request.method)) headers.delete('content-length');
    return headers;
  }

  const ask = ({ request, target }: Exchange, headers: Headers, leaves: boolean) =>
    send({
      name: 'upstream',
      url: config.UPSTREAM + target.url,
      method: request.method,
      headers,
      body: isSafeRead(request.method) ? null : request.body,
      timeout: config.REQUEST_TIMEOUT,
      ...(leaves && { signal: request.signal }),
    });

  const cache = createHttpCache<Exchange>({
    policy: createStandardPolicy({
      async ask(exchange, conditions) {
        metrics.countRender();
        const sent = headersFor(exchange);
        if (conditions) {
          for (const name of CONDITIONS) sent.delete(name);
          for (const [name, value] of Object.entries(conditions)) sent.set(name, value);
        }
        return { response: await ask(exchange, sent, false), sent };
      },
    }),
    store,
    maxBodyBytes: MAX_STORED_BODY,
    async forward(exchange) {
      const { status, statusText, headers, body } = await ask(exchange, headersFor(exchange), true);
      return new Response(body, { status, statusText, headers: endToEndHeaders(headers) });
    },
    clock,
    onCollapsed: metrics.countCollapsed,
    onRenewalFailure: (key, error) => {
      metrics.countRenewalFailure();
      logger.warn({ key, err: error }, 'an answer could not be renewed');
    },
  });
  const purges =
    config.PURGE_TOKEN === undefined
      ? undefined
      : createPurgeRequests({ token: config.PURGE_TOKEN, purge: async (tags) => void cache.purge(tags) });

  return {
    dependencies: [],
    async answer(draft) {
      const { request } = draft;
      const target = targetOf(request.url);
      draft.target = target;
      const exchange: Exchange = Object.assign(draft, { target, host: request.headers.get('host') ?? '' });
      if (!METHODS.has(request.method)) {
        throw new ProblemError(501, 'REQ_4050', 'The method is not known here.');
      }
      if (request.method === 'OPTIONS' && request.headers.get('max-forwards') === '0') {
        return { response: new Response(null, { status: 204, headers: { Allow: [...METHODS].join(', ') } }) };
      }
      if (request.method === 'PURGE' && purges?.isAuthorized(exchange)) {
        return { response: await purges.answer(exchange) };
      }
      return cache.answer(exchange);
    },
    close: async () => undefined,
  };
}

function targetOf(requestUrl: string): Target {
  const url = requestUrl.slice(requestUrl.indexOf('/', requestUrl.indexOf('://') + 3));
  const mark = url.indexOf('?');
  return mark < 0
    ? { url, path: url, query: '', upstream: 'web' }
    : { url, path: url.slice(0, mark), query: url.slice(mark + 1), upstream: 'web' };
}
