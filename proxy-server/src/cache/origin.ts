import { ProblemError } from '@doa-market/common/errors';
import type { Exchange } from '../proxy/exchange.ts';
import { outgoingHeaders } from '../proxy/headers.ts';
import { VIA } from '../proxy/hop.ts';
import { readBody } from '../proxy/read-body.ts';
import type { SendUpstream } from '../proxy/upstream.ts';
import { parseCacheControl } from './cache-control.ts';
import { brotlied, gzipped } from './encodings.ts';
import { ageOnArrival } from './freshness.ts';
import type { PageAddress } from './key.ts';
import { etagFor, type Page } from './page.ts';
import { storability } from './storability.ts';

/** A page larger than this is not a page. */
const MAX_PAGE_BYTES = 4 * 2 ** 20;
/** How soon an origin that was itself stale is asked again, in milliseconds. */
const ASK_AGAIN_AFTER = 1_000;

export type OriginAnswer =
  | { kind: 'page'; page: Page; originWasStale: boolean }
  | { kind: 'impersonal'; response: Response; reason: string }
  | { kind: 'personal'; status: number; reason: string };

interface OriginOptions {
  send: SendUpstream;
  origin: string;
  timeout: number;
  /** The scheme that the public origin has. */
  publicProtocol: string;
  clock: () => number;
}

/** Builds the fetch of a page for everyone: nothing of the one who happens to ask goes along. */
export function createPageOrigin({ send, origin, timeout, publicProtocol, clock }: OriginOptions) {
  /** @throws {ProblemError} where the origin cannot be reached, is too slow, or breaks off */
  return async function fetchPage(address: PageAddress, exchange: Exchange): Promise<OriginAnswer> {
    const requestedAt = clock();
    const response = await send({
      name: 'web',
      url: origin + address.url,
      method: 'GET',
      headers: impersonalHeaders(exchange, publicProtocol),
      timeout,
    });
    const respondedAt = clock();
    const verdict = storability(response);
    if (verdict.kind === 'personal') {
      await response.body?.cancel();
      return { kind: 'personal', status: response.status, reason: verdict.reason };
    }
    const headers = outgoingHeaders(response.headers);
    const passOn = (body: ReadableStream<Uint8Array> | null, reason: string): OriginAnswer => ({
      kind: 'impersonal',
      response: new Response(body, { status: response.status, headers }),
      reason,
    });
    if (verdict.kind === 'impersonal') return passOn(response.body, verdict.reason);

    const body = await readBody(response, MAX_PAGE_BYTES).catch((cause: unknown) => {
      throw new ProblemError(502, 'SYS_5002', 'The server behind broke off its answer.', { cause });
    });
    if (!body.complete) return passOn(body.stream, 'too large');

    const { bytes } = body;
    const { lifetime } = verdict;
    const originWasStale = response.headers.get('x-nextjs-cache') === 'STALE';
    const arrivalAge = ageOnArrival({ headers: response.headers, requestedAt, respondedAt });
    const etag = response.headers.get('etag') ?? `"${Bun.hash(bytes).toString(36)}"`;
    const compressed = mayTransform(headers) ? await gzipped(bytes) : undefined;
    for (const name of ['age', 'etag', 'content-length', 'accept-ranges']) headers.delete(name);
    headers.set('Vary', withAcceptEncoding(headers.get('vary')));
    return {
      kind: 'page',
      originWasStale,
      page: {
        key: address.key,
        headers,
        lifetime,
        // What the origin called stale has had its life: it is served on, but as stale.
        bornAt: respondedAt - 1_000 * (originWasStale ? Math.max(lifetime.fresh, arrivalAge) : arrivalAge),
        storedAt: respondedAt,
        renewAfter: originWasStale ? respondedAt + ASK_AGAIN_AFTER : 0,
        representations: {
          identity: { body: bytes, etag, encoding: 'identity' },
          ...(compressed && {
            gzip: { body: compressed, etag: etagFor(etag, 'gzip'), encoding: 'gzip' as const },
          }),
        },
      },
    };
  };
}
export type FetchPage = ReturnType<typeof createPageOrigin>;

/** Adds the encoding that takes its time; resolves to whether there is one now. */
export async function addBrotli(page: Page): Promise<boolean> {
  const { body, etag } = page.representations.identity;
  if (!mayTransform(page.headers)) return false;
  const compressed = await brotlied(body);
  if (!compressed) return false;
  page.representations.br = { body: compressed, etag: etagFor(etag, 'br'), encoding: 'br' };
  return true;
}

/** RFC 9111 section 5.2.2.6 */
const mayTransform = (headers: Headers): boolean =>
  !parseCacheControl(headers.get('cache-control')).has('no-transform');

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
