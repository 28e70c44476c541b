import { expect, test, vi } from 'vitest';
import { cookieHeader, cookiesCleared, cookiesSet, openBrowser } from '../support/browser.ts';
import { BASIC, json, jwt, problem, refreshToken, refuse, startGateway } from '../support/gateway.ts';
import { echo, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';

async function surroundings(env: Record<string, string> = {}) {
  const web = await startOrigin(echo);
  const gateway = await startGateway();
  return { web, gateway, proxy: await startProxy({ web, gateway }, env) };
}
const REFRESH = '/api/auth/refresh';
const AS_BROWSER = { Accept: 'text/html,*/*;q=0.8' };
const roleOf = (bearer = '') =>
  JSON.parse(Buffer.from(bearer.split('.')[1] ?? '', 'base64url').toString()).role;
const bearerOf = (text: string) => JSON.parse(text).headers.authorization as string | undefined;

test.each([
  ['has under a minute left', { doa_at: jwt({ expiresIn: 55 }) }],
  ['is missing', {}],
  ['has expired', { doa_at: jwt({ expiresIn: -5 }) }],
  ['is a guest of before the login', { doa_at: jwt({ role: 'GUEST' }) }],
])('a session whose access token %s is renewed in passing', async (_name, access) => {
  const { gateway, proxy } = await surroundings();
  const { refreshToken: old } = gateway.openSession();
  const browser = openBrowser(proxy, { ...access, doa_rt: old });

  const reply = await browser.ask('/api/me');

  expect(gateway.callsTo(REFRESH)).toMatchObject([
    { headers: { authorization: BASIC }, body: { refreshToken: old } },
  ]);
  expect(bearerOf(reply.text)).toBe(`Bearer ${browser.cookies.get('doa_at')}`);
  expect(cookiesSet(reply).map(({ name }) => name)).toEqual(['doa_at', 'doa_rt']);
  expect(browser.cookies.get('doa_rt')).not.toBe(old);

  await browser.ask('/api/me');
  expect(gateway.callsTo(REFRESH)).toHaveLength(1);
});

test('a token with more than a minute left is left alone', async () => {
  const { gateway, proxy } = await surroundings();
  const doa_at = jwt({ expiresIn: 65 });
  const reply = await openBrowser(proxy, { doa_at, doa_rt: refreshToken() }).ask('/api/me');
  expect(bearerOf(reply.text)).toBe(`Bearer ${doa_at}`);
  expect(gateway.callsTo(REFRESH)).toEqual([]);
});

test('however many requests are under way, a session is renewed once and all go on with it', async () => {
  const { gateway, proxy } = await surroundings();
  const headers = { Cookie: cookieHeader({ doa_rt: gateway.openSession().refreshToken }) };
  const paths = ['/api/me', '/api/home', '/account', '/api/cart'];
  const ask = (n: number) => proxy.ask(paths[n % paths.length] ?? '/', { headers });

  const together = await Promise.all(Array.from({ length: 60 }, (_, n) => ask(n)));
  // Sent before the new cookies had arrived.
  const late = await Promise.all(Array.from({ length: 40 }, (_, n) => ask(n)));

  expect(gateway.callsTo(REFRESH)).toHaveLength(1);
  const replies = [...together, ...late];
  expect(new Set(replies.map(({ text }) => bearerOf(text))).size).toBe(1);
  expect(new Set(replies.map((reply) => JSON.stringify(cookiesSet(reply)))).size).toBe(1);
  expect(bearerOf(late[0]?.text ?? '')).toBe(
    `Bearer ${cookiesSet(together[0] ?? { headers: {} })[0]?.value}`,
  );
});

test('two sessions are renewed each for itself', async () => {
  const { gateway, proxy } = await surroundings();
  const sessions = [gateway.openSession(), gateway.openSession()];
  const replies = await Promise.all(
    sessions.map(({ refreshToken: doa_rt }) => openBrowser(proxy, { doa_rt }).ask('/api/me')),
  );
  expect(gateway.callsTo(REFRESH)).toHaveLength(2);
  expect(new Set(replies.map(({ text }) => bearerOf(text))).size).toBe(2);
});

test('several proxies renew one session without losing it', async () => {
  const { gateway, proxy } = await surroundings();
  const proxies = [proxy, await startProxy({ gateway }), await startProxy({ gateway })];
  const doa_rt = gateway.openSession().refreshToken;

  const browsers = proxies.flatMap((it) => Array.from({ length: 10 }, () => openBrowser(it, { doa_rt })));
  const replies = await Promise.all(browsers.map((browser) => browser.ask('/api/me')));

  expect(replies.flatMap(cookiesCleared)).toEqual([]);
  expect(new Set(replies.map(({ text }) => bearerOf(text))).size).toBe(1);
  expect(gateway.callsTo(REFRESH).length).toBeLessThanOrEqual(proxies.length);
});

test('a session that is over ends in the browser, and the page is there all the same', async () => {
  const { gateway, proxy } = await surroundings();
  const session = { doa_at: jwt({ expiresIn: 20 }), doa_rt: refreshToken() };

  const page = await openBrowser(proxy, session).ask('/account');
  const read = await openBrowser(proxy, session).ask('/api/home');
  const cart = openBrowser(proxy, session);
  const answer = await cart.ask('/api/cart');

  expect(page.status).toBe(200);
  expect(bearerOf(page.text)).toBeUndefined();
  for (const reply of [page, read]) expect(cookiesCleared(reply)).toEqual(['doa_at', 'doa_rt']);
  expect(bearerOf(read.text)).toMatch(/^Bearer /);
  expect(cookiesCleared(answer)).toEqual(['doa_rt']);
  expect([...cart.cookies.keys()]).toEqual(['doa_at', 'doa_vid']);
  expect(bearerOf(answer.text)).toBe(`Bearer ${cart.cookies.get('doa_at')}`);
  expect(gateway.callsTo(REFRESH)).toHaveLength(1);
});

const UNAVAILABLE: [string, (response: Parameters<typeof json>[0]) => void][] = [
  ['answers 500', (response) => json(response, 500, {})],
  ['answers 503', (response) => json(response, 503, {})],
  ['answers 429', (response) => json(response, 429, {})],
  ['does not know the shop', (response) => problem(response, 401, 'AUTH_1001')],
  ['answers nonsense', (response) => json(response, 200, { accessToken: 'x' })],
  ['answers no JSON', (response) => void response.end('<html>')],
  [
    'answers a redirect',
    (response) => void response.writeHead(302, { Location: 'http://evil.example' }).end(),
  ],
  ['breaks off', (response) => void response.destroy()],
  ['says nothing', () => undefined],
  [
    'never ends',
    (response) => void response.writeHead(200, { 'Content-Type': 'application/json' }).write('{'),
  ],
];

test.each(UNAVAILABLE)('an auth-server that %s is unavailable, which is no logout', async (_name, answer) => {
  const { gateway, proxy } = await surroundings({ REQUEST_TIMEOUT: '300' });
  gateway.answers[`POST ${REFRESH}`] = (_call, response) => answer(response);
  const doa_rt = refreshToken();
  const doa_at = jwt({ expiresIn: 30 });

  const still = await openBrowser(proxy, { doa_at, doa_rt }).ask('/api/me');
  const own = await openBrowser(proxy, { doa_rt }).ask('/api/orders');
  const open = await openBrowser(proxy, { doa_rt }).ask('/api/home');
  const page = await openBrowser(proxy, { doa_rt }).ask('/account', { headers: AS_BROWSER });

  expect([still.status, bearerOf(still.text)]).toEqual([200, `Bearer ${doa_at}`]);
  expect(own).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect(JSON.parse(own.text)).toMatchObject({ code: 'SYS_5003' });
  expect(open.status).toBe(200);
  expect(roleOf(bearerOf(open.text))).toBe('GUEST');
  expect(page).toMatchObject({ status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } });
  expect([still, own, open, page].flatMap(cookiesSet)).toEqual([]);
});

test('an auth-server that comes back renews the session it could not renew before', async () => {
  const { gateway, proxy } = await surroundings();
  gateway.answers[`POST ${REFRESH}`] = (_call, response) => json(response, 503, {});
  const browser = openBrowser(proxy, { doa_rt: gateway.openSession().refreshToken });
  expect((await browser.ask('/api/me')).status).toBe(503);

  delete gateway.answers[`POST ${REFRESH}`];

  await vi.waitFor(async () => expect((await browser.ask('/api/me')).status).toBe(200), { timeout: 5_000 });
});

test('a visitor who leaves takes nobody else out of the renewal', async () => {
  const { gateway, proxy } = await surroundings();
  const tokens = gateway.openSession();
  let answer: () => void = () => undefined;
  gateway.answers[`POST ${REFRESH}`] = (_call, response) => {
    answer = () => json(response, 200, tokens);
  };
  const headers = { Cookie: cookieHeader({ doa_rt: tokens.refreshToken }) };
  const leaver = new AbortController();
  const left = fetch(`${proxy.url}/api/me`, { headers, signal: leaver.signal }).catch(() => 'left');
  await vi.waitFor(() => expect(gateway.callsTo(REFRESH)).toHaveLength(1));
  const stays = proxy.ask('/api/me', { headers });
  leaver.abort();
  await left;
  answer();
  expect((await stays).status).toBe(200);
  expect(gateway.callsTo(REFRESH)).toHaveLength(1);
});

test('a session that was ended elsewhere becomes a guest on the next read', async () => {
  const { gateway, proxy } = await surroundings();
  const { accessToken, refreshToken: doa_rt } = gateway.openSession();
  gateway.endSessions();
  gateway.answers['GET /api/home'] = ({ headers }, response) =>
    headers.authorization === `Bearer ${accessToken}` ? refuse(response) : json(response, 200, {});

  const reply = await openBrowser(proxy, { doa_at: accessToken, doa_rt }).ask('/api/home');

  expect(reply.status).toBe(200);
  expect(cookiesCleared(reply)).toEqual(['doa_at', 'doa_rt']);
});

test('a token that is refused for a change leaves, so that the next request has another', async () => {
  const { gateway, proxy } = await surroundings();
  const { accessToken, refreshToken: doa_rt } = gateway.openSession();
  gateway.answers['POST /api/orders'] = ({ headers }, response) =>
    headers.authorization === `Bearer ${accessToken}` ? refuse(response) : json(response, 201, {});
  const browser = openBrowser(proxy, { doa_at: accessToken, doa_rt });

  const refused = await browser.post('/api/orders');
  const accepted = await browser.post('/api/orders');

  expect([refused.status, accepted.status]).toEqual([401, 201]);
  expect(cookiesCleared(refused)).toEqual(['doa_at']);
});

test('a 401 for want of rights is no reason to doubt the token', async () => {
  const { gateway, proxy } = await surroundings();
  gateway.answers['GET /api/x'] = (_call, response) =>
    json(response, 401, {}, { 'WWW-Authenticate': 'Bearer realm="doa-market"' });
  const reply = await openBrowser(proxy, { doa_at: jwt(), doa_rt: refreshToken() }).ask('/api/x');
  expect([reply.status, cookiesSet(reply)]).toEqual([401, []]);
  expect(gateway.callsTo('/api/x')).toHaveLength(1);
});

test('a renewal reaches the browser even if what it was for fails', async () => {
  const { gateway, proxy, web } = await surroundings({ REQUEST_TIMEOUT: '300' });
  await web.down();
  gateway.answers['GET /api/slow'] = () => undefined;
  for (const [path, status] of [
    ['/account', 502],
    ['/api/slow', 504],
  ] as const) {
    const reply = await openBrowser(proxy, { doa_rt: gateway.openSession().refreshToken }).ask(path);
    expect(reply.status).toBe(status);
    expect(cookiesSet(reply).map(({ name }) => name)).toEqual(['doa_at', 'doa_rt']);
  }
});
