import { randomUUID } from 'node:crypto';
import { type ManagedCategory, ManagedCategorySchema } from '@doa-market/common/contracts';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Catalogue, matching, openCatalogue } from './support/catalogue.ts';

let catalogue: Catalogue;
let admin: string;
let image: string;

beforeAll(async () => {
  catalogue = await openCatalogue();
  admin = await catalogue.authority.token('ADMIN');
  image = `/api/v1/images/${await catalogue.fixtures.image()}`;
});
afterAll(() => catalogue.close());
beforeEach(async () => {
  const { database } = catalogue;
  await database.product.deleteMany();
  await database.$executeRaw`DELETE FROM categories`;
  await catalogue.events();
});

let count = 0;
const create = (more: object = {}): Promise<Answer> => {
  count += 1;
  const facts = { slug: `category-${count}`, name: `분류 ${count}`, description: '', image };
  return catalogue.call('POST', '/api/v1/categories', { token: admin, body: { ...facts, ...more } });
};
const created = async (more: object = {}): Promise<ManagedCategory> => {
  const answer = await create(more);
  expect(answer).toMatchObject({ status: 201 });
  return Value.Parse(ManagedCategorySchema, answer.body);
};
const anyVersion = { 'if-match': '*' };
const change = (id: string, body: object, headers: Record<string, string> = anyVersion) =>
  catalogue.call('PATCH', `/api/v1/categories/${id}`, { token: admin, body, headers });
const remove = (id: string) =>
  catalogue.call('DELETE', `/api/v1/categories/${id}`, { token: admin, headers: anyVersion });
const order = (parentId: string | null, ids: string[]) =>
  catalogue.call('PUT', '/api/v1/category-order', { token: admin, body: { parentId, ids } });

interface Shown {
  slug: string;
  productCount: number;
  children?: Shown[];
}
const shop = async () => ((await catalogue.call('GET', '/api/v1/categories')).body as { data: Shown[] }).data;
const slugs = (list: Shown[] = []) => list.map(({ slug }) => slug);

describe('a category', () => {
  it('comes after its siblings, with the tree below it', async () => {
    const living = await created();
    const light = await created({ parentId: living.id });
    const table = await created({ parentId: light.id });
    const other = await created();
    expect([living, light, table].map(({ depth }) => depth)).toEqual([1, 2, 3]);
    const tree = await shop();
    expect(slugs(tree)).toEqual([living.slug, other.slug]);
    expect(slugs(tree[0]?.children)).toEqual([light.slug]);
    expect(slugs(tree[0]?.children?.[0]?.children)).toEqual([table.slug]);
    expect(await catalogue.events()).toMatchObject([
      { eventType: 'category.changed', aggregateId: living.id, version: 1, payload: { slug: living.slug } },
      ...[light, table, other].map(({ slug }) => ({ payload: { slug } })),
    ]);
  });

  it('counts and lists the products of all below it', async () => {
    const living = await created();
    const light = await created({ parentId: living.id });
    await catalogue.fixtures.product({ slug: 'lamp', category: light.slug });
    await catalogue.fixtures.product({ slug: 'mug', category: living.slug });
    expect(await shop()).toMatchObject([{ productCount: 2, children: [{ productCount: 1 }] }]);
    const list = await catalogue.call('GET', `/api/v1/products?category=${living.slug}`);
    expect(list.body).toMatchObject({ meta: { total: 2 } });
  });

  it('that is not active is not shown, nor what is below it', async () => {
    const living = await created();
    const light = await created({ parentId: living.id });
    await catalogue.fixtures.product({ slug: 'lamp', category: light.slug });
    expect((await change(living.id, { active: false })).status).toBe(200);
    expect(await shop()).toEqual([]);
    const list = await catalogue.call('GET', `/api/v1/products?category=${light.slug}`);
    expect(list.body).toMatchObject({ meta: { total: 0 } });
    const managed = await catalogue.call('GET', '/api/v1/admin/categories', { token: admin });
    expect(managed.body).toMatchObject({ data: [{ active: false }, { slug: light.slug, active: true }] });
  });

  it('tells of its old slug when it gets a new one', async () => {
    const { id, slug } = await created();
    await catalogue.events();
    await change(id, { slug: `${slug}-new` });
    expect(await catalogue.events()).toMatchObject([
      { version: 2, payload: { slug: `${slug}-new`, previousSlug: slug } },
    ]);
  });

  it('is changed by those alone who have read it as it is', async () => {
    const answer = await create();
    const { id } = Value.Parse(ManagedCategorySchema, answer.body);
    expect((await change(id, { name: '하나' }, {})).status).toBe(428);
    expect((await change(id, { name: '하나' }, matching(answer))).status).toBe(200);
    expect((await change(id, { name: '둘' }, matching(answer))).status).toBe(412);
    expect((await change(randomUUID(), { name: '둘' })).status).toBe(404);
  });

  it.each<[string, object]>([
    ['a parent that is not there', { parentId: randomUUID() }],
    ['a picture that is not there', { image: `/api/v1/images/${'0'.repeat(32)}` }],
    ['the form of an id as its slug', { slug: randomUUID() }],
    ['no name', { name: '' }],
    ['a depth of its own', { depth: 1 }],
  ])('is refused with %s', async (_name, more) => {
    expect((await create(more)).status).toBe(422);
  });

  it('is refused with a slug that another one has', async () => {
    const { slug } = await created();
    expect((await create({ slug })).status).toBe(409);
  });

  it('is not the ninth at the top, even when two come at once', async () => {
    const tops: ManagedCategory[] = [];
    for (let at = 0; at < 7; at += 1) tops.push(await created());
    const rivals = await Promise.all([create(), create(), create()]);
    expect(rivals.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it('is not four levels deep', async () => {
    const one = await created();
    const two = await created({ parentId: one.id });
    const three = await created({ parentId: two.id });
    expect((await create({ parentId: three.id })).status).toBe(422);
  });
});

describe('a move', () => {
  it('takes what is below it along, up and down', async () => {
    const [a, b] = [await created(), await created()];
    const inner = await created({ parentId: a.id });
    expect(await change(a.id, { parentId: b.id })).toMatchObject({ status: 200, body: { depth: 2 } });
    expect(slugs((await shop())[0]?.children?.[0]?.children)).toEqual([inner.slug]);
    expect(await change(inner.id, { parentId: null })).toMatchObject({ body: { depth: 1 } });
    expect(slugs(await shop())).toEqual([b.slug, inner.slug]);
  });

  it('does not lead into itself', async () => {
    const a = await created();
    const b = await created({ parentId: a.id });
    expect((await change(a.id, { parentId: a.id })).status).toBe(422);
    expect((await change(a.id, { parentId: b.id })).status).toBe(422);
  });

  it('does not lead deeper than there are levels', async () => {
    const [a, b] = [await created(), await created()];
    const inner = await created({ parentId: a.id });
    await created({ parentId: inner.id });
    expect((await change(a.id, { parentId: b.id })).status).toBe(422);
  });

  it('of two into each other at once makes no cycle', async () => {
    const [a, b] = [await created(), await created()];
    const answers = await Promise.all([change(a.id, { parentId: b.id }), change(b.id, { parentId: a.id })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  it('cannot make a cycle or a fourth level behind the back of the server', async () => {
    const a = await created();
    const b = await created({ parentId: a.id });
    const { database } = catalogue;
    const cycle = database.$executeRaw`
      UPDATE categories SET parent_id = ${b.id}::uuid, parent_depth = 2, depth = 3 WHERE id = ${a.id}::uuid`;
    await expect(cycle).rejects.toThrow(/foreign key/);
    const deep = database.$executeRaw`UPDATE categories SET depth = 4 WHERE id = ${b.id}::uuid`;
    await expect(deep).rejects.toThrow(/check constraint/);
  });
});

describe('the order of categories', () => {
  it('is changed as a whole, and tells of what has moved', async () => {
    const [a, b, c] = [await created(), await created(), await created()];
    await catalogue.events();
    expect((await order(null, [b.id, a.id, c.id])).status).toBe(200);
    expect(slugs(await shop())).toEqual([b.slug, a.slug, c.slug]);
    expect(await catalogue.events()).toMatchObject([{ version: 2 }, { version: 2 }]);
  });

  it('is refused when it leaves out, adds or repeats one', async () => {
    const [a, b] = [await created(), await created()];
    const inner = await created({ parentId: a.id });
    expect((await order(null, [a.id])).status).toBe(409);
    expect((await order(null, [a.id, b.id, inner.id])).status).toBe(409);
    expect((await order(null, [a.id, a.id])).status).toBe(422);
  });
});

describe('a category that is removed', () => {
  it('has no products and no categories in it', async () => {
    const a = await created();
    const b = await created({ parentId: a.id });
    expect((await remove(a.id)).status).toBe(409);
    await catalogue.fixtures.product({ slug: 'lamp', category: b.slug });
    expect((await remove(b.id)).status).toBe(409);
    expect(await shop()).toHaveLength(1);
  });

  it('is gone, although deleted products remember it, and gives its slug back', async () => {
    const a = await created();
    const product = await catalogue.fixtures.product({ slug: 'lamp', category: a.slug });
    await catalogue.call('DELETE', `/api/v1/products/${product.id}`, { token: admin, headers: anyVersion });
    expect((await remove(a.id)).status).toBe(204);
    expect((await remove(a.id)).status).toBe(404);
    expect(await shop()).toEqual([]);
    await created({ slug: a.slug });
  });

  it('takes no product that arrives at the same moment', async () => {
    const a = await created();
    const body = {
      slug: 'late',
      name: '늦은 것',
      brand: '도아',
      description: '',
      category: a.slug,
      price: 1,
    };
    const [removed, arrived] = await Promise.all([
      remove(a.id),
      catalogue.call('POST', '/api/v1/products', { token: admin, body }),
    ]);
    expect([
      [204, 422],
      [409, 201],
    ]).toContainEqual([removed.status, arrived.status]);
  });
});
