import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import {
  type SearchResult,
  SearchResultSchema,
  type SearchSuggestions,
  SearchSuggestionsSchema,
} from '@doa-market/common/contracts';
import type { App } from '@doa-market/common/server';
import { type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { Value } from 'typebox/value';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { createFixtures, type ProductFacts } from './fixtures.ts';

/** A small shop with the names that shoppers look for and those they could be mistaken for. */
const PRODUCTS: ProductFacts[] = [
  {
    slug: 'gaming-laptop',
    name: '게이밍 노트북 15인치',
    brand: '한빛전자',
    category: 'digital',
    salesCount: 900,
  },
  { slug: 'laptop-pouch', name: '노트북 파우치', brand: '매일상점', category: 'digital', salesCount: 4_000 },
  { slug: 'note', name: '가죽 커버 노트', brand: '종이둥지', category: 'stationery', salesCount: 1_120 },
  {
    ...{
      slug: 'earbuds',
      name: '저소음 무선 이어폰',
      brand: '소리결',
      category: 'digital',
      salesCount: 5_210,
    },
    description: '비를 맞아도 괜찮은 방수 등급입니다.',
    options: [{ name: '색상', values: ['화이트·네이비', '차콜'] }],
  },
  { slug: 'wired', name: '유선이어폰', brand: '소리결', category: 'digital', salesCount: 700 },
  {
    ...{
      slug: 'tote',
      name: '데일리 캔버스 토트백',
      brand: '매일상점',
      category: 'fashion',
      salesCount: 870,
    },
    description: '14인치 노트북이 들어가는 안주머니를 넣었습니다.',
  },
  { slug: 'apple-case', name: 'Apple 정품 케이스', brand: 'APPLE', category: 'digital', salesCount: 300 },
  { slug: 'cafe', name: '카페 라떼 머그컵', brand: 'Café Mokpo', category: 'living', salesCount: 60 },
  { slug: 'perfume', name: '향수 분홍 에디션', brand: '온결', category: 'beauty', salesCount: 50 },
  { slug: 'cream', name: '시카 수분 크림', brand: '온결', category: 'beauty', salesCount: 12_800 },
  { slug: 'knit', name: '램스울 오버핏 니트', brand: '느린옷장', category: 'fashion', salesCount: 3_440 },
  { slug: 'shoes', name: '트레일 러닝화', brand: '오름', category: 'sports', salesCount: 2_210 },
  { slug: 'trekking', name: '오름길 등산 스틱', brand: '산사람', category: 'sports', salesCount: 2_500 },
  { slug: 'tea', name: '과일 차 세트', brand: '볕든찻집', category: 'food', salesCount: 210 },
  { slug: 'chicken', name: '닭가슴살 10팩', brand: '든든한끼', category: 'food', salesCount: 8_000 },
  { slug: 's24', name: '갤럭시 S24 강화유리', brand: '맑은창', category: 'digital', salesCount: 640 },
  { slug: 'pen', name: '볼펜 3색 ½ 세트 ①호', brand: '종이둥지', category: 'stationery', salesCount: 5 },
  { slug: 'draft-laptop', name: '노트북 시제품', brand: '한빛전자', category: 'digital', status: 'DRAFT' },
  { slug: 'hidden-laptop', name: '노트북 단종', brand: '숨은상점', category: 'digital', status: 'HIDDEN' },
];

const CATEGORIES = {
  ...{ digital: '디지털', stationery: '문구·도서', fashion: '패션', living: '리빙' },
  ...{ beauty: '뷰티', sports: '스포츠', food: '식품' },
};

export interface Shop {
  fixtures: ReturnType<typeof createFixtures>;
  app: App;
  /** Of its database. */
  url: string;
  /** A search that has to succeed and to keep its contract. */
  search: (parameters: Record<string, string | number | string[]>) => Promise<SearchResult>;
  /** The slugs that it finds. */
  find: (q: string) => Promise<string[]>;
  suggest: (q: string) => Promise<SearchSuggestions>;
  close: () => Promise<void>;
}

export async function openShop(products: readonly ProductFacts[] = PRODUCTS): Promise<Shop> {
  const store: TemporaryDatabase = await temporaryDatabase(
    fileURLToPath(new URL('../prisma/migrations', import.meta.url)),
  );
  const fixtures = createFixtures(store.url);
  for (const [position, [slug, name]] of Object.entries(CATEGORIES).entries()) {
    await fixtures.category(slug, position, name);
  }
  for (const product of products) await fixtures.product(product);
  const app = await buildApp(loadConfig(ConfigSchema, { LOG_LEVEL: 'silent', DATABASE_URL: store.url }));

  const search: Shop['search'] = async (parameters) => {
    const body = await get(`/api/v1/search?${toQuery(parameters)}`);
    if (!Value.Check(SearchResultSchema, body)) throw new Error(`not the contract: ${JSON.stringify(body)}`);
    return body;
  };
  const get = async (url: string): Promise<unknown> => {
    const response = await app.inject(url);
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${response.body}`);
    return response.json();
  };
  return {
    fixtures,
    app,
    url: store.url,
    search,
    find: async (q) => (await search({ q, limit: 100 })).data.map(({ slug }) => slug),
    async suggest(q) {
      const body = await get(`/api/v1/search/suggestions?${toQuery({ q })}`);
      if (!Value.Check(SearchSuggestionsSchema, body)) throw new Error(`not the contract: ${String(body)}`);
      return body;
    },
    async close() {
      await app.close();
      await fixtures.close();
      await store.drop();
    },
  };
}

export function toQuery(parameters: Record<string, string | number | string[]>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const it of Array.isArray(value) ? value : [value]) query.append(name, String(it));
  }
  return query.toString();
}
