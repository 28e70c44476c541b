import { until } from '@doa-market/common/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAddress } from './support/addresses.ts';
import { external, type Market, openMarket } from './support/market.ts';
import { bearer, claimsOf, newKey, type SigningKey, sign } from './support/tokens.ts';
import type { Reply } from './support/upstream.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket();
});

afterAll(() => market.close());

async function statusFor(at: Market, key: SigningKey): Promise<number> {
  const token = await sign(key, claimsOf('MEMBER'));
  return (await at.get('/api/me', { headers: { ...bearer(token), ...newAddress() } })).status;
}

// A fetch is possible every ten seconds: these wait for it together.
describe.concurrent('a new key of auth-server', { timeout: 30_000 }, () => {
  it('is fetched when a token names it, and the old one goes on', async ({ expect }) => {
    const next = await newKey();
    expect(await statusFor(market, market.key)).toBe(200);
    const before = await market.as();
    market.jwks.keys = [market.key.jwk, next.jwk];
    await until(async () => (await statusFor(market, next)) === 200, 'the new key', 15_000);
    expect((await market.get('/api/me', { headers: before })).status).toBe(200);
    expect(await statusFor(market, market.key)).toBe(200);
  });

  it.skipIf(external)(
    'puts an end to one that is withdrawn, even for tokens that were seen before',
    async ({ expect }) => {
      const own = await openMarket({ env: { GATEWAY_WORKERS: '1' } });
      try {
        const next = await newKey();
        const before = await own.as();
        expect((await own.get('/api/me', { headers: before })).status).toBe(200);
        own.jwks.keys = [next.jwk];
        await until(async () => (await statusFor(own, next)) === 200, 'the new key', 15_000);
        expect((await own.get('/api/me', { headers: before })).status).toBe(401);
      } finally {
        await own.close();
      }
    },
  );

  it.skipIf(external)(
    'that takes long to come keeps nobody waiting who has an old one',
    async ({ expect }) => {
      const own = await openMarket({ env: { GATEWAY_WORKERS: '1' } });
      try {
        expect(await statusFor(own, own.key)).toBe(200);
        let isAsked = false;
        own.services.auth.reply = () => {
          isAsked = true;
        };
        const unknown = await newKey();
        const waiting: Promise<number>[] = [];
        await until(
          async () => {
            waiting.push(statusFor(own, unknown));
            return isAsked;
          },
          'a fetch',
          15_000,
        );
        const startedAt = performance.now();
        expect(await statusFor(own, own.key)).toBe(200);
        expect(performance.now() - startedAt).toBeLessThan(1_000);
        for (const status of await Promise.all(waiting)) expect(status).toBe(401);
      } finally {
        await own.close();
      }
    },
  );
});

describe('keys of auth-server', () => {
  it('are fetched once in ten seconds by each worker, for a thousand names that are made up', async () => {
    await statusFor(market, market.key);
    const before = market.jwks.fetches;
    const startedAt = performance.now();
    const own = await newKey();
    const statuses = new Set<number>();
    for (let count = 0; count < 1_000; count += 1) {
      statuses.add(await statusFor(market, { ...own, kid: `made-up-${count}` }));
    }
    const rounds = 1 + Math.floor((performance.now() - startedAt) / 10_000);
    expect(market.jwks.fetches - before).toBeLessThanOrEqual(2 * rounds);
    expect(statuses).toEqual(new Set([401]));
    expect(await statusFor(market, market.key)).toBe(200);
  });

  it('are remembered while auth-server is down', async () => {
    market.jwks.broken = true;
    expect(await statusFor(market, market.key)).toBe(200);
    expect(await statusFor(market, await newKey())).toBe(401);
    await market.services.auth.stop();
    expect(await statusFor(market, market.key)).toBe(200);
    await market.services.auth.start();
    market.jwks.broken = false;
  });
});

describe.skipIf(external)('a gateway that has never seen a key', () => {
  it('answers 503 until auth-server is there, and not long after', async () => {
    const young = await openMarket();
    try {
      await young.services.auth.stop();
      const headers = await young.as();
      const early = await young.get('/api/me', { headers });
      expect(early.json).toMatchObject({ status: 503, code: 'SYS_5003' });
      expect(early.headers['retry-after']).toBe('1');
      await young.services.auth.start();
      await until(
        async () => (await young.get('/api/me', { headers })).status === 200,
        'the first key',
        4_000,
      );
    } finally {
      await young.close();
    }
  });

  const NO_KEYS: Record<string, Reply> = {
    'an error': (response) => response.writeHead(500).end(),
    'a page': (response) => response.end('<html>'),
    null: (response) => response.end('null'),
    'no keys': (response) => response.end('{"keys":[]}'),
    'keys that are none': (response) =>
      response.end('{"keys":[1,null,"a",[],{},{"kty":"EC","crv":"P-256","kid":{}}]}'),
    'a point that is on no curve': (response) => {
      const x = Buffer.alloc(32, 1).toString('base64url');
      response.end(JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-256', kid: 'k', x, y: x }] }));
    },
    'a redirect': (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
    'half an answer': (response) => {
      response.writeHead(200, { 'content-length': 500 });
      response.write('{"keys":[', () => response.socket?.destroy());
    },
  };

  it('answers 503 whatever auth-server says instead of keys, and is well afterwards', async () => {
    const young = await openMarket({ env: { GATEWAY_WORKERS: '1' } });
    const publish = young.services.auth.reply;
    try {
      for (const [name, reply] of Object.entries(NO_KEYS)) {
        let isAsked = false;
        young.services.auth.reply = (response, seen) => {
          isAsked = true;
          reply(response, seen);
        };
        await until(async () => {
          expect(await statusFor(young, young.key), name).toBe(503);
          return isAsked;
        }, `a fetch of ${name}`);
      }
      young.services.auth.reply = publish;
      await until(async () => (await statusFor(young, young.key)) === 200, 'the first key');
    } finally {
      await young.close();
    }
  });
});
