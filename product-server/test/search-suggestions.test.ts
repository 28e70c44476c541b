import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShop, type Shop } from './search-shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

interface Marked {
  name: string;
  matches: { start: number; length: number }[];
}
/** `[무선] 이어폰` where 무선 is marked. */
const shown = ({ name, matches }: Marked) =>
  matches.reduceRight(
    (text, { start, length }) =>
      `${text.slice(0, start)}[${text.slice(start, start + length)}]${text.slice(start + length)}`,
    name,
  );

describe('while a shopper types', () => {
  it.each([
    ['ㄴ', '게이밍 [노]트북 15인치'],
    ['ㄴㅌ', '게이밍 [노트]북 15인치'],
    ['노', '게이밍 [노]트북 15인치'],
    ['노ㅌ', '게이밍 [노트]북 15인치'],
    ['노트', '가죽 커버 [노트]'],
    ['노틉', '게이밍 [노트북] 15인치'],
    ['노트ㅂ', '게이밍 [노트북] 15인치'],
    ['노트부', '게이밍 [노트북] 15인치'],
    ['노트북 파', '[노트북] [파]우치'],
    ['무선이어', '저소음 [무선 이어]폰'],
    ['app', '[App]le 정품 케이스'],
    ['shxmqnr', '게이밍 [노트북] 15인치'],
    ['노트븍', '게이밍 [노트북] 15인치'],
    ['S2', '갤럭시 [S2]4 강화유리'],
  ])('%s suggests %s', async (q, expected) => {
    const { products } = await shop.suggest(q);
    expect(products.map(shown)).toContain(expected);
  });

  it('a product comes with what a link to it needs', async () => {
    const { products } = await shop.suggest('머그컵');
    expect(products).toEqual([
      {
        id: expect.any(String),
        slug: 'cafe',
        name: '카페 라떼 머그컵',
        brand: 'Café Mokpo',
        matches: [{ start: 6, length: 3 }],
      },
    ]);
  });

  it('categories come too', async () => {
    const { categories } = await shop.suggest('ㄷㅈ');
    expect(categories.map(({ slug, ...it }) => [slug, shown(it)])).toEqual([['digital', '[디지]털']]);
  });

  it('brands come too, but none without a listed product', async () => {
    const names = async (q: string) => (await shop.suggest(q)).brands.map(shown);
    expect(await names('소리')).toEqual(['[소리]결']);
    expect(await names('cafe')).toEqual(['[Café] Mokpo']);
    expect(await names('숨은')).toEqual([]);
  });

  it('no more come than were asked for', async () => {
    const response = await shop.app.inject('/api/v1/search/suggestions?q=%EB%85%B8&limit=1');
    expect(response.json<{ products: unknown[] }>().products).toHaveLength(1);
  });

  it('nothing comes for nothing', async () => {
    expect(await shop.suggest(' . ')).toMatchObject({ products: [], categories: [], brands: [] });
  });

  it('a browser keeps the answer for the next stroke that comes back to it', async () => {
    const response = await shop.app.inject('/api/v1/search/suggestions?q=a');
    expect(response.headers['cache-control']).toBe(
      'public, max-age=60, s-maxage=60, stale-while-revalidate=600',
    );
  });
});
