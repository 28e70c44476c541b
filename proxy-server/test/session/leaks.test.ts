import { expect, test, vi } from 'vitest';
import { cookieHeader, cookiesSet, openBrowser } from '../support/browser.ts';
import { json, jwt, startGateway } from '../support/gateway.ts';
import { echo, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';
import { sendRaw, statusOf } from '../support/raw.ts';

async function surroundings(env: Record<string, string> = {}) {
  const web = await startOrigin(echo);
  const gateway = await startGateway();
  const evil = await startOrigin(echo);
  return { web, gateway, evil, proxy: await startProxy({ web, gateway }, env) };
}
const ACCESS = jwt();
const raw = (target: string, host: string, more = '') =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nCookie: doa_at=${ACCESS}\r\n${more}Connection: close\r\n\r\n`;

test('a target that two hops could read differently takes no token anywhere', async () => {
  const { web, gateway, proxy } = await surroundings();
  const targets = [
    '//evil.example/api/me',
    '/..%2fapi/me',
    '/api/..%2f..%2fx',
    '/api/%5cevil.example',
    '/api/me%0d%0aX-Injected:1',
    '/api/me%00',
    '/\\evil.example',
  ];
  for (const target of targets) {
    const answer = await sendRaw(proxy.port, raw(target, proxy.host));
    expect({ target, status: statusOf(answer) }).toEqual({ target, status: 400 });
    expect(answer).not.toContain(ACCESS);
  }
  expect([...web.paths(), ...gateway.paths()]).toEqual([]);
});

test('an absolute address leads to our own servers, and so does the token', async () => {
  const { web, gateway, evil, proxy } = await surroundings();
  await sendRaw(proxy.port, raw(`${evil.url}/api/me`, proxy.host));
  await sendRaw(proxy.port, raw(`${evil.url}/account`, proxy.host));
  expect(evil.requests).toEqual([]);
  expect([...gateway.paths(), ...web.paths()]).toEqual(['/api/me', '/account']);
});

test('a Host that is not ours gets nothing of a session', async () => {
  const { web, gateway, proxy } = await surroundings();
  for (const host of ['evil.example', `${proxy.host}.evil.example`, `evil.example@${proxy.host}`]) {
    expect(statusOf(await sendRaw(proxy.port, raw('/api/me', host)))).toBeGreaterThanOrEqual(400);
  }
  expect([...web.paths(), ...gateway.paths()]).toEqual([]);
});

test('what a stranger says of hosts and hops changes neither where a token goes nor who it is for', async () => {
  const { gateway, evil, proxy } = await surroundings();
  const host = new URL(evil.url).host;
  const claims =
    `X-Forwarded-Host: ${host}\r\nForwarded: host="${host}"\r\nX-Original-URL: /api/admin\r\n` +
    `X-Rewrite-URL: ${evil.url}/x\r\nX-User-Id: admin\r\nX-Session-Id: other\r\n`;
  await sendRaw(proxy.port, raw('/api/me', proxy.host, claims));

  expect(evil.requests).toEqual([]);
  const { headers } = gateway.requests[0] ?? { headers: {} };
  expect(headers).toMatchObject({ authorization: `Bearer ${ACCESS}`, 'x-forwarded-host': proxy.host });
  for (const name of ['x-original-url', 'x-rewrite-url', 'x-user-id', 'x-session-id']) {
    expect(headers).not.toHaveProperty(name);
  }
});

test('a header that Connection names cannot take the token off a request', async () => {
  const { gateway, proxy } = await surroundings();
  await sendRaw(
    proxy.port,
    `GET /api/me HTTP/1.1\r\nHost: ${proxy.host}\r\nCookie: doa_at=${ACCESS}\r\nConnection: close, Authorization, Cookie\r\n\r\n`,
  );
  expect(gateway.requests[0]?.headers).toMatchObject({ authorization: `Bearer ${ACCESS}` });
  expect(gateway.requests[0]?.headers).not.toHaveProperty('cookie');
});

test('a redirect is for the browser to follow, and takes no token along', async () => {
  const { web, gateway, evil, proxy } = await surroundings();
  const location = `${evil.url}/collect`;
  web.answerWith((_request, response) => void response.writeHead(302, { Location: location }).end());
  gateway.answers['GET /api/me'] = (_call, response) => json(response, 307, {}, { Location: location });
  gateway.answers['POST /api/auth/login'] = (_call, response) =>
    json(response, 302, {}, { Location: location });
  gateway.answers['POST /api/auth/refresh'] = (_call, response) =>
    json(response, 308, {}, { Location: location });
  const browser = openBrowser(proxy, { doa_at: ACCESS });

  for (const reply of [
    await browser.ask('/account'),
    await browser.ask('/api/me'),
    await browser.post('/api/auth/login', {}),
  ]) {
    expect(reply.headers['location']).toBe(location);
    expect(JSON.stringify([reply.headers, reply.text])).not.toContain(ACCESS);
  }
  await openBrowser(proxy, { doa_rt: 'a-refresh-token-of-ours' }).ask('/account');
  expect(evil.requests).toEqual([]);
});

test('tokens are in no log and in no answer, whatever goes wrong', async () => {
  const { web, gateway, proxy } = await surroundings({ REQUEST_TIMEOUT: '300', LOG_LEVEL: 'trace' });
  web.answerWith((_request, response) => void response.end('<p>page</p>'));
  const tokens = gateway.openSession();
  const browser = openBrowser(proxy, { doa_rt: tokens.refreshToken });
  const credentials = { email: 'kim@example.com', password: 'correct horse' };
  const seen = new Set<string>([tokens.refreshToken, 's3cret-code', 's3cret-state', 'correct horse']);
  const bodies: string[] = [];
  const ask = async (reply: ReturnType<typeof browser.ask>) => {
    const { text, headers } = await reply;
    bodies.push(text, JSON.stringify({ ...headers, 'set-cookie': undefined }));
    for (const value of browser.cookies.values()) seen.add(value);
  };

  await ask(browser.ask('/account'));
  await ask(browser.post('/api/auth/refresh'));
  await ask(browser.post('/api/auth/login', credentials));
  gateway.answers['GET /api/slow'] = () => undefined;
  await ask(browser.ask('/api/slow'));
  await ask(browser.ask('/auth/social/kakao/callback?code=s3cret-code&state=s3cret-state'));
  await web.down();
  await ask(browser.ask('/account'));
  await gateway.down();
  await ask(browser.post('/api/auth/logout'));
  await ask(openBrowser(proxy, { doa_rt: tokens.refreshToken }).ask('/account'));

  expect(seen.size).toBeGreaterThanOrEqual(7);
  await vi.waitFor(() => expect(proxy.accessLog()).toHaveLength(8));
  const everything = [...bodies, proxy.output.out, proxy.output.err].join('\n');
  for (const secret of seen) expect(everything).not.toContain(secret);
  expect(everything).not.toContain('doa-web-development-secret');
});

test('an answer that carries a cookie is kept by nobody, whatever its origin said', async () => {
  const { gateway, proxy } = await surroundings();
  gateway.answers['GET /api/home'] = (_call, response) =>
    json(
      response,
      200,
      {},
      {
        'Cache-Control': 'public, s-maxage=300',
        'CDN-Cache-Control': 'max-age=300',
        Expires: 'Fri, 01 Jan 2038 00:00:00 GMT',
      },
    );
  const reply = await proxy.ask('/api/home', {
    headers: { Cookie: cookieHeader({ doa_rt: gateway.openSession().refreshToken }) },
  });
  expect(cookiesSet(reply)).toHaveLength(2);
  expect(reply.headers['cache-control']).toBe('private, no-store');
  for (const name of ['cdn-cache-control', 'expires']) expect(reply.headers).not.toHaveProperty(name);
});
