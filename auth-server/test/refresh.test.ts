import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionTokens } from '@doa-market/common/contracts';
import { redisUrl } from '@doa-market/scripts/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, startApp } from './support/app.ts';
import { basicOf, bearerOf, signedIn } from './support/client.ts';
import { startMembers } from './support/members.ts';
import { until } from './support/until.ts';

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const APP = 'doa-app:a-secret-of-the-tests';

let folder: string;
let members: Awaited<ReturnType<typeof startMembers>>;
let app: RunningApp;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doa-refresh-'));
  members = await startMembers();
  app = await startApp({
    REDIS_URL: redisUrl(),
    MEMBER_SERVICE_URL: members.url,
    JWT_KEYS_FILE: join(folder, 'keys.json'),
    AUTH_CLIENTS: APP,
  });
});
afterEach(() => app.setAhead(0));
afterAll(async () => {
  await app.close();
  await members.close();
  await rm(folder, { recursive: true });
});

async function expectRefused(refreshToken: unknown, authorization?: string) {
  const response = await app.refresh(refreshToken, authorization);
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toMatch(/^Basic/);
  expect(await response.json()).toMatchObject({ code: 'AUTH_1009' });
}
const accessOf = async (tokens: SessionTokens) => (await app.sessions(tokens)).status;
const ended = (tokens: SessionTokens) => until(async () => (await accessOf(tokens)) === 401, 2 * SECOND);

describe('a refresh', () => {
  it('gives new tokens of the same session, which nobody may store', async () => {
    const { member, tokens } = await signedIn(app);
    const response = await app.refresh(tokens.refreshToken);
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    const next = (await response.json()) as SessionTokens;
    expect(next).toEqual({
      accessToken: expect.stringMatching(/^ey/),
      tokenType: 'Bearer',
      expiresIn: 900,
      role: 'MEMBER',
      memberId: member.memberId,
      sessionId: tokens.sessionId,
      refreshToken: expect.stringMatching(/^rt_[\w-]{86}$/),
      refreshExpiresIn: 7 * 86_400,
    });
    expect(next.refreshToken).not.toBe(tokens.refreshToken);
    expect(await accessOf(next)).toBe(200);
  });

  it('gives the same successor when it is asked again within the grace', async () => {
    const { tokens } = await signedIn(app);
    const first = await app.refreshed(tokens.refreshToken);
    app.setAhead(5 * SECOND);
    const again = await app.refreshed(tokens.refreshToken);
    expect(again.refreshToken).toBe(first.refreshToken);
    expect(await app.refreshed(first.refreshToken)).toMatchObject({ sessionId: tokens.sessionId });
  });

  it('ends the family when a used token comes back after the grace, and tells the member', async () => {
    const { member, tokens } = await signedIn(app);
    const thief = await app.refreshed(tokens.refreshToken);
    app.setAhead(10 * SECOND);
    await expectRefused(tokens.refreshToken);
    await expectRefused(thief.refreshToken);
    await ended(thief);
    const other = await app.login(member);
    const events = await app.send('GET', '/api/auth/events', { authorization: bearerOf(other) });
    expect(await events.json()).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ type: 'REFRESH_REUSED' })]),
    });
  });

  it('ends the family when a token before the last comes back, however soon', async () => {
    const { tokens } = await signedIn(app);
    const second = await app.refreshed(tokens.refreshToken);
    const third = await app.refreshed(second.refreshToken);
    await expectRefused(tokens.refreshToken);
    await expectRefused(third.refreshToken);
    await ended(third);
  });

  it('leaves the other sessions of the member alone when one family ends', async () => {
    const { member, tokens } = await signedIn(app);
    const other = await app.login(member);
    await app.refreshed(tokens.refreshToken);
    app.setAhead(11 * SECOND);
    await expectRefused(tokens.refreshToken);
    await expect(app.refreshed(other.refreshToken)).resolves.toMatchObject({ sessionId: other.sessionId });
  });

  it('of another client is refused and consumes nothing', async () => {
    const { tokens } = await signedIn(app);
    await expectRefused(tokens.refreshToken, basicOf(APP));
    const next = await app.refreshed(tokens.refreshToken);
    app.setAhead(11 * SECOND);
    // Not even a used token ends anything in the hands of another client.
    await expectRefused(tokens.refreshToken, basicOf(APP));
    await expect(app.refreshed(next.refreshToken)).resolves.toMatchObject({ sessionId: tokens.sessionId });
  });

  it.each([undefined, 'Basic d3Jvbmc6a2V5', 'Bearer x'])(
    'is not given to a client that authenticates with %s',
    async (authorization) => {
      const { tokens } = await signedIn(app);
      const response = await app.send('POST', '/api/auth/refresh', {
        ...(authorization && { authorization }),
        body: { refreshToken: tokens.refreshToken },
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: 'AUTH_1001' });
    },
  );
});

describe('a refresh token that was made up', () => {
  const bytesOf = (token: string) => Buffer.from(token.slice(3), 'base64url');
  const tokenOf = (bytes: Buffer) => `rt_${bytes.toString('base64url')}`;
  const changed = (token: string, from: number, to: number) => {
    const bytes = bytesOf(token);
    for (let index = from; index < to; index += 1) bytes[index] = (bytes[index] ?? 0) ^ 0xff;
    return tokenOf(bytes);
  };

  it.each([
    ['another secret', (token: string) => changed(token, 16, 48)],
    ['one bit of its secret changed', (token: string) => changed(token, 47, 48)],
    ['another tag', (token: string) => changed(token, 48, 64)],
    [
      'an empty tag',
      (token: string) => tokenOf(Buffer.concat([bytesOf(token).subarray(0, 48), Buffer.alloc(16)])),
    ],
  ])('with the id of a living session and %s does not touch the session', async (_name, forge) => {
    const { tokens } = await signedIn(app);
    const next = await app.refreshed(tokens.refreshToken);
    app.setAhead(11 * SECOND);
    await expectRefused(forge(tokens.refreshToken));
    await expectRefused(forge(next.refreshToken));
    expect(await accessOf(next)).toBe(200);
    await expect(app.refreshed(next.refreshToken)).resolves.toMatchObject({ sessionId: tokens.sessionId });
  });

  it("with the tag of one session is no token of another member's", async () => {
    const [mine, theirs] = [await signedIn(app), await signedIn(app)];
    const bytes = bytesOf(mine.tokens.refreshToken);
    bytesOf(theirs.tokens.refreshToken).copy(bytes, 0, 0, 16);
    await expectRefused(tokenOf(bytes));
    await expect(app.refreshed(theirs.tokens.refreshToken)).resolves.toBeDefined();
  });

  it.each([
    ['a letter', 'x'],
    ['a prefix alone', 'rt_'],
    ['zeros', `rt_${'A'.repeat(86)}`],
    ['one letter less', `rt_${'A'.repeat(85)}`],
    ['one letter more', `rt_${'A'.repeat(87)}`],
    ['another alphabet', `rt_${'%'.repeat(86)}`],
    ['another prefix', `RT_${'A'.repeat(86)}`],
    ['a NUL', 'rt_\0'],
    ['an unsigned JWT', 'eyJhbGciOiJub25lIn0.e30.'],
    ['Korean', '리프레시'],
    ['a path', '../../etc/passwd'],
    ['a query', '{"$gt":""}'],
  ])('of %s is answered like one that is over', (_name, token) => expectRefused(token));

  it.each([
    { refreshToken: undefined },
    { refreshToken: null },
    { refreshToken: 1 },
    { refreshToken: true },
    { refreshToken: [] },
    { refreshToken: {} },
    { refreshToken: '' },
    { refreshToken: ['x'] },
    { refreshToken: 'x'.repeat(201) },
  ])('is a text, and not $refreshToken', async ({ refreshToken }) => {
    const response = await app.refresh(refreshToken);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ field: 'refreshToken' }] });
  });
});

describe('a session', () => {
  it('ends when nobody uses it for seven days', async () => {
    const { tokens } = await signedIn(app);
    app.setAhead(7 * DAY - 60 * SECOND);
    const next = await app.refreshed(tokens.refreshToken);
    app.setAhead(14 * DAY);
    await expectRefused(next.refreshToken);
  });

  it('ends after thirty days however much it is used, and so does its last access token', async () => {
    const { tokens } = await signedIn(app);
    let { refreshToken } = tokens;
    for (const day of [6, 12, 18, 24]) {
      app.setAhead(day * DAY);
      ({ refreshToken } = await app.refreshed(refreshToken));
    }
    app.setAhead(30 * DAY - 60 * SECOND);
    const last = await app.refreshed(refreshToken);
    expect(last.expiresIn).toBeLessThanOrEqual(60);
    expect(last.refreshExpiresIn).toBeLessThanOrEqual(60);
    app.setAhead(30 * DAY);
    await expectRefused(last.refreshToken);
    expect(await accessOf(last)).toBe(401);
  });

  it('begins anew with every login', async () => {
    const { member, tokens } = await signedIn(app);
    const again = await app.login(member);
    expect(again.sessionId).not.toBe(tokens.sessionId);
    expect(again.refreshToken).not.toBe(tokens.refreshToken);
  });

  it('is not begun by a login whose record was read before all sessions were ended', async () => {
    const { member, tokens } = await signedIn(app);
    members.beforeAnswering(async () => {
      members.beforeAnswering(() => undefined);
      await app.send('POST', '/api/auth/logout-all', { authorization: bearerOf(tokens) });
    });
    await expect(app.login(member)).rejects.toThrow(/^401/);
    await expect(app.login(member)).resolves.toBeDefined();
  });
});
