import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Catalogue, matching, openCatalogue, productIn } from './support/catalogue.ts';

let catalogue: Catalogue;
let seller: string;
let sellerId: string;
let stranger: string;
let admin: string;
let picture: { url: string; alt: string };

beforeAll(async () => {
  catalogue = await openCatalogue();
  const { authority, fixtures } = catalogue;
  await fixtures.category('living', 0);
  await fixtures.category('digital', 1);
  sellerId = randomUUID();
  seller = await authority.token('SELLER', sellerId);
  stranger = await authority.token('SELLER');
  admin = await authority.token('ADMIN');
  picture = { url: `/api/v1/images/${await fixtures.image()}`, alt: '램프' };
});
afterAll(() => catalogue.close());
beforeEach(async () => {
  await catalogue.events();
});

let count = 0;
const facts = (more: object = {}) => {
  count += 1;
  return {
    ...{
      slug: `lamp-${count}`,
      name: '무드 램프',
      brand: '도아리빙',
      description: '따뜻한 빛',
      category: 'living',
    },
    ...{ price: 30_000, listPrice: 40_000, ...more },
  };
};
const COLOURS = { name: '색상', values: ['오트밀', '숯'] };
const SIZES = { name: '크기', values: ['소', '대'] };
const listed = (more: object = {}) => facts({ status: 'ACTIVE', images: [picture], ...more });

const create = (body: object, token = seller, headers = {}): Promise<Answer> =>
  catalogue.call('POST', '/api/v1/products', { token, body, headers });
const created = async (body: object, token = seller) => {
  const answer = await create(body, token);
  expect(answer).toMatchObject({ status: 201 });
  return { ...productIn(answer), etag: matching(answer) };
};
const change = (id: string, body: object, headers: Record<string, string>, token = seller) =>
  catalogue.call('PATCH', `/api/v1/products/${id}`, { token, body, headers });
const remove = (id: string, headers: Record<string, string>, token = seller) =>
  catalogue.call('DELETE', `/api/v1/products/${id}`, { token, headers });
const read = (slug: string, token?: string) =>
  catalogue.call('GET', `/api/v1/products/${slug}`, token ? { token } : {});
const anyVersion = { 'if-match': '*' };

describe('a new product', () => {
  it('is a draft of its seller, with its version as ETag and a place to be read at', async () => {
    const answer = await create(facts());
    expect(answer).toMatchObject({ status: 201, body: { status: 'DRAFT', sellerId, version: 1 } });
    expect(answer.headers).toMatchObject({ etag: '"1"', 'cache-control': 'private, no-store' });
    const again = await catalogue.call('GET', String(answer.headers['location']), { token: seller });
    expect(again.body).toEqual(answer.body);
  });

  it('belongs to the market itself when an administrator makes it', async () => {
    expect((await created(facts(), admin)).sellerId).toBeNull();
  });

  it('has a SKU for each combination of its options, the last of which turns fastest', async () => {
    const skus = [{ values: ['숯', '소'], price: 35_000, onHand: 7, code: 'COAL-S' }];
    const product = await created(facts({ slug: 'combined', options: [COLOURS, SIZES], skus }));
    expect(product.skus.map(({ values, price, onHand }) => [...values, price, onHand])).toEqual([
      ['오트밀', '소', 30_000, 0],
      ['오트밀', '대', 30_000, 0],
      ['숯', '소', 35_000, 7],
      ['숯', '대', 30_000, 0],
    ]);
    expect(product.skus[2]?.code).toBe('COAL-S');
    expect(new Set(product.skus.map(({ code }) => code)).size).toBe(4);
  });

  it('has one SKU without options', async () => {
    expect((await created(facts())).skus).toMatchObject([{ values: [], onHand: 0, held: 0 }]);
  });

  it('is trimmed, and tells of itself', async () => {
    const product = await created(facts({ name: '  램프 ' }));
    expect(product.name).toBe('램프');
    expect(await catalogue.events()).toMatchObject([
      {
        ...{ eventType: 'product.changed', aggregateId: product.id, version: 1 },
        payload: { slug: product.slug, categorySlugs: ['living'] },
      },
    ]);
  });

  const hostile: [string, () => object, number][] = [
    ['a field that nobody knows', () => facts({ rating: 5 }), 422],
    ['somebody else as its seller', () => facts({ sellerId: randomUUID() }), 422],
    ['a price above the list price', () => facts({ price: 50_000 }), 422],
    ['a price of nothing below a list price', () => facts({ price: 0 }), 422],
    ['a price that the database cannot hold', () => facts({ price: 3e9, listPrice: 3e9 }), 422],
    ['half a won', () => facts({ price: 1.5 }), 422],
    ['a category that is not there', () => facts({ category: 'nowhere' }), 422],
    ['a slug in capitals', () => facts({ slug: 'Lamp' }), 422],
    ['the form of an id as its slug', () => facts({ slug: randomUUID() }), 422],
    ['a NUL in its text', () => facts({ description: 'a\u0000b' }), 422],
    ['a name of blanks', () => facts({ name: '   ' }), 422],
    ['too long a description', () => facts({ description: 'x'.repeat(20_001) }), 422],
    [
      'a picture that was never uploaded',
      () => facts({ images: [{ ...picture, url: `/api/v1/images/${'0'.repeat(32)}` }] }),
      422,
    ],
    [
      'a picture of another host',
      () => facts({ images: [{ ...picture, url: 'https://evil.example/x' }] }),
      422,
    ],
    ['a status but no picture', () => facts({ status: 'ACTIVE' }), 422],
    ['the same value twice', () => facts({ options: [{ name: '색상', values: ['숯', '숯 '] }] }), 422],
    ['a SKU of no combination', () => facts({ options: [COLOURS], skus: [{ values: ['파랑'] }] }), 422],
    ['a SKU twice', () => facts({ options: [COLOURS], skus: [{ values: ['숯'] }, { values: ['숯'] }] }), 422],
    [
      'more combinations than there may be',
      () =>
        facts({ options: ['a', 'b', 'c'].map((name) => ({ name, values: ['1', '2', '3', '4', '5', '6'] })) }),
      422,
    ],
    ['a stock below nothing', () => facts({ skus: [{ values: [], onHand: -1 }] }), 422],
  ];
  it.each(hostile)('is refused with %s', async (_name, body, status) => {
    const before = await catalogue.database.product.count();
    const answer = await create(body());
    expect(answer).toMatchObject({
      status,
      body: { code: 'REQ_4220', errors: [{ field: expect.any(String) }] },
    });
    expect(await catalogue.database.product.count()).toBe(before);
    expect(await catalogue.events()).toEqual([]);
  });

  it('is refused with a slug or a SKU code that another one has', async () => {
    const { slug } = await created(facts({ skus: [{ values: [], code: 'TAKEN' }] }));
    expect(await create(facts({ slug }))).toMatchObject({ status: 409, body: { code: 'REQ_4090' } });
    expect((await create(facts({ skus: [{ values: [], code: 'TAKEN' }] }))).status).toBe(409);
  });
});

describe('a new product with an idempotency key', () => {
  it('is one, however many ask for it at once', async () => {
    const [body, headers] = [facts(), { 'x-idempotency-key': randomUUID() }];
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        catalogue.insist('POST', '/api/v1/products', { token: seller, body, headers }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map((it) => productIn(it).id)).size).toBe(1);
    expect(await catalogue.events()).toHaveLength(1);
  });

  it('is refused when the key belongs to another one, and free again after a failure', async () => {
    const headers = { 'x-idempotency-key': randomUUID() };
    expect((await create(facts({ category: 'nowhere' }), seller, headers)).status).toBe(422);
    expect((await create(facts(), seller, headers)).status).toBe(201);
    expect(await create(facts(), seller, headers)).toMatchObject({
      status: 422,
      body: { code: 'IDEM_4220' },
    });
    expect((await create(facts(), stranger, headers)).status).toBe(201);
  });
});

describe('a change', () => {
  it('makes a new version and tells what is another one', async () => {
    const product = await created(listed());
    await catalogue.events();
    const answer = await change(product.id, { price: 20_000, category: 'digital' }, product.etag);
    expect(answer).toMatchObject({ status: 200, body: { version: 2, price: 20_000, discountRate: 50 } });
    expect(answer.headers['etag']).toBe('"2"');
    expect(await catalogue.events()).toMatchObject([
      { version: 2, payload: { aspects: ['details', 'price'], categorySlugs: ['digital', 'living'] } },
    ]);
  });

  it('of the price goes for the SKUs that cost the same', async () => {
    const skus = [{ values: ['숯'], price: 33_000 }];
    const product = await created(facts({ options: [COLOURS], skus }));
    const answer = await change(product.id, { price: 25_000 }, product.etag);
    expect(productIn(answer).skus.map(({ price }) => price)).toEqual([25_000, 33_000]);
  });

  it('that changes nothing is no version and no event', async () => {
    const product = await created(facts());
    await catalogue.events();
    expect(await change(product.id, { name: product.name }, product.etag)).toMatchObject({
      body: { version: 1 },
    });
    expect(await catalogue.events()).toEqual([]);
  });

  it('of the stock alone is no new version, but an event', async () => {
    const product = await created(facts());
    await catalogue.events();
    const answer = await change(product.id, { skus: [{ values: [], onHand: 9 }] }, product.etag);
    expect(answer).toMatchObject({ body: { version: 1, skus: [{ onHand: 9 }] } });
    expect(await catalogue.events()).toMatchObject([{ payload: { aspects: ['stock'] } }]);
  });

  it('never takes the stock below what orders have put by', async () => {
    const product = await created(facts({ skus: [{ values: [], onHand: 5 }] }));
    await catalogue.database.sku.updateMany({ where: { productId: product.id }, data: { held: 3 } });
    const answer = await change(product.id, { skus: [{ values: [], onHand: 2 }] }, product.etag);
    expect(answer).toMatchObject({ status: 409 });
    expect((await change(product.id, { skus: [{ values: [], onHand: 3 }] }, product.etag)).status).toBe(200);
  });

  it('of the options keeps the SKUs whose values stay, and those of orders that do not', async () => {
    const skus = [
      { values: ['숯'], onHand: 4, code: 'KEPT' },
      { values: ['오트밀'], onHand: 2 },
    ];
    const product = await created(facts({ options: [COLOURS], skus }));
    const gone = product.skus[0]?.id;
    const answer = await change(
      product.id,
      { options: [{ name: '색상', values: ['숯', '비'] }] },
      product.etag,
    );
    expect(productIn(answer).skus).toMatchObject([
      { id: product.skus[1]?.id, values: ['숯'], onHand: 4, code: 'KEPT' },
      { values: ['비'], onHand: 0 },
    ]);
    const row = await catalogue.database.sku.findUniqueOrThrow({ where: { id: gone ?? '' } });
    expect(row.deletedAt).not.toBeNull();
  });

  it('is refused without the ETag that was read, and with one that is over', async () => {
    const product = await created(facts());
    expect(await change(product.id, { name: '새 이름' }, {})).toMatchObject({
      status: 428,
      body: { code: 'REQ_4280' },
    });
    expect((await change(product.id, { name: '새 이름' }, product.etag)).status).toBe(200);
    expect(await change(product.id, { name: '옛 이름' }, product.etag)).toMatchObject({ status: 412 });
    expect((await change(product.id, { name: '약한 이름' }, { 'if-match': 'W/"2"' })).status).toBe(412);
    expect(await remove(product.id, product.etag)).toMatchObject({ status: 412 });
  });

  it('of the same version is made by one of twenty that try at once', async () => {
    const product = await created(facts());
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        catalogue.insist('PATCH', `/api/v1/products/${product.id}`, {
          ...{ token: seller, headers: product.etag, body: { name: `이름 ${at}` } },
        }),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 412)]);
  });

  it.each([
    ['ACTIVE', 'DRAFT'],
    ['HIDDEN', 'DRAFT'],
    ['OUT_OF_STOCK', 'DRAFT'],
  ])('does not make %s a %s again', async (from, to) => {
    const product = await created(facts({ status: from, images: [picture] }));
    expect(await change(product.id, { status: to }, product.etag)).toMatchObject({ status: 409 });
  });

  it('does not take the last picture of what is listed', async () => {
    const product = await created(listed());
    expect(await change(product.id, { images: [] }, product.etag)).toMatchObject({ status: 422 });
  });
});

describe("another seller's product", () => {
  it('may be seen but not changed when it is listed', async () => {
    const product = await created(listed());
    expect((await change(product.id, { price: 1 }, product.etag, stranger)).status).toBe(403);
    expect((await remove(product.id, product.etag, stranger)).status).toBe(403);
  });

  it.each(['DRAFT', 'HIDDEN'])('does not exist as %s', async (status) => {
    const product = await created(facts({ status }));
    expect((await change(product.id, { price: 1 }, product.etag, stranger)).status).toBe(404);
    expect((await remove(product.id, product.etag, stranger)).status).toBe(404);
    expect((await read(product.slug, stranger)).status).toBe(404);
    const own = `/api/v1/seller/products/${product.id}`;
    expect((await catalogue.call('GET', own, { token: stranger })).status).toBe(404);
  });

  it('is an administrator’s to change', async () => {
    const product = await created(listed());
    expect((await change(product.id, { price: 10_000 }, product.etag, admin)).status).toBe(200);
  });

  it('of the market itself is no seller’s to change', async () => {
    const product = await created(listed(), admin);
    expect((await change(product.id, { price: 1 }, product.etag)).status).toBe(403);
  });
});

describe('a draft', () => {
  it('is read by its seller and administrators, and by nobody else', async () => {
    const { slug, id } = await created(facts());
    for (const token of [seller, admin]) {
      const answer = await read(slug, token);
      expect(answer).toMatchObject({ status: 200, body: { id, status: 'DRAFT', images: [] } });
      expect(answer.headers).toMatchObject({ etag: '"1"', 'cache-control': 'private, no-store' });
    }
    expect((await read(slug)).status).toBe(404);
    expect((await read(slug, await catalogue.authority.token('MEMBER', sellerId))).status).toBe(404);
  });
});

describe('a deleted product', () => {
  it('is gone for everybody, and tells so', async () => {
    const { id, slug, etag } = await created(listed({ skus: [{ values: [], onHand: 3 }] }));
    await catalogue.events();
    expect((await remove(id, etag)).status).toBe(204);
    for (const token of [undefined, seller, admin]) expect((await read(slug, token)).status).toBe(404);
    expect((await remove(id, anyVersion)).status).toBe(404);
    expect(await catalogue.events()).toMatchObject([{ version: 2, payload: { slug, aspects: ['status'] } }]);
  });

  it('sells nothing any more', async () => {
    const { id, skus, etag } = await created(listed({ skus: [{ values: [], onHand: 3 }] }));
    await remove(id, etag);
    const answer = await catalogue.call('GET', `/api/v1/skus?ids=${skus[0]?.id}`);
    expect(answer.body).toEqual({ data: [] });
  });

  it('gives its slug and its codes back', async () => {
    const body = listed({ skus: [{ values: [], code: 'AGAIN' }] });
    const { id, etag } = await created(body);
    await remove(id, etag);
    const successor = await created(body);
    expect(successor.id).not.toBe(id);
    expect((await read(successor.slug)).body).toMatchObject({ id: successor.id });
  });

  it('cannot be listed by whatever forgets that it is deleted', async () => {
    const { id, etag } = await created(listed());
    await remove(id, etag);
    const listing = catalogue.database.product.update({ where: { id }, data: { status: 'ACTIVE' } });
    await expect(listing).rejects.toThrow(/products_deleted_check/);
  });
});

describe('a renamed product', () => {
  const rename = async (id: string, slug: string) =>
    expect((await change(id, { slug }, anyVersion)).status).toBe(200);
  const location = async (slug: string, token?: string) => {
    const { status, headers } = await read(slug, token);
    return [status, headers['location']];
  };

  it('is found under the newest slug from all that it had, and says so', async () => {
    const { id, slug: first } = await created(listed());
    await catalogue.events();
    await rename(id, `${first}-b`);
    await rename(id, `${first}-c`);
    for (const old of [first, `${first}-b`]) {
      expect(await location(old)).toEqual([308, `/api/v1/products/${first}-c`]);
    }
    expect(await catalogue.events()).toMatchObject([
      { payload: { slug: `${first}-b`, previousSlug: first } },
      { payload: { slug: `${first}-c`, previousSlug: `${first}-b` } },
    ]);
  });

  it('may take its old slug back, without a loop', async () => {
    const { id, slug: first } = await created(listed());
    await rename(id, `${first}-b`);
    await rename(id, first);
    expect((await read(first)).status).toBe(200);
    expect(await location(`${first}-b`)).toEqual([308, `/api/v1/products/${first}`]);
  });

  it('loses its old slug to another product that takes it', async () => {
    const { id, slug: first } = await created(listed());
    await rename(id, `${first}-b`);
    const successor = await created(listed({ slug: first }));
    expect((await read(first)).body).toMatchObject({ id: successor.id });
    await rename(successor.id, `${first}-z`);
    expect(await location(first)).toEqual([308, `/api/v1/products/${first}-z`]);
    await remove(successor.id, anyVersion);
    expect((await read(first)).status).toBe(404);
  });

  it('is not betrayed by its old slug while it is not listed', async () => {
    const { id, slug: first } = await created(facts());
    await rename(id, `${first}-b`);
    expect((await read(first)).status).toBe(404);
    expect(await location(first, seller)).toEqual([308, `/api/v1/products/${first}-b`]);
  });

  it('is one of a hundred that want the same slug at once', async () => {
    const { categoryId } = await catalogue.database.product.findFirstOrThrow();
    const rivals = await catalogue.database.product.createManyAndReturn({
      data: Array.from({ length: 100 }, (_, at) => ({
        ...{ slug: `rival-${at}`, name: '', brand: '', description: '', categoryId, sellerId },
        ...{ price: 1, listPrice: 1, discountRate: 0 },
      })),
    });
    const answers = await Promise.all(
      rivals.map(({ id }) =>
        catalogue.insist('PATCH', `/api/v1/products/${id}`, {
          ...{ token: seller, headers: anyVersion, body: { slug: 'the-slug' } },
        }),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 99 }, () => 409)]);
    expect(await catalogue.database.formerSlug.count({ where: { slug: 'the-slug' } })).toBe(0);
  });
});

describe("the list of one's own products", () => {
  it('has all of them once, whatever their status, page by page', async () => {
    const own = await catalogue.authority.token('SELLER');
    const ids: string[] = [];
    for (const status of ['DRAFT', 'ACTIVE', 'HIDDEN', 'OUT_OF_STOCK', 'DRAFT']) {
      ids.push((await created(facts({ status, images: [picture] }), own)).id);
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor && `&cursor=${cursor}`;
      const { body } = await catalogue.call('GET', `/api/v1/seller/products?limit=2${query}`, { token: own });
      const page = body as { data: { id: string }[]; meta: { nextCursor: string | null } };
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.meta.nextCursor;
    }
    expect(seen).toEqual(ids.reverse());
  });

  it('is narrowed down to a status, and empty for a seller of nothing', async () => {
    const list = (query: string, token: string) =>
      catalogue.call('GET', `/api/v1/seller/products?${query}`, { token });
    const drafts = await list('status=DRAFT&limit=100', seller);
    const statuses = (drafts.body as { data: { status: string }[] }).data.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set(['DRAFT']));
    expect((await list('', stranger)).body).toMatchObject({ data: expect.any(Array) });
    const nobody = await catalogue.authority.token('SELLER');
    expect((await list('', nobody)).body).toEqual({ data: [], meta: { limit: 20, nextCursor: null } });
    expect((await list('cursor=1', seller)).status).toBe(422);
  });
});
