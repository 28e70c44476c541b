import { randomBytes } from 'node:crypto';
import { requestIdFrom } from '@doa-market/common/context';
import { ageOf } from '../cache/freshness.ts';
import type { MemoryStore } from '../cache/memory-store.ts';
import { chooseRepresentation, freshMaster } from '../cache/respond.ts';
import type { AccessLog } from '../observability/access-log.ts';
import { fieldReason } from './eligibility.ts';

/** What an address is, once a request for it has gone the long way. */
interface KnownAddress {
  readonly key: string;
  /** Of its lines in the log. */
  readonly part: string;
}

interface FreshHitsOptions {
  store: MemoryStore;
  clock: () => number;
  log: Pick<AccessLog, 'addressPart' | 'freshHit'>;
}

const MAX_ADDRESSES = 20_000;
/** With any of these the long way decides. */
const UNUSUAL = ['if-none-match', 'if-modified-since', 'x-cache-refresh', 'traceparent'];

/**
 * The short way of a request for a fresh page, which is most of them: no promise, no parsing, no head of its own. What
 * it needs to know of an address, an earlier request for exactly that address has found out.
 */
export function createFreshHits({ store, clock, log }: FreshHitsOptions) {
  const known = new Map<string, KnownAddress>();
  const nextId = requestIds();

  return {
    /** `url` is the request's, as the client wrote it: host checked, target acceptable, page cacheable. */
    learn(url: string, { key, path, route }: { key: string; path: string; route: string }): void {
      if (known.has(url)) return;
      if (known.size >= MAX_ADDRESSES) known.clear();
      known.set(url, { key, part: log.addressPart({ path, route }) });
    },
    /** The page, or undefined where this request is for the long way. */
    answer(request: Request): Response | undefined {
      const address = known.get(request.url);
      if (address === undefined || request.method !== 'GET') return undefined;
      const now = clock();
      const { headers } = request;
      const stored = store.find(address.key, headers, now);
      if (stored?.status !== 200 || ageOf(stored, now) >= stored.lifetime.fresh) return undefined;
      for (const name of UNUSUAL) if (headers.get(name) !== null) return undefined;
      if (fieldReason(headers) !== undefined) return undefined;
      const representation = chooseRepresentation(stored, headers.get('accept-encoding'));
      const sentId = headers.get('x-request-id');
      const requestId = sentId === null ? nextId() : requestIdFrom(sentId);
      const master = freshMaster(stored, representation, now);
      master.headers.set('X-Request-Id', requestId);
      log.freshHit(address.part, requestId, representation.body.byteLength, now);
      // A clone has fields of its own and shares the bytes. (Bun's types have it from undici, without Bun's additions.)
      return master.clone() as Response;
    },
  };
}
export type FreshHits = ReturnType<typeof createFreshHits>;

/** Ids that cost next to nothing, and that no other process makes. */
function requestIds(): () => string {
  const prefix = randomBytes(8).toString('hex');
  let count = 0;
  return () => `${prefix}-${(++count).toString(36)}`;
}
