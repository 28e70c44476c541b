import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { external, type Market, openMarket } from './support/market.ts';
import { bearer, claimsOf, sign, signText } from './support/tokens.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket();
});

beforeEach(() => market.services.bff.reset());

afterAll(() => market.close());

const now = () => Math.floor(Date.now() / 1000);

/** Claims as text; a value of text is taken as it stands, be it JSON or not. */
function claimsWith(changes: Record<string, string | undefined>): string {
  const claims = Object.entries(claimsOf('ADMIN')).filter(([name]) => !(name in changes));
  const members = claims.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const changed = Object.entries(changes).flatMap(([name, text]) =>
    text === undefined ? [] : [`"${name}":${text}`],
  );
  return `{${[...members, ...changed].join(',')}}`;
}

describe('a token with claims', () => {
  it('of its own kind reaches its service with the identity of the token', async () => {
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

  const GOOD: Record<string, () => Record<string, string | undefined>> = {
    'an end between two seconds': () => ({ exp: `${now() + 100}.5` }),
    'the last end of all': () => ({ exp: '9007199254740991' }),
    'an end with an exponent': () => ({ exp: '4.1e9' }),
    'no start': () => ({ nbf: undefined }),
    'a start at zero': () => ({ nbf: '0' }),
    'an issue long ago': () => ({ iat: '0' }),
    'clocks that differ by a second': () => ({ iat: `${now() + 1}`, nbf: `${now() + 1}` }),
    'more than is known here': () => ({ scope: '"a b"', cnf: '{"jkt":"x"}' }),
  };

  it.each(Object.entries(GOOD))('is taken: %s', async (_, changes) => {
    const token = await signText(market.key, claimsWith(changes()));
    expect((await market.get('/api/me', { headers: bearer(token) })).status).toBe(200);
  });

  const NO_TIMES = [
    '-1',
    '1e308',
    '1e999',
    '"9999999999"',
    'null',
    'true',
    '[]',
    '[9999999999]',
    '{}',
    '{"exp":{}}',
    '9007199254740992',
    '18446744073709551616',
    'NaN',
    'Infinity',
    '0xffffffff',
    '""',
  ];

  const BAD: Record<string, () => Record<string, string | undefined>> = {
    ...Object.fromEntries(
      ['exp', 'nbf', 'iat'].flatMap((name) =>
        NO_TIMES.map((text) => [`${name} ${text}`, () => ({ [name]: text })]),
      ),
    ),
    'no end': () => ({ exp: undefined }),
    'an end at zero': () => ({ exp: '0' }),
    'an end in the past': () => ({ exp: `${now() - 3}` }),
    'a start in the future': () => ({ nbf: `${now() + 600}` }),
    'no time of issue': () => ({ iat: undefined }),
    'an issue in the future': () => ({ iat: `${now() + 600}` }),
    'another issuer': () => ({ iss: '"https://auth.doa.market.evil"' }),
    'an issuer with a slash more': () => ({ iss: '"https://auth.doa.market/"' }),
    'an issuer in a list': () => ({ iss: '["https://auth.doa.market"]' }),
    'no issuer': () => ({ iss: undefined }),
    'another audience': () => ({ aud: '"doa-market-2"' }),
    'the audience of a service': () => ({ aud: '"member-server"' }),
    'an audience that is an object': () => ({ aud: '{"a":"doa-market"}' }),
    'an audience in a list in a list': () => ({ aud: '[["doa-market"]]' }),
    'no audience': () => ({ aud: undefined }),
    'no subject': () => ({ sub: undefined }),
    'an empty subject': () => ({ sub: '""' }),
    'a subject that is a number': () => ({ sub: '1' }),
    'a subject with a line break': () => ({ sub: '"a\\r\\nX-User-Role: ADMIN"' }),
    'a subject with a NUL': () => ({ sub: '"a\\u0000"' }),
    'a subject without end': () => ({ sub: `"${'a'.repeat(500)}"` }),
    'no session': () => ({ sid: undefined }),
    'a session with a space': () => ({ sid: '"a b"' }),
    'no role': () => ({ role: undefined }),
    'an unknown role': () => ({ role: '"ROOT"' }),
    'a role in small letters': () => ({ role: '"admin"' }),
    'a role that is a list': () => ({ role: '["ADMIN"]' }),
    'a role that is null': () => ({ role: 'null' }),
  };

  it.each(Object.entries(BAD))('is refused: %s', async (_, changes) => {
    const answer = await market.get('/api/me', {
      headers: bearer(await signText(market.key, claimsWith(changes()))),
    });
    expect(answer.json).toMatchObject({ status: 401, code: 'AUTH_1002' });
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    expect(market.services.bff.seen).toHaveLength(0);
  });
});

describe.skipIf(external)('the end of a token', () => {
  const TEMPLATE = `
_format_version: "3.0"
_ignore:
  - &tokens
    jwks_uri: \${AUTH_SERVICE_URL}/.well-known/jwks.json
    issuer: \${JWT_ISSUER}
    check_revocation: false
services:
  - name: a
    url: \${BFF_SERVICE_URL}
    routes:
      - name: strict
        paths: [/strict]
        plugins: [{ name: token-validator, config: { <<: *tokens, leeway: 0 } }]
      - name: lenient
        paths: [/lenient]
        plugins: [{ name: token-validator, config: { <<: *tokens, leeway: 30 } }]
`;
  let own: Market;

  beforeAll(async () => {
    own = await openMarket({ template: TEMPLATE });
  });

  afterAll(() => own.close());

  it('is kept to the moment, however often the token was seen before', async () => {
    const end = now() + 2;
    const headers = bearer(await sign(own.key, claimsOf('MEMBER', { exp: end })));
    const seen = new Set<string>();
    while (Date.now() < (end + 0.5) * 1_000) {
      const sentAt = Date.now();
      const { status } = await own.get('/strict', { headers });
      const answeredAt = Date.now();
      if (answeredAt < end * 1_000) seen.add(`before: ${status}`);
      if (sentAt > end * 1_000 + 5) seen.add(`after: ${status}`);
    }
    expect(seen).toEqual(new Set(['before: 200', 'after: 401']));
    expect((await own.get('/lenient', { headers })).status).toBe(200);
    expect((await own.get('/strict', { headers })).status).toBe(401);
  });

  it.each([
    [-20, 0, 200],
    [-40, 0, 401],
    [300, 20, 200],
    [300, 40, 401],
  ])(
    'and its start may differ by the leeway: %i s to its end, %i s to its start is %i',
    async (end, start, status) => {
      const claims = claimsOf('MEMBER', { exp: now() + end, nbf: now() + start });
      const token = await sign(own.key, claims);
      expect((await own.get('/lenient', { headers: bearer(token) })).status).toBe(status);
      expect((await own.get('/strict', { headers: bearer(token) })).status).toBe(401);
    },
  );
});
