import type {
  Banner,
  Category,
  Member,
  ProductDetail,
  ProductList,
  ProductSummary,
} from '@doa-market/common/contracts';

const id = '01980000-0000-7000-8000-000000000000';
const image = {
  url: `/api/v1/images/${'ab'.repeat(16)}`,
  alt: '',
  width: 960,
  height: 960,
  color: '#c0ffee',
};

export const banner: Banner = {
  ...{ id, title: '가을', subtitle: '', label: '보기', href: '/categories/living', image },
  theme: { background: '#ffffff', foreground: '#000000' },
};

export const category: Category = {
  id,
  slug: 'living',
  name: '리빙',
  description: '',
  image,
  productCount: 1,
};

export const summary: ProductSummary = {
  ...{ id, slug: 'mug', name: '머그', brand: '도아', price: 8_000, listPrice: 10_000, discountRate: 20 },
  ...{ rating: null, reviewCount: 0, status: 'ACTIVE', image, categorySlug: 'living', badges: ['DEAL'] },
};

export const detail: ProductDetail = {
  ...summary,
  ...{ description: '', images: [image], category: { slug: 'living', name: '리빙' } },
  options: [{ name: '색상', values: ['모래'] }],
  skus: [{ id, code: 'mug-1', values: ['모래'], price: 8_000, stock: 3 }],
  ...{ createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' },
};

export const listOf = (data: ProductSummary[]): ProductList => ({
  data,
  meta: { page: 1, limit: 20, total: data.length, totalPages: 1 },
});

export const member: Member = { id, email: 'doa@doa.market', name: '김도아', role: 'MEMBER' };
