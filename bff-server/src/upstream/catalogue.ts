import {
  type Banner,
  BannerListSchema,
  type Category,
  CategoryListSchema,
  EventListSchema,
  type EventSummary,
  type ProductDetail,
  ProductDetailSchema,
  type ProductList,
  ProductListSchema,
  type ProductSummary,
  ProductSummaryListSchema,
  type ReviewHighlight,
  ReviewHighlightListSchema,
  type ReviewList,
  ReviewListSchema,
  type ReviewQuery,
  type Shelves,
  ShelvesSchema,
} from '@doa-market/common/contracts';
import { type ServiceClient, UpstreamError } from '@doa-market/common/http';
import { toQuery } from './query.ts';

export interface ProductFilter {
  category: string;
  page: number;
  limit: number;
}

/** A product, where it has moved to, or null when there is none. */
export type FoundProduct = { product: ProductDetail } | { slug: string } | null;

/** product-server in the BFF's words. Public reads, so no token goes along. */
export function createCatalogue(client: ServiceClient) {
  const productPath = (slug: string) => `/api/v1/products/${encodeURIComponent(slug)}`;

  return {
    banners: async (): Promise<Banner[]> => (await client.get('/api/v1/banners', BannerListSchema)).data,
    categories: async (): Promise<Category[]> =>
      (await client.get('/api/v1/categories', CategoryListSchema)).data,
    shelves: (limit: number): Promise<Shelves> =>
      client.get(`/api/v1/shelves${toQuery({ limit })}`, ShelvesSchema),
    products: (filter: ProductFilter): Promise<ProductList> =>
      client.get(`/api/v1/products${toQuery({ ...filter })}`, ProductListSchema),
    latestReviews: async (limit: number): Promise<ReviewHighlight[]> =>
      (await client.get(`/api/v1/reviews${toQuery({ limit })}`, ReviewHighlightListSchema)).data,
    /** The next ones to come. */
    events: async (limit: number): Promise<EventSummary[]> =>
      (await client.get(`/api/v1/events${toQuery({ limit })}`, EventListSchema)).data,

    async product(slug: string): Promise<FoundProduct> {
      try {
        return { product: await client.get(productPath(slug), ProductDetailSchema) };
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error;
        const moved = error.status === 308 ? SLUG_AT_END.exec(error.location ?? '') : null;
        if (moved?.[1]) return { slug: moved[1] };
        if (error.status === 404) return null;
        throw error;
      }
    },
    /** None when there is no such product. */
    async related(slug: string, limit: number): Promise<ProductSummary[]> {
      const path = `${productPath(slug)}/related${toQuery({ limit })}`;
      return (await orNull(client.get(path, ProductSummaryListSchema)))?.data ?? [];
    },
    /** Null when there is no such product. */
    reviews: (slug: string, query: ReviewQuery): Promise<ReviewList | null> =>
      orNull(client.get(`${productPath(slug)}/reviews${toQuery(query)}`, ReviewListSchema)),
  };
}
export type Catalogue = ReturnType<typeof createCatalogue>;

/** Null for what the upstream says is not there. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  return answer.catch((error: unknown) => {
    if (error instanceof UpstreamError && error.status === 404) return null;
    throw error;
  });
}

const SLUG_AT_END = /\/([a-z0-9]+(?:-[a-z0-9]+)*)$/;
