import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Market, openMarket } from './support/market.ts';
import { bearer, claimsOf, sign } from './support/tokens.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket();
});

afterEach(() => {
  for (const name of ['member', 'product', 'queue', 'bff'] as const) market.services[name].reset();
});

afterAll(() => market.close());

describe('identity headers of a client', () => {
  const SPELLINGS = [
    'X-User-Id',
    'x-user-role',
    'X_User_Id',
    'x-USER_Role',
    'X-Session-Id',
    'X_SESSION_ID',
    'X-User-Anything',
    'X-USER-ID-',
    'x_user-name',
    'X-User_',
  ];

  it.each(['/api/me', '/api/auth/guest', '/api/v1/images/a/1.webp'])(
    'never reach the service of %s',
    async (path) => {
      const forged = Object.fromEntries(SPELLINGS.map((name) => [name, 'forged']));
      const answer = await market.get(path, { headers: { ...forged, ...(await market.as()) } });
      expect(answer.status).toBe(200);
      expect(JSON.stringify(answer.json['headers'])).not.toContain('forged');
    },
  );

  it('are replaced by those of the token, be they there once or often', async () => {
    const claims = claimsOf('MEMBER');
    const { authorization } = bearer(await sign(market.key, claims));
    const forged = [
      'x-user-id',
      'a',
      'X-User-Id',
      'b',
      'x_user_id',
      'c',
      'X-USER-ROLE',
      'ADMIN',
      'x-user-role',
      '',
    ];
    const headers = ['host', 'market', ...forged, 'authorization', authorization];
    const { headers: seen } = (await market.get('/api/me', { headers })).json;
    expect(seen).toMatchObject({ 'x-user-id': claims.sub, 'x-user-role': 'MEMBER' });
    expect(seen).not.toHaveProperty('x_user_id');
  });

  it('are not made for a request without a token', async () => {
    const { headers } = (await market.get('/api/auth/guest', { headers: { 'x-user-id': 'forged' } })).json;
    for (const name of ['x-user-id', 'x-user-role', 'x-session-id']) expect(headers).not.toHaveProperty(name);
  });

  it('cannot hide behind a thousand others', async () => {
    const many = Array.from({ length: 1200 }, () => ['a', '1']).flat();
    const { authorization } = await market.as();
    const headers = ['host', 'market', ...many, 'x-user-id', 'forged', 'authorization', authorization];
    const answer = await market.get('/api/me', { headers });
    expect(answer.json).toMatchObject({ status: 400, code: 'REQ_4000' });
  });

  it.each([
    'close, X-User-Id',
    'x-user-role',
    'keep-alive,authorization',
    ',,X_User_Id',
    'close\tx-user-id',
    ['close', 'x-session-id'],
  ])('are not removed by Connection: %s', async (connection) => {
    const headers = { connection, ...(await market.as()) };
    const answer = await market.get('/api/me', { headers });
    expect(answer.json).toMatchObject({ status: 400, code: 'REQ_4000' });
    expect(market.services.bff.seen).toHaveLength(0);
  });

  it('survive a Connection header that means the connection', async () => {
    for (const connection of ['close', 'keep-alive', 'Keep-Alive, Upgrade']) {
      const answer = await market.get('/api/me', { headers: { connection, ...(await market.as()) } });
      expect(answer.status).toBe(200);
      expect(answer.json['headers']).toHaveProperty('x-user-id');
    }
  });
});
