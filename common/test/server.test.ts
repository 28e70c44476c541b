import { pbkdf2, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { ANY_MEMBER, createTokenVerifier, remoteKeySet } from '@doa-market/common/auth';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { problems } from '@doa-market/common/openapi';
import { type App, createApp } from '@doa-market/common/server';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

let authority: Authority;
let app: App;

const newApp = () =>
  createApp({
    name: 'test-server',
    description: 'A server of the tests.',
    logger: createLogger({ name: 'test-server', level: 'silent' }),
    metrics: createMetrics('test-server'),
    verifyToken: createTokenVerifier({
      issuer: authority.issuer,
      audience: ['doa-market', 'test-server'],
      keys: remoteKeySet(authority.url, 1_000).getKey,
    }),
    dependencies: [],
    bodyLimit: 1_000,
  });

beforeAll(async () => {
  authority = await startAuthority();
  app = await newApp();
  app.post(
    '/things/:id',
    {
      config: { access: 'public' },
      schema: {
        params: Type.Object({ id: Type.Integer() }),
        body: Type.Object(
          { name: Type.String(), size: Type.Optional(Type.Integer()) },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ name: Type.String() }), ...problems(422) },
      },
    },
    async (request) => ({ ...request.body, secret: 'must not leave' }),
  );
  app.get('/failure', { config: { access: 'public' } }, async () => {
    throw new Error('SELECT password FROM members at 10.0.0.1');
  });
  app.get('/for-members', { config: { access: ANY_MEMBER } }, async () => ({}));
  app.get('/internal/for-services', { config: { access: 'service' } }, async () => ({}));
  app.get('/internal/for-one-service', { config: { access: 'service:x' } }, async () => ({}));
  await app.ready();
});
afterAll(async () => {
  await app.close();
  await authority.close();
});

const post = (payload: object | string, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/things/1', payload, headers });

describe('a server with more to do than it can', () => {
  let busy: App;
  let url: string;
  const crowd = (path: string) => Promise.all(Array.from({ length: 12 }, () => fetch(url + path)));

  beforeAll(async () => {
    busy = await newApp();
    const work = async () => {
      for (const end = performance.now() + 100; performance.now() < end; );
      return {};
    };
    busy.get('/polls', { config: { access: 'public', sheddable: true } }, work);
    busy.get('/payments', { config: { access: 'public' } }, work);
    busy.get('/for-members', { config: { access: ANY_MEMBER } }, async () => ({}));
    url = await busy.listen({ host: '127.0.0.1', port: 0 });
    // From here on there are connections for all, so that all come at the same moment.
    await crowd('/health');
  });
  afterAll(() => busy.close());

  it('refuses what is asked again anyhow, says when, and gets over it', async () => {
    const answers = await crowd('/polls');
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(12 - refused.length);
    for (const answer of refused) {
      expect(await answer.json()).toMatchObject({ code: 'SYS_5003', instance: '/polls' });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(2);
    }
    await vi.waitFor(async () => expect((await fetch(`${url}/polls`)).status).toBe(200));
  });

  it('does so as well while signatures wait for the threads that check them', async () => {
    const newToken = () => authority.token('MEMBER', randomUUID());
    const ask = (token: string) =>
      fetch(`${url}/for-members`, { headers: { authorization: `Bearer ${token}` } });
    // The keys are there from now on, and all threads are at work.
    await ask(await newToken());
    const token = await newToken();
    const others = Array.from({ length: 12 }, () => promisify(pbkdf2)('a', 'b', 300_000, 64, 'sha512'));
    const member = ask(token);
    await vi.waitFor(async () => expect((await fetch(`${url}/polls`)).status).toBe(503), 5_000);
    expect((await member).status).toBe(200);
    expect((await fetch(`${url}/polls`)).status).toBe(200);
    await Promise.all(others);
  });

  it('refuses nothing else', async () => {
    const answers = await crowd('/payments');
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
  });
});

describe('a server', () => {
  it('does not start with a route that does not say who has access', async () => {
    const careless = await newApp();
    expect(() => careless.get('/open', async () => ({}))).toThrow(/does not say who has access/);
    await careless.close();
  });

  it('lets nothing out that the schema does not declare', async () => {
    const response = await post({ name: 'cup' });
    expect(response.json()).toEqual({ name: 'cup' });
  });

  it.each([
    ['an unknown field', { name: 'cup', colour: 'red' }, 'colour'],
    ['a missing field', {}, 'name'],
    ['a number as text', { name: 'cup', size: '1' }, 'size'],
  ])('answers 422 to %s and names it', async (_name, body, field) => {
    const response = await post(body);
    expect(response.statusCode).toBe(422);
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.json()).toMatchObject({ code: 'REQ_4220', errors: [{ field }], instance: '/things/1' });
  });

  it.each([
    ['malformed JSON', 400, 'REQ_4000', () => post('{', { 'content-type': 'application/json' })],
    ['a form', 415, 'REQ_4150', () => post('a=1', { 'content-type': 'application/x-www-form-urlencoded' })],
    ['a body over the limit', 413, 'REQ_4130', () => post({ name: 'x'.repeat(2_000) })],
    ['an unknown path', 404, 'REQ_4040', () => app.inject('/nowhere')],
    ['an unknown method', 405, 'REQ_4050', () => app.inject({ method: 'DELETE', url: '/things/1' })],
  ])('answers a problem document to %s', async (_name, status, code, send) => {
    const response = await send();
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ status, code });
  });

  it('names the methods that there are', async () => {
    const response = await app.inject({ method: 'DELETE', url: '/things/1' });
    expect(response.headers['allow']).toBe('POST');
  });

  it('says nothing of an unexpected error', async () => {
    const response = await app.inject('/failure');
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toMatch(/SELECT|10\.0\.0\.1|at /);
  });

  it('forbids caches to keep what does not say so on purpose', async () => {
    const response = await post({ name: 'cup' });
    expect(response.headers['cache-control']).toBe('private, no-store');
  });

  it("keeps the caller's request id where it is well formed, and makes one otherwise", async () => {
    const kept = await post({ name: 'cup' }, { 'x-request-id': 'caller-0001' });
    expect(kept.headers['x-request-id']).toBe('caller-0001');
    const made = await post({ name: 'cup' }, { 'x-request-id': 'two words' });
    expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['no token', '/for-members', undefined, 401],
    ['a guest', '/for-members', () => authority.token('GUEST'), 403],
    ['a member', '/for-members', () => authority.token('MEMBER'), 200],
    ['a member', '/internal/for-services', () => authority.token('MEMBER'), 403],
    [
      "another server's token",
      '/for-members',
      () => authority.token('SERVICE', 'service:x', { claims: { aud: 'test-server' } }),
      403,
    ],
    [
      "another server's token",
      '/internal/for-services',
      () => authority.token('SERVICE', 'service:x', { claims: { aud: 'test-server' } }),
      200,
    ],
    [
      'the one server that it is for',
      '/internal/for-one-service',
      () => authority.token('SERVICE', 'service:x', { claims: { aud: 'test-server' } }),
      200,
    ],
    [
      'another server',
      '/internal/for-one-service',
      () => authority.token('SERVICE', 'service:y', { claims: { aud: 'test-server' } }),
      403,
    ],
    [
      'a service token for somebody else',
      '/internal/for-services',
      () => authority.token('SERVICE', 'service:x', { claims: { aud: 'other-server' } }),
      401,
    ],
  ] as const)('decides for %s on %s', async (_name, url, token, status) => {
    const headers = token ? { authorization: `Bearer ${await token()}` } : {};
    const response = await app.inject({ url, headers });
    expect(response.statusCode).toBe(status);
    if (status === 401) expect(response.headers['www-authenticate']).toMatch(/^Bearer realm/);
  });

  it('refuses a bad token on a public route too', async () => {
    const response = await app.inject({ url: '/failure', headers: { authorization: 'Bearer nonsense' } });
    expect(response.statusCode).toBe(401);
  });

  it('answers /health, /ready and /metrics, and documents itself', async () => {
    expect((await app.inject('/health')).json()).toEqual({ status: 'ok' });
    expect((await app.inject('/ready')).json()).toEqual({ status: 'ready', checks: {} });
    expect((await app.inject('/metrics')).body).toContain('http_request_duration_seconds');
    expect((await app.inject('/docs/json')).json()).toMatchObject({
      openapi: '3.1.0',
      paths: { '/things/{id}': {} },
    });
    expect((await app.inject('/docs')).headers['content-type']).toContain('text/html');
    expect((await app.inject('/docs/swagger-ui.css')).statusCode).toBe(200);
  });
});
