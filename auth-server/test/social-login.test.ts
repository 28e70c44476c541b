import { SessionTokensSchema } from '@doa-market/common/contracts';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BASIC, PASSWORD } from './support/accounts.ts';
import { type ProviderName, redirectUriOf, type Social, somebody, startSocial } from './support/social.ts';

const tokensValidator = Compile(SessionTokensSchema);
let social: Social;

beforeAll(async () => {
  social = await startSocial();
});
afterAll(() => social.close());

/** A member who signs in through `name`. */
async function memberOf(name: ProviderName) {
  const who = somebody();
  const member = await social.accounts.member();
  const tokens = tokensValidator.Parse(await (await social.accounts.login(member.email)).json());
  const linked = await social.link(
    name,
    await social.arrive(name, who, {}, tokens.accessToken),
    tokens.accessToken,
  );
  expect(linked.status).toBe(200);
  return { who, member, tokens };
}

describe('a start', () => {
  it.each(['kakao', 'naver', 'google'] as const)(
    'sends the browser to %s with PKCE and a state of its own',
    async (name) => {
      const { authorizationUrl, handle } = await social.begin(name);
      const { origin, searchParams } = new URL(authorizationUrl);
      expect(origin).toBe(social.providers[name].issuer);
      expect(Object.fromEntries(searchParams)).toMatchObject({
        response_type: 'code',
        client_id: `doa-${name}`,
        redirect_uri: redirectUriOf(name),
        code_challenge_method: 'S256',
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
        state: expect.stringMatching(/^[\w-]{43}$/),
        scope: expect.stringMatching(/^openid /),
      });
      expect(searchParams.has('nonce')).toBe(name !== 'naver');
      expect(authorizationUrl).not.toContain(handle);
    },
  );

  it('never gives the same state, nonce or challenge twice', async () => {
    const urls = await Promise.all(Array.from({ length: 5 }, () => social.begin('google')));
    for (const name of ['state', 'nonce', 'code_challenge']) {
      const values = urls.map(({ authorizationUrl }) => new URL(authorizationUrl).searchParams.get(name));
      expect(new Set(values).size).toBe(5);
    }
  });

  it('leaves nothing in Redis that would finish it, and nothing after ten minutes', async () => {
    const { authorizationUrl, handle } = await social.begin('kakao');
    const { redis } = social.accounts;
    const [key = ''] = (await redis.keys('social:flow:*')).slice(-1);
    const ttls = await Promise.all((await redis.keys('social:flow:*')).map((it) => redis.pttl(it)));
    expect(Math.max(...ttls)).toBeLessThanOrEqual(600_000);
    expect(Math.min(...ttls)).toBeGreaterThan(0);
    const stored = `${key} ${await redis.get(key)}`;
    expect(stored).not.toContain(handle);
    for (const value of new URL(authorizationUrl).searchParams.values()) {
      if (value.length === 43) expect(stored).not.toContain(value);
    }
  });

  it.each(['facebook', 'kakao2', '__proto__', 'constructor'])('is 404 or 422 at %s', async (name) => {
    expect([404, 422]).toContain((await social.start(name)).status);
  });

  it('is 404 at a provider that this installation is not registered with', async () => {
    const { url, stop } = await social.accounts.start({ NAVER_CLIENT_ID: '', NAVER_CLIENT_SECRET: '' });
    const startAt = (name: string) => social.accounts.post(`/api/auth/social/${name}/start`, {}, {}, url);
    expect((await startAt('naver')).status).toBe(404);
    expect((await startAt('kakao')).status).toBe(200);
    await stop();
  });

  it('does not come up with half a registration', async () => {
    await expect(social.accounts.start({ GOOGLE_CLIENT_SECRET: '' })).rejects.toThrow(
      'GOOGLE_CLIENT_SECRET is missing',
    );
  });

  it('does not come up in production with a provider that could be overheard', async () => {
    const production = {
      NODE_ENV: 'production',
      AUTH_BASIC_KEY: 'doa-web:a-secret-of-production',
      SERVICE_KEYS: 'member-server:a-secret-of-production',
      REFRESH_TOKEN_SECRET: 'the refresh token secret of production',
      MAIL_URL: 'smtp://127.0.0.1:1',
      MAIL_FROM: 'DOA Market <no-reply@doa.market>',
    };
    await expect(social.accounts.start(production)).rejects.toThrow('KAKAO_ISSUER must be https');
  });

  it('is 401 for an unknown client, and 403 for a guest', async () => {
    const post = (authorization: string) =>
      social.accounts.post('/api/auth/social/kakao/start', {}, { authorization });
    expect((await post('Basic d3Jvbmc6d3Jvbmc=')).status).toBe(401);
    const guest = (await (await social.accounts.post('/api/auth/guest')).json()) as { accessToken: string };
    expect((await post(`Bearer ${guest.accessToken}`)).status).toBe(403);
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\/evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    '/..//evil.example',
    'javascript:alert(1)',
    'account',
    '',
  ])('does not lead to %j afterwards', async (redirect) => {
    expect((await social.start('kakao', { redirect })).status).toBe(422);
  });

  it.each(['hangs up', 'never answers', 'answers 500', 'answers HTML', 'answers an empty object'] as const)(
    'fails fast while the provider %s, and works once it is back',
    async (how) => {
      const { url, stop } = await social.accounts.start();
      const start = () => social.accounts.post('/api/auth/social/google/start', {}, {}, url);
      social.providers.google.fail(how);
      const startedAt = performance.now();
      const response = await start();
      social.providers.google.fail('none');
      expect(response.status).toBe(how === 'never answers' ? 504 : 502);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      expect(JSON.stringify(await response.json())).not.toContain(social.providers.google.issuer);
      expect((await start()).status).toBe(200);
      await stop();
    },
  );

  it('asks a provider for its metadata once, however many start at once', async () => {
    const { url, stop } = await social.accounts.start();
    social.providers.kakao.takeCalls();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => social.accounts.post('/api/auth/social/kakao/start', {}, {}, url)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(social.providers.kakao.takeCalls()).toEqual(['/.well-known/openid-configuration']);
    await stop();
  });

  it('is 429 when too many come from one address', async () => {
    const from = { 'x-forwarded-for': '203.0.113.77' };
    const post = () => social.accounts.post('/api/auth/social/kakao/start', {}, from);
    const answers = await Promise.all(Array.from({ length: 70 }, post));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('a return from the provider', () => {
  it.each(['kakao', 'naver', 'google'] as const)('signs a member of %s in', async (name) => {
    const { who, member } = await memberOf(name);
    const response = await social.complete(name, await social.arrive(name, who, { redirect: '/cart?a=1#b' }));
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    const body: unknown = await response.json();
    expect(body).toMatchObject({ status: 'SIGNED_IN', redirect: '/cart?a=1#b', memberId: member.memberId });
    const { accessToken } = tokensValidator.Parse(body);
    const sessions = await fetch(`${social.accounts.url}/api/auth/sessions`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(sessions.status).toBe(200);
  });

  it('sends Naver the state for the token, too, as it asks for', async () => {
    const { who } = await memberOf('naver');
    const completion = await social.arrive('naver', who);
    await social.complete('naver', completion);
    expect(social.providers.naver.tokenRequests.at(-1)).toMatchObject({ state: completion.state });
  });

  it('sends the client secret in the body of the token request alone', async () => {
    const { who } = await memberOf('kakao');
    await social.complete('kakao', await social.arrive('kakao', who));
    expect(social.providers.kakao.tokenRequests.at(-1)).toMatchObject({
      grant_type: 'authorization_code',
      client_secret: expect.stringMatching(/^secret-/),
      code_verifier: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  it('is good once, however many come with it', async () => {
    const { who } = await memberOf('kakao');
    const completion = await social.arrive('kakao', who);
    const answers = await Promise.all(Array.from({ length: 10 }, () => social.complete('kakao', completion)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(9);
  });

  it('is 410 with a second code for a sign-in that is done', async () => {
    const { who } = await memberOf('kakao');
    const begun = await social.begin('kakao');
    const [one, other] = [
      await social.goAndReturn('kakao', who, begun),
      await social.goAndReturn('kakao', who, begun),
    ];
    expect(other.code).not.toBe(one.code);
    expect((await social.complete('kakao', one)).status).toBe(200);
    expect((await social.complete('kakao', other)).status).toBe(410);
  });

  it('is 410 with a code that was used in another sign-in', async () => {
    const { who } = await memberOf('kakao');
    const used = await social.arrive('kakao', who);
    await social.complete('kakao', used);
    const fresh = await social.arrive('kakao', who);
    expect((await social.complete('kakao', { ...fresh, code: used.code })).status).toBe(410);
  });

  it('is 410 with the code of a sign-in that another browser began', async () => {
    const { who } = await memberOf('google');
    const attacker = await social.arrive('google', who);
    const victim = await social.begin('google');
    const own = await social.goAndReturn('google', somebody(), victim);
    // PKCE: the code was asked for with another challenge.
    expect((await social.complete('google', { ...own, code: attacker.code })).status).toBe(410);
  });

  it.each([
    ['no handle of ours', { handle: 'x'.repeat(43) }],
    ['the state of another sign-in', { state: 'x'.repeat(43) }],
    ['the state in other letters', { state: 'X' }],
  ])('is 410 with %s, and the provider is not asked', async (_what, change) => {
    const { who } = await memberOf('google');
    const completion = await social.arrive('google', who);
    social.providers.google.takeCalls();
    const response = await social.complete('google', { ...completion, ...change });
    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({ code: 'AUTH_1006' });
    expect(social.providers.google.takeCalls()).toEqual([]);
  });

  it.each([
    ['kakao', 'naver'],
    ['google', 'kakao'],
  ] as const)(
    'is 410 when it was begun at %s and comes from %s, and the code goes nowhere',
    async (one, other) => {
      const { who } = await memberOf(one);
      const { iss: _, ...completion } = await social.arrive(one, who);
      await social.begin(other);
      social.providers[other].takeCalls();
      expect((await social.complete(other, completion)).status).toBe(410);
      expect(social.providers[other].takeCalls()).toEqual([]);
    },
  );

  it.each([
    ['of another provider', () => social.providers.kakao.issuer],
    ['that is missing where the provider always says it', () => undefined],
  ])('is 410 with an issuer %s', async (_what, issuer) => {
    const { who } = await memberOf('google');
    const completion = await social.arrive('google', who);
    social.providers.google.takeCalls();
    expect((await social.complete('google', { ...completion, iss: issuer() })).status).toBe(410);
    expect(social.providers.google.takeCalls()).not.toContain('/token');
  });

  it('is 410 for another client than began it', async () => {
    const { who } = await memberOf('kakao');
    const { url, stop } = await social.accounts.start({ AUTH_CLIENTS: 'doa-app:doa-app-development-secret' });
    const authorization = `Basic ${Buffer.from('doa-app:doa-app-development-secret').toString('base64')}`;
    const completion = await social.arrive('kakao', who);
    const response = await social.accounts.post(
      '/api/auth/social/kakao/complete',
      completion,
      { authorization },
      url,
    );
    expect(response.status).toBe(410);
    await stop();
  });

  it('is 410 with what was begun to link an account', async () => {
    const { who, tokens } = await memberOf('kakao');
    const completion = await social.arrive('kakao', who, {}, tokens.accessToken);
    expect((await social.complete('kakao', completion, { authorization: BASIC })).status).toBe(410);
  });

  const ends = { exp: Math.floor(Date.now() / 1_000) - 3_600 };
  it.each([
    ['another nonce', { nonce: 'another' }],
    ['no nonce', { nonce: undefined }],
    ['another audience', { aud: 'another-client' }],
    ['more audiences than us', { aud: ['doa-google', 'another-client'], azp: 'another-client' }],
    ['another issuer', { iss: 'https://accounts.google.com' }],
    ['an end that is past', ends],
    ['no subject', { sub: undefined }],
    ['a subject that is longer than any', { sub: 'x'.repeat(256) }],
  ])('is 502 with an ID token that has %s', async (_what, change) => {
    const { who } = await memberOf('google');
    const { google } = social.providers;
    google.forgeIdTokens((idToken) => google.sign(idToken, change));
    const response = await social.complete('google', await social.arrive('google', who));
    google.forgeIdTokens(undefined);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ code: 'SYS_5002' });
  });

  it.each([
    ['whose signature is another', (token: string) => `${token.slice(0, -8)}AAAAAAAA`],
    ['without a signature', (token: string) => `${encoded({ alg: 'none' })}.${token.split('.')[1]}.`],
    [
      'signed by what is public',
      (token: string) => `${encoded({ alg: 'HS256', kid: 'first' })}.${token.split('.').slice(1).join('.')}`,
    ],
    ['that is none', () => 'garbage'],
  ])('is 502 with an ID token %s', async (_what, forge) => {
    const { who } = await memberOf('google');
    social.providers.google.forgeIdTokens(forge);
    const response = await social.complete('google', await social.arrive('google', who));
    social.providers.google.forgeIdTokens(undefined);
    expect(response.status).toBe(502);
  });

  it('is 502 when Naver sends a nonce that nobody asked for', async () => {
    const { who } = await memberOf('naver');
    const { naver } = social.providers;
    naver.forgeIdTokens((idToken) => naver.sign(idToken, { nonce: 'of another sign-in' }));
    const response = await social.complete('naver', await social.arrive('naver', who));
    naver.forgeIdTokens(undefined);
    expect(response.status).toBe(502);
  });

  it.each(['hangs up', 'never answers', 'answers 500', 'answers HTML', 'answers an empty object'] as const)(
    'fails fast when the provider %s to the code',
    async (how) => {
      const { who } = await memberOf('kakao');
      const completion = await social.arrive('kakao', who);
      social.providers.kakao.fail(how, '/token');
      const startedAt = performance.now();
      const response = await social.complete('kakao', completion);
      social.providers.kakao.fail('none');
      expect(response.status).toBe(how === 'never answers' ? 504 : 502);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      expect((await social.complete('kakao', await social.arrive('kakao', who))).status).toBe(200);
    },
  );

  it.each(['answers 500', 'hangs up'] as const)('is 503 while member-server %s', async (how) => {
    const { who } = await memberOf('kakao');
    const completion = await social.arrive('kakao', who);
    social.records.fail(how);
    const response = await social.complete('kakao', completion);
    social.records.fail('none');
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('shows in the history of the account', async () => {
    const { who, tokens } = await memberOf('kakao');
    await social.complete('kakao', await social.arrive('kakao', who));
    const response = await fetch(`${social.accounts.url}/api/auth/events`, {
      headers: { authorization: `Bearer ${tokens.accessToken}` },
    });
    const { data } = (await response.json()) as { data: { type: string }[] };
    expect(data.map(({ type }) => type)).toEqual(['LOGIN', 'SOCIAL_LINKED', 'LOGIN']);
  });
});

describe('a link', () => {
  it('is 410 for another member than began it', async () => {
    const one = await memberOf('kakao');
    const other = await memberOf('google');
    const completion = await social.arrive('naver', somebody(), {}, one.tokens.accessToken);
    expect((await social.link('naver', completion, other.tokens.accessToken)).status).toBe(410);
  });

  it('is 410 with what was begun to sign in', async () => {
    const { tokens } = await memberOf('kakao');
    const completion = await social.arrive('naver', somebody());
    expect((await social.link('naver', completion, tokens.accessToken)).status).toBe(410);
  });

  it('is 409 when it is another member’s, and stays theirs', async () => {
    const owner = await memberOf('naver');
    const { tokens } = await memberOf('kakao');
    const response = await social.link(
      'naver',
      await social.arrive('naver', owner.who, {}, tokens.accessToken),
      tokens.accessToken,
    );
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'REQ_4090' });
    expect(social.records.ownerOf('naver', owner.who.sub)).toBe(owner.member.memberId);
  });

  it('can be done again, and goes where the member came from', async () => {
    const { who, tokens } = await memberOf('kakao');
    const completion = await social.arrive('kakao', who, { redirect: '/account' }, tokens.accessToken);
    const response = await social.link('kakao', completion, tokens.accessToken);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ redirect: '/account' });
  });

  it('keeps the password', async () => {
    const { member } = await memberOf('kakao');
    expect((await social.accounts.login(member.email, PASSWORD)).status).toBe(200);
  });

  it('is 401 without a session, and after its end', async () => {
    const { tokens } = await memberOf('kakao');
    const completion = await social.arrive('naver', somebody(), {}, tokens.accessToken);
    expect((await social.link('naver', completion, 'none')).status).toBe(401);
    await social.accounts.post('/api/auth/logout-all', undefined, {
      authorization: `Bearer ${tokens.accessToken}`,
    });
    await expect
      .poll(async () => (await social.link('naver', completion, tokens.accessToken)).status, {
        timeout: 3_000,
      })
      .toBe(401);
  });
});

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
