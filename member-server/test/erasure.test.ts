import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eraseDeparted } from '../src/erasure/sweeper.ts';
import { createPersonalData } from '../src/personal-data/index.ts';
import { type AuthServerCalls, asAuthServer, newEmail } from './support/registration.ts';
import { openShop, type Shop } from './support/shop.ts';

const DAY = 86_400_000;
let shop: Shop;
let internal: AuthServerCalls;

beforeAll(async () => {
  shop = await openShop();
  internal = await asAuthServer(shop);
});
afterAll(() => shop.close());

const inDays = (days: number) => new Date(Date.now() + days * DAY);
const as = (role: string, id: string = randomUUID()) => shop.authority.token(role, id);

async function departed() {
  const email = newEmail();
  const id = await internal.register({ email, name: `이름 ${email}` });
  const token = await as('MEMBER', id);
  const phone = { body: { phone: '01012345678' }, headers: { 'if-match': '*' } };
  await shop.call('PATCH', '/api/members/me', { token, ...phone });
  await shop.call('DELETE', '/api/members/me', { token });
  return { id, email };
}

describe('who has left', () => {
  it('is kept for 30 days, and not found by anything after that', async () => {
    const { id, email } = await departed();
    const token = await as('ADMIN');
    const look = () => shop.call('GET', `/api/members/${id}`, { token });

    await eraseDeparted(shop.database, inDays(29));
    expect((await look()).body).toMatchObject({ email, status: 'LEFT' });

    await eraseDeparted(shop.database, inDays(31));
    const searches = [email, `이름 ${email}`].map((it) => `?search=${encodeURIComponent(it)}`);
    const lists = await Promise.all(
      [...searches, '?status=LEFT', ''].map((query) => shop.call('GET', `/api/members${query}`, { token })),
    );
    for (const { status, body } of lists) {
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toContain(id);
    }
    expect((await look()).status).toBe(404);
    expect((await internal.byEmail(email)).status).toBe(404);
    expect((await internal.byId(id)).status).toBe(404);
    expect((await shop.call('GET', '/api/members/me', { token: await as('MEMBER', id) })).status).toBe(404);
  });

  it('leaves a bare id in the database, and no row beside it', async () => {
    const { id } = await departed();
    await shop.database.wishlistItem.create({ data: { memberId: id, productId: randomUUID() } });
    const addressId = randomUUID();
    const lines = { label: '집', recipient: '김도아', phone: '01012345678', roadAddress: '길 1', detail: '' };
    const sealed = createPersonalData(shop.config).seal('addresses', addressId, lines);
    const address = { id: addressId, memberId: id, postcode: '06236', ...sealed };
    await shop.database.address.create({ data: address });
    await eraseDeparted(shop.database, inDays(31));
    expect(await shop.database.member.findUnique({ where: { id } })).toMatchObject({
      ...{ email: null, emailIndex: null, name: null, nameIndex: null, phone: null, passwordHash: null },
      erasedAt: expect.any(Date),
    });
    const ofThem = { where: { memberId: id } };
    const rows = await Promise.all([
      shop.database.agreementDecision.count(ofThem),
      shop.database.wishlistItem.count(ofThem),
      shop.database.address.count(ofThem),
      shop.database.certification.count(ofThem),
      shop.database.externalIdentity.count(ofThem),
    ]);
    expect(rows).toEqual([0, 0, 0, 0, 0]);
  });

  it('is erased once by several servers that sweep at the same time', async () => {
    await eraseDeparted(shop.database, inDays(31));
    for (let at = 0; at < 20; at += 1) await departed();
    const sweeps = await Promise.all(
      Array.from({ length: 4 }, () => eraseDeparted(shop.database, inDays(31))),
    );
    expect(sweeps.reduce((sum, it) => sum + it, 0)).toBe(20);
    expect(await eraseDeparted(shop.database, inDays(31))).toBe(0);
  });

  it('takes nobody along who has not', async () => {
    const id = await internal.register();
    await eraseDeparted(shop.database, inDays(365));
    expect((await internal.byId(id)).status).toBe(200);
  });
});
