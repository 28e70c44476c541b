import type { Exchange } from './exchange.ts';
import { setForwarded } from './forwarded.ts';
import type { TrustsPeer } from './peers.ts';

/** Said to the next hop (RFC 9110 section 7.6.3), so that a loop can be seen. */
export const VIA = '1.1 doa-proxy';

/** Builds what adds this hop to a request on its way to an origin. */
export const createHop = (trustsPeer: TrustsPeer) => (headers: Headers, exchange: Exchange) => {
  const peer = exchange.peer();
  setForwarded(headers, { peer, host: exchange.host, trusted: trustsPeer(peer) });
  headers.append('Via', VIA);
  headers.set('X-Request-Id', exchange.requestId);
  headers.set('traceparent', exchange.traceparent);
};
export type AddHop = ReturnType<typeof createHop>;
