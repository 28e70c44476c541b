import { fileURLToPath } from 'node:url';
import { until } from '@doa-market/common/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { external, type Market, openMarket } from './support/market.ts';
import { bearer, claimsOf, sign } from './support/tokens.ts';

const TEMPLATE = `
_format_version: "3.0"
services:
  - name: a
    url: \${BFF_SERVICE_URL}
    routes: [{ name: a, paths: [/api/me], strip_path: false }]
plugins:
  - name: token-validator
    config:
      jwks_uri: \${AUTH_SERVICE_URL}/.well-known/jwks.json
      issuer: \${JWT_ISSUER}
      redis: { host: \${REDIS_HOST}, port: \${REDIS_PORT} }
  - name: worker
`;
const WORKERS = 3;

let market: Market;

beforeAll(async () => {
  const GATEWAY_PLUGINS = fileURLToPath(new URL('./plugins', import.meta.url));
  const env = { GATEWAY_PLUGINS, GATEWAY_WORKERS: `${WORKERS}` };
  market = await openMarket(external ? {} : { template: TEMPLATE, env });
});

afterAll(() => market.close());

const revoke = (sid: unknown) => market.redis.client.set(`revoked:sid:${sid}`, '1', 'EX', 60);

describe('an ended session', () => {
  it('is refused within a second', async () => {
    const claims = claimsOf('MEMBER');
    const headers = bearer(await sign(market.key, claims));
    expect((await market.get('/api/me', { headers })).status).toBe(200);
    await revoke(claims['sid']);
    const refused = await until(
      async () => {
        const answer = await market.get('/api/me', { headers });
        return answer.status === 401 && answer;
      },
      'the refusal',
      1_500,
    );
    expect(refused.json).toMatchObject({ code: 'AUTH_1005' });
    expect(refused.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it.skipIf(external)('is refused within a second by every worker, and never taken again', async () => {
    const claims = claimsOf('MEMBER');
    const headers = bearer(await sign(market.key, claims));
    const answers = async () => {
      const some = await Promise.all(Array.from({ length: 16 }, () => market.get('/api/me', { headers })));
      return some.map((it) => ({ status: it.status, worker: String(it.headers['x-worker']) }));
    };
    const open = new Set<string>();
    await until(async () => {
      for (const { worker } of await answers()) open.add(worker);
      return open.size === WORKERS;
    }, 'an answer of each worker');

    await revoke(claims['sid']);
    const revokedAt = performance.now();
    const refusing = new Set<string>();
    while (performance.now() - revokedAt < 2_000 || refusing.size < WORKERS) {
      const askedAt = performance.now() - revokedAt;
      for (const { status, worker } of await answers()) {
        if (askedAt > 1_050) expect(status).toBe(401);
        if (status === 401) refusing.add(worker);
        else expect(refusing).not.toContain(worker);
      }
    }
    expect(refusing).toEqual(open);
  });

  it('takes no other session of the same member with it', async () => {
    const claims = claimsOf('MEMBER');
    await revoke(claims['sid']);
    const other = await sign(market.key, claimsOf('MEMBER', { sub: claims.sub }));
    const ended = await sign(market.key, claims);
    expect((await market.get('/api/me', { headers: bearer(ended) })).status).toBe(401);
    expect((await market.get('/api/me', { headers: bearer(other) })).status).toBe(200);
  });

  it.skipIf(external)('is taken while Redis is down, which is logged', async () => {
    await market.redis.stop();
    const answer = await market.get('/api/me', { headers: await market.as() });
    expect(answer.status).toBe(200);
    expect(market.gateway.output()).toContain('ended sessions cannot be checked');
    await market.redis.start();
  });
});
