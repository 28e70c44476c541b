import { ProblemError } from '@doa-market/common/errors';
import type { Exchange } from '../proxy/exchange.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Headers by which programs say who they are: a token, or the signature of a webhook (Standard Webhooks). */
const CREDENTIALS = ['authorization', 'webhook-signature'];

/**
 * Builds the check that what changes something comes from our own pages. Cookies go along with
 * whatever a browser sends, so a page elsewhere could otherwise act for its visitor, or sign him in
 * as somebody else. A client that authenticates by a header needs no such proof: no page can set it.
 */
export function createSameOriginCheck(publicUrl: URL) {
  /** @throws {ProblemError} 403 */
  return ({ request: { method, headers }, host }: Exchange): void => {
    if (SAFE.has(method) || CREDENTIALS.some((name) => headers.has(name))) return;
    const origin = headers.get('origin');
    const site = headers.get('sec-fetch-site');
    const isOurs =
      (origin === null || origin === publicUrl.origin || origin === originOf(publicUrl.protocol, host)) &&
      (site === null || site === 'same-origin');
    if (isOurs && (origin !== null || site !== null)) return;
    throw new ProblemError(403, 'AUTH_1008', 'The request does not come from a page of this shop.');
  };
}
export type RequireSameOrigin = ReturnType<typeof createSameOriginCheck>;

const originOf = (protocol: string, host: string) => new URL(`${protocol}//${host}`).origin;
