import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShop, type Shop, toQuery } from './search-shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const NFD = '노트북'.normalize('NFD');

describe('what a shopper types', () => {
  /** Query, what comes first, what must not be found. */
  const queries: Record<string, [string, string, string[]][]> = {
    'whole words': [
      ['노트북', 'gaming-laptop', ['note', 'earbuds']],
      ['무선 이어폰', 'earbuds', ['wired']],
      ['크림', 'cream', ['cafe', 'perfume']],
      ['수분', 'cream', ['perfume']],
    ],
    'parts of words': [
      ['이어', 'earbuds', ['tote']],
      ['어폰', 'earbuds', ['tote']],
      ['슴살', 'chicken', ['cream']],
      ['오버', 'knit', ['shoes']],
      ['컵', 'cafe', ['cream']],
    ],
    'other spaces': [
      ['무선이어폰', 'earbuds', ['wired']],
      ['유선 이어폰', 'wired', ['earbuds']],
      ['노트 북', 'gaming-laptop', []],
      ['저소음무선이어폰', 'earbuds', ['wired']],
      ['소리결이어폰', 'earbuds', ['cream']],
      ['  무선    이어폰  ', 'earbuds', ['wired']],
    ],
    'words in any order': [
      ['이어폰 무선', 'earbuds', ['wired']],
      ['이어폰 소리결 무선', 'earbuds', ['wired']],
      ['노트 종이둥지', 'note', ['gaming-laptop', 'pen']],
    ],
    'initial consonants': [
      ['ㄴㅌㅂ', 'gaming-laptop', ['note', 'knit']],
      ['ㅁㅅㅇㅇㅍ', 'earbuds', ['wired']],
      ['ㅁㅅ ㅇㅇㅍ', 'earbuds', ['wired']],
      ['ㅅㄹㄱ', 'earbuds', ['knit']],
      ['ㅋㄹ', 'cream', ['earbuds']],
      ['ㄴㅌ북', 'gaming-laptop', ['note']],
    ],
    'half of a syllable': [
      ['노트ㅂ', 'gaming-laptop', ['note']],
      ['노틉', 'gaming-laptop', ['note']],
      ['노트부', 'gaming-laptop', ['note']],
      ['이어ㅍ', 'earbuds', []],
      ['고', 'tea', ['note']],
      ['과이', 'tea', ['note']],
      ['달', 'chicken', ['note']],
    ],
    'typos of one or two letters': [
      ['노트븍', 'gaming-laptop', ['note']],
      ['놑트북', 'gaming-laptop', []],
      ['이어펀', 'earbuds', ['tote']],
      ['무산 이어폰', 'earbuds', ['wired']],
      ['캔바스', 'tote', ['cream']],
      ['러닝하', 'shoes', ['cream']],
      ['노트뷱', 'gaming-laptop', []],
    ],
    'the wrong keyboard': [
      ['shxmqnr', 'gaming-laptop', ['note']],
      ['SHXMQNR', 'gaming-laptop', ['note']],
      ['antjs dldjvhs', 'earbuds', ['wired']],
      ['ㅁㅔㅔㅣㄷ', 'apple-case', ['earbuds']],
      ['ㅁㅖㅖㅣㄸ', 'apple-case', ['earbuds']],
      ['소리결 dldjvhs', 'earbuds', ['cream']],
      ['gksql', 'gaming-laptop', ['note']],
    ],
    'Latin letters and digits': [
      ['apple', 'apple-case', ['earbuds']],
      ['APPLE 케이스', 'apple-case', ['earbuds']],
      ['App', 'apple-case', []],
      ['ａｐｐｌｅ', 'apple-case', []],
      ['갤럭시s24', 's24', ['gaming-laptop']],
      ['s24', 's24', ['gaming-laptop']],
      ['１５인치', 'gaming-laptop', ['laptop-pouch']],
      ['aple', 'apple-case', []],
      ['cafe', 'cafe', ['apple-case']],
      ['café', 'cafe', ['apple-case']],
    ],
    'other forms of the same text': [
      [NFD, 'gaming-laptop', ['note']],
      [NFD.slice(0, -1), 'gaming-laptop', ['note']],
      ['노\u200b트\ufeff북', 'gaming-laptop', ['note']],
      ['노트북!!!', 'gaming-laptop', ['note']],
      ['😀노트북😀', 'gaming-laptop', ['note']],
      ['볼펜 1호', 'pen', ['note']],
    ],
    'brands, categories, options and descriptions': [
      ['느린옷장', 'knit', ['cream']],
      ['소리결', 'earbuds', ['cream']],
      ['문구', 'note', ['cream']],
      ['디지털 케이스', 'apple-case', ['cream']],
      ['뷰티', 'cream', ['tea']],
      ['차콜', 'earbuds', ['wired']],
      ['방수', 'earbuds', ['wired']],
      ['안주머니', 'tote', ['note']],
    ],
  };

  describe.each(Object.entries(queries))('in %s', (_kind, rows) => {
    it.each(rows)('%s finds %s first', async (query, first, absent) => {
      const found = await shop.find(query);
      expect(found[0]).toBe(first);
      expect(found.filter((slug) => absent.includes(slug))).toEqual([]);
    });
  });

  it.each(['키보드', '수분홍', '시제품', '노트북 이어폰', 'ㅎㅎㅎㅎ', 'zzzzzz'])(
    '%s finds nothing',
    async (query) => {
      expect(await shop.find(query)).toEqual([]);
    },
  );

  it('never shows drafts and hidden products', async () => {
    expect(await shop.find('시제품')).toEqual([]);
    expect(await shop.find('노트북')).toEqual(['gaming-laptop', 'laptop-pouch', 'tote']);
  });
});

describe('a hostile query', () => {
  const harmless = [
    ' ',
    '\t\n',
    '%',
    '_',
    '\\',
    "' OR 1=1 --",
    "'); DROP TABLE products; --",
    '~',
    '~A & ~B | !C:*',
    '<->',
    '😀',
    '\u200b\u200b',
    '\u0000',
    '\ue000',
    'ㅏ',
    'ㄱ'.repeat(100),
    '각'.repeat(100),
    'ㅏㅣ'.repeat(50),
    'a '.repeat(50),
    '가나 다라 마바 사아 자차 카타 파하 거너 더러 머버 서어',
    `${'e'}${'\u0301'.repeat(90)}`,
  ];

  it.each(harmless)('is answered like any other: %j', async (q) => {
    for (const path of ['search', 'search/suggestions']) {
      const response = await shop.app.inject(`/api/v1/${path}?q=${encodeURIComponent(q)}`);
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toMatch(/^application\/json/);
    }
  });

  it.each([
    ['q', ''],
    ['q', `q=${'가'.repeat(10_000)}`],
    ['q', 'q='],
    ['minPrice', 'q=a&minPrice=-1'],
    ['minRating', 'q=a&minRating=6'],
    ['sort', 'q=a&sort=best'],
    ['cursor', 'q=a&cursor=AAAA'],
    ['cursor', `q=a&cursor=${Buffer.from('["new",[1],"x"]').toString('base64url')}`],
    ['option', 'q=a&option=x'],
    ['surprise', 'q=a&surprise=1'],
  ])('is refused for its %s where it cannot be meant: %.40s', async (field, query) => {
    const response = await shop.app.inject(`/api/v1/search?${encodeURI(query)}`);
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({
      code: 'REQ_4220',
      errors: [{ field: expect.stringMatching(`^${field}`) }],
    });
  });
});

describe('the order of what was found', () => {
  it('puts exact before partial, and name before description', async () => {
    expect(await shop.find('노트')).toEqual(['note', 'laptop-pouch', 'gaming-laptop', 'tote']);
  });

  it('puts a name before a better sold brand of the same quality, and both before a category', async () => {
    expect(await shop.find('오름')).toEqual(['trekking', 'shoes']);
    expect((await shop.find('디지털')).length).toBeGreaterThan(3);
  });

  it.each([
    ['popular', ['laptop-pouch', 'gaming-laptop', 'tote']],
    ['relevance', ['gaming-laptop', 'laptop-pouch', 'tote']],
  ])('is by %s where that is asked for', async (sort, slugs) => {
    const { data } = await shop.search({ q: '노트북', sort });
    expect(data.map(({ slug }) => slug)).toEqual(slugs);
  });
});

describe('an answer', () => {
  it('says what it was read as, where nothing was found as it was typed', async () => {
    const interpreted = async (q: string) => (await shop.search({ q })).query.interpretedAs;
    expect(await interpreted('노트북')).toBeNull();
    expect(await interpreted('노트븍')).toBe('노트북');
    expect(await interpreted('antjs 이어펀')).toBe('무선 이어폰');
    expect(await interpreted('소리결이어폰')).toBe('소리결 이어폰');
    expect(await interpreted('ㅋㅋㅋㅋㅋ')).toBeNull();
  });

  it('may be shared for seconds, for nothing purges it', async () => {
    const response = await shop.app.inject(`/api/v1/search?${toQuery({ q: '노트북' })}`);
    expect(response.headers['cache-control']).toBe('public, s-maxage=10, stale-while-revalidate=30');
  });
});

describe('what changes in the catalogue', () => {
  it('is found at once, and what is gone is not', async () => {
    const { database, product } = shop.fixtures;
    const { id } = await product({ slug: 'camera', name: '필름 카메라', category: 'digital' });
    const update = (data: Parameters<typeof database.product.update>[0]['data']) =>
      database.product.update({ where: { id }, data });
    expect(await shop.find('카메라')).toEqual(['camera']);

    await update({ name: '즉석 사진기' });
    expect(await shop.find('카메라')).toEqual([]);
    expect(await shop.find('사진기')).toEqual(['camera']);

    await update({ brand: '찰칵상회' });
    expect(await shop.find('찰칵')).toEqual(['camera']);

    await database.productOption.updateMany({ where: { productId: id }, data: { values: ['진초록'] } });
    expect(await shop.find('진초록')).toEqual(['camera']);

    await update({ salesCount: 100_000 });
    expect((await shop.search({ q: '디지털', sort: 'popular' })).data[0]?.slug).toBe('camera');

    await update({ status: 'HIDDEN' });
    expect(await shop.find('사진기')).toEqual([]);
    await update({ status: 'ACTIVE' });
    expect(await shop.find('사진기')).toEqual(['camera']);
    await database.product.delete({ where: { id } });
    expect(await shop.find('사진기')).toEqual([]);
  });

  it('changes the price, the rating and the stock that are searched by', async () => {
    const { database, product } = shop.fixtures;
    const { id } = await product({
      slug: 'kettle',
      name: '전기 주전자',
      stock: 1,
      price: 30_000,
      rating: 4.1,
    });
    const total = async (filter: object) => (await shop.search({ q: '주전자', ...filter })).meta.total;
    expect(await total({ inStock: 'true' })).toBe(1);
    await database.sku.updateMany({ where: { productId: id }, data: { held: 1 } });
    expect(await total({ inStock: 'true' })).toBe(0);
    await database.sku.updateMany({ where: { productId: id }, data: { held: 0 } });
    expect(await total({ inStock: 'true' })).toBe(1);
    await database.sku.deleteMany({ where: { productId: id } });
    expect(await total({ inStock: 'true' })).toBe(0);
    expect(await total({ minPrice: 30_000, minRating: 4.1 })).toBe(1);
    await database.product.update({ where: { id }, data: { price: 29_999, discountRate: 0, rating: 4 } });
    expect(await total({ minPrice: 30_000 })).toBe(0);
    expect(await total({ minRating: 4.1 })).toBe(0);
  });

  it('does not rewrite the terms of a product that only sold a unit', async () => {
    const { database } = shop.fixtures;
    const version = () => database.$queryRaw`
      SELECT document.xmin::text FROM search_documents document JOIN products product ON product.id = product_id
      WHERE slug = 'cream'`;
    const before = await version();
    await database.sku.updateMany({ where: { product: { slug: 'cream' }, position: 0 }, data: { held: 4 } });
    expect(await version()).toEqual(before);
  });
});
