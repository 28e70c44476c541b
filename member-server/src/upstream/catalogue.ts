import {
  MAX_BATCH,
  ProductListSchema,
  type ProductSummary,
  type SkuOffer,
  SkuOfferListSchema,
} from '@doa-market/common/contracts';
import { type ServiceClient, UpstreamError } from '@doa-market/common/http';
import type { Logger } from '@doa-market/common/logging';

/** What was found, by id; `degraded` when product-server could not be asked, and nothing can be said of any id. */
export interface Found<T> {
  degraded: boolean;
  byId: ReadonlyMap<string, T>;
}

/** Milliseconds: who was too slow is left alone for so long, and nobody waits for them meanwhile. */
const PAUSE = 1_000;

/** product-server in this server's words: it is never needed, only missed. */
export function createCatalogue(client: ServiceClient, logger: Logger) {
  let pausedUntil = Number.NEGATIVE_INFINITY;

  async function find<T extends { id: string }>(
    ids: readonly string[],
    load: (list: string) => Promise<{ data: T[] }>,
  ): Promise<Found<T>> {
    if (ids.length === 0) return { degraded: false, byId: new Map() };
    if (performance.now() < pausedUntil) return { degraded: true, byId: new Map() };
    try {
      const { data } = await load(ids.slice(0, MAX_BATCH).join(','));
      return { degraded: false, byId: new Map(data.map((it) => [it.id, it])) };
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      if (error.failure === 'timeout') pausedUntil = performance.now() + PAUSE;
      logger.warn({ err: error }, 'answered without the catalogue');
      return { degraded: true, byId: new Map() };
    }
  }

  return {
    offers: (skuIds: readonly string[]): Promise<Found<SkuOffer>> =>
      find(skuIds, (list) => client.get(`/api/v1/skus?ids=${list}`, SkuOfferListSchema)),
    products: (ids: readonly string[]): Promise<Found<ProductSummary>> =>
      find(ids, (list) => client.get(`/api/v1/products?ids=${list}&limit=${MAX_BATCH}`, ProductListSchema)),
  };
}
export type Catalogue = ReturnType<typeof createCatalogue>;
