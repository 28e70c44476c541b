import { createHmac } from 'node:crypto';
import { type CryptoKey, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { external, type Market, openMarket } from './support/market.ts';
import { bearer, claimsOf, newKey, type SigningKey, sign } from './support/tokens.ts';
import { until } from './support/until.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket();
});

afterEach(() => {
  for (const name of ['member', 'product', 'queue', 'bff'] as const) market.services[name].reset();
});

afterAll(() => market.close());

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

describe('a request with a good token', () => {
  it('reaches its service with the identity of the token', async () => {
    const claims = claimsOf('MEMBER');
    const answer = await market.get('/api/me', { headers: bearer(await sign(market.key, claims)) });
    expect(answer.status).toBe(200);
    expect(market.services.bff.seen[0]?.headers).toMatchObject({
      'x-user-id': claims.sub,
      'x-user-role': 'MEMBER',
      'x-session-id': claims['sid'],
    });
  });

  it('is taken with an audience among others, and with a typ that is spelled in full', async () => {
    const token = await sign(market.key, claimsOf('MEMBER', { aud: ['x', 'doa-market'] }), {
      typ: 'application/at+JWT',
    });
    expect((await market.get('/api/me', { headers: bearer(token) })).status).toBe(200);
  });

  it('takes the scheme in any case', async () => {
    const token = await market.token();
    expect((await market.get('/api/me', { headers: { authorization: `bEaReR ${token}` } })).status).toBe(200);
  });
});

describe('a hostile token', () => {
  type Forge = (key: SigningKey) => Promise<string> | string;
  const part = async (key: SigningKey, index: number) =>
    (await sign(key, claimsOf('ADMIN'))).split('.')[index] ?? '';
  const unsigned = (header: unknown, claims: unknown = claimsOf('ADMIN')) =>
    `${encode(header)}.${encode(claims)}`;

  const HOSTILE: Record<string, Forge> = {
    'an empty one': () => '',
    'one word': () => 'token',
    'two parts': (key) => unsigned({ alg: 'ES256', kid: key.kid, typ: 'at+jwt' }),
    'four parts': async (key) => `${await sign(key, claimsOf('ADMIN'))}.AAAA`,
    'empty parts': () => '..',
    'binary rubbish': () => `${Buffer.alloc(600, 0xff).toString('base64url')}.AA.AA`,
    'a header that is no JSON': async (key) =>
      `${Buffer.from('{').toString('base64url')}.${await part(key, 1)}.${await part(key, 2)}`,
    'a header that is a number': async (key) => `${encode(7)}.${await part(key, 1)}.${await part(key, 2)}`,
    'claims that are null': async (key) => `${await part(key, 0)}.${encode(null)}.${await part(key, 2)}`,
    'deep nesting': (key) =>
      `${encode({ alg: 'ES256', kid: key.kid })}.${Buffer.from('['.repeat(2000)).toString('base64url')}.AA`,
    'no signature with alg none': () => `${unsigned({ alg: 'none', typ: 'at+jwt' })}.`,
    'alg none with a signature': async (key) =>
      `${unsigned({ alg: 'none', kid: key.kid, typ: 'at+jwt' })}.${await part(key, 2)}`,
    'HMAC keyed with the public key': async (key) => {
      const pem = await exportSPKI((await importJWK(key.jwk, 'ES256', { extractable: true })) as CryptoKey);
      const signed = unsigned({ alg: 'HS256', kid: key.kid, typ: 'at+jwt' });
      return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
    },
    'another curve': async (key) => {
      const { privateKey } = await generateKeyPair('ES384');
      return new SignJWT(claimsOf('ADMIN'))
        .setProtectedHeader({ alg: 'ES384', kid: key.kid, typ: 'at+jwt' })
        .sign(privateKey);
    },
    'the key of somebody else under a known name': async (key) =>
      sign({ ...(await newKey()), kid: key.kid }, claimsOf('ADMIN')),
    'a key that nobody published': async () => sign(await newKey(), claimsOf('ADMIN')),
    'a key of its own in the header': async () => {
      const own = await newKey();
      return sign(own, claimsOf('ADMIN'), { jwk: own.jwk });
    },
    'no kid': (key) => sign(key, claimsOf('ADMIN'), { kid: undefined }),
    'a kid that is an object': (key) => sign(key, claimsOf('ADMIN'), { kid: {} }),
    'a kid with a path in it': (key) => sign(key, claimsOf('ADMIN'), { kid: '../../etc/passwd' }),
    'critical extensions': async (key) => {
      const [, claims, signature] = (await sign(key, claimsOf('ADMIN'))).split('.');
      return `${encode({ alg: 'ES256', kid: key.kid, typ: 'at+jwt', crit: ['b64'], b64: false })}.${claims}.${signature}`;
    },
    'the typ of an id token': (key) => sign(key, claimsOf('ADMIN'), { typ: 'JWT' }),
    'no typ': (key) => sign(key, claimsOf('ADMIN'), { typ: undefined }),
    'changed claims': async (key) =>
      `${await part(key, 0)}.${encode(claimsOf('ADMIN'))}.${await part(key, 2)}`,
    'a signature of zeros': async (key) =>
      `${await part(key, 0)}.${await part(key, 1)}.${Buffer.alloc(64).toString('base64url')}`,
    'a signature that is too short': async (key) => `${await part(key, 0)}.${await part(key, 1)}.AAAA`,
    'a signature in DER': async (key) =>
      `${await part(key, 0)}.${await part(key, 1)}.${Buffer.from(`30440220${'11'.repeat(32)}0220${'11'.repeat(32)}`, 'hex').toString('base64url')}`,
    'a second spelling of a good signature': async (key) => {
      const token = await sign(key, claimsOf('ADMIN'));
      const last = token.at(-1) ?? '';
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      return token.slice(0, -1) + alphabet[alphabet.indexOf(last) + 1];
    },
    padding: async (key) => `${await sign(key, claimsOf('ADMIN'))}==`,
    'an end in the past': (key) => sign(key, claimsOf('ADMIN', { exp: now() - 10 })),
    'no end': (key) => sign(key, claimsOf('ADMIN', { exp: undefined })),
    'an end that is text': (key) => sign(key, claimsOf('ADMIN', { exp: '9999999999' })),
    'an end beyond all numbers': async (key) => sign(key, claimsOf('ADMIN', { exp: 1e300 })),
    'a start in the future': (key) => sign(key, claimsOf('ADMIN', { nbf: now() + 600 })),
    'another issuer': (key) => sign(key, claimsOf('ADMIN', { iss: 'https://auth.doa.market.evil' })),
    'no issuer': (key) => sign(key, claimsOf('ADMIN', { iss: undefined })),
    'another audience': (key) => sign(key, claimsOf('ADMIN', { aud: 'doa-market-2' })),
    'an audience that is an object': (key) => sign(key, claimsOf('ADMIN', { aud: { a: 'doa-market' } })),
    'no subject': (key) => sign(key, claimsOf('ADMIN', { sub: undefined })),
    'a subject with a line break': (key) => sign(key, claimsOf('ADMIN', { sub: 'a\r\nX-User-Role: ADMIN' })),
    'a subject without end': (key) => sign(key, claimsOf('ADMIN', { sub: 'a'.repeat(500) })),
    'no session': (key) => sign(key, claimsOf('ADMIN', { sid: undefined })),
    'no role': (key) => sign(key, { ...claimsOf('ADMIN'), role: undefined }),
    'an unknown role': (key) => sign(key, claimsOf('ROOT')),
    'a role that is a list': (key) => sign(key, { ...claimsOf('ADMIN'), role: ['ADMIN'] }),
    'nine kilobytes': (key) => sign(key, claimsOf('ADMIN', { pad: 'x'.repeat(9_000) })),
  };

  it.each(Object.entries(HOSTILE))('is refused: %s', async (_, forge) => {
    const token = await forge(market.key);
    const answer = await market.get('/api/me', { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(401);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="doa-market", error="invalid_token"/);
    expect(answer.json).toMatchObject({ status: 401, code: 'AUTH_1002', instance: '/api/me' });
    expect(market.services.bff.seen).toHaveLength(0);
  });
});

describe('a request without a usable credential', () => {
  it('answers 401 and asks for a Bearer', async () => {
    const answer = await market.get('/api/me');
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="doa-market"');
    expect(answer.headers['cache-control']).toBe('private, no-store');
    expect(answer.json).toMatchObject({ code: 'AUTH_1001', requestId: answer.headers['x-request-id'] });
  });

  it('answers 401 to another scheme', async () => {
    const answer = await market.get('/api/me', { headers: { authorization: 'Basic YTpi' } });
    expect(answer.json).toMatchObject({ status: 401, code: 'AUTH_1001' });
  });

  it('answers 400 to two Authorization headers', async () => {
    const token = await market.token();
    const headers = [
      'Authorization',
      `Bearer ${token}`,
      'Authorization',
      `Bearer ${token}`,
      'Host',
      'market',
    ];
    const answer = await market.get('/api/me', { headers });
    expect(answer.json).toMatchObject({ status: 400, code: 'REQ_4000' });
  });
});

describe('roles', () => {
  const cases: [string, string, string, number][] = [
    ['GUEST', 'GET', '/api/home', 200],
    ['GUEST', 'GET', '/api/v1/products', 200],
    ['GUEST', 'GET', '/api/cart', 200],
    ['GUEST', 'GET', '/api/me', 403],
    ['GUEST', 'GET', '/api/members/me', 403],
    ['GUEST', 'GET', '/api/orders', 403],
    ['GUEST', 'GET', '/api/queue/1/status', 403],
    ['MEMBER', 'GET', '/api/orders', 200],
    ['MEMBER', 'GET', '/api/queue/1/status', 200],
    ['MEMBER', 'POST', '/api/v1/products', 403],
    ['SELLER', 'POST', '/api/v1/products', 200],
    ['ADMIN', 'DELETE', '/api/v1/products/1', 200],
  ];

  it.each(cases)('%s %s %s is %i', async (role, method, path, status) => {
    const answer = await market.get(path, { method, headers: await market.as(role) });
    expect(answer.status).toBe(status);
    if (status === 403) {
      expect(answer.json).toMatchObject({ code: 'AUTH_1003' });
      expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope"');
    }
  });

  it('lets anybody see pictures, even with a token that is no good', async () => {
    const path = '/api/v1/images/0123456789abcdef0123456789abcdef/320.webp';
    expect((await market.get(path)).status).toBe(200);
    expect((await market.get(path, { headers: { authorization: 'Bearer rubbish' } })).status).toBe(200);
  });

  it('leaves the Basic credential of a login to auth-server', async () => {
    const authorization = 'Basic ZG9hLXdlYjpzZWNyZXQ=';
    const answer = await market.get('/api/auth/login', {
      method: 'POST',
      headers: { authorization },
      body: '{}',
    });
    expect(answer.status).toBe(200);
    expect(answer.json['headers']).toMatchObject({ authorization });
  });
});

describe('identity headers of a client', () => {
  const SPELLINGS = [
    'X-User-Id',
    'x-user-role',
    'X_User_Id',
    'x-USER_Role',
    'X-Session-Id',
    'X_SESSION_ID',
    'X-User-Anything',
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

  it('cannot hide behind a thousand others', async () => {
    const many = Array.from({ length: 1200 }, () => ['a', '1']).flat();
    const { authorization } = await market.as();
    const headers = ['host', 'market', ...many, 'x-user-id', 'forged', 'authorization', authorization];
    const answer = await market.get('/api/me', { headers });
    expect(answer.json).toMatchObject({ status: 400, code: 'REQ_4000' });
  });

  it.each(['close, X-User-Id', 'x-user-role', 'keep-alive,authorization'])(
    'are not removed by Connection: %s',
    async (connection) => {
      const headers = { connection, ...(await market.as()) };
      const answer = await market.get('/api/me', { headers });
      expect(answer.json).toMatchObject({ status: 400, code: 'REQ_4000' });
    },
  );

  it('survive a Connection header that means the connection', async () => {
    for (const connection of ['close', 'keep-alive', 'Keep-Alive, Upgrade']) {
      const answer = await market.get('/api/me', { headers: { connection, ...(await market.as()) } });
      expect(answer.status).toBe(200);
      expect(answer.json['headers']).toHaveProperty('x-user-id');
    }
  });
});

describe('an ended session', () => {
  it('is refused within a second', async () => {
    const claims = claimsOf('MEMBER');
    const headers = bearer(await sign(market.key, claims));
    expect((await market.get('/api/me', { headers })).status).toBe(200);
    await market.redis.client.set(`revoked:sid:${claims['sid']}`, '1', 'EX', 60);
    const refused = await until(
      async () => {
        const answer = await market.get('/api/me', { headers });
        return answer.status === 401 && answer;
      },
      'the refusal',
      1_500,
    );
    expect(refused.json).toMatchObject({ code: 'AUTH_1005' });
  });
});

describe('keys of auth-server', () => {
  it('are fetched when a token names a new one, and an old one goes on', { timeout: 30_000 }, async () => {
    const next = await newKey();
    const before = await market.as();
    market.jwks.keys = [market.key.jwk, next.jwk];
    const token = await sign(next, claimsOf('MEMBER'));
    await until(
      async () => (await market.get('/api/me', { headers: bearer(token) })).status === 200,
      'the new key',
      12_000,
    );
    expect((await market.get('/api/me', { headers: before })).status).toBe(200);
  });

  it('are not fetched for every made-up name', async () => {
    const before = market.jwks.fetches;
    for (let count = 0; count < 30; count += 1) {
      await market.get('/api/me', { headers: bearer(await sign(await newKey(), claimsOf('MEMBER'))) });
    }
    // One per worker at most.
    expect(market.jwks.fetches - before).toBeLessThanOrEqual(2);
  });

  it('are remembered while auth-server is down', async () => {
    market.jwks.broken = true;
    expect((await market.get('/api/me', { headers: await market.as() })).status).toBe(200);
    const unknown = await sign(await newKey(), claimsOf('MEMBER'));
    expect((await market.get('/api/me', { headers: bearer(unknown) })).status).toBe(401);
    market.jwks.broken = false;
  });
});

describe.skipIf(external)('with Redis down', () => {
  it('lets sessions go on, and says so', async () => {
    await market.redis.stop();
    const answer = await market.get('/api/me', { headers: await market.as() });
    expect(answer.status).toBe(200);
    expect(market.gateway.output()).toContain('ended sessions cannot be checked');
    await market.redis.start();
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
});

describe.skipIf(external)('a flood of bad tokens', () => {
  it('is turned away cheaply, and those who are known go on', async () => {
    const template = `
_format_version: "3.0"
services:
  - name: a
    url: \${BFF_SERVICE_URL}
    routes: [{ name: a, paths: [/a] }]
plugins:
  - name: token-validator
    config:
      jwks_uri: \${AUTH_SERVICE_URL}/.well-known/jwks.json
      issuer: \${JWT_ISSUER}
      max_bad_tokens: 5
      check_revocation: false
`;
    const own = await openMarket({ template, env: { GATEWAY_WORKERS: '1' } });
    try {
      const known = await own.as();
      expect((await own.get('/a', { headers: known })).status).toBe(200);
      const [header, claims] = (await own.token()).split('.');
      const turnedAway = await until(async () => {
        const noise = Buffer.alloc(64, Math.random().toString()).toString('base64url');
        const answer = await own.get('/a', { headers: bearer(`${header}.${claims}.${noise}`) });
        return answer.status === 429 && answer;
      }, '429');
      expect(turnedAway.json).toMatchObject({ code: 'REQ_4290' });
      expect(turnedAway.headers['retry-after']).toBe('1');
      expect((await own.get('/a', { headers: known })).status).toBe(200);
      await until(
        async () => (await own.get('/a', { headers: await own.as() })).status === 200,
        'the next second',
      );
    } finally {
      await own.close();
    }
  });
});
