import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionTokens } from '@doa-market/common/contracts';
import { redisUrl } from '@doa-market/scripts/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, startApp } from './support/app.ts';
import { basicOf, bearerOf, signedIn, WEB } from './support/client.ts';
import { startFastify, type TestFastify } from './support/fastify.ts';
import { someMember, startMembers } from './support/members.ts';
import { until } from './support/until.ts';

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const APP = 'doa-app:a-secret-of-the-tests';
const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140';

let folder: string;
let members: Awaited<ReturnType<typeof startMembers>>;
let app: RunningApp;
let neighbour: TestFastify;
let redis: Redis;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doa-sessions-'));
  members = await startMembers();
  redis = new Redis(redisUrl());
  app = await startApp({
    REDIS_URL: redisUrl(),
    MEMBER_SERVICE_URL: members.url,
    JWT_KEYS_FILE: join(folder, 'keys.json'),
    AUTH_CLIENTS: APP,
  });
  neighbour = await startFastify(app.url, redisUrl());
});
afterEach(() => app.setAhead(0));
afterAll(async () => {
  await neighbour.close();
  await app.close();
  redis.disconnect();
  await members.close();
  await rm(folder, { recursive: true });
});

interface Listed {
  id: string;
  current: boolean;
  device: string;
  address: string;
  createdAt: string;
  lastUsedAt: string;
}
async function listed(tokens: SessionTokens): Promise<Listed[]> {
  const response = await app.sessions(tokens);
  expect(response.status).toBe(200);
  return ((await response.json()) as { data: Listed[] }).data;
}
const idsOf = async (tokens: SessionTokens) => (await listed(tokens)).map(({ id }) => id);

const logout = (authorization: string, body?: object) =>
  app.send('POST', '/api/auth/logout', { authorization, ...(body && { body }) });
const revoke = (tokens: SessionTokens, sid: string) =>
  app.send('DELETE', `/api/auth/sessions/${sid}`, { authorization: bearerOf(tokens) });

/** The session is over for the gateway at once, for other servers within a second, and for its refresh token. */
async function expectOver(tokens: SessionTokens): Promise<void> {
  expect(await redis.get(`revoked:sid:${tokens.sessionId}`)).toBe('1');
  expect(await redis.ttl(`revoked:sid:${tokens.sessionId}`)).toBeGreaterThanOrEqual(tokens.expiresIn);
  const isRefused = async () => (await neighbour.ask(tokens.accessToken)).status === 401;
  expect(await until(isRefused)).toBeLessThan(SECOND);
  const refused = await neighbour.ask(tokens.accessToken);
  expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"');
  expect(await refused.json()).toMatchObject({ code: 'AUTH_1005' });
  expect(await until(async () => (await app.sessions(tokens)).status === 401)).toBeLessThan(SECOND);
  expect((await app.refresh(tokens.refreshToken)).status).toBe(401);
}

/** A member who has been seen by the other server, which therefore remembers that the session is open. */
async function wellKnown() {
  const { member, tokens } = await signedIn(app);
  expect((await neighbour.ask(tokens.accessToken)).status).toBe(200);
  return { member, tokens };
}

describe('a logout', () => {
  it('with the access token ends the session everywhere', async () => {
    const { tokens } = await wellKnown();
    expect((await logout(bearerOf(tokens))).status).toBe(204);
    await expectOver(tokens);
  });

  it('with the refresh token ends the session everywhere', async () => {
    const { tokens } = await wellKnown();
    expect((await logout(WEB, { refreshToken: tokens.refreshToken })).status).toBe(204);
    await expectOver(tokens);
  });

  it('with a refresh token that was used ends the session all the same', async () => {
    const { tokens } = await wellKnown();
    const next = await app.refreshed(tokens.refreshToken);
    expect((await logout(WEB, { refreshToken: tokens.refreshToken })).status).toBe(204);
    await expectOver(next);
  });

  it('is done when the session has gone already', async () => {
    const { tokens } = await wellKnown();
    await logout(bearerOf(tokens));
    await expectOver(tokens);
    expect((await logout(bearerOf(tokens))).status).toBe(204);
    expect((await logout(WEB, { refreshToken: tokens.refreshToken })).status).toBe(204);
  });

  it('leaves the other devices signed in', async () => {
    const { member, tokens } = await wellKnown();
    const phone = await app.login(member);
    await logout(bearerOf(tokens));
    await expectOver(tokens);
    expect((await neighbour.ask(phone.accessToken)).status).toBe(200);
    expect(await idsOf(phone)).toEqual([phone.sessionId]);
  });

  it('by another client changes nothing', async () => {
    const { tokens } = await wellKnown();
    const response = await logout(basicOf(APP), { refreshToken: tokens.refreshToken });
    expect(response.status).toBe(204);
    await expect(app.refreshed(tokens.refreshToken)).resolves.toBeDefined();
  });

  it('with a refresh token that is none is done, and changes nothing', async () => {
    const { tokens } = await wellKnown();
    const forged = `${tokens.refreshToken.slice(0, 40)}${'A'.repeat(49)}`;
    for (const refreshToken of [forged, 'nonsense', `rt_${'A'.repeat(86)}`]) {
      expect((await logout(WEB, { refreshToken })).status).toBe(204);
    }
    await expect(app.refreshed(tokens.refreshToken)).resolves.toBeDefined();
  });

  it('of a guest ends the token of the guest', async () => {
    const guest = await app.send('POST', '/api/auth/guest', { authorization: WEB });
    const { accessToken } = (await guest.json()) as { accessToken: string };
    expect((await neighbour.ask(accessToken)).status).toBe(200);
    expect((await logout(`Bearer ${accessToken}`)).status).toBe(204);
    expect(await until(async () => (await neighbour.ask(accessToken)).status === 401)).toBeLessThan(SECOND);
  });

  it.each([
    ['no credentials', '', undefined, 401, 'AUTH_1001'],
    ['a token that is none', 'Bearer nonsense', undefined, 401, 'AUTH_1002'],
    ['a client that nobody knows', 'Basic d3Jvbmc6a2V5', { refreshToken: 'x' }, 401, 'AUTH_1001'],
    ['a client and no refresh token', WEB, undefined, 422, 'REQ_4220'],
    ['a client and an empty body', WEB, {}, 422, 'REQ_4220'],
    ['a refresh token that is no text', WEB, { refreshToken: 1 }, 422, 'REQ_4220'],
    ['an unknown field', WEB, { refreshToken: 'x', all: true }, 422, 'REQ_4220'],
  ])('with %s is refused', async (_name, authorization, body, status, code) => {
    const response = await logout(authorization, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });
});

describe('a logout everywhere', () => {
  it('ends every session of the member within a second, this one too, and nobody else’s', async () => {
    const { member, tokens } = await wellKnown();
    const phone = await app.login(member);
    await neighbour.ask(phone.accessToken);
    const stranger = await wellKnown();
    const response = await app.send('POST', '/api/auth/logout-all', { authorization: bearerOf(tokens) });
    expect(response.status).toBe(204);
    await Promise.all([expectOver(tokens), expectOver(phone)]);
    expect((await neighbour.ask(stranger.tokens.accessToken)).status).toBe(200);
    const again = await app.login(member);
    expect(await idsOf(again)).toEqual([again.sessionId]);
  });

  it('lets no refresh that runs at the same time live on', async () => {
    const { member, tokens } = await wellKnown();
    const others = await Promise.all(Array.from({ length: 5 }, () => app.login(member)));
    const refreshes = others.map((it) => app.refresh(it.refreshToken));
    await app.send('POST', '/api/auth/logout-all', { authorization: bearerOf(tokens) });
    for (const response of await Promise.all(refreshes)) {
      if (response.status === 200) await expectOver((await response.json()) as SessionTokens);
      else expect(response.status).toBe(401);
    }
  });

  it('is not for guests', async () => {
    const guest = await app.send('POST', '/api/auth/guest', { authorization: WEB });
    const { accessToken } = (await guest.json()) as { accessToken: string };
    const response = await app.send('POST', '/api/auth/logout-all', {
      authorization: `Bearer ${accessToken}`,
    });
    expect(response.status).toBe(403);
  });
});

describe('the list of sessions', () => {
  it('shows each device, the last used first, and which one asks', async () => {
    const member = someMember();
    const desk = await app.login(member, { 'user-agent': CHROME, 'x-forwarded-for': '203.0.113.77' });
    app.setAhead(60 * SECOND);
    const phone = await app.login(member, {
      'user-agent': 'DoaApp/1.0',
      'x-forwarded-for': '2001:db8:1:2:3::4',
    });
    expect(await listed(desk)).toEqual([
      {
        id: phone.sessionId,
        current: false,
        device: 'DoaApp/1.0',
        address: '2001:db8:1:2::',
        createdAt: expect.stringMatching(/Z$/),
        lastUsedAt: expect.stringMatching(/Z$/),
      },
      expect.objectContaining({
        id: desk.sessionId,
        current: true,
        device: CHROME,
        address: '203.0.113.0',
      }),
    ]);
  });

  it('puts a session that was refreshed first, and says when it was used', async () => {
    const { member, tokens } = await signedIn(app);
    await app.login(member);
    app.setAhead(3_600 * SECOND);
    const refreshed = await app.refreshed(tokens.refreshToken);
    const [first] = await listed(refreshed);
    expect(first).toMatchObject({ id: tokens.sessionId, current: true });
    const between = Date.parse(first?.lastUsedAt ?? '') - Date.parse(first?.createdAt ?? '');
    expect(between).toBeGreaterThanOrEqual(3_600 * SECOND);
  });

  it('leaves out what has expired', async () => {
    const { member } = await signedIn(app);
    app.setAhead(8 * DAY);
    const later = await app.login(member);
    expect(await idsOf(later)).toEqual([later.sessionId]);
  });

  it('holds fifty sessions at most: another login ends the one that was used the longest time ago', {
    timeout: 60_000,
  }, async () => {
    const { member, tokens } = await signedIn(app);
    const clock = 10 * SECOND;
    for (let login = 1; login <= 49; login += 1) {
      app.setAhead(login * clock);
      await app.login(member);
    }
    expect(await listed(tokens)).toHaveLength(50);
    app.setAhead(50 * clock);
    const last = await app.login(member);
    const ids = await idsOf(last);
    expect(ids).toHaveLength(50);
    expect(ids).not.toContain(tokens.sessionId);
    expect((await app.refresh(tokens.refreshToken)).status).toBe(401);
    expect(await redis.get(`revoked:sid:${tokens.sessionId}`)).toBe('1');
  });

  it.each([
    ['no token', undefined, 401],
    ['a token that is none', 'Bearer x.y.z', 401],
    ['client credentials', WEB, 401],
  ])('is not shown to %s', async (_name, authorization, status) => {
    const response = await app.send('GET', '/api/auth/sessions', { ...(authorization && { authorization }) });
    expect(response.status).toBe(status);
  });
});

describe('the end of one session', () => {
  it('is decided by the member on another device, and takes effect within a second', async () => {
    const { member, tokens } = await wellKnown();
    const phone = await app.login(member);
    await neighbour.ask(phone.accessToken);
    expect((await revoke(tokens, phone.sessionId)).status).toBe(204);
    await expectOver(phone);
    expect(await idsOf(tokens)).toEqual([tokens.sessionId]);
    expect((await revoke(tokens, phone.sessionId)).status).toBe(404);
  });

  it("is 404 for another member's session, which lives on", async () => {
    const [mine, theirs] = [await wellKnown(), await wellKnown()];
    const response = await revoke(mine.tokens, theirs.tokens.sessionId);
    expect(response.status).toBe(404);
    const unknown = await revoke(mine.tokens, randomUUID());
    expect(unknown.status).toBe(404);
    const [one, other] = [await response.json(), await unknown.json()] as { detail: string; code: string }[];
    expect([one?.code, one?.detail]).toEqual([other?.code, other?.detail]);
    expect(await redis.exists(`revoked:sid:${theirs.tokens.sessionId}`)).toBe(0);
    await expect(app.refreshed(theirs.tokens.refreshToken)).resolves.toBeDefined();
  });

  it.each(['x', '%00', '..%2f..', '*', '김', 'A'.repeat(2_000), '{revoked:sid:x}'])(
    'is refused for an id like %s',
    async (sid) => {
      const { tokens } = await signedIn(app);
      const response = await revoke(tokens, sid);
      expect([404, 422]).toContain(response.status);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    },
  );
});

describe('another server', () => {
  const serviceToken = async (audience: string) => {
    const response = await app.send('POST', '/internal/service-tokens', {
      authorization: basicOf('member-server:member-server-development-secret'),
      body: { audience },
    });
    return ((await response.json()) as { accessToken: string }).accessToken;
  };
  const endAll = (memberId: string, token: string) =>
    app.send('POST', `/internal/members/${memberId}/sessions/end`, { authorization: `Bearer ${token}` });

  it('ends all sessions of a member whose role has changed', async () => {
    const { member, tokens } = await wellKnown();
    expect((await endAll(member.memberId, await serviceToken('auth-server'))).status).toBe(204);
    await expectOver(tokens);
  });

  it.each([
    ['a service token for somebody else', async () => serviceToken('product-server'), 401],
    ['a token of the member', async () => (await signedIn(app)).tokens.accessToken, 403],
    ['nonsense', async () => 'nonsense', 401],
  ])('ends none with %s', async (_name, token, status) => {
    const { member, tokens } = await signedIn(app);
    expect((await endAll(member.memberId, await token())).status).toBe(status);
    await expect(app.refreshed(tokens.refreshToken)).resolves.toBeDefined();
  });

  it('is told which id is none', async () => {
    expect((await endAll('x', await serviceToken('auth-server'))).status).toBe(422);
  });
});
