import { randomUUID } from 'node:crypto';
import { MemberProfileSchema } from '@doa-market/common/contracts';
import { until } from '@doa-market/common/testing';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startAuthServer } from './support/auth-server.ts';
import { type AuthServerCalls, asAuthServer, newEmail } from './support/registration.ts';
import { type Answer, type Call, openShop, type Shop } from './support/shop.ts';

let authServer: Awaited<ReturnType<typeof startAuthServer>>;
let shop: Shop;
let internal: AuthServerCalls;
let email: string;
let memberId: string;
let token: string;

beforeAll(async () => {
  authServer = await startAuthServer();
  shop = await openShop({ AUTH_SERVICE_URL: authServer.url });
  authServer.publishKeysOf(shop.authority.url);
  internal = await asAuthServer(shop);
});
afterAll(async () => {
  await shop.close();
  await authServer.close();
});
beforeEach(async () => {
  email = newEmail();
  memberId = await internal.register({ email });
  token = await shop.authority.token('MEMBER', memberId);
});

const send = (method: string, path: string, call: Call = {}) => shop.call(method, path, { token, ...call });
const me = () => send('GET', '/api/members/me');
const update = (body: object | string, headers: Record<string, string> = {}) =>
  send('PATCH', '/api/members/me', { body, headers });
const etagOf = (answer: Answer) => answer.headers.get('etag') ?? 'none';
const updateNow = async (body: object) => update(body, { 'if-match': etagOf(await me()) });

describe('a member', () => {
  it('reads their own record, and their password hash is not in it', async () => {
    const answer = await me();
    expect(answer.body).toEqual({
      ...{ id: memberId, email, name: '김도아', role: 'MEMBER', phone: null },
      ...{ emailVerified: true, certification: null },
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect(Value.Check(MemberProfileSchema, answer.body)).toBe(true);
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
  });

  it('does not exist for a token that has outlived it', async () => {
    token = await shop.authority.token('MEMBER', randomUUID());
    expect((await me()).status).toBe(404);
    expect((await update({ name: 'x' }, { 'if-match': '*' })).status).toBe(404);
  });

  it('changes name and phone number, each without the other', async () => {
    expect((await updateNow({ phone: '01012345678' })).body).toMatchObject({
      name: '김도아',
      phone: '01012345678',
    });
    expect((await updateNow({ name: ' 이도아 ' })).body).toMatchObject({
      name: '이도아',
      phone: '01012345678',
    });
    expect((await updateNow({ phone: null })).body).toMatchObject({ name: '이도아', phone: null });
    expect((await me()).body).toMatchObject({ name: '이도아', phone: null });
  });

  it('must say which version a change is meant for', async () => {
    const answer = await update({ name: '이도아' });
    expect(answer).toMatchObject({ status: 428, body: { code: 'REQ_4280' } });
    expect((await me()).body).toMatchObject({ name: '김도아' });
  });

  it.each([
    [
      'an older one',
      async () => {
        const old = etagOf(await me());
        await updateNow({ phone: '01012345678' });
        return old;
      },
    ],
    ['a weak one', async () => `W/${etagOf(await me())}`],
    ['nonsense', () => 'latest'],
    ['a very large one', () => '"999999999999999999999"'],
  ])('is not changed by an ETag that is %s', async (_name, etag) => {
    const answer = await update({ name: '이도아' }, { 'if-match': await etag() });
    expect(answer).toMatchObject({ status: 412, body: { code: 'REQ_4120' } });
    expect((await me()).body).toMatchObject({ name: '김도아' });
  });

  it('is changed by one of several ETags, and by any', async () => {
    const etag = etagOf(await me());
    expect((await update({ name: '하나' }, { 'if-match': `"77", ${etag}` })).status).toBe(200);
    expect((await update({ name: '둘' }, { 'if-match': '*' })).status).toBe(200);
  });

  it('gets one of 20 changes at once that were all meant for one version', async () => {
    const etag = etagOf(await me());
    const names = Array.from({ length: 20 }, (_, at) => `이름 ${at}`);
    const answers = await Promise.all(names.map((name) => update({ name }, { 'if-match': etag })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(412)]);
    const won = answers.find(({ status }) => status === 200);
    expect((await me()).body).toEqual(won?.body);
    expect(etagOf(await me())).toBe(won && etagOf(won));
  });

  it.each<[string, object | string, number]>([
    ['nothing', {}, 422],
    ['an empty name', { name: '' }, 422],
    ['a name of spaces', { name: '   ' }, 422],
    ['a name with a line break', { name: '도아\nadmin' }, 422],
    ['a name with a NUL', { name: '도아\0' }, 422],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, 422],
    ['a long name that matches almost', { name: `${'x'.repeat(500_000)}\n` }, 422],
    ['a name that is no text', { name: 7 }, 422],
    ['a number of a landline', { phone: '0212345678' }, 422],
    ['a number with dashes', { phone: '010-1234-5678' }, 422],
    ['a role', { role: 'ADMIN' }, 422],
    ['a status beside a name', { name: '도아', status: 'ACTIVE' }, 422],
    ['an address', { email: 'x@doa.market' }, 422],
    ['a prototype', '{"__proto__":{"name":"x"}}', 400],
    ['a list', [], 422],
    ['no JSON', '{"name":', 400],
    ['half a character', '{"name":"\\ud800"}', 200],
  ])('takes %s for what it is', async (_name, body, status) => {
    const answer = await update(body, { 'if-match': '*' });
    expect(answer.status).toBe(status);
    expect((await me()).body).toMatchObject({ id: memberId, role: 'MEMBER', email });
  });
});

describe('who leaves', () => {
  const leave = () => send('DELETE', '/api/members/me');

  it('is gone for themselves and for logins, and has no sessions', async () => {
    expect((await leave()).status).toBe(204);
    expect((await me()).status).toBe(404);
    expect((await internal.byEmail(email)).status).toBe(404);
    expect((await internal.byId(memberId)).status).toBe(404);
    expect(authServer.ended(memberId)).toBe(1);
  });

  it('leaves once', async () => {
    const answers = await Promise.all([leave(), leave(), leave()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404]);
  });

  it('frees their address, their logins elsewhere and their certification for another account', async () => {
    const identity = { provider: 'kakao', subject: randomUUID() };
    const person = { name: '김도아', birthDate: '1990-01-01', phone: '01012345678' };
    const certification = { ci: randomUUID(), di: randomUUID(), ...person };
    await internal.put(memberId, 'identities', identity);
    await internal.put(memberId, 'certification', certification);
    await leave();
    expect((await internal.byIdentity(identity.provider, identity.subject)).status).toBe(404);

    const again = await internal.register({ email });
    expect(again).not.toBe(memberId);
    expect((await internal.put(again, 'identities', identity)).status).toBe(204);
    expect((await internal.put(again, 'certification', certification)).status).toBe(204);
  });

  it('has no sessions either when auth-server was away at that moment', async () => {
    authServer.setAway(true);
    expect((await leave()).status).toBe(204);
    expect(authServer.ended(memberId)).toBe(0);
    authServer.setAway(false);
    await until(() => authServer.ended(memberId) > 0, 'the end of the sessions');
    await until(async () => (await shop.database.sessionEnding.count()) === 0, 'the end of the retries');
  });
});

describe('agreements', () => {
  const list = () => send('GET', '/api/members/me/agreements');
  const decide = (document: string, body: object) =>
    send('PUT', `/api/members/me/agreements/${document}`, { body });
  const marketing = (agreed: boolean) => decide('MARKETING', { version: '2026-11-01', agreed });

  it('are those of the registration at first', async () => {
    expect((await list()).body).toEqual({
      data: ['TERMS', 'PRIVACY'].map((document) => ({
        ...{ document, version: '2026-11-01', agreed: true },
        decidedAt: expect.any(String),
      })),
    });
  });

  it('are given and taken back where they are optional, and every decision is kept', async () => {
    await marketing(true);
    await marketing(true);
    expect((await marketing(false)).body).toMatchObject({ document: 'MARKETING', agreed: false });
    expect((await list()).body).toMatchObject({ data: [{}, {}, { document: 'MARKETING', agreed: false }] });
    const decisions = await shop.database.agreementDecision.findMany({
      where: { memberId, document: 'MARKETING' },
      orderBy: { id: 'asc' },
    });
    expect(decisions.map(({ agreed }) => agreed)).toEqual([true, false]);
  });

  it.each([
    ['taking back the terms', 'TERMS', { version: '2026-11-01', agreed: false }, 409],
    ['a version that is not in force', 'MARKETING', { version: '2020-01-01', agreed: true }, 422],
    ['an unknown document', 'COOKIES', { version: '2026-11-01', agreed: true }, 422],
    ['a document of the prototype', '__proto__', { version: '2026-11-01', agreed: true }, 422],
    ['no decision', 'MARKETING', { version: '2026-11-01' }, 422],
  ])('refuse %s', async (_name, document, body, status) => {
    expect((await decide(document, body)).status).toBe(status);
    expect((await list()).body).toMatchObject({ data: [{ agreed: true }, { agreed: true }] });
  });
});
