import { acceptedEncodings } from '../cache/fields/accept-encoding.ts';
import type { CachePolicy, Lookup } from '../cache/policy.ts';
import type { Representations, StoredResponse } from '../cache/stored-response.ts';
import type { Exchange } from '../proxy/exchange.ts';
import { outgoingHeaders } from '../proxy/headers.ts';
import { VIA } from '../proxy/hop.ts';
import type { SendUpstream } from '../proxy/upstream.ts';
import { compressed } from './compression.ts';
import { deploymentOf } from './deployment-id.ts';
import type { Deployments } from './deployments.ts';
import { bypassReason } from './eligibility.ts';
import { pageAddress } from './key.ts';
import type { FindRoute } from './routes.ts';
import { shownTags } from './shown-tags.ts';
import { judgePage } from './storefront-verdict.ts';

interface StorefrontOptions {
  findRoute: FindRoute;
  send: SendUpstream;
  /** Where Next.js is. */
  origin: string;
  /** Milliseconds until the head of an answer. */
  timeout: number;
  /** The scheme that the public origin has. */
  publicProtocol: string;
  deployments: Deployments;
  onRender: () => void;
}

/**
 * The pages of the storefront that are the same for everyone: HTML of the configured routes, asked for without
 * anything of the visitor who happens to come first, so that nothing of one can reach another.
 */
export function createStorefrontPolicy(options: StorefrontOptions): CachePolicy<Exchange> {
  const { findRoute, send, origin, timeout, publicProtocol, deployments, onRender } = options;
  /** The target as the origin is shown it: all of it is in the key. */
  const urls = new WeakMap<Lookup, string>();

  return {
    obeysClient: false,
    wholeOnHead: true,
    plan({ request, host, target }) {
      const match = target.upstream === 'web' ? findRoute(target.path) : undefined;
      if (!match) return { kind: 'bypass', fwd: 'bypass', detail: 'route' };
      const reason = bypassReason(request, target.path, target.query);
      if (reason) return { kind: 'bypass', fwd: reason === 'method' ? 'method' : 'bypass', detail: reason };
      const address = pageAddress(host, target.path, target.query, match);
      if (!address) return { kind: 'bypass', fwd: 'bypass', detail: 'parameters' };
      const lookup: Lookup = { kind: 'lookup', key: address.key, tags: address.tags, shareable: true };
      urls.set(lookup, address.url);
      return lookup;
    },
    async ask(exchange, lookup, conditions = {}) {
      onRender();
      const sent = impersonalHeaders(exchange, publicProtocol);
      for (const [name, value] of Object.entries(conditions)) sent.set(name, value);
      const url = origin + (urls.get(lookup) ?? exchange.target.path);
      return { response: await send({ name: 'web', url, method: 'GET', headers: sent, timeout }), sent };
    },
    endToEnd(headers) {
      const outgoing = outgoingHeaders(headers);
      outgoing.set('Vary', withAcceptEncoding(outgoing.get('vary')));
      return outgoing;
    },
    judge: judgePage,
    /** Nothing of the one who asks reaches the origin. */
    chosenBy: () => [],
    /** The one who waits gets what he can read soonest; the slow encoding is for those who come after. */
    async encode({ headers, control }, body, accepted) {
      const etag = headers.get('etag') ?? `"${Bun.hash(body).toString(36)}"`;
      const identity = { encoding: 'identity' as const, body, etag };
      const readsGzip = acceptedEncodings(accepted).includes('gzip');
      const gzip = readsGzip && !control.has('no-transform') ? await compressed(identity, 'gzip') : undefined;
      return { identity, ...(gzip && { gzip }) };
    },
    shownBy: shownTags,
    async finish({ status, headers, representations }) {
      // What is not there is not asked for often enough to be worth it, and guesses would cost more than renders.
      if (status !== 200) return undefined;
      if (/(?:^|[\s,])no-transform\b/i.test(headers.get('cache-control') ?? '')) return undefined;
      return withAllEncodings(representations);
    },
    admit: (stored) => deployments.accept(deploymentOf(stored.representations.identity.body)),
  };
}

async function withAllEncodings(given: Representations): Promise<Representations | undefined> {
  if (given.gzip && given.br) return undefined;
  const [gzip, br] = await Promise.all([
    given.gzip ?? compressed(given.identity, 'gzip'),
    given.br ?? compressed(given.identity, 'br'),
  ]);
  return { identity: given.identity, ...(gzip && { gzip }), ...(br && { br }) };
}

/** All of these are constant, in the key, or only for the log: an answer cannot depend on the visitor. */
function impersonalHeaders(exchange: Exchange, publicProtocol: string): Headers {
  return new Headers({
    Host: exchange.host,
    Accept: 'text/html',
    'Accept-Encoding': 'identity',
    'User-Agent': 'doa-proxy',
    Forwarded: `host="${exchange.host}";proto=${publicProtocol}`,
    'X-Forwarded-Host': exchange.host,
    'X-Forwarded-Proto': publicProtocol,
    Via: VIA,
    'X-Request-Id': exchange.requestId,
    traceparent: exchange.traceparent,
  });
}

const withAcceptEncoding = (vary: string | null): string => {
  if (vary === null) return 'Accept-Encoding';
  return /(?:^|,)\s*accept-encoding\s*(?:,|$)/i.test(vary) ? vary : `${vary}, Accept-Encoding`;
};

/** How long another level is to keep a page: until not even an error may be answered with it. Milliseconds. */
export function usefulFor({ lifetime, bornAt }: StoredResponse, now: number): number {
  const { fresh, staleWhileRevalidate, staleIfError } = lifetime;
  return bornAt + 1_000 * (fresh + Math.max(staleWhileRevalidate, staleIfError)) - now;
}
