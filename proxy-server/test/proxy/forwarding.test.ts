import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { echo, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';
import { sendRaw, statusOf } from '../support/raw.ts';

const TEN_MEGABYTES = 10 * 2 ** 20;
/** As an API client: browsers have their own tests. */
const AS_CLIENT = { Authorization: 'Bearer of-a-client' };
const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('/api goes to the gateway and everything else to the web server', async () => {
  const web = await startOrigin(echo);
  const gateway = await startOrigin(echo);
  const proxy = await startProxy({ web, gateway });

  for (const path of [
    '/api/home',
    '/api',
    '/api/products/x?a=1&b=%2F',
    '/apiary',
    '/cart',
    '/_next/static/a.js',
  ]) {
    await proxy.ask(path);
  }

  expect(gateway.paths()).toEqual(['/api/home', '/api', '/api/products/x?a=1&b=%2F']);
  expect(web.paths()).toEqual(['/apiary', '/cart', '/_next/static/a.js']);
});

test('the first byte arrives before the origin has sent the last', async () => {
  let finish: () => void = () => undefined;
  const web = await startOrigin((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    response.write('first ');
    finish = () => response.end('last');
  });
  const proxy = await startProxy({ web });

  const request = http.get(`${proxy.url}/account/stream`);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const [first] = await once(response, 'data');
  finish();
  const rest = await response.toArray();

  expect(String(first)).toBe('first ');
  expect(Buffer.concat(rest).toString()).toBe('last');
});

test('the first byte of an upload reaches the origin before the client has sent the last', async () => {
  const gateway = await startOrigin(echo);
  const proxy = await startProxy({ gateway });

  const request = http.request(`${proxy.url}/api/upload`, { method: 'POST', headers: AS_CLIENT });
  request.write('first');
  await vi.waitFor(() => expect(gateway.requests).toHaveLength(1));
  request.end(' last');
  const [response] = (await once(request, 'response')) as [IncomingMessage];

  expect(JSON.parse(Buffer.concat(await response.toArray()).toString())).toMatchObject({ bytes: 10 });
});

test('ten megabytes pass unchanged in both directions', async () => {
  const body = randomBytes(TEN_MEGABYTES);
  const hash = createHash('sha256');
  const gateway = await startOrigin((request, response) => {
    request.on('data', (chunk: Buffer) => hash.update(chunk));
    request.on('end', () => response.writeHead(200, { 'Content-Length': body.byteLength }).end(body));
  });
  const proxy = await startProxy({ gateway });

  const reply = await proxy.ask('/api/images', { method: 'PUT', headers: AS_CLIENT, body });

  expect(hash.digest('hex')).toBe(digest(body));
  expect(digest(reply.bytes)).toBe(digest(body));
});

test('a reader that stops holds the origin back instead of filling the proxy', async () => {
  const hundredMegabytes = 100 * 2 ** 20;
  let written = 0;
  const gateway = await startOrigin((_request, response) => {
    const chunk = Buffer.alloc(2 ** 20);
    const write = () => {
      while (written < hundredMegabytes) {
        written += chunk.byteLength;
        if (!response.write(chunk)) return;
      }
      response.end();
    };
    response.on('drain', write);
    write();
  });
  const proxy = await startProxy({ gateway });

  const request = http.get(`${proxy.url}/api/big`);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await vi.waitFor(async () => {
    const before = written;
    await proxy.ask('/health');
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBe(before);
  });
  expect(written).toBeLessThan(hundredMegabytes / 2);

  let received = 0;
  for await (const chunk of response) received += chunk.length;
  expect(received).toBe(hundredMegabytes);
});

test('a client that leaves takes its request to the origin with it', async () => {
  const left = vi.fn();
  const gateway = await startOrigin((_request, response) => {
    response.on('close', () => left(response.writableFinished));
  });
  const proxy = await startProxy({ gateway });

  const request = http.get(`${proxy.url}/api/slow`).on('error', () => request.destroy());
  await vi.waitFor(() => expect(gateway.requests).toHaveLength(1));
  request.destroy();

  await vi.waitFor(() => expect(left).toHaveBeenCalledWith(false), { timeout: 5_000 });
});

test('a client that leaves in the middle of the answer stops the origin too', async () => {
  const left = vi.fn();
  const web = await startOrigin((_request, response) => {
    response.write('the beginning');
    response.on('close', () => left(response.writableFinished));
  });
  const proxy = await startProxy({ web });

  const request = http.get(`${proxy.url}/account/stream`).on('error', () => request.destroy());
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await once(response, 'data');
  response.destroy();

  await vi.waitFor(() => expect(left).toHaveBeenCalledWith(false), { timeout: 5_000 });
});

test('headers of one connection stay on it, also those that Connection names', async () => {
  const gateway = await startOrigin((_request, response) => {
    response.writeHead(200, {
      Connection: 'X-Secret-Of-Hop',
      'X-Secret-Of-Hop': '1',
      'Proxy-Authenticate': 'Basic',
    });
    response.end('ok');
  });
  const proxy = await startProxy({ gateway });

  const answer = await sendRaw(
    proxy.port,
    `GET /api/x HTTP/1.1\r\nHost: ${proxy.host}\r\nConnection: close, X-Named\r\nX-Named: 1\r\nTE: trailers\r\n` +
      'Keep-Alive: timeout=9\r\nProxy-Authorization: Basic eA==\r\nUpgrade: h2c\r\nX-Stays: 1\r\n\r\n',
  );

  const sent = gateway.requests[0]?.headers ?? {};
  expect(Object.keys(sent)).toEqual(expect.arrayContaining(['x-stays']));
  for (const name of ['x-named', 'te', 'keep-alive', 'proxy-authorization', 'upgrade']) {
    expect(sent).not.toHaveProperty(name);
  }
  expect(answer).not.toMatch(/x-secret-of-hop|proxy-authenticate/i);
});

test('a body on GET does not reach the origin, nor does a length without one', async () => {
  const web = await startOrigin(echo);
  const proxy = await startProxy({ web });

  const answer = await sendRaw(
    proxy.port,
    `GET /a HTTP/1.1\r\nHost: ${proxy.host}\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello`,
  );

  expect(statusOf(answer)).toBe(200);
  expect(web.requests[0]?.headers).not.toHaveProperty('content-length');
  expect(JSON.parse((await proxy.ask('/b')).text)).toMatchObject({ url: '/b', bytes: 0 });
});

test('redirects and cookies are passed on as they are', async () => {
  const web = await startOrigin((_request, response) => {
    response.writeHead(307, { Location: '/elsewhere', 'Set-Cookie': ['a=1; Path=/', 'b=2; HttpOnly'] });
    response.end();
  });
  const proxy = await startProxy({ web });

  const reply = await proxy.ask('/account');

  expect(reply.status).toBe(307);
  expect(reply.headers).toMatchObject({
    location: '/elsewhere',
    'set-cookie': ['a=1; Path=/', 'b=2; HttpOnly'],
  });
  expect(web.paths()).toEqual(['/account']);
});

test('an encoded body passes through without being decoded', async () => {
  const encoded = gzipSync('안녕하세요 '.repeat(500));
  const web = await startOrigin((_request, response) => {
    response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': encoded.byteLength });
    response.end(encoded);
  });
  const proxy = await startProxy({ web });

  const reply = await proxy.ask('/_next/static/a.js', { headers: { 'Accept-Encoding': 'gzip' } });

  expect(reply.headers).toMatchObject({
    'content-encoding': 'gzip',
    'content-length': String(encoded.byteLength),
  });
  expect(reply.bytes.equals(encoded)).toBe(true);
});

test('HEAD and 304 keep the length that a body would have had', async () => {
  const web = await startOrigin((request, response) => {
    response.writeHead(request.method === 'HEAD' ? 200 : 304, { 'Content-Length': 1234, ETag: '"x"' });
    response.end();
  });
  const proxy = await startProxy({ web });
  const ask = (method: string) =>
    sendRaw(
      proxy.port,
      `${method} /_next/image HTTP/1.1\r\nHost: ${proxy.host}\r\nConnection: close\r\n\r\n`,
    );

  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 304],
  ] as const) {
    const answer = await ask(method);
    expect(statusOf(answer)).toBe(status);
    expect(answer).toMatch(/content-length: 1234\r\n/i);
    expect(answer).toMatch(/\r\n\r\n$/);
  }
});

test.each([{ 'Content-Length': '100' }, { 'Transfer-Encoding': 'chunked' }])(
  'an answer with %o that breaks off does not look whole',
  async (framing) => {
    const gateway = await startOrigin((request, response) => {
      response.writeHead(200, framing);
      response.write('the beginning', () => request.socket.destroy());
    });
    const proxy = await startProxy({ gateway });
    await expect(proxy.ask('/api/x')).rejects.toThrow();
  },
);

test('more than 256 slow requests are under way at the same time', async () => {
  const waiting: (() => void)[] = [];
  const gateway = await startOrigin((_request, response) => {
    waiting.push(() => response.end('ok'));
    if (waiting.length === 300) for (const answer of waiting) answer();
  });
  const proxy = await startProxy({ gateway }, { BUN_CONFIG_MAX_HTTP_REQUESTS: undefined });

  const replies = await Promise.all(Array.from({ length: 300 }, () => proxy.ask('/api/slow')));

  expect(replies.every((reply) => reply.status === 200)).toBe(true);
});
