import type {
  Banner,
  Category,
  EventSummary,
  Member,
  ProductDetail,
  ProductSummary,
  Review,
  ReviewHighlight,
  ReviewList,
  SearchResult,
  SearchSuggestions,
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

export const listOf = <T>(data: T[]) => ({
  data,
  meta: { page: 1, limit: 20, total: data.length, totalPages: 1 },
});

const times = { createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' };
export const review: Review = {
  id,
  rating: 5,
  title: '좋아요',
  body: '매일 써요.',
  author: '도아',
  ...times,
};
export const reviews: ReviewList = {
  data: [review],
  summary: { average: 5, count: 1, stars: [0, 0, 0, 0, 1] },
  meta: { limit: 5, nextCursor: null },
};
export const highlight: ReviewHighlight = { ...review, product: { slug: 'mug', name: '머그', image } };

export const event: EventSummary = {
  ...{ id, slug: 'autumn-concert', title: '가을 음악회', artist: '도아 앙상블', poster: null },
  venue: { slug: 'hall', name: '한빛아트센터', address: '서울', hall: '대극장' },
  startsAt: '2027-01-01T10:00:00.000Z',
  saleOpensAt: '2026-01-01T00:00:00.000Z',
  saleClosesAt: '2027-01-01T00:00:00.000Z',
  status: 'PUBLISHED',
  price: { min: 50_000, max: 150_000 },
};

export const searchResult: SearchResult = {
  query: { text: '머그', interpretedAs: null },
  data: [summary],
  meta: { page: 1, limit: 20, total: 1, totalPages: 1, totalIsExact: true, nextCursor: null },
  facets: { categories: [], prices: [], ratings: [], inStock: 1, options: [] },
};
export const suggestions: SearchSuggestions = {
  query: { text: '머', interpretedAs: null },
  products: [{ id, slug: 'mug', name: '머그', brand: '도아', matches: [{ start: 0, length: 1 }] }],
  categories: [],
  brands: [],
};

export const member: Member = { id, email: 'doa@doa.market', name: '김도아', role: 'MEMBER' };
