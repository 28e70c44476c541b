import { describe, expect, test } from 'vitest';
import { cookiesCleared, cookiesSet, openBrowser } from '../support/browser.ts';
import {
  BASIC,
  json,
  jwt,
  MEMBER_ID,
  problem,
  refreshToken,
  sessionTokens,
  startGateway,
} from '../support/gateway.ts';
import { echo, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';

const START = '/api/auth/social/kakao/start';
const COMPLETE = '/api/auth/social/kakao/complete';
const LINK = '/api/auth/social/kakao/link';
const REGISTER = '/api/auth/social/register';
const AT_KAKAO = 'https://kauth.kakao.example/oauth/authorize?client_id=doa&state=s';
const CALLBACK = '/auth/social/kakao/callback?code=c0de&state=st4te';
const HANDLE = 'mYw3cq2w4n6lqk4rUu0Qyq3Q2xkq7cYtq0vYw1oXq5E';
const VISITOR = 'v1s1t0r-with-22-characters';
const FAILED = '/auth/login?error=social';

/** auth-server as it goes well: whoever comes back is the one member. */
async function surroundings() {
  const web = await startOrigin(echo);
  const tokens = sessionTokens();
  const gateway = await startGateway({
    [`POST ${START}`]: (_call, response) =>
      json(response, 200, { authorizationUrl: AT_KAKAO, handle: HANDLE }),
    [`POST ${COMPLETE}`]: (_call, response) =>
      json(response, 200, { status: 'SIGNED_IN', ...tokens, redirect: '/products/tote?from=mail' }),
  });
  return { web, gateway, tokens, proxy: await startProxy({ web, gateway }) };
}

test('a visitor is sent to the provider and comes back signed in, where he wanted to go', async () => {
  const { web, gateway, tokens, proxy } = await surroundings();
  const browser = openBrowser(proxy);

  const there = await browser.ask('/auth/social/kakao?redirect=/products/tote%3Ffrom%3Dmail');
  expect(there).toMatchObject({
    status: 303,
    headers: { location: AT_KAKAO, 'cache-control': 'private, no-store' },
  });
  expect(cookiesSet(there)).toMatchObject([
    { name: 'doa_social', attributes: ['Max-Age=600', 'Path=/', 'HttpOnly', 'SameSite=Lax'] },
  ]);
  expect(gateway.callsTo(START)).toMatchObject([
    { headers: { authorization: BASIC }, body: { redirect: '/products/tote?from=mail' } },
  ]);

  const back = await browser.ask(`${CALLBACK}&iss=https%3A%2F%2Fkauth.kakao.example`, {
    headers: { 'Sec-Fetch-Site': 'cross-site' },
  });
  expect(back).toMatchObject({ status: 303, headers: { location: '/products/tote?from=mail' } });
  expect(gateway.callsTo(COMPLETE)).toMatchObject([
    {
      headers: { authorization: BASIC },
      body: { code: 'c0de', state: 'st4te', iss: 'https://kauth.kakao.example', handle: HANDLE },
    },
  ]);
  expect(Object.fromEntries(browser.cookies)).toEqual({
    doa_at: tokens.accessToken,
    doa_rt: tokens.refreshToken,
  });
  expect(web.paths()).toEqual([]);
});

test('a social login brings the cart along and leaves nothing of before, like any other', async () => {
  const { gateway, proxy, tokens } = await surroundings();
  const guestToken = jwt({ role: 'GUEST' });
  const browser = openBrowser(proxy, { doa_at: guestToken, doa_vid: VISITOR });
  await browser.ask('/auth/social/kakao');
  await browser.ask(CALLBACK);
  expect(gateway.callsTo('/api/cart/merge')).toMatchObject([
    { headers: { authorization: `Bearer ${tokens.accessToken}` }, body: { guestToken } },
  ]);
  expect([...browser.cookies.keys()].sort()).toEqual(['doa_at', 'doa_rt']);
});

describe('the place to go to', () => {
  const ELSEWHERE = [
    'https://evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/%09/evil.example'.replace('%09', '\t'),
    '/\n/evil.example',
    '/.//evil.example',
    '/x\r\nSet-Cookie: a=b',
    'javascript:alert(1)',
    'account',
    '',
    `/${'x'.repeat(3_000)}`,
    '/상품',
  ];

  test('is the front page where it might be elsewhere, on the way out and on the way back', async () => {
    const { gateway, tokens, proxy } = await surroundings();
    for (const redirect of ELSEWHERE) {
      gateway.answers[`POST ${COMPLETE}`] = (_call, response) => json(response, 200, { ...tokens, redirect });
      const browser = openBrowser(proxy);
      await browser.ask(`/auth/social/kakao?redirect=${encodeURIComponent(redirect)}`);
      const back = await browser.ask(CALLBACK);
      expect({
        redirect,
        sent: gateway.callsTo(START).at(-1)?.body,
        location: back.headers['location'],
      }).toEqual({
        redirect,
        sent: { redirect: '/' },
        location: '/',
      });
    }
  });

  test.each(['/', '/account', '/products/tote?a=1&b=%2F%2F#reviews', '/%EC%83%81%ED%92%88', '/a//b'])(
    'is kept where it is here: %s',
    async (redirect) => {
      const { gateway, tokens, proxy } = await surroundings();
      gateway.answers[`POST ${COMPLETE}`] = (_call, response) => json(response, 200, { ...tokens, redirect });
      const browser = openBrowser(proxy);
      await browser.ask(`/auth/social/kakao?redirect=${encodeURIComponent(redirect)}`);
      expect(gateway.callsTo(START)[0]?.body).toEqual({ redirect });
      expect((await browser.ask(CALLBACK)).headers['location']).toBe(redirect);
    },
  );
});

const NO_START: [string, number, unknown][] = [
  ['an unknown provider', 404, {}],
  ['a provider that is away', 502, {}],
  ['an answer without a handle', 200, { authorizationUrl: AT_KAKAO }],
  ['a handle that no cookie can carry', 200, { authorizationUrl: AT_KAKAO, handle: 'a b; Domain=evil' }],
  ['an address that is none', 200, { authorizationUrl: 'javascript:alert(1)', handle: HANDLE }],
  [
    'an address with a line break',
    200,
    { authorizationUrl: `${AT_KAKAO}\r\nSet-Cookie: a=b`, handle: HANDLE },
  ],
];

test('a start that fails leads back to the login page', async () => {
  const { gateway, proxy } = await surroundings();
  for (const [name, status, body] of NO_START) {
    gateway.answers[`POST ${START}`] = (_call, response) => json(response, status, body);
    const reply = await openBrowser(proxy).ask('/auth/social/kakao');
    expect({
      name,
      status: reply.status,
      location: reply.headers['location'],
      cookies: cookiesSet(reply),
    }).toEqual({
      name,
      status: 303,
      location: FAILED,
      cookies: [],
    });
  }
});

const NO_RETURN: [string, string][] = [
  ['a refusal at the provider', 'error=access_denied&state=st4te'],
  ['no code', 'state=st4te'],
  ['an empty code', 'code=&state=st4te'],
  ['no state', 'code=c0de'],
  ['two codes', 'code=c0de&code=other&state=st4te'],
  ['two providers', 'code=c0de&state=st4te&iss=a&iss=b'],
  ['a code beyond every measure', `code=${'x'.repeat(3_000)}&state=st4te`],
];

test('a return without what it takes leads back to the login page, and asks nobody', async () => {
  const { gateway, proxy } = await surroundings();
  for (const [name, query] of NO_RETURN) {
    const browser = openBrowser(proxy);
    await browser.ask('/auth/social/kakao');
    const reply = await browser.ask(`/auth/social/kakao/callback?${query}`);
    expect({ name, location: reply.headers['location'], cleared: cookiesCleared(reply) }).toEqual({
      name,
      location: FAILED,
      cleared: ['doa_social'],
    });
  }
  expect(gateway.callsTo(COMPLETE)).toEqual([]);
});

test('a link that somebody else began signs nobody in', async () => {
  const { gateway, proxy } = await surroundings();
  const reply = await openBrowser(proxy).ask(CALLBACK);
  const planted = await proxy.ask(CALLBACK, {
    headers: { Cookie: `doa_social=in.${HANDLE}; doa_social=in.planted-one` },
  });
  for (const { headers } of [reply, planted]) expect(headers['location']).toBe(FAILED);
  expect(gateway.callsTo(COMPLETE)).toEqual([]);
});

test('a handle is good for one return', async () => {
  const { gateway, proxy } = await surroundings();
  const browser = openBrowser(proxy);
  await browser.ask('/auth/social/kakao');
  await browser.ask(CALLBACK);
  await browser.ask(CALLBACK);
  expect(gateway.callsTo(COMPLETE)).toHaveLength(1);
});

test.each([
  [410, FAILED],
  [502, FAILED],
  [500, FAILED],
  [409, `${FAILED}&reason=account`],
])('a completion that ends with %i leads to %s without a session', async (status, location) => {
  const { gateway, proxy } = await surroundings();
  gateway.answers[`POST ${COMPLETE}`] = (_call, response) => problem(response, status, 'SYS_5000');
  const browser = openBrowser(proxy);
  await browser.ask('/auth/social/kakao');
  expect(await browser.ask(CALLBACK)).toMatchObject({ status: 303, headers: { location } });
  expect([...browser.cookies.keys()]).toEqual([]);
});

test('a newcomer agrees first: a script says to what, and the handle stays out of its reach', async () => {
  const { gateway, proxy, tokens } = await surroundings();
  gateway.answers[`POST ${COMPLETE}`] = (_call, response) =>
    json(response, 200, {
      status: 'AGREEMENTS_REQUIRED',
      handle: 'h4ndle-to-register',
      email: 'kim@example.com',
      redirect: '/cart',
    });
  gateway.answers[`POST ${REGISTER}`] = ({ body }, response) =>
    body['handle'] === 'h4ndle-to-register'
      ? json(response, 200, { status: 'SIGNED_IN', ...tokens, redirect: '/cart' })
      : problem(response, 410, 'AUTH_1006');
  const agreements = [{ document: 'TERMS', version: '2026-11-01' }];
  const browser = openBrowser(proxy);
  await browser.ask('/auth/social/kakao?redirect=/cart');

  const back = await browser.ask(CALLBACK);
  expect(back.headers['location']).toBe('/auth/register?social=kakao');
  const reply = await browser.post(REGISTER, { agreements, handle: 'of-a-script' });

  expect(gateway.callsTo(REGISTER)).toMatchObject([
    { headers: { authorization: BASIC }, body: { agreements, handle: 'h4ndle-to-register' } },
  ]);
  expect(JSON.parse(reply.text)).toEqual({
    role: 'MEMBER',
    memberId: MEMBER_ID,
    expiresIn: 900,
    redirect: '/cart',
  });
  expect([...browser.cookies.keys()]).toEqual(['doa_at', 'doa_rt']);
});

test('a registration that lacks something can be sent again, one that nobody began cannot', async () => {
  const { gateway, proxy } = await surroundings();
  gateway.answers[`POST ${REGISTER}`] = (_call, response) => problem(response, 422, 'REQ_4220');
  const browser = openBrowser(proxy, { doa_social: 'new.h4ndle-to-register' });
  expect((await browser.post(REGISTER, {})).status).toBe(422);
  expect(browser.cookies.has('doa_social')).toBe(true);

  const stranger = await openBrowser(proxy, { doa_social: `in.${HANDLE}` }).post(REGISTER, {
    handle: HANDLE,
  });
  expect(stranger.status).toBe(410);
  expect(gateway.callsTo(REGISTER)).toHaveLength(1);
});

test('a member links a provider from a page of ours alone', async () => {
  const { gateway, proxy } = await surroundings();
  gateway.answers[`POST ${LINK}`] = (_call, response) => json(response, 200, { redirect: '/account' });
  const doa_at = jwt();
  const browser = openBrowser(proxy, { doa_at, doa_rt: refreshToken() });
  const ask = (site: string) =>
    browser.ask('/auth/social/kakao?link=true&redirect=/account', { headers: { 'Sec-Fetch-Site': site } });

  for (const site of ['cross-site', 'same-site', 'none']) {
    expect((await ask(site)).headers['location']).toBe('/account?error=social');
  }
  expect(gateway.callsTo(START)).toEqual([]);
  expect((await ask('same-origin')).headers['location']).toBe(AT_KAKAO);
  expect((await browser.ask(CALLBACK)).headers['location']).toBe('/account');

  const bearer = { headers: { authorization: `Bearer ${doa_at}` } };
  expect(gateway.callsTo(START)).toMatchObject([bearer]);
  expect(gateway.callsTo(LINK)).toMatchObject([
    { ...bearer, body: { code: 'c0de', state: 'st4te', handle: HANDLE } },
  ]);
  expect(browser.cookies.get('doa_at')).toBe(doa_at);
});

test('other methods begin nothing', async () => {
  const { gateway, proxy } = await surroundings();
  for (const path of ['/auth/social/kakao', CALLBACK]) {
    const reply = await openBrowser(proxy).ask(path, { method: 'HEAD' });
    expect(reply).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  }
  expect(gateway.calls).toEqual([]);
});

test('what looks like it and is not goes to the pages', async () => {
  const { web, proxy } = await surroundings();
  const paths = [
    '/auth/social',
    '/auth/social/KAKAO',
    '/auth/social/kakao/other',
    '/auth/social/kakao/callback/x',
  ];
  for (const path of paths) await proxy.ask(path);
  expect(web.paths()).toEqual(paths);
});
