import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServiceTokens } from '@doa-market/common/auth';
import { createServiceClient } from '@doa-market/common/http';
import { createMetrics } from '@doa-market/common/metrics';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let server: Server;
let asked: { authorization: string | undefined; body: string }[];
let status: number;
let clock: number;
let serviceToken: () => Promise<string>;

beforeEach(async () => {
  asked = [];
  status = 200;
  clock = 0;
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push({ authorization: request.headers.authorization, body });
    response.statusCode = status;
    response.end(JSON.stringify({ accessToken: `token-${asked.length}`, expiresIn: 60 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  serviceToken = createServiceTokens({
    authServer: createServiceClient({
      name: 'auth-server',
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      timeout: 1_000,
      metrics: createMetrics('test-server'),
    }),
    serviceKey: 'test-server:secret',
    audience: 'other-server',
    now: () => clock,
  });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('the token with which a server calls another one', () => {
  it('is asked for with the key of the server, and for that callee', async () => {
    expect(await serviceToken()).toBe('token-1');
    const authorization = `Basic ${Buffer.from('test-server:secret').toString('base64')}`;
    expect(asked).toEqual([{ authorization, body: '{"audience":"other-server"}' }]);
  });

  it('is asked for once by all calls that need it at once', async () => {
    expect(new Set(await Promise.all(Array.from({ length: 20 }, serviceToken)))).toEqual(
      new Set(['token-1']),
    );
  });

  it('is kept until shortly before it ends', async () => {
    await serviceToken();
    clock = 49_000;
    expect(await serviceToken()).toBe('token-1');
    clock = 51_000;
    expect(await serviceToken()).toBe('token-2');
  });

  it('is asked for again after a failure', async () => {
    status = 503;
    await expect(serviceToken()).rejects.toThrow('auth-server: status 503');
    status = 200;
    expect(await serviceToken()).toBe('token-2');
  });
});
