import { type Exchange, isSafeRead } from './exchange.ts';
import { setForwarded } from './forwarded.ts';
import { forwardableHeaders, outgoingHeaders } from './headers.ts';
import type { TrustsPeer } from './peers.ts';
import type { SendUpstream } from './upstream.ts';

/** Slowest upload that is waited for: the head of an answer may come only after the last byte. */
const MIN_UPLOAD_BYTES_PER_MS = 32;
const UPLOAD_OF_UNKNOWN_LENGTH_MS = 60_000;

/** Said to the next hop (RFC 9110 section 7.6.3), so that a loop can be seen. */
export const VIA = '1.1 doa-proxy';

interface ForwarderOptions {
  send: SendUpstream;
  origins: Readonly<Record<'gateway' | 'web', string>>;
  trustsPeer: TrustsPeer;
  timeout: number;
}

/** Builds the plain pass-through: both bodies stream, nothing is kept. */
export function createForwarder({ send, origins, trustsPeer, timeout }: ForwarderOptions) {
  return async function forward(exchange: Exchange): Promise<Response> {
    const { request, target, host } = exchange;
    const headers = forwardableHeaders(request.headers, target.upstream);
    const peer = exchange.peer();
    const trusted = trustsPeer(peer);
    setForwarded(headers, { peer, host, trusted });
    headers.append('Via', VIA);
    headers.set('X-Request-Id', exchange.requestId);
    headers.set('traceparent', exchange.traceparent);

    const bodiless = isSafeRead(request.method);
    if (bodiless) headers.delete('content-length');
    const response = await send({
      name: target.upstream,
      url: origins[target.upstream] + target.url,
      method: request.method,
      headers,
      body: bodiless ? null : request.body,
      timeout: bodiless ? timeout : timeout + uploadAllowance(request.headers),
      signal: request.signal,
    });
    return new Response(response.body, {
      status: response.status,
      statusText: response.statusText,
      headers: outgoingHeaders(response.headers),
    });
  };
}
export type Forward = ReturnType<typeof createForwarder>;

function uploadAllowance(headers: Headers): number {
  const length = headers.get('content-length');
  if (length !== null) return Math.ceil(Number(length) / MIN_UPLOAD_BYTES_PER_MS);
  return headers.has('transfer-encoding') ? UPLOAD_OF_UNKNOWN_LENGTH_MS : 0;
}
