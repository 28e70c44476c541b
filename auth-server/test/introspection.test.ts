import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisUrl } from '@doa-market/scripts/testing';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, startApp } from './support/app.ts';
import { basicOf, bearerOf, signedIn, WEB } from './support/client.ts';
import { startMembers } from './support/members.ts';
import { until } from './support/until.ts';

const MEMBER_SERVER = basicOf('member-server:member-server-development-secret');
let folder: string;
let members: Awaited<ReturnType<typeof startMembers>>;
let app: RunningApp;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doa-introspection-'));
  members = await startMembers();
  app = await startApp({
    REDIS_URL: redisUrl(),
    MEMBER_SERVICE_URL: members.url,
    JWT_KEYS_FILE: join(folder, 'keys.json'),
  });
});
afterEach(() => app.setAhead(0));
afterAll(async () => {
  await app.close();
  await members.close();
  await rm(folder, { recursive: true });
});

async function introspect(token: unknown): Promise<unknown> {
  const answer = await app.send('POST', '/api/auth/verify', { authorization: WEB, body: { token } });
  expect(answer.status).toBe(200);
  return answer.json();
}
const guestToken = async () => {
  const response = await app.send('POST', '/api/auth/guest', { authorization: WEB });
  return ((await response.json()) as { accessToken: string }).accessToken;
};
const serviceToken = async () => {
  const body = { audience: 'auth-server' };
  const response = await app.send('POST', '/internal/service-tokens', { authorization: MEMBER_SERVER, body });
  return ((await response.json()) as { accessToken: string }).accessToken;
};
const INACTIVE = { active: false };

describe('introspection', () => {
  it("says what a member's token says", async () => {
    const { member, tokens } = await signedIn(app);
    expect(await introspect(tokens.accessToken)).toEqual({
      active: true,
      tokenType: 'Bearer',
      iss: 'https://auth.doa.market',
      aud: 'doa-market',
      sub: member.memberId,
      sid: tokens.sessionId,
      jti: expect.any(String),
      role: 'MEMBER',
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
  });

  it("says that a guest's token is one", async () => {
    expect(await introspect(await guestToken())).toMatchObject({ active: true, role: 'GUEST' });
  });

  it('says that a token is over when its session was ended', async () => {
    const { tokens } = await signedIn(app);
    await introspect(tokens.accessToken);
    await app.send('POST', '/api/auth/logout', { authorization: bearerOf(tokens) });
    const over = async () =>
      JSON.stringify(await introspect(tokens.accessToken)) === JSON.stringify(INACTIVE);
    expect(await until(over)).toBeLessThan(1_000);
  });

  it('says that a token is over when its time is', async () => {
    const { tokens } = await signedIn(app);
    app.setAhead(870_000);
    expect(await introspect(tokens.accessToken)).toMatchObject({ active: true });
    app.setAhead(901_000);
    expect(await introspect(tokens.accessToken)).toEqual(INACTIVE);
  });

  it("says nothing of servers' tokens and of refresh tokens", async () => {
    const { tokens } = await signedIn(app);
    expect(await introspect(await serviceToken())).toEqual(INACTIVE);
    expect(await introspect(tokens.refreshToken)).toEqual(INACTIVE);
  });

  it("says nothing of a token that somebody else's key has signed", async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const token = await new SignJWT({ sub: 'x', role: 'ADMIN' })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'x' })
      .setExpirationTime('1h')
      .sign(privateKey);
    expect(await introspect(token)).toEqual(INACTIVE);
  });

  it.each(['x', '..', 'a.b.c', '\0', '김', 'Bearer x', 'x'.repeat(8_192)])(
    'of garbage says so',
    async (token) => {
      expect(await introspect(token)).toEqual(INACTIVE);
    },
  );

  it.each([
    {},
    { token: '' },
    { token: 1 },
    { token: null },
    { token: 'x'.repeat(8_193) },
    { token: 'x', hint: 'y' },
    [],
  ])('of %j is refused', async (body) => {
    const response = await app.send('POST', '/api/auth/verify', { authorization: WEB, body });
    expect(response.status).toBe(422);
  });

  it('is for known clients alone', async () => {
    const { tokens } = await signedIn(app);
    const body = { token: tokens.accessToken };
    for (const authorization of [bearerOf(tokens), MEMBER_SERVER, 'Basic d3Jvbmc6a2V5']) {
      expect((await app.send('POST', '/api/auth/verify', { authorization, body })).status).toBe(401);
    }
  });
});
