import type { Image, ProductDetail, ProductSummary } from '@doa-market/common/contracts';
import { describe, expect, it } from 'vitest';
import { toCategoryPage, toSection } from '../src/api/reshape/page';
import { toPicture } from '../src/api/reshape/picture';
import { toParagraphs, toPrice, toProduct, toProductCard } from '../src/api/reshape/product';

const ID = '01900000-0000-7000-8000-000000000000';
const image: Image = {
  url: `/api/v1/images/${'ab'.repeat(16)}`,
  alt: '머그',
  width: 960,
  height: 960,
  color: '#ddccbb',
};
const summary: ProductSummary = {
  id: ID,
  slug: 'stoneware-mug-set',
  name: '스톤웨어 머그 2개 세트',
  brand: '흙과불',
  price: 34_000,
  listPrice: 42_000,
  discountRate: 19,
  rating: 4.7,
  reviewCount: 284,
  status: 'ACTIVE',
  image,
  categorySlug: 'living',
  badges: ['NEW', 'DEAL'],
};
const detail: ProductDetail = {
  ...summary,
  description: '첫 문단\n\n- 하나\n- 둘',
  images: [],
  category: { slug: 'living', name: '리빙' },
  options: [],
  skus: [{ id: ID, code: 'MUG', values: [], price: 34_000, stock: 3 }],
  createdAt: '2026-10-01T00:00:00Z',
  updatedAt: '2026-10-01T00:00:00Z',
};

describe('a price', () => {
  it('shows the list price only when it is higher', () => {
    expect(toPrice(summary)).toEqual({ amount: 34_000, discount: { listPrice: 42_000, rate: 19 } });
    expect(toPrice({ price: 34_000, listPrice: 34_000, discountRate: 0 })).toEqual({ amount: 34_000 });
  });

  it('never boasts of a cut below one percent', () => {
    expect(toPrice({ price: 9_990, listPrice: 10_000, discountRate: 0 })).toEqual({ amount: 9_990 });
  });
});

describe('a picture', () => {
  it('has the widths that its original allows', () => {
    expect(toPicture(image).widths).toEqual([160, 320, 640, 960]);
    expect(toPicture({ ...image, width: 1920, height: 720 }).widths).toEqual([160, 320, 640, 960, 1920]);
  });

  it('can come from another origin', () => {
    expect(toPicture(image, 'https://static.example').base).toBe(`https://static.example${image.url}`);
  });
});

describe('a product', () => {
  it('is a card with an address and badges', () => {
    expect(toProductCard(summary)).toMatchObject({
      href: '/products/stoneware-mug-set',
      badges: ['new', 'deal'],
      rating: { score: 4.7, reviewCount: 284 },
      soldOut: false,
    });
  });

  it('has no rating before its first review', () => {
    expect(toProductCard({ ...summary, rating: null, reviewCount: 0 }).rating).toBeNull();
  });

  it('shows its one image where it has no gallery', () => {
    expect(toProduct(detail).gallery).toEqual([toPicture(image)]);
  });

  it('does not carry identifiers of the wire', () => {
    expect(JSON.stringify(toProduct(detail))).not.toContain(ID);
  });

  it('has a description in paragraphs', () => {
    expect(toParagraphs('하나\r\n\r\n\r\n둘\n셋\n\n')).toEqual(['하나', '둘\n셋']);
  });
});

describe('a section', () => {
  it('that is degraded is known as such, and empty', () => {
    expect(toSection({ status: 'degraded', data: [] }, toProductCard)).toEqual({ degraded: true, items: [] });
  });

  it('of a category counts what there is in all', () => {
    const category = {
      id: ID,
      slug: 'living',
      name: '리빙',
      description: '매일 쓰는 살림',
      image,
      productCount: 42,
    };
    const page = { data: [summary], meta: { page: 1, limit: 1, total: 42, totalPages: 42 } };
    const { products } = toCategoryPage({ category, products: { status: 'ok', data: page } });
    expect(products).toMatchObject({ degraded: false, total: 42 });
    expect(products.items).toHaveLength(1);
  });
});
