import { beforeAll, describe, expect, it } from 'vitest';
import { ask, guestToken } from './setup/shared.ts';

let token: string;

beforeAll(async () => {
  token = await guestToken();
});

describe('a guest', () => {
  it('gets the home page with eight categories and every section whole', async () => {
    const response = await ask('/api/home', token);
    expect(response.status).toBe(200);
    const home = await response.json();
    expect(home.categories.data).toHaveLength(8);
    const sections = Object.values<{ status: string; data: unknown[] }>(home);
    expect(sections.map(({ status }) => status)).toEqual(sections.map(() => 'ok'));
    expect(sections.every(({ data }) => data.length > 0)).toBe(true);
  });

  it('gets a category with its products, and a product with its options', async () => {
    const { products } = await (await ask('/api/categories/digital', token)).json();
    const slugs = products.data.data.map(({ slug }: { slug: string }) => slug);
    expect(slugs).toContain('mechanical-keyboard');
    const { product } = await (await ask('/api/products/mechanical-keyboard', token)).json();
    expect(product).toMatchObject({ slug: 'mechanical-keyboard', price: 159_000 });
    expect(product.skus.length).toBeGreaterThan(0);
  });

  it('may not see who they are', async () => {
    expect((await ask('/api/me', token)).status).toBe(403);
  });

  it('gets a problem document for a product that is not there', async () => {
    const response = await ask('/api/products/no-such-product', token);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch('application/problem+json');
    expect(await response.json()).toMatchObject({ status: 404, code: 'REQ_4040' });
  });
});

describe('whoever has no good token', () => {
  const broken = {
    'no token at all': undefined,
    'a word': 'broken',
    'a token without its signature': 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.',
  };

  it.each(Object.entries(broken))('is answered 401 with a challenge for %s', async (_, value) => {
    const response = await ask('/api/home', value);
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toMatch('application/problem+json');
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(await response.json()).toMatchObject({ status: 401, code: value ? 'AUTH_1002' : 'AUTH_1001' });
  });

  it('is answered 401 for a token whose signature was altered', async () => {
    const [header, claims, signature = ''] = token.split('.');
    const altered = `${header}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    expect((await ask('/api/home', altered)).status).toBe(401);
  });
});
