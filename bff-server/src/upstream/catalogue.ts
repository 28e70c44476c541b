import {
  type Banner,
  BannerListSchema,
  type Category,
  CategoryListSchema,
  type ProductDetail,
  ProductDetailSchema,
  type ProductList,
  ProductListSchema,
} from '@doa-market/common/contracts';
import { type ServiceClient, UpstreamError } from '@doa-market/common/http';

export interface ProductFilter {
  category?: string;
  sort?: 'popular' | 'newest' | 'discount';
  discounted?: boolean;
  exclude?: string;
  page?: number;
  limit: number;
}

/** product-server in the BFF's words. Public reads, so no token goes along. */
export function createCatalogue(client: ServiceClient) {
  return {
    banners: async (): Promise<Banner[]> => (await client.get('/api/v1/banners', BannerListSchema)).data,
    categories: async (): Promise<Category[]> =>
      (await client.get('/api/v1/categories', CategoryListSchema)).data,
    products: (filter: ProductFilter): Promise<ProductList> =>
      client.get(`/api/v1/products?${toQuery(filter)}`, ProductListSchema),
    /** Null when product-server says that there is none. */
    async product(slug: string): Promise<ProductDetail | null> {
      try {
        return await client.get(`/api/v1/products/${encodeURIComponent(slug)}`, ProductDetailSchema);
      } catch (error) {
        if (error instanceof UpstreamError && error.status === 404) return null;
        throw error;
      }
    },
  };
}
export type Catalogue = ReturnType<typeof createCatalogue>;

function toQuery(filter: ProductFilter): string {
  return new URLSearchParams(
    Object.entries(filter).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
}
