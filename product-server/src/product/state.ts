import type { ProductStatus } from '@doa-market/common/contracts';

/** A product as its seller decides it; ratings and sales are not theirs to say. */
export interface ProductState {
  slug: string;
  name: string;
  brand: string;
  description: string;
  /** Slug of it */
  category: string;
  /** KRW */
  price: number;
  /** KRW */
  listPrice: number;
  status: ProductStatus;
  pictures: { hash: string; alt: string }[];
  options: { name: string; values: string[] }[];
  skus: SkuState[];
}

export interface SkuState {
  /** Undefined before it is written for the first time. */
  id?: string;
  code: string;
  values: string[];
  /** KRW */
  price: number;
  onHand: number;
  held: number;
}

/** What a product is before anything is said of it. */
export const NOTHING: ProductState = {
  ...{ slug: '', name: '', brand: '', description: '', category: '', price: 0, listPrice: 0 },
  ...{ status: 'DRAFT', pictures: [], options: [], skus: [] },
};
