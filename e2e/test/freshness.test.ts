import { CATALOGUE_STREAM } from '@doa-market/common/contracts';
import { createLogger } from '@doa-market/common/logging';
import { createRedis } from '@doa-market/common/redis';
import { until } from '@doa-market/common/testing';
import { openCatalogue } from '@doa-market/scripts/catalogue';
import { serviceDatabaseUrl } from '@doa-market/scripts/databases';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, guestToken, stack, startServer, stopServer } from './setup/shared.ts';

type Catalogue = ReturnType<typeof openCatalogue>;
interface Page {
  text: string;
  cache: string;
  age: number;
}

let catalogue: Catalogue;
/** What changes, its page, another product's that shows it as well, and one that has nothing to do with it. */
let changed: string;
let own: string;
let related: string;
let unrelated: string;
let price = 310_007;

async function page(path: string): Promise<Page> {
  const response = await fetch(`${stack().urls.PROXY_SERVER_URL}${path}`);
  const { headers } = response;
  return {
    text: await response.text(),
    cache: headers.get('x-cache-status') ?? '',
    age: Number(headers.get('age') ?? 0),
  };
}
const isWarm = (path: string) => until(async () => (await page(path)).cache === 'HIT', `${path} is warm`);
const written = (amount: number) => new Intl.NumberFormat('ko-KR').format(amount);

/** Changes the price, and waits until `path` shows it. @returns milliseconds, and how each visitor was served */
async function change(path: string, deadline = 10_000) {
  price += 1_001;
  const seen: string[] = [];
  await catalogue.changePrice(changed, price);
  const changedAt = performance.now();
  await until(
    async () => {
      const { text, cache } = await page(path);
      seen.push(cache);
      return text.includes(written(price));
    },
    `${path} shows the price`,
    deadline,
  );
  return { milliseconds: performance.now() - changedAt, seen };
}

async function redis() {
  const client = createRedis(stack().urls.REDIS_URL, {
    name: 'e2e',
    logger: createLogger({ name: 'e2e', level: 'silent' }),
  });
  await client.connect();
  return client;
}

beforeAll(async () => {
  catalogue = openCatalogue(serviceDatabaseUrl('product-server', stack().ports.postgres));
  const products = await catalogue.products();
  const pages = await Promise.all(products.map(({ slug }) => page(`/products/${slug}`)));
  const shows = (index: number, slug: string) => pages[index]?.text.includes(`/products/${slug}"`) ?? false;
  // One that some other products' pages show as related, and some do not.
  const others = (it: string, related: boolean) =>
    products.find(({ slug }, index) => slug !== it && shows(index, it) === related);
  changed = products.find(({ slug }) => others(slug, true) && others(slug, false))?.slug ?? '';
  own = `/products/${changed}`;
  related = `/products/${others(changed, true)?.slug}`;
  unrelated = `/products/${others(changed, false)?.slug}`;
  for (const path of ['/', own, related, unrelated]) await isWarm(path);
});
afterAll(() => catalogue.close());

describe('a change of a price', () => {
  it('is on its page within a second, and no visitor waits for it', async () => {
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const { milliseconds, seen } = await change(own);
      times.push(milliseconds);
      expect(seen).not.toContain('MISS');
      expect((await page(own)).cache).toBe('HIT');
    }
    expect(times.toSorted((a, b) => a - b)[2], times.join(', ')).toBeLessThan(1_000);
  });

  it('is on every other page that shows the product, which it finds by what the page says of itself', async () => {
    const category = (await catalogue.products()).find(({ slug }) => slug === changed)?.category;
    await isWarm(`/categories/${category}`);
    for (const path of [related, '/', `/categories/${category}`]) {
      expect((await page(path)).text).toContain(`/products/${changed}"`);
      const { seen } = await change(path);
      expect(seen).not.toContain('MISS');
    }
  });

  it('leaves the page of another product the very page that it was', async () => {
    await isWarm(unrelated);
    const before = await page(unrelated);
    const at = performance.now();
    await change(own);
    await until(async () => (await page(unrelated)).age > before.age, 'its age goes on');
    const after = await page(unrelated);
    const seconds = (performance.now() - at) / 1_000;
    expect([after.text === before.text, after.cache]).toEqual([true, 'HIT']);
    expect(Math.abs(after.age - before.age - seconds)).toBeLessThan(2);
  });

  it('is in the API as well', async () => {
    const token = await guestToken();
    await ask('/api/home', token);
    await change(own);
    const product = await (await ask(`/api${own}`, token)).text();
    expect(product).toContain(`"price":${price}`);
    const home = await (await ask('/api/home', token)).text();
    expect(home).not.toContain(`"price":${price - 1_001}`);
  });
});

describe('a change heals', () => {
  it('when Redis is away, and has forgotten everything when it is back', async () => {
    await isWarm(own);
    await stopServer('redis');
    price += 1_001;
    await catalogue.changePrice(changed, price);
    await startServer('redis');
    await until(async () => (await page(own)).text.includes(written(price)), 'the price', 20_000);
  });

  it('when the process dies that has read the event: another takes over', async () => {
    await isWarm(own);
    const client = await redis();
    await until(async () => {
      const groups: unknown = await client.xinfo('GROUPS', CATALOGUE_STREAM);
      return Array.isArray(groups) && groups.length > 0;
    }, 'the readers are back at their stream');
    await stopServer('bff-server');
    price += 1_001;
    await catalogue.changePrice(changed, price);
    await until(
      async () =>
        (await client.xreadgroup('GROUP', 'freshness', 'killed', 'STREAMS', CATALOGUE_STREAM, '>')) !== null,
      'the event',
    );
    client.disconnect();
    await startServer('bff-server');
    await until(async () => (await page(own)).text.includes(written(price)), 'the price', 20_000);
  });

  it('when its event is lost on the stream: what was sent is compared with what was done', async () => {
    await isWarm(own);
    await stopServer('bff-server');
    price += 1_001;
    await catalogue.changePrice(changed, price);
    await until(
      async () => ((await catalogue.quietFor()) ?? 0) > 6_000,
      'the event is sent, and settled',
      20_000,
    );
    const client = await redis();
    await client.xtrim(CATALOGUE_STREAM, 'MAXLEN', 0);
    client.disconnect();
    await startServer('bff-server');
    await until(async () => (await page(own)).text.includes(written(price)), 'the price', 20_000);
  });
});

describe('nobody else', () => {
  const wish = (url: string, token: string, body: string) =>
    fetch(`${url}/internal/revalidate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });

  it('may say that pages are out of date, and nobody can through the public port', async () => {
    const { urls, secrets } = stack();
    const body = JSON.stringify({ tags: ['home'] });
    expect((await wish(urls.NEXT_SERVER, 'a-guess-of-somebody', body)).status).toBe(401);
    const { status } = await wish(urls.PROXY_SERVER_URL, secrets.REVALIDATE_TOKEN, body);
    expect([403, 404]).toContain(status);
    expect((await wish(urls.NEXT_SERVER, secrets.REVALIDATE_TOKEN, body)).status).toBe(204);
  });

  it.each(['', '[]', '{"tags":[]}', '{"tags":["home"],"more":1}', '{"tags":[""]}', '{"tags":"home"}'])(
    'and no body but tags: %s',
    async (body) => {
      const { urls, secrets } = stack();
      expect((await wish(urls.NEXT_SERVER, secrets.REVALIDATE_TOKEN, body)).status).toBe(422);
    },
  );
});
