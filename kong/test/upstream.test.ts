import { get } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { until } from '@doa-market/common/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { external, type Market, openMarket } from './support/market.ts';

const TEMPLATE = `
_format_version: "3.0"
services:
  - name: impatient
    url: \${BFF_SERVICE_URL}
    read_timeout: 200
    retries: 0
    routes:
      - { name: slow, paths: [/slow], strip_path: false }
      - { name: slow-buffered, paths: [/slow-buffered], strip_path: false, plugins: [{ name: idempotency }] }
      - name: kept
        paths: [/kept]
        strip_path: false
        plugins:
          - name: simple-redis-cache
            config: { warmup_token: a-warm-up-token, redis: { host: "\${REDIS_HOST}", port: \${REDIS_PORT} } }
  - name: named
    url: \${NAMED_SERVICE_URL}
    retries: 2
    routes:
      - { name: named, paths: [/named], strip_path: false }
  - name: streaming
    url: \${QUEUE_SERVICE_URL}
    routes:
      - { name: streams, paths: [/streams], strip_path: false, response_buffering: false }
      - { name: uploads, paths: [/uploads], strip_path: false, request_buffering: false, response_buffering: false }
  - name: nobody
    url: http://127.0.0.1:1
    retries: 2
    routes:
      - { name: nobody, paths: [/nobody] }
  - name: switched-off
    url: \${BFF_SERVICE_URL}
    enabled: false
    routes:
      - { name: switched-off, paths: [/switched-off] }
plugins:
  - { name: wire-format }
  - { name: correlation-id, config: { header_name: X-Request-Id, echo_downstream: true, generator: uuid } }
`;

let market: Market;

beforeAll(async () => {
  if (external) return;
  market = await openMarket({
    template: TEMPLATE,
    env: { NAMED_SERVICE_URL: ({ member }) => `http://localhost:${member.port}` },
  });
});

afterEach(() => {
  market?.services.bff.reset();
  market?.services.queue.reset();
});

afterAll(() => market?.close());

describe.skipIf(external)('a service that is too slow', () => {
  it.each(['/slow', '/slow-buffered'])('is a problem of 504 at %s', async (path) => {
    market.services.bff.reply = () => undefined;
    const answer = await market.get(path);
    expect(answer.status).toBe(504);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json).toMatchObject({
      code: 'SYS_5004',
      instance: path,
      requestId: answer.headers['x-request-id'],
    });
    expect(market.services.bff.seen).toHaveLength(1);
  });
});

/** All that comes over the connection. */
async function bytesOf(path: string): Promise<string> {
  const { hostname, port } = new URL(market.gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  return text(socket);
}

describe.skipIf(external)('an old answer that stands in', () => {
  it.each(['', 'with a body'])('has the very bytes that it had: "%s"', async (body) => {
    market.services.bff.reply = (response) =>
      response.writeHead(302, { location: '/elsewhere', 'cache-control': 'public, s-maxage=1' }).end(body);
    await market.redis.client.del('cache:GET:/kept');
    expect((await market.get('/kept')).headers['x-cache-status']).toBe('MISS');
    const freshUntil = async () => Number(await market.redis.client.hget('cache:GET:/kept', 'fresh'));
    await until(async () => (await freshUntil()) < Date.now(), 'its end');

    market.services.bff.reply = (response) => void response.socket?.destroy();
    const bytes = await bytesOf('/kept');
    expect(bytes).toMatch(/^HTTP\/1\.1 302 /);
    expect(bytes).toMatch(/\r\nX-Cache-Status: STALE\r\n/i);
    expect(bytes.slice(bytes.indexOf('\r\n\r\n') + 4)).toBe(body);
  });
});

describe.skipIf(external)('a service that is not there', () => {
  it('is a problem of 502', async () => {
    expect((await market.get('/nobody')).json).toMatchObject({ status: 502, code: 'SYS_5002' });
  });

  it('is not even asked when it is switched off', async () => {
    expect((await market.get('/switched-off')).status).toBe(404);
  });
});

describe.skipIf(external)('a service with a name', () => {
  it('is found, and called by it', async () => {
    const answer = await market.get('/named');
    expect(answer.json).toMatchObject({ service: 'member' });
    expect(answer.json['headers']).toMatchObject({ host: `localhost:${market.services.member.port}` });
  });
});

describe.skipIf(external)('a route without buffering', () => {
  it('passes an answer on as it comes', async () => {
    let finish: () => void = () => undefined;
    market.services.queue.reply = (response) => {
      response.write('first ');
      finish = () => response.end('second');
    };
    const parts: string[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      get(`${market.gateway.url}/streams`, (response) => {
        response.on('data', (part: Buffer) => parts.push(part.toString()));
        response.on('end', resolve);
      }).on('error', reject);
    });
    await until(() => parts.length === 1, 'the first part');
    finish();
    await ended;
    expect(parts.join('')).toBe('first second');
  });

  it('passes a body on whole, in one piece or in many', async () => {
    const body = Buffer.alloc(2_000_000, 'u');
    for (const sent of [body, [body.subarray(0, 700_000), body.subarray(700_000)]]) {
      market.services.queue.reset();
      const headers = Array.isArray(sent) ? { 'transfer-encoding': 'chunked' } : {};
      const answer = await market.get('/uploads', { method: 'POST', headers, body: sent });
      expect(answer.status).toBe(200);
      expect(market.services.queue.seen[0]?.body.equals(body)).toBe(true);
    }
  });
});
