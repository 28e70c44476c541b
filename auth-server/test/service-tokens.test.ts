import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServiceTokens, createTokenVerifier, remoteKeySet } from '@doa-market/common/auth';
import { createServiceClient } from '@doa-market/common/http';
import { createMetrics } from '@doa-market/common/metrics';
import { redisUrl } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, startApp } from './support/app.ts';
import { basicOf, WEB } from './support/client.ts';

const QUEUE_SERVER = 'queue-server:queue-server-development-secret';
let folder: string;
let app: RunningApp;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doa-service-tokens-'));
  app = await startApp({ REDIS_URL: redisUrl(), JWT_KEYS_FILE: join(folder, 'keys.json') });
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

const ask = (client: string, body: unknown) =>
  app.send('POST', '/internal/service-tokens', { authorization: basicOf(client), body });
const verifierFor = (audience: string) =>
  createTokenVerifier({
    issuer: 'https://auth.doa.market',
    audience: [audience],
    keys: remoteKeySet(app.url, 1_000).getKey,
  });

describe('a service token', () => {
  it('names the server that asked, and is good at one other for a minute', async () => {
    const response = await ask(QUEUE_SERVER, { audience: 'member-server' });
    expect(response.status).toBe(200);
    const { accessToken, expiresIn } = (await response.json()) as { accessToken: string; expiresIn: number };
    expect(expiresIn).toBe(60);
    const claims = await verifierFor('member-server')(accessToken);
    expect(claims).toMatchObject({ sub: 'service:queue-server', role: 'SERVICE', aud: 'member-server' });
    expect(claims.exp - claims.iat).toBe(60);
    await expect(verifierFor('product-server')(accessToken)).rejects.toMatchObject({ status: 401 });
  });

  it('is what the servers’ own client asks for', async () => {
    const authServer = createServiceClient({
      name: 'auth-server',
      baseUrl: app.url,
      timeout: 1_000,
      metrics: createMetrics('test'),
    });
    const token = createServiceTokens({ authServer, serviceKey: QUEUE_SERVER, audience: 'product-server' });
    expect(await verifierFor('product-server')(await token())).toMatchObject({ role: 'SERVICE' });
    await authServer.close();
  });

  it.each([
    ['a wrong secret', 'queue-server:wrong-secret-wrong-secret'],
    ["another server's secret", 'queue-server:member-server-development-secret'],
    ['a server that nobody knows', 'evil-server:queue-server-development-secret'],
    ['the client of the storefront', 'doa-web:doa-web-development-secret'],
  ])('is not given to %s', async (_name, client) => {
    expect((await ask(client, { audience: 'member-server' })).status).toBe(401);
  });

  it.each([
    ['end users', { audience: 'doa-market' }],
    ['a server that is none', { audience: 'evil-server' }],
    ['several at once', { audience: ['member-server', 'auth-server'] }],
    ['nobody', {}],
  ])('is not made for %s', async (_name, body) => {
    expect((await ask(QUEUE_SERVER, body)).status).toBe(422);
  });

  it('takes no key of a server for a client of visitors', async () => {
    const response = await app.send('POST', '/api/auth/guest', { authorization: basicOf(QUEUE_SERVER) });
    expect(response.status).toBe(401);
    expect((await app.send('POST', '/api/auth/guest', { authorization: WEB })).status).toBe(201);
  });
});
