import { expect, test, vi } from 'vitest';
import { cookieHeader, cookiesSet, fromOurPage, openBrowser } from '../support/browser.ts';
import { BASIC, type Call, json, jwt, refuse, startGateway } from '../support/gateway.ts';
import { echo, startOrigin } from '../support/origin.ts';
import { startProxy, WARMUP_TOKEN } from '../support/proxy.ts';

async function surroundings(env: Record<string, string> = {}) {
  const web = await startOrigin(echo);
  const gateway = await startGateway();
  return { web, gateway, proxy: await startProxy({ web, gateway }, env) };
}
const GUEST = '/api/auth/guest';
const VISITOR = 'v1s1t0r-with-22-characters';
const roleOf = ({ headers }: Call) => claims(headers.authorization).role;
const subOf = ({ headers }: Call) => claims(headers.authorization).sub;
const claims = (authorization = '') =>
  JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString() || '{}') as {
    sub?: string;
    role?: string;
  };

test('a hundred strangers who only look share one guest, and get no cookie', async () => {
  const { gateway, proxy } = await surroundings();

  const replies = await Promise.all(Array.from({ length: 100 }, () => proxy.ask('/api/home')));

  expect(gateway.callsTo(GUEST)).toMatchObject([{ headers: { authorization: BASIC }, body: {} }]);
  const calls = gateway.callsTo('/api/home');
  expect(calls.map(roleOf)).toEqual(Array(100).fill('GUEST'));
  expect(new Set(calls.map(subOf)).size).toBe(1);
  expect(replies.every(({ status }) => status === 200)).toBe(true);
  expect(replies.flatMap(cookiesSet)).toEqual([]);
});

test('an answer for everyone stays one that others may keep', async () => {
  const { gateway, proxy } = await surroundings();
  const cacheControl = 'public, s-maxage=300';
  gateway.answers['GET /api/home'] = (_call, response) =>
    json(response, 200, {}, { 'Cache-Control': cacheControl });
  expect((await proxy.ask('/api/home')).headers['cache-control']).toBe(cacheControl);
});

test('who needs to be somebody becomes a guest of his own, and stays the same one', async () => {
  const { gateway, proxy } = await surroundings();
  const browser = openBrowser(proxy);

  await browser.post('/api/cart/items', { skuId: 'x', quantity: 1 });
  await browser.ask('/api/cart');
  const doa_vid = browser.cookies.get('doa_vid') ?? '';
  const again = await openBrowser(await startProxy({ gateway }), { doa_vid }).ask('/api/cart');

  const [first, second] = gateway.callsTo(GUEST);
  expect(first?.body['visitorId']).toMatch(/^[\w-]{22}$/);
  expect(second?.body).toEqual(first?.body);
  const calls = [...gateway.callsTo('/api/cart/items'), ...gateway.callsTo('/api/cart')];
  expect(calls.map(subOf)).toEqual(Array(3).fill(first?.body['visitorId']));
  expect(cookiesSet(again)).toMatchObject([
    { name: 'doa_at', attributes: expect.arrayContaining(['Max-Age=900', 'HttpOnly']) },
    { name: 'doa_vid', value: first?.body['visitorId'], attributes: expect.arrayContaining(['HttpOnly']) },
  ]);
});

test('what is kept for a visitor, and what changes something, is for somebody', async () => {
  const { gateway, proxy } = await surroundings();
  const requests = [
    ['GET', '/api/cart'],
    ['GET', '/api/cart/items'],
    ['GET', '/api/wishlist'],
    ['HEAD', '/api/members/me'],
    ['POST', '/api/orders'],
    ['DELETE', '/api/products/x'],
  ] as const;
  for (const [method, path] of requests) {
    const reply = await proxy.ask(path, { method, headers: fromOurPage(proxy) });
    expect([path, cookiesSet(reply).map(({ name }) => name)]).toEqual([path, ['doa_at', 'doa_vid']]);
    expect(gateway.callsTo(GUEST).at(-1)?.body).toHaveProperty('visitorId');
    expect(reply.headers['cache-control']).toBe('private, no-store');
  }
  expect(gateway.callsTo(GUEST)).toHaveLength(requests.length);
});

test('two visitors are two guests', async () => {
  const { gateway, proxy } = await surroundings();
  await openBrowser(proxy).ask('/api/cart');
  await openBrowser(proxy).ask('/api/cart');
  expect(new Set(gateway.callsTo('/api/cart').map(subOf)).size).toBe(2);
});

test('a hundred first requests of one visitor make one call', async () => {
  const { gateway, proxy } = await surroundings();
  const headers = { Cookie: cookieHeader({ doa_vid: VISITOR }) };

  await Promise.all(Array.from({ length: 50 }, () => proxy.ask('/api/cart', { headers })));
  // Sent before the cookie had arrived.
  await Promise.all(Array.from({ length: 50 }, () => proxy.ask('/api/cart', { headers })));

  expect(gateway.callsTo(GUEST)).toMatchObject([{ body: { visitorId: VISITOR } }]);
  expect(gateway.callsTo('/api/cart').map(subOf)).toEqual(Array(100).fill(VISITOR));
});

test('a guest who only looks is not renewed', async () => {
  const { gateway, proxy } = await surroundings();
  const dying = jwt({ role: 'GUEST', sub: VISITOR, expiresIn: 30 });
  const headers = { Cookie: cookieHeader({ doa_vid: VISITOR, doa_at: dying }) };

  const looking = await proxy.ask('/api/home', { headers });
  const buying = await proxy.ask('/api/cart', { headers });

  expect(cookiesSet(looking)).toEqual([]);
  expect(cookiesSet(buying).map(({ name }) => name)).toEqual(['doa_at', 'doa_vid']);
  expect(gateway.callsTo(GUEST).map(({ body }) => body)).toEqual([{}, { visitorId: VISITOR }]);
});

test('a name that is none of ours is replaced', async () => {
  const { gateway, proxy } = await surroundings();
  for (const doa_vid of ['short', 'x'.repeat(44), 'with-$pecial-characters!', `${VISITOR}%0d%0aX:1`]) {
    await proxy.ask('/api/cart', { headers: { Cookie: cookieHeader({ doa_vid }) } });
    expect(gateway.callsTo(GUEST).at(-1)?.body['visitorId']).not.toBe(doa_vid);
  }
});

test('auth-server learns whose guest it is, and of which request', async () => {
  const { gateway, proxy } = await surroundings();
  await proxy.ask('/api/cart', {
    headers: { 'User-Agent': 'Safari', 'X-Request-Id': 'cart-0001', 'X-Forwarded-For': '6.6.6.6' },
  });
  expect(gateway.callsTo(GUEST)[0]?.headers).toMatchObject({
    'user-agent': 'Safari',
    'x-request-id': 'cart-0001',
    'x-forwarded-for': '127.0.0.1',
  });
});

test('a shared token that ends soon is renewed behind the requests that go on with it', async () => {
  const { gateway, proxy } = await surroundings();
  let answer: () => void = () => undefined;
  const short = (response: Parameters<typeof json>[0], sub: string) =>
    json(response, 201, {
      accessToken: jwt({ role: 'GUEST', sub, expiresIn: 3 }),
      tokenType: 'Bearer',
      expiresIn: 3,
      role: 'GUEST',
    });
  gateway.answers[`POST ${GUEST}`] = (_call, response) => short(response, 'first');
  await proxy.ask('/api/home');
  gateway.answers[`POST ${GUEST}`] = (_call, response) => {
    answer = () => short(response, 'second');
  };
  await vi.waitFor(
    async () => {
      await proxy.ask('/api/home');
      expect(gateway.callsTo(GUEST)).toHaveLength(2);
    },
    { timeout: 2_900 },
  );
  expect(new Set(gateway.callsTo('/api/home').map(subOf))).toEqual(new Set(['first']));

  answer();

  await vi.waitFor(async () => {
    await proxy.ask('/api/home');
    const last = gateway.callsTo('/api/home').at(-1);
    expect(last && subOf(last)).toBe('second');
  });
});

test('without auth-server reads go on without a token, and changes are 503 that changes no cookie', async () => {
  const { gateway, proxy } = await surroundings();
  gateway.answers[`POST ${GUEST}`] = (_call, response) => void response.writeHead(503).end();

  const read = await proxy.ask('/api/home');
  const change = await openBrowser(proxy, { doa_vid: VISITOR }).post('/api/cart/items');

  expect(read.status).toBe(200);
  expect(gateway.callsTo('/api/home')[0]?.headers).not.toHaveProperty('authorization');
  expect(change).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect(JSON.parse(change.text)).toMatchObject({ code: 'SYS_5003' });
  expect(cookiesSet(change)).toEqual([]);
  expect(gateway.callsTo('/api/cart/items')).toEqual([]);
});

test('an auth-server that hangs holds up the first reader, within bounds, and nobody after him', async () => {
  const { gateway, proxy } = await surroundings({ REQUEST_TIMEOUT: '500' });
  gateway.answers[`POST ${GUEST}`] = () => undefined;

  const durations: number[] = [];
  await vi.waitFor(
    async () => {
      const before = performance.now();
      expect((await proxy.ask('/api/home')).status).toBe(200);
      durations.push(performance.now() - before);
      expect(gateway.callsTo(GUEST)).toHaveLength(3);
    },
    { timeout: 8_000, interval: 20 },
  );
  const [first = 0, ...others] = durations;
  expect(first).toBeGreaterThan(400);
  expect(Math.max(...others)).toBeLessThan(400);

  delete gateway.answers[`POST ${GUEST}`];
  await vi.waitFor(
    async () => {
      await proxy.ask('/api/home');
      const last = gateway.callsTo('/api/home').at(-1);
      expect(last && roleOf(last)).toBe('GUEST');
    },
    { timeout: 5_000 },
  );
});

test('a guest whose token is not accepted any more gets another one', async () => {
  const { gateway, proxy } = await surroundings();
  const old = jwt({ role: 'GUEST', sub: VISITOR });
  gateway.answers['GET /api/cart'] = ({ headers }, response) =>
    headers.authorization === `Bearer ${old}` ? refuse(response) : json(response, 200, {});

  const reply = await proxy.ask('/api/cart', {
    headers: { Cookie: cookieHeader({ doa_vid: VISITOR, doa_at: old }) },
  });

  expect(reply.status).toBe(200);
  expect(cookiesSet(reply).map(({ name }) => name)).toEqual(['doa_at', 'doa_vid']);
  expect(gateway.callsTo('/api/cart').map(subOf)).toEqual([VISITOR, VISITOR]);
});

test('who looks after the shop gets no token and leaves no guest behind', async () => {
  const { gateway, proxy } = await surroundings({
    MONITOR_PATHS: '/api/home/alive',
    MONITOR_USER_AGENTS: 'kube-probe,doa-warm-up',
  });
  const session = { Cookie: cookieHeader({ doa_at: jwt() }) };

  await proxy.ask('/api/home/alive', { headers: session });
  await proxy.ask('/api/cart', { headers: { ...session, 'User-Agent': 'Kube-Probe/1.30' } });
  await proxy.ask('/api/cart', { headers: { 'User-Agent': 'doa-warm-up' } });
  await proxy.ask('/api/home', { headers: { 'X-Cache-Refresh': 'true', 'X-Warmup-Token': WARMUP_TOKEN } });
  await proxy.ask('/health');
  await proxy.ask('/ready');

  expect(gateway.callsTo(GUEST)).toEqual([]);
  const looks = gateway.calls.filter(({ path }) => path.startsWith('/api'));
  expect(looks).toHaveLength(4);
  for (const { headers } of looks) {
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('cookie');
  }
});

test('a warm-up without its credential is a visitor like any other', async () => {
  const { gateway, proxy } = await surroundings();
  await proxy.ask('/api/home', { headers: { 'X-Cache-Refresh': 'true', 'X-Warmup-Token': 'guessed' } });
  expect(gateway.callsTo(GUEST)).toHaveLength(1);
});
