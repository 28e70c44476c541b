import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Redis, startRedis } from '@doa-market/scripts/redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningApp, startApp } from './support/app.ts';
import { bearerOf, signedIn, WEB } from './support/client.ts';
import { startFastify, type TestFastify } from './support/fastify.ts';
import { PASSWORD, someMember, startMembers } from './support/members.ts';
import { until } from './support/until.ts';

let folder: string;
let redis: Redis;
let members: Awaited<ReturnType<typeof startMembers>>;
let app: RunningApp;
let neighbour: TestFastify;

/** As the local stack runs it. */
const startDurable = (port?: number) =>
  startRedis({ dataDir: join(folder, 'redis'), durable: true, ...(port && { port }) });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doa-outage-'));
  redis = await startDurable();
  members = await startMembers();
  app = await startApp({
    REDIS_URL: redis.url,
    MEMBER_SERVICE_URL: members.url,
    JWT_KEYS_FILE: join(folder, 'keys.json'),
  });
  neighbour = await startFastify(app.url, redis.url);
});
afterEach(async () => {
  await neighbour.close();
  await app.close();
  await members.close();
  await redis.stop();
  await rm(folder, { recursive: true });
});

const introspect = async (token: string): Promise<unknown> => {
  const answer = await app.send('POST', '/api/auth/verify', { authorization: WEB, body: { token } });
  return answer.json();
};

describe('while Redis is away', () => {
  it('whatever needs a session is answered 503 with Retry-After', async () => {
    const { member, tokens } = await signedIn(app);
    const { sessionId, refreshToken } = tokens;
    await redis.stop();
    const authorization = bearerOf(tokens);
    const attempts: [string, string, object][] = [
      ['POST', '/api/auth/login', { authorization: WEB, body: { email: member.email, password: PASSWORD } }],
      ['POST', '/api/auth/refresh', { authorization: WEB, body: { refreshToken } }],
      ['POST', '/api/auth/logout', { authorization }],
      ['POST', '/api/auth/logout', { authorization: WEB, body: { refreshToken } }],
      ['POST', '/api/auth/logout-all', { authorization }],
      ['GET', '/api/auth/sessions', { authorization }],
      ['DELETE', `/api/auth/sessions/${sessionId}`, { authorization }],
    ];
    for (const [method, path, sent] of attempts) {
      const response = await app.send(method, path, sent);
      expect([method, path, response.status]).toEqual([method, path, 503]);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await response.json()).toMatchObject({ code: 'SYS_5003' });
    }
  });

  it('access tokens go on being believed, and guests are welcome', async () => {
    const { member, tokens } = await signedIn(app);
    await redis.stop();
    expect((await neighbour.ask(tokens.accessToken)).status).toBe(200);
    expect(await introspect(tokens.accessToken)).toMatchObject({ active: true, sub: member.memberId });
    expect((await app.send('POST', '/api/auth/guest', { authorization: WEB })).status).toBe(201);
    expect(await neighbour.ready()).toMatchObject({
      status: 'degraded',
      checks: { redis: { status: 'down', required: false } },
    });
  });

  it('a session that is known to have ended does not come back', async () => {
    const { tokens } = await signedIn(app);
    await app.send('POST', '/api/auth/logout', { authorization: bearerOf(tokens) });
    await until(async () => (await neighbour.ask(tokens.accessToken)).status === 401);
    await redis.stop();
    const outlived = performance.now() + 1_500;
    await until(async () => {
      expect((await neighbour.ask(tokens.accessToken)).status).toBe(401);
      return performance.now() > outlived;
    });
  });
});

describe('a restart of Redis', () => {
  it('costs no session, brings back none that was ended, and is answered with 503 at worst', async () => {
    const [mine, ended] = [await signedIn(app), await signedIn(app)];
    const refreshed = await app.refreshed(mine.tokens.refreshToken);
    await app.send('POST', '/api/auth/logout', { authorization: bearerOf(ended.tokens) });

    const statuses = new Set<number>();
    let running = true;
    const callers = [
      async () => (await app.sessions(refreshed)).status,
      async () => (await app.refresh(ended.tokens.refreshToken)).status,
      async () => (await neighbour.ask(refreshed.accessToken)).status,
      async () =>
        (await app.send('GET', '/api/auth/sessions', { authorization: bearerOf(refreshed) })).status,
    ].map(async (call) => {
      while (running) statuses.add(await call());
    });
    await until(async () => statuses.has(200));
    await redis.stop();
    await until(async () => statuses.has(503));
    redis = await startDurable(redis.port);
    await until(async () => (await app.sessions(refreshed)).status === 200);
    running = false;
    await Promise.all(callers);
    expect([...statuses].sort()).toEqual([200, 401, 503]);

    const next = await app.refreshed(refreshed.refreshToken);
    expect(next.sessionId).toBe(mine.tokens.sessionId);
    expect((await app.refresh(ended.tokens.refreshToken)).status).toBe(401);
    await until(async () => (await neighbour.ask(ended.tokens.accessToken)).status === 401);
    await expect(app.login(someMember())).resolves.toBeDefined();
  });
});
