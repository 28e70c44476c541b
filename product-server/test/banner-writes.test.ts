import { type ManagedBanner, ManagedBannerSchema } from '@doa-market/common/contracts';
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
  await catalogue.database.banner.deleteMany();
  await catalogue.events();
});

let count = 0;
const create = (more: object = {}): Promise<Answer> => {
  count += 1;
  const body = {
    ...{
      slug: `banner-${count}`,
      title: `배너 ${count}`,
      subtitle: '',
      label: '보기',
      href: '/events',
      image,
      alt: '',
    },
    ...{ theme: { background: '#ffffff', foreground: '#000000' }, ...more },
  };
  return catalogue.call('POST', '/api/v1/banners', { token: admin, body });
};
const created = async (more: object = {}): Promise<ManagedBanner & { etag: Record<string, string> }> => {
  const answer = await create(more);
  expect(answer).toMatchObject({ status: 201 });
  return { ...Value.Parse(ManagedBannerSchema, answer.body), etag: matching(answer) };
};
const change = (id: string, body: object, headers: Record<string, string>) =>
  catalogue.call('PATCH', `/api/v1/banners/${id}`, { token: admin, body, headers });
const order = (ids: string[]) =>
  catalogue.call('PUT', '/api/v1/banner-order', { token: admin, body: { ids } });
const shown = async () =>
  ((await catalogue.call('GET', '/api/v1/banners')).body as { data: { title: string }[] }).data.map(
    ({ title }) => title,
  );

describe('banners', () => {
  it('come one after the other, and can be put into another order', async () => {
    const [a, b] = [await created(), await created()];
    expect(await shown()).toEqual([a.title, b.title]);
    expect((await order([b.id, a.id])).status).toBe(200);
    expect(await shown()).toEqual([b.title, a.title]);
    expect((await order([a.id])).status).toBe(409);
  });

  it('are taken off and shown again, and tell so', async () => {
    const { id, slug, title, etag } = await created();
    await catalogue.events();
    const hidden = await change(id, { active: false }, etag);
    expect(await shown()).toEqual([]);
    expect((await change(id, { active: true }, matching(hidden))).status).toBe(200);
    expect(await shown()).toEqual([title]);
    expect(await catalogue.events()).toMatchObject([
      { eventType: 'banner.changed', aggregateId: id, version: 2, payload: { slug } },
      { version: 3 },
    ]);
  });

  it('are changed and removed by those alone who have read them as they are', async () => {
    const { id, etag } = await created();
    expect((await change(id, { title: '하나' }, {})).status).toBe(428);
    expect((await change(id, { title: '하나' }, etag)).status).toBe(200);
    expect((await change(id, { title: '둘' }, etag)).status).toBe(412);
    const url = `/api/v1/banners/${id}`;
    expect((await catalogue.call('DELETE', url, { token: admin, headers: etag })).status).toBe(412);
    expect(
      (await catalogue.call('DELETE', url, { token: admin, headers: { 'if-match': '"2"' } })).status,
    ).toBe(204);
    expect(await shown()).toEqual([]);
  });

  it.each<[string, object]>([
    ['another host', { href: '//evil.example' }],
    ['a host behind a tab', { href: '/\t/evil.example' }],
    ['a host behind a backslash', { href: '/\\evil.example' }],
    ['a script', { href: 'javascript:alert(1)' }],
    ['a colour of another kind', { theme: { background: 'red', foreground: '#000000' } }],
    ['a picture that is not there', { image: `/api/v1/images/${'0'.repeat(32)}` }],
    ['a place of its own', { position: 0 }],
  ])('are refused with %s', async (_name, more) => {
    expect((await create(more)).status).toBe(422);
  });
});
