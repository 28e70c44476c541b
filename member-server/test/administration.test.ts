import { randomUUID } from 'node:crypto';
import { type ManagedMember, ManagedMemberListSchema } from '@doa-market/common/contracts';
import { until } from '@doa-market/common/testing';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSessionEndingRepository } from '../src/session-endings/repository.ts';
import { startAuthServer } from './support/auth-server.ts';
import { type AuthServerCalls, asAuthServer, newEmail } from './support/registration.ts';
import { type Answer, type Call, openShop, type Shop } from './support/shop.ts';

let authServer: Awaited<ReturnType<typeof startAuthServer>>;
let shop: Shop;
let internal: AuthServerCalls;
let adminId: string;
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
  await shop.database.member.deleteMany();
  await shop.database.personalDataAccess.deleteMany();
  adminId = randomUUID();
  token = await shop.authority.token('ADMIN', adminId);
});

const send = (method: string, path: string, call: Call = {}) => shop.call(method, path, { token, ...call });
const list = (query = '') => send('GET', `/api/members${query}`);
const membersIn = (answer: Answer): ManagedMember[] => Value.Parse(ManagedMemberListSchema, answer.body).data;
const idsIn = (answer: Answer) => membersIn(answer).map(({ id }) => id);
const search = async (text: string) => idsIn(await list(`?search=${encodeURIComponent(text)}`));
const etagOf = (answer: Answer) => answer.headers.get('etag') ?? 'none';
const change = (id: string, body: object, headers: Record<string, string> = { 'if-match': '*' }) =>
  send('PATCH', `/api/members/${id}`, { body, headers });
const accesses = () =>
  shop.database.personalDataAccess
    .findMany({ orderBy: { id: 'asc' } })
    .then((rows) => rows.map(({ action, memberId, adminId: by }) => ({ action, memberId, by })));

describe('the list of members', () => {
  it('has the newest first, in pages that do not overlap', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 5; at += 1) ids.unshift(await internal.register());
    const first = await list('?limit=2');
    expect(first.body).toMatchObject({ meta: { page: 1, limit: 2, total: 5, totalPages: 3 } });
    const pages = [first, await list('?limit=2&page=2'), await list('?limit=2&page=3')];
    expect(pages.flatMap(idsIn)).toEqual(ids);
    expect(idsIn(await list('?limit=2&page=4'))).toEqual([]);
  });

  it('is narrowed down by role and status', async () => {
    const [seller, suspended, plain] = [
      await internal.register(),
      await internal.register(),
      await internal.register(),
    ];
    await change(seller, { role: 'SELLER' });
    await change(suspended, { status: 'SUSPENDED' });
    expect(idsIn(await list('?role=SELLER'))).toEqual([seller]);
    expect(idsIn(await list('?status=SUSPENDED'))).toEqual([suspended]);
    expect(idsIn(await list('?role=MEMBER&status=ACTIVE'))).toEqual([plain]);
    expect(idsIn(await list('?role=ADMIN'))).toEqual([]);
  });

  it('finds a whole address or a whole name, whatever the case, the form and the spaces', async () => {
    const email = newEmail();
    const id = await internal.register({ email, name: 'José  Kim' });
    await internal.register({ name: 'José Kimchi' });
    expect(await search(email.toUpperCase())).toEqual([id]);
    expect(await search(` ${email} `)).toEqual([id]);
    expect(await search('josé kim')).toEqual([id]);
    expect(await search('José Kim'.normalize('NFD'))).toEqual([id]);
    expect(await search('김도아'.normalize('NFD'))).toEqual([]);
  });

  it.each(['José', '%', '@', '_', "' OR ''='", '*', 'null', '{"not":null}', '\\', '\0'])(
    'finds nobody by %j',
    async (text) => {
      await internal.register({ name: 'José Kim' });
      expect(await search(text)).toEqual([]);
    },
  );

  it.each([
    ...['page=0', 'page=-1', 'page=10001', 'page=1.5', 'limit=0', 'limit=101', 'limit=all', 'search='],
    ...['role=GUEST', 'status=', 'sort=name', 'role=SELLER&role=ADMIN', `search=${'x'.repeat(255)}`],
  ])('answers 422 to %s', async (query) => {
    expect(await list(`?${query}`)).toMatchObject({ status: 422, body: { code: 'REQ_4220' } });
  });

  it('holds no hash', async () => {
    await internal.register();
    expect(JSON.stringify((await list()).body)).not.toMatch(/argon2|[hH]ash|[iI]ndex/);
  });
});

describe('an administrator', () => {
  it('reads a member with the ETag that a change needs', async () => {
    const id = await internal.register();
    const answer = await send('GET', `/api/members/${id}`);
    expect(answer).toMatchObject({ status: 200, body: { id, status: 'ACTIVE', leftAt: null } });
    expect((await change(id, { role: 'SELLER' }, {})).status).toBe(428);
    expect((await change(id, { role: 'SELLER' }, { 'if-match': '"99"' })).status).toBe(412);
    const changed = await change(id, { role: 'SELLER' }, { 'if-match': etagOf(answer) });
    expect(changed).toMatchObject({ status: 200, body: { id, role: 'SELLER' } });
    expect((await change(id, { role: 'ADMIN' }, { 'if-match': etagOf(answer) })).status).toBe(412);
  });

  it('ends the sessions of whom they change, so that no token says what is not true', async () => {
    const id = await internal.register();
    expect(authServer.ended(id)).toBe(0);
    await change(id, { role: 'SELLER' });
    expect(authServer.ended(id)).toBe(1);
    await change(id, { status: 'SUSPENDED' });
    expect(authServer.ended(id)).toBe(2);
  });

  it('ends them later when auth-server is away', async () => {
    const id = await internal.register();
    authServer.setAway(true);
    expect((await change(id, { status: 'SUSPENDED' })).status).toBe(200);
    authServer.setAway(false);
    await until(() => authServer.ended(id) > 0, 'the end of the sessions');
  });

  it('ends them although the server that was at it is gone', async () => {
    const id = await internal.register();
    const endings = createSessionEndingRepository(shop.database);
    await shop.database.$transaction((tx) => endings.create(id, tx));
    expect(await endings.claim(50)).toEqual([]);
    expect(authServer.ended(id)).toBe(0);
    await shop.database.sessionEnding.updateMany({
      where: { memberId: id },
      data: { claimedUntil: new Date(0) },
    });
    await until(() => authServer.ended(id) === 1, 'the end of the sessions');
  });

  it('shuts a member out by suspending them, until that is taken back', async () => {
    const id = await internal.register();
    const own = await shop.authority.token('MEMBER', id);
    await change(id, { status: 'SUSPENDED' });
    expect((await shop.call('GET', '/api/members/me', { token: own })).status).toBe(404);
    expect((await internal.byId(id)).status).toBe(404);
    await change(id, { status: 'ACTIVE' });
    expect((await shop.call('GET', '/api/members/me', { token: own })).status).toBe(200);
  });

  it('does not change their own role or status', async () => {
    const answer = await change(adminId, { role: 'MEMBER' });
    expect(answer).toMatchObject({ status: 409, body: { code: 'REQ_4090' } });
  });

  it('does not bring back who has left', async () => {
    const id = await internal.register();
    await shop.call('DELETE', '/api/members/me', { token: await shop.authority.token('MEMBER', id) });
    expect((await change(id, { status: 'ACTIVE' })).status).toBe(409);
    expect(idsIn(await list('?status=LEFT'))).toEqual([id]);
  });

  it.each([
    ['nothing', {}],
    ['an unknown role', { role: 'OWNER' }],
    ['a guest', { role: 'GUEST' }],
    ['a departure', { status: 'LEFT' }],
    ['a name', { name: 'x' }],
    ['a hash', { passwordHash: 'x' }],
  ])('cannot make a member %s', async (_name, body) => {
    expect((await change(await internal.register(), body)).status).toBe(422);
  });

  it.each(['me%00', '1', '%2e%2e', 'ME', 'x'.repeat(200)])('finds no member %s', async (id) => {
    expect([404, 422]).toContain((await send('GET', `/api/members/${id}`)).status);
  });
});

describe('each look at personal data', () => {
  it('is recorded with who looked, at whom, and in which request', async () => {
    const id = await internal.register({ name: '박하나' });
    await list();
    await search('박하나');
    await search('nobody@doa.market');
    await send('GET', `/api/members/${id}`, { headers: { 'x-request-id': 'look-0001' } });
    await change(id, { role: 'SELLER' });
    expect(await accesses()).toEqual([
      { action: 'LIST', memberId: id, by: adminId },
      { action: 'SEARCH', memberId: id, by: adminId },
      { action: 'SEARCH', memberId: null, by: adminId },
      { action: 'READ', memberId: id, by: adminId },
      { action: 'UPDATE', memberId: id, by: adminId },
    ]);
    expect(await shop.database.personalDataAccess.count({ where: { requestId: 'look-0001' } })).toBe(1);
  });

  it('that showed nothing leaves no trace of one', async () => {
    await send('GET', `/api/members/${randomUUID()}`);
    await change(randomUUID(), { role: 'SELLER' });
    expect(await accesses()).toEqual([]);
  });

  it('does not happen when it cannot be recorded', async () => {
    const id = await internal.register();
    await shop.database.$executeRaw`ALTER TABLE personal_data_accesses RENAME TO away`;
    const answers = [
      await list(),
      await send('GET', `/api/members/${id}`),
      await change(id, { role: 'ADMIN' }),
    ];
    await shop.database.$executeRaw`ALTER TABLE away RENAME TO personal_data_accesses`;
    expect(answers.map(({ status }) => status)).toEqual([500, 500, 500]);
    expect((await internal.byId(id)).body).toMatchObject({ role: 'MEMBER' });
  });
});
