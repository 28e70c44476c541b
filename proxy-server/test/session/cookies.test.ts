import { expect, test } from 'vitest';
import { cookieHeader, cookiesCleared, cookiesSet } from '../support/browser.ts';
import { type Gateway, jwt, refreshToken, startGateway } from '../support/gateway.ts';
import { echo, page, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';

async function surroundings(env: Record<string, string> = {}) {
  const web = await startOrigin(echo);
  const gateway = await startGateway();
  return { web, gateway, proxy: await startProxy({ web, gateway }, env) };
}
const lastCall = (gateway: Gateway) => gateway.calls.at(-1)?.headers ?? {};

const ACCESS = jwt();
const SESSION = { doa_at: ACCESS, doa_rt: refreshToken() };

test('the access token of the cookie goes on as Bearer, to the API and to pages that are not kept', async () => {
  const { web, gateway, proxy } = await surroundings();
  const headers = { Cookie: cookieHeader(SESSION) };

  for (const path of ['/api/me', '/api/home', '/api/cart', '/api/auth/sessions', '/account', '/search?q=x']) {
    const reply = await proxy.ask(path, { headers });
    const { authorization } = JSON.parse(reply.text).headers;
    expect([path, authorization]).toEqual([path, `Bearer ${ACCESS}`]);
    expect(cookiesSet(reply)).toEqual([]);
  }
  expect([...gateway.paths(), ...web.paths()]).toHaveLength(6);
});

test('our cookies end here, under any name of theirs, and others go on as they are', async () => {
  const { web, gateway, proxy } = await surroundings();
  const names = ['doa_at', 'doa_rt', 'doa_vid', 'doa_social'];
  const ours = names.flatMap((name) => [`${name}=s3cret`, `__Host-${name}=s3cret`]).join('; ');

  for (const path of ['/api/home', '/account', '/_next/static/a.js', '/favicon.ico']) {
    await proxy.ask(path, { headers: { Cookie: `theme=dark; ${ours}; a="b=c"; doa_other=1` } });
    await proxy.ask(path, { headers: { Cookie: ours } });
  }

  for (const { headers } of [...gateway.requests, ...web.requests]) {
    expect(JSON.stringify(headers)).not.toContain('s3cret');
  }
  const cookies = [...gateway.calls, ...web.requests].map((it) => it.headers.cookie);
  expect(new Set(cookies)).toEqual(new Set(['theme=dark; a="b=c"; doa_other=1', undefined]));
});

test("a client's own Authorization wins: no cookie is used, and none is set", async () => {
  const { gateway, proxy } = await surroundings();
  const stale = { doa_at: jwt({ expiresIn: 5 }), doa_rt: gateway.openSession().refreshToken };

  for (const [method, path] of [
    ['GET', '/api/cart'],
    ['POST', '/api/cart/items'],
    ['POST', '/api/auth/logout'],
  ] as const) {
    const reply = await proxy.ask(path, {
      method,
      headers: { Authorization: 'Bearer of-a-client', Cookie: cookieHeader(stale) },
    });
    expect(lastCall(gateway)).toMatchObject({ authorization: 'Bearer of-a-client' });
    expect(cookiesSet(reply)).toEqual([]);
  }
  expect(gateway.callsTo('/api/auth/refresh')).toEqual([]);
});

test('a page for everyone is rendered as nobody, whoever asks', async () => {
  const { web, gateway, proxy } = await surroundings();
  web.answerWith(page('<h1>for everyone</h1>'));
  const headers = { Cookie: cookieHeader({ doa_at: jwt({ expiresIn: 5 }), doa_rt: refreshToken() }) };

  const first = await proxy.ask('/products/canvas-tote', { headers });
  const second = await proxy.ask('/products/canvas-tote', { headers });

  expect([first, second].map((it) => it.headers['x-cache-status'])).toEqual(['MISS', 'HIT']);
  expect([first, second].flatMap(cookiesSet)).toEqual([]);
  expect(web.requests[0]?.headers).not.toHaveProperty('authorization');
  expect(gateway.calls).toEqual([]);
});

test('assets and pictures go without a token, and never renew one', async () => {
  const { web, gateway, proxy } = await surroundings();
  const headers = { Cookie: cookieHeader({ doa_at: jwt({ expiresIn: 5 }), doa_rt: refreshToken() }) };
  for (const path of ['/_next/static/a.js', '/_next/image?url=x', '/robots.txt', '/api/v1/images/a.webp']) {
    await proxy.ask(path, { headers });
  }
  for (const { headers: sent } of [...web.requests, ...gateway.calls]) {
    expect(sent).not.toHaveProperty('authorization');
  }
  expect(gateway.paths()).toEqual(['/api/v1/images/a.webp']);
});

test('of two cookies with one name neither is believed, and both are taken away', async () => {
  const { gateway, proxy } = await surroundings();
  const planted = jwt({ sub: 'somebody-else' });
  for (const line of [`doa_at=${planted}; doa_at=${ACCESS}`, `doa_at=${ACCESS}; a=b; doa_at=not-a-token`]) {
    const reply = await proxy.ask('/api/products/x', { headers: { Cookie: line } });

    expect(lastCall(gateway).authorization).not.toContain(planted);
    expect(lastCall(gateway).authorization).not.toContain(ACCESS);
    expect(cookiesCleared(reply)).toContain('doa_at');
    const paths = cookiesSet(reply).map(({ attributes }) => attributes.find((it) => it.startsWith('Path=')));
    expect(new Set(paths)).toEqual(
      new Set(['Path=/', 'Path=/api', 'Path=/api/products', 'Path=/api/products/x']),
    );
    expect(reply.headers['cache-control']).toBe('private, no-store');
  }
});

test('a doubled refresh token renews nothing', async () => {
  const { gateway, proxy } = await surroundings();
  const { refreshToken: own } = gateway.openSession();
  const { refreshToken: planted } = gateway.openSession();

  const reply = await proxy.ask('/account', { headers: { Cookie: `doa_rt=${planted}; doa_rt=${own}` } });

  expect(gateway.callsTo('/api/auth/refresh')).toEqual([]);
  expect(JSON.parse(reply.text).headers).not.toHaveProperty('authorization');
});

const NO_TOKENS: [string, string][] = [
  ['no token', 'x'],
  ['empty', ''],
  ['no JSON', 'a.b.c'],
  ['not even characters of one', 'a.b c.d'],
  ['quoted', `"${jwt()}"`],
  ['expired', jwt({ expiresIn: -10 })],
  ['of an unknown role', jwt({ role: 'ROOT' })],
  ['longer than a browser keeps', jwt({ sub: 'x'.repeat(4_000) })],
];

test('what is no access token of ours counts as none', async () => {
  const { gateway, proxy } = await surroundings();
  for (const [name, value] of NO_TOKENS) {
    const reply = await proxy.ask('/account', { headers: { Cookie: `doa_at=${value}` } });
    const { authorization } = JSON.parse(reply.text).headers;
    expect({ name, status: reply.status, authorization }).toEqual({ name, status: 200 });
  }
  expect(gateway.calls).toEqual([]);
});

test('behind https only the names count that no other host can set', async () => {
  const { proxy } = await surroundings({ PROXY_SERVER_URL: 'https://shop.example' });
  const ask = async (cookie: string) =>
    JSON.parse((await proxy.ask('/account', { headers: { Host: 'shop.example', Cookie: cookie } })).text)
      .headers;

  expect(await ask(`doa_at=${ACCESS}`)).not.toHaveProperty('authorization');
  expect(await ask(`__Host-doa_at=${ACCESS}; doa_at=${jwt({ sub: 'planted' })}`)).toMatchObject({
    authorization: `Bearer ${ACCESS}`,
  });
});

test('cookies are out of reach of scripts and other sites, and of other hosts behind https', async () => {
  const plain = await surroundings();
  const { proxy, gateway } = await surroundings({ PROXY_SERVER_URL: 'https://shop.example' });
  const cookie = (name: string) => ({ Cookie: `${name}=${gateway.openSession().refreshToken}` });
  const { refreshToken: known } = plain.gateway.openSession();

  const overHttp = await plain.proxy.ask('/account', { headers: { Cookie: `doa_rt=${known}` } });
  const overHttps = await proxy.ask('/account', {
    headers: { Host: 'shop.example', ...cookie('__Host-doa_rt') },
  });

  const base = ['Path=/', 'HttpOnly', 'SameSite=Lax'];
  expect(cookiesSet(overHttp)).toMatchObject([
    { name: 'doa_at', attributes: ['Max-Age=900', ...base] },
    { name: 'doa_rt', attributes: ['Max-Age=604800', ...base] },
  ]);
  expect(cookiesSet(overHttps)).toMatchObject([
    { name: '__Host-doa_at', attributes: ['Max-Age=900', ...base, 'Secure'] },
    { name: '__Host-doa_rt', attributes: ['Max-Age=604800', ...base, 'Secure'] },
  ]);
});

test('no server behind the edge sets one of its cookies', async () => {
  const { web, gateway, proxy } = await surroundings();
  const planted = ['doa_at=planted; Path=/', 'theme=dark; Path=/', '__Host-doa_rt=planted; Secure'];
  web.answerWith((_request, response) => void response.writeHead(200, { 'Set-Cookie': planted }).end());
  gateway.answers['GET /api/me'] = (_call, response) =>
    void response.writeHead(200, { 'Set-Cookie': planted }).end();

  for (const path of ['/account', '/api/me']) {
    expect(cookiesSet(await proxy.ask(path)).map(({ name }) => name)).toEqual(['theme']);
  }
});
