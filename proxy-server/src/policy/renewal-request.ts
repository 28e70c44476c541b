import { randomUUID } from 'node:crypto';
import { traceparentFrom } from '@doa-market/common/context';
import type { Exchange } from '../proxy/exchange.ts';
import { parseTarget } from '../proxy/target.ts';
import { addressOf } from './key.ts';

/** The request for the page with this key, when it is to be made anew and nobody waits for it. */
export function renewalOf(key: string): Exchange | undefined {
  const address = addressOf(key);
  if (!address) return undefined;
  const { host, url } = address;
  const request = new Request(`http://${host}${url}`, { headers: { 'Accept-Encoding': 'gzip' } });
  const requestId = `renewal-${randomUUID()}`;
  const target = parseTarget(request.url);
  return { request, host, target, requestId, traceparent: traceparentFrom(undefined), peer: () => '' };
}
