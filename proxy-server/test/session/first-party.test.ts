import { gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { cookieHeader, cookiesCleared, cookiesSet, fromOurPage, openBrowser } from '../support/browser.ts';
import {
  BASIC,
  json,
  jwt,
  MEMBER_ID,
  problem,
  refreshToken,
  refuse,
  sessionTokens,
  startGateway,
} from '../support/gateway.ts';
import { startProxy } from '../support/proxy.ts';

async function surroundings(env: Record<string, string> = {}) {
  const gateway = await startGateway();
  return { gateway, proxy: await startProxy({ gateway }, env) };
}
const VISITOR = 'v1s1t0r-with-22-characters';
const CREDENTIALS = { email: 'kim@example.com', password: 'correct horse' };
const LOGIN = '/api/auth/login';
const LOGOUT = '/api/auth/logout';

test('a login leaves cookies in the browser, and no token in sight of a script', async () => {
  const { gateway, proxy } = await surroundings();
  const browser = openBrowser(proxy);

  const reply = await browser.post(LOGIN, CREDENTIALS);

  expect(gateway.callsTo(LOGIN)).toMatchObject([{ headers: { authorization: BASIC }, body: CREDENTIALS }]);
  expect(reply).toMatchObject({ status: 200, headers: { 'cache-control': 'private, no-store' } });
  expect(JSON.parse(reply.text)).toEqual({ role: 'MEMBER', memberId: MEMBER_ID, expiresIn: 900 });
  expect([...browser.cookies.keys()]).toEqual(['doa_at', 'doa_rt']);
  for (const value of browser.cookies.values()) expect(reply.text).not.toContain(value);

  const me = await browser.ask('/api/me');
  expect(JSON.parse(me.text).headers.authorization).toBe(`Bearer ${browser.cookies.get('doa_at')}`);
});

test('a login that fails is answered as auth-server says, and changes nothing', async () => {
  const { proxy } = await surroundings();
  const before = { doa_at: jwt({ role: 'GUEST' }), doa_vid: VISITOR };
  const reply = await openBrowser(proxy, before).post(LOGIN, { ...CREDENTIALS, password: 'wrong' });
  expect([reply.status, cookiesSet(reply)]).toEqual([401, []]);
  expect(JSON.parse(reply.text)).toMatchObject({ code: 'AUTH_1004' });
});

test.each([
  '/api/auth/register',
  '/api/auth/email/verify',
  '/api/auth/email/resend',
  '/api/auth/password/forgot',
  '/api/auth/password/reset',
])('%s is asked with the credential of the shop', async (path) => {
  const { gateway, proxy } = await surroundings();
  gateway.answers[`POST ${path}`] = (_call, response) => json(response, 202, { status: 'DONE' });
  const reply = await openBrowser(proxy, { doa_at: jwt() }).post(path, { email: 'kim@example.com' });
  expect(gateway.callsTo(path)).toMatchObject([
    { headers: { authorization: BASIC }, body: { email: 'kim@example.com' } },
  ]);
  expect([reply.status, reply.text]).toEqual([202, '{"status":"DONE"}']);
});

test('the credential is lent for nothing else, and to nobody with one of his own', async () => {
  const { gateway, proxy } = await surroundings();
  const browser = openBrowser(proxy, { doa_at: jwt() });
  await browser.post('/api/auth/verify', { token: 'x' });
  await browser.post('/api/auth/password/change', {});
  await browser.post('/api/auth/email/verify/../../../x', {});
  await browser.ask(LOGIN);
  await browser.ask('/api/auth/register', { method: 'PUT' });
  await proxy.ask(LOGIN, { method: 'POST', headers: { Authorization: 'Basic b3RoZXI=' }, body: '{}' });

  const used = gateway.calls.map(({ headers }) => headers.authorization);
  expect(used).toHaveLength(6);
  expect(used).not.toContain(BASIC);
  expect(used.at(-1)).toBe('Basic b3RoZXI=');
});

test('a client of its own gets its tokens in the body, and no cookie', async () => {
  const { proxy } = await surroundings();
  const reply = await proxy.ask(LOGIN, {
    method: 'POST',
    headers: { Authorization: BASIC, 'Content-Type': 'application/json' },
    body: JSON.stringify(CREDENTIALS),
  });
  expect(JSON.parse(reply.text)).toHaveProperty('refreshToken');
  expect(cookiesSet(reply)).toEqual([]);
});

test('nothing of before a login stays, and the session of before is ended', async () => {
  const { gateway, proxy } = await surroundings();
  const planted = gateway.openSession();
  const before = { doa_at: planted.accessToken, doa_rt: planted.refreshToken, doa_vid: VISITOR };
  const browser = openBrowser(proxy, before);

  const reply = await browser.post(LOGIN, CREDENTIALS);

  expect(cookiesCleared(reply)).toEqual(['doa_vid']);
  for (const value of Object.values(before)) expect([...browser.cookies.values()]).not.toContain(value);
  await vi.waitFor(() =>
    expect(gateway.callsTo(LOGOUT)).toMatchObject([{ body: { refreshToken: planted.refreshToken } }]),
  );
});

test('the cart of the guest goes to the member who he turns out to be', async () => {
  const { gateway, proxy } = await surroundings();
  const browser = openBrowser(proxy);
  await browser.post('/api/cart/items', { skuId: 'x' });
  const guestToken = browser.cookies.get('doa_at');

  await browser.post(LOGIN, CREDENTIALS);

  expect(gateway.callsTo('/api/cart/merge')).toMatchObject([
    { headers: { authorization: `Bearer ${browser.cookies.get('doa_at')}` }, body: { guestToken } },
  ]);
  expect(browser.cookies.has('doa_vid')).toBe(false);
});

test('a guest whose token has expired keeps his cart at a login', async () => {
  const { gateway, proxy } = await surroundings();
  await openBrowser(proxy, { doa_vid: VISITOR }).post(LOGIN, CREDENTIALS);
  const [merge] = gateway.callsTo('/api/cart/merge');
  const claims = String(merge?.body['guestToken']).split('.')[1] ?? '';
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
    role: 'GUEST',
    sub: VISITOR,
  });
});

test('who was nobody before has no cart to bring', async () => {
  const { gateway, proxy } = await surroundings();
  await openBrowser(proxy).post(LOGIN, CREDENTIALS);
  await openBrowser(proxy, { doa_at: jwt() }).post(LOGIN, CREDENTIALS);
  expect(gateway.callsTo('/api/cart/merge')).toEqual([]);
});

test.each([
  ['fails', (response: Parameters<typeof json>[0]) => json(response, 500, {})],
  ['breaks off', (response: Parameters<typeof json>[0]) => void response.destroy()],
  ['does not answer', () => undefined],
])('a cart that %s is no reason to fail a login, nor to hold it up', async (_name, answer) => {
  const { gateway, proxy } = await surroundings();
  gateway.answers['POST /api/cart/merge'] = (_call, response) => answer(response);
  const startedAt = performance.now();
  const reply = await openBrowser(proxy, { doa_at: jwt({ role: 'GUEST' }) }).post(LOGIN, CREDENTIALS);
  expect(reply.status).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(1_900);
  expect(gateway.callsTo('/api/cart/merge')).toHaveLength(1);
});

test.each([
  [
    'without a refresh token',
    { 'Content-Type': 'application/json' },
    { ...sessionTokens(), refreshToken: undefined },
  ],
  [
    'with a token that is none',
    { 'Content-Type': 'application/json' },
    { ...sessionTokens(), accessToken: 'a b; Domain=evil' },
  ],
  ['encoded', { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }, sessionTokens()],
  ['too long', { 'Content-Type': 'application/json' }, { ...sessionTokens(), more: 'x'.repeat(100_000) }],
])('tokens that come %s are not passed on', async (_name, headers, body) => {
  const { gateway, proxy } = await surroundings();
  gateway.answers[`POST ${LOGIN}`] = (call, response) => {
    expect(call.headers['accept-encoding']).toBe('identity');
    const text = JSON.stringify(body);
    response.writeHead(200, headers).end('Content-Encoding' in headers ? gzipSync(text) : text);
  };
  const reply = await openBrowser(proxy).post(LOGIN, CREDENTIALS);
  expect(reply.status).toBe(502);
  expect(reply.text).not.toMatch(/accessToken|Domain=evil/);
  expect(cookiesSet(reply)).toEqual([]);
});

test('a changed password replaces the session in the browser', async () => {
  const { gateway, proxy } = await surroundings();
  const tokens = sessionTokens();
  gateway.answers['POST /api/auth/password/change'] = (_call, response) => json(response, 200, tokens);
  const doa_at = jwt();
  const browser = openBrowser(proxy, { doa_at, doa_rt: refreshToken() });

  const reply = await browser.post('/api/auth/password/change', { currentPassword: 'a', newPassword: 'b' });

  expect(gateway.callsTo('/api/auth/password/change')).toMatchObject([
    { headers: { authorization: `Bearer ${doa_at}` } },
  ]);
  expect(JSON.parse(reply.text)).toEqual({ role: 'MEMBER', memberId: MEMBER_ID, expiresIn: 900 });
  expect(Object.fromEntries(browser.cookies)).toEqual({
    doa_at: tokens.accessToken,
    doa_rt: tokens.refreshToken,
  });
});

test('a logout ends the session by its refresh token, and leaves nothing in the browser', async () => {
  const { gateway, proxy } = await surroundings();
  const { accessToken, refreshToken: doa_rt } = gateway.openSession();
  const reply = await openBrowser(proxy, { doa_at: accessToken, doa_rt }).post(LOGOUT);
  expect(gateway.callsTo(LOGOUT)).toMatchObject([
    { headers: { authorization: BASIC }, body: { refreshToken: doa_rt } },
  ]);
  expect([reply.status, reply.text]).toEqual([204, '']);
  expect(cookiesCleared(reply)).toEqual(['doa_at', 'doa_rt', 'doa_vid']);
});

test('without a refresh token it is the access token that says which session', async () => {
  const { gateway, proxy } = await surroundings();
  const doa_at = jwt();
  expect((await openBrowser(proxy, { doa_at }).post(LOGOUT)).status).toBe(204);
  expect(gateway.callsTo(LOGOUT)).toMatchObject([
    { headers: { authorization: `Bearer ${doa_at}` }, body: {} },
  ]);
});

test('who is not signed in is signed out without a question', async () => {
  const { gateway, proxy } = await surroundings();
  const reply = await openBrowser(proxy).post(LOGOUT);
  expect([reply.status, cookiesCleared(reply)]).toEqual([204, ['doa_at', 'doa_rt', 'doa_vid']]);
  expect(gateway.calls).toEqual([]);
});

test.each([
  [204, 401],
  [503, 500],
  [503, 503],
  [503, 302],
])('a logout is %i when auth-server says %i, and is one in the browser in any case', async (status, said) => {
  const { gateway, proxy } = await surroundings();
  gateway.answers[`POST ${LOGOUT}`] = (_call, response) => json(response, said, {});
  const browser = openBrowser(proxy, { doa_at: jwt(), doa_rt: refreshToken() });
  expect((await browser.post(LOGOUT)).status).toBe(status);
  expect([...browser.cookies.keys()]).toEqual([]);
});

test('after a logout the session is renewed by nobody who still has its token', async () => {
  const { gateway, proxy } = await surroundings();
  const { refreshToken: doa_rt } = gateway.openSession();
  const browser = openBrowser(proxy, { doa_rt });
  const otherTab = openBrowser(proxy, { doa_rt });
  await browser.ask('/api/me');
  await browser.post(LOGOUT);

  expect(cookiesCleared(await otherTab.ask('/account'))).toEqual(['doa_at', 'doa_rt']);
});

test('a logout everywhere is one here', async () => {
  const { gateway, proxy } = await surroundings();
  const session = { doa_at: jwt(), doa_rt: refreshToken() };
  gateway.answers['POST /api/auth/logout-all'] = (_call, response) => json(response, 204);
  expect(cookiesCleared(await openBrowser(proxy, session).post('/api/auth/logout-all'))).toEqual([
    'doa_at',
    'doa_rt',
    'doa_vid',
  ]);

  gateway.answers['POST /api/auth/logout-all'] = (_call, response) => problem(response, 503, 'SYS_5003');
  expect(cookiesSet(await openBrowser(proxy, session).post('/api/auth/logout-all'))).toEqual([]);
});

test('a script that asks for a renewal gets the one of the edge', async () => {
  const { gateway, proxy } = await surroundings();
  const headers = {
    Cookie: cookieHeader({ doa_at: jwt(), doa_rt: gateway.openSession().refreshToken }),
    ...fromOurPage(proxy),
  };
  const ask = () => proxy.ask('/api/auth/refresh', { method: 'POST', headers });

  const replies = await Promise.all([ask(), ask(), ask()]);

  for (const reply of replies) {
    expect(JSON.parse(reply.text)).toEqual({ role: 'MEMBER', memberId: MEMBER_ID, expiresIn: 900 });
    expect(cookiesSet(reply)).toEqual(cookiesSet(replies[0]));
  }
  expect(gateway.callsTo('/api/auth/refresh')).toHaveLength(1);
});

test('a renewal without a session is 401 and leaves a guest his cart, one that cannot be had now is 503', async () => {
  const { gateway, proxy } = await surroundings();
  const ask = (cookies: Record<string, string>) => openBrowser(proxy, cookies).post('/api/auth/refresh');
  const none = await ask({ doa_at: jwt({ role: 'GUEST' }), doa_vid: VISITOR });
  const ended = await ask({ doa_rt: refreshToken() });
  gateway.answers['POST /api/auth/refresh'] = (_call, response) => json(response, 500, {});
  const away = await ask({ doa_rt: refreshToken() });

  for (const reply of [none, ended]) {
    expect(reply.status).toBe(401);
    expect(JSON.parse(reply.text)).toMatchObject({ code: 'AUTH_1009' });
  }
  expect([none, ended].map(cookiesCleared)).toEqual([[], ['doa_at', 'doa_rt']]);
  expect([away.status, cookiesSet(away)]).toEqual([503, []]);
});

test('a script may make its visitor a guest, but never a member into one', async () => {
  const { gateway, proxy } = await surroundings();
  const browser = openBrowser(proxy);
  const guest = await browser.post('/api/auth/guest', { visitorId: 'chosen-by-a-script-0001' });
  const member = await openBrowser(proxy, { doa_at: jwt(), doa_rt: refreshToken() }).post('/api/auth/guest');

  expect(guest.status).toBe(201);
  expect(JSON.parse(guest.text)).toEqual({ role: 'GUEST', expiresIn: expect.any(Number) });
  expect([...browser.cookies.keys()]).toEqual(['doa_at', 'doa_vid']);
  expect(browser.cookies.get('doa_vid')).not.toBe('chosen-by-a-script-0001');
  expect(JSON.parse(member.text)).toMatchObject({ role: 'MEMBER' });
  expect(cookiesSet(member)).toEqual([]);
  expect(gateway.callsTo('/api/auth/guest')).toHaveLength(1);
});

test('who signs in again after the session was ended elsewhere is let in', async () => {
  const { gateway, proxy } = await surroundings();
  const ended = gateway.openSession();
  gateway.endSessions();
  gateway.answers['GET /api/me'] = ({ headers }, response) =>
    headers.authorization === `Bearer ${ended.accessToken}` ? refuse(response) : json(response, 200, {});
  const browser = openBrowser(proxy, { doa_at: ended.accessToken, doa_rt: ended.refreshToken });
  expect((await browser.post(LOGIN, CREDENTIALS)).status).toBe(200);
  expect((await browser.ask('/api/me')).status).toBe(200);
});
