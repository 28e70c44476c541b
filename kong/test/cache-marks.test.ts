import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { GATEWAY_MARK_SECONDS, gatewayMark } from '@doa-market/common/cache-manifest';
import { until } from '@doa-market/common/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Home, openHome, REFRESH } from './support/home.ts';
import { external } from './support/market.ts';

const TEMPLATE = `
_format_version: "3.0"
services:
  - name: bff
    url: \${BFF_SERVICE_URL}
    routes:
      - name: lists
        paths: ["~/api/.+$"]
        strip_path: false
        plugins:
          - name: simple-redis-cache
            config:
              query_parameters: [page, sort]
              warmup_token: "{vault://env/warmup-token}"
              redis: { host: "\${REDIS_HOST}", port: \${REDIS_PORT}, timeout: 200 }
`;

const LIST = '/api/categories/living';
const OTHER = '/api/categories/livin';

let home: Home;

beforeAll(async () => {
  if (!external) home = await openHome({ template: TEMPLATE });
});
beforeEach(async () => {
  if (external) return;
  await home.market.redis.client.flushdb();
  await home.reset();
});
afterAll(() => home?.market.close());

const purge = (path: string) =>
  home.market.redis.client.set(gatewayMark(path), randomUUID(), 'EX', GATEWAY_MARK_SECONDS);
const list = (query = '', headers = {}) => home.get(headers, `${LIST}${query}`);
const statusOf = async (query: string) => (await list(query)).headers['x-cache-status'];
const PAGES = ['', '?page=2', '?page=2&sort=price', '?sort=price'];

describe.skipIf(external)('the purge of a path', () => {
  it('ends what is kept of it, with whatever parameters, and nothing else', async () => {
    for (const query of PAGES) await list(query);
    await home.get({}, OTHER);
    await home.get({}, '/api/home');
    for (const query of PAGES) expect(await statusOf(query)).toBe('HIT');
    await purge(LIST);
    for (const query of PAGES) expect(await statusOf(query)).toBe('MISS');
    for (const query of PAGES) expect(await statusOf(query)).toBe('HIT');
    expect((await home.get({}, OTHER)).headers['x-cache-status']).toBe('HIT');
    expect((await home.get({}, '/api/home')).headers['x-cache-status']).toBe('HIT');
  });

  it('can be repeated as often as one likes', async () => {
    for (let round = 0; round < 3; round += 1) {
      const before = await list('?page=2');
      await purge(LIST);
      const after = await list('?page=2');
      expect(after.headers['x-cache-status']).toBe('MISS');
      expect(after.text).not.toBe(before.text);
    }
  });

  it('leaves no old answer for when the service fails', async () => {
    await list('?page=2');
    await purge(LIST);
    home.answerWith(undefined, (response) => response.writeHead(503));
    expect((await list('?page=2')).status).toBe(503);
  });

  it('wins over a fetch that began before it', async () => {
    const { release } = home.answerLater('public, s-maxage=60', 'before the purge');
    const fetching = list('?page=2');
    await until(() => home.fetches() === 1, 'the fetch');
    await purge(LIST);
    release();
    expect((await fetching).text).toBe('before the purge');
    home.answerWith('public, s-maxage=60');
    const after = await list('?page=2');
    expect(after.headers['x-cache-status']).toBe('MISS');
    expect(after.text).not.toBe('before the purge');
  });

  it('wins over it even when another fetch has begun since', async () => {
    const before = home.answerLater('public, s-maxage=60', 'before the purge');
    const first = list('?page=2');
    await until(() => home.fetches() === 1, 'the first fetch');
    await purge(LIST);
    const after = home.answerLater('public, s-maxage=60', 'after the purge');
    const second = list('?page=2');
    await until(() => home.fetches() === 2, 'the second fetch');
    before.release();
    await first;
    after.release();
    expect((await second).text).toBe('after the purge');
    expect((await list('?page=2')).text).toBe('after the purge');
  });

  it('wins over a renewal, and a renewal after it over what was before', async () => {
    await list('?page=2');
    const { release } = home.answerLater('public, s-maxage=60', 'before the purge');
    const renewing = list('?page=2', REFRESH);
    await until(() => home.fetches() === 2, 'the renewal');
    await purge(LIST);
    release();
    await renewing;
    home.answerWith('public, s-maxage=60');
    const renewed = await list('?page=2', REFRESH);
    expect(renewed.headers['x-cache-status']).toBe('MISS');
    expect((await list('?page=2')).text).toBe(renewed.text);
  });

  it('goes on without harm when its mark has expired', async () => {
    await purge(LIST);
    await list('?page=2');
    await home.market.redis.client.del(gatewayMark(LIST));
    expect(await statusOf('?page=2')).toBe('MISS');
    expect(await statusOf('?page=2')).toBe('HIT');
  });

  it('takes a mark that is no text for none', async () => {
    await home.market.redis.client.lpush(gatewayMark(LIST), 'x');
    expect(await statusOf('')).toBe('MISS');
    expect(await statusOf('')).toBe('HIT');
  });

  it('does not keep requests from going through side by side where nothing is to be kept', async () => {
    await purge(LIST);
    home.answerWith('private');
    expect(await statusOf('')).toBe('BYPASS');
    expect(await statusOf('')).toBe('BYPASS');
    expect(await home.market.redis.client.hget(`cache:GET:${LIST}`, 'pass')).not.toBeNull();
  });
});

describe.skipIf(external)('an address written in another way', () => {
  it.each(['/api/categories/l%69ving', '/api//categories/living', '/api/x/../categories/living', `${LIST}/`])(
    '%s is purged with it',
    async (path) => {
      const before = await home.get({}, path);
      expect((await home.get({}, path)).text).toBe(before.text);
      await purge(LIST);
      expect((await home.get({}, path)).text).not.toBe(before.text);
    },
  );
});

describe('a mark', () => {
  it('outlives whatever the gateway keeps', async () => {
    const template = await readFile(new URL('../kong.yml.template', import.meta.url), 'utf8');
    const most = (name: string) =>
      Math.max(
        ...[...template.matchAll(new RegExp(`\\b${name}: (\\d+)`, 'g'))].map(([, value]) => Number(value)),
      );
    expect(most('ttl') + most('stale_ttl')).toBeGreaterThan(0);
    expect(most('ttl') + most('stale_ttl')).toBeLessThan(GATEWAY_MARK_SECONDS);
  });
});
