import { randomUUID } from 'node:crypto';
import { AddressSchema } from '@doa-market/common/contracts';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POLICY } from '../src/policy.ts';
import {
  type Answers,
  CALLERS,
  type Caller,
  mayTouch,
  ofAdministrators,
  ofAuthServer,
  ofOneself,
  ofQueueServer,
  ofTheOwner,
  ofVisitors,
} from './support/policy.ts';
import { newEmail, newMember } from './support/registration.ts';
import { openShop, type Shop } from './support/shop.ts';

interface Owner {
  id: string;
  email: string;
  addressId: string;
}

interface Row {
  answers: Answers;
  request: (owner: Owner) => {
    method: string;
    path: string;
    body?: unknown;
    headers?: Record<string, string>;
  };
}

const anyVersion = { 'if-match': '*' };
const skuId = randomUUID();
const productId = randomUUID();
const ADDRESS = {
  ...{ label: '집', recipient: '김도아', phone: '01012345678' },
  ...{ postcode: '06236', roadAddress: '서울특별시 강남구 테헤란로 152' },
};
const hash = { expected: '$argon2id$stored' };
const person = () => ({
  ...{ ci: randomUUID(), di: randomUUID(), name: '김도아' },
  ...{ birthDate: '1990-02-28', phone: '01012345678' },
});

/** One row for every operation: a new one without its row fails the first test. */
const TABLE: Record<string, Row> = {
  getOwnMember: { answers: ofOneself(200), request: () => ({ method: 'GET', path: '/api/members/me' }) },
  updateOwnMember: {
    answers: ofOneself(200),
    request: () => ({
      ...{ method: 'PATCH', path: '/api/members/me', body: { name: '새이름' }, headers: anyVersion },
    }),
  },
  leave: { answers: ofOneself(204), request: () => ({ method: 'DELETE', path: '/api/members/me' }) },
  listOwnAgreements: {
    answers: ofOneself(200),
    request: () => ({ method: 'GET', path: '/api/members/me/agreements' }),
  },
  decideOnAgreement: {
    answers: ofOneself(200),
    request: () => ({
      ...{ method: 'PUT', path: '/api/members/me/agreements/MARKETING' },
      body: { version: '2026-11-01', agreed: true },
    }),
  },

  listMembers: { answers: ofAdministrators(200), request: () => ({ method: 'GET', path: '/api/members' }) },
  getMember: {
    answers: ofAdministrators(200),
    request: ({ id }) => ({ method: 'GET', path: `/api/members/${id}` }),
  },
  updateMember: {
    answers: ofAdministrators(200),
    request: ({ id }) => ({
      ...{ method: 'PATCH', path: `/api/members/${id}`, body: { role: 'ADMIN' }, headers: anyVersion },
    }),
  },

  listAddresses: {
    answers: ofOneself(200),
    request: () => ({ method: 'GET', path: '/api/members/me/addresses' }),
  },
  createAddress: {
    answers: ofOneself(201),
    request: () => ({ method: 'POST', path: '/api/members/me/addresses', body: ADDRESS }),
  },
  getAddress: {
    answers: ofTheOwner(200),
    request: ({ addressId }) => ({ method: 'GET', path: `/api/members/me/addresses/${addressId}` }),
  },
  updateAddress: {
    answers: ofTheOwner(200),
    request: ({ addressId }) => ({
      ...{ method: 'PATCH', path: `/api/members/me/addresses/${addressId}` },
      ...{ body: { label: '회사' }, headers: anyVersion },
    }),
  },
  removeAddress: {
    answers: ofTheOwner(204),
    request: ({ addressId }) => ({ method: 'DELETE', path: `/api/members/me/addresses/${addressId}` }),
  },

  listWishes: { answers: ofOneself(200), request: () => ({ method: 'GET', path: '/api/wishlist' }) },
  addWish: {
    answers: ofOneself(204),
    request: () => ({ method: 'PUT', path: `/api/wishlist/${productId}` }),
  },
  removeWish: {
    answers: ofOneself(204),
    request: () => ({ method: 'DELETE', path: `/api/wishlist/${productId}` }),
  },

  getCart: { answers: ofVisitors(200), request: () => ({ method: 'GET', path: '/api/cart' }) },
  clearCart: { answers: ofVisitors(204), request: () => ({ method: 'DELETE', path: '/api/cart' }) },
  addCartItem: {
    answers: ofVisitors(200),
    request: () => ({ method: 'POST', path: '/api/cart/items', body: { skuId, quantity: 1 } }),
  },
  setCartItem: {
    answers: ofVisitors(404),
    request: () => ({ method: 'PUT', path: `/api/cart/items/${skuId}`, body: { quantity: 1 } }),
  },
  removeCartItem: {
    answers: ofVisitors(200),
    request: () => ({ method: 'DELETE', path: `/api/cart/items/${skuId}` }),
  },
  mergeCart: {
    answers: ofOneself(422),
    request: () => ({ method: 'POST', path: '/api/cart/merge', body: { guestToken: 'nonsense' } }),
  },

  findCredentials: {
    answers: ofAuthServer(200),
    request: ({ email }) => ({ method: 'POST', path: '/internal/credentials', body: { email } }),
  },
  createMember: {
    answers: ofAuthServer(201),
    request: () => ({ method: 'POST', path: '/internal/members', body: newMember() }),
  },
  getMemberCredentials: {
    answers: ofAuthServer(200),
    request: ({ id }) => ({ method: 'GET', path: `/internal/members/${id}` }),
  },
  changePassword: {
    answers: ofAuthServer(204),
    request: ({ id }) => ({
      ...{ method: 'PUT', path: `/internal/members/${id}/password` },
      body: { ...hash, passwordHash: '$argon2id$new' },
    }),
  },
  proveEmail: {
    answers: ofAuthServer(204),
    request: ({ id }) => ({ method: 'PUT', path: `/internal/members/${id}/email-verified`, body: hash }),
  },
  findByIdentity: {
    answers: ofAuthServer(200),
    request: ({ id }) => ({
      ...{ method: 'POST', path: '/internal/identities', body: { provider: 'google', subject: id } },
    }),
  },
  linkIdentity: {
    answers: ofAuthServer(204),
    request: ({ id }) => ({
      ...{ method: 'PUT', path: `/internal/members/${id}/identities` },
      body: { provider: 'kakao', subject: randomUUID() },
    }),
  },
  certifyMember: {
    answers: ofAuthServer(204),
    request: ({ id }) => ({
      method: 'PUT',
      path: `/internal/members/${id}/certification`,
      body: person(),
    }),
  },

  getAddressOfMember: {
    answers: ofQueueServer(200),
    request: ({ id, addressId }) => ({
      method: 'GET',
      path: `/internal/v1/members/${id}/addresses/${addressId}`,
    }),
  },
  removePurchase: {
    answers: ofQueueServer(204),
    request: ({ id }) => ({
      ...{ method: 'POST', path: `/internal/v1/carts/${id}/remove` },
      body: { orderId: randomUUID(), items: [{ skuId, quantity: 1 }] },
    }),
  },
};

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const DocumentSchema = Type.Object({
  paths: Type.Record(
    Type.String(),
    Type.Record(
      Type.String(),
      Type.Object({ operationId: Type.String(), security: Type.Optional(Type.Array(Type.Unknown())) }),
    ),
  ),
});

async function operations(): Promise<Static<typeof DocumentSchema>['paths'][string][string][]> {
  const { body } = await shop.call('GET', '/docs/json');
  const { paths } = Value.Parse(DocumentSchema, body);
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/api') || path.startsWith('/internal'))
    .flatMap(([, methods]) => Object.values(methods));
}

async function newOwner(role: 'MEMBER' | 'SELLER' | 'ADMIN' = 'MEMBER'): Promise<Owner> {
  const { email, name, passwordHash } = newMember({ email: newEmail() });
  const { id } = await shop.members.create({ email, name, passwordHash, role, emailVerified: true });
  const service = await tokenOf('auth-server', id);
  const identity = { provider: 'google', subject: id };
  await shop.call('PUT', `/internal/members/${id}/identities`, { body: identity, ...service });
  const token = await shop.authority.token('MEMBER', id);
  const address = await shop.call('POST', '/api/members/me/addresses', { token, body: ADDRESS });
  return { id, email, addressId: Value.Parse(AddressSchema, address.body).id };
}

/** Whoever was refused is as before, and may come again. */
const people = new Map<string, Owner>();

async function known(who: string, role: 'MEMBER' | 'SELLER' | 'ADMIN' = 'MEMBER'): Promise<Owner> {
  const person = people.get(who) ?? (await newOwner(role));
  people.set(who, person);
  return person;
}

async function tokenOf(caller: Caller, ownerId: string): Promise<{ token?: string }> {
  const service = (name: string, aud: string) =>
    shop.authority.token('SERVICE', `service:${name}`, { claims: { aud, sid: undefined } });
  const somebody = async (role: 'MEMBER' | 'SELLER' | 'ADMIN') =>
    shop.authority.token(role, (await known(caller, role)).id);
  const tokens: Record<Caller, () => Promise<string> | undefined> = {
    nobody: () => undefined,
    'a guest': () => shop.authority.token('GUEST'),
    'the owner': () => shop.authority.token('MEMBER', ownerId),
    'another member': () => somebody('MEMBER'),
    'a seller': () => somebody('SELLER'),
    'an administrator': () => somebody('ADMIN'),
    'auth-server': () => service('auth-server', 'member-server'),
    'queue-server': () => service('queue-server', 'member-server'),
    'a server that means another one': () => service('auth-server', 'queue-server'),
  };
  const token = await tokens[caller]();
  return token ? { token } : {};
}

/** All that the database has of somebody. */
async function belongings(memberId: string) {
  const { database } = shop;
  const where = { where: { memberId } };
  return Promise.all([
    database.member.findUnique({ where: { id: memberId } }),
    database.agreementDecision.findMany(where),
    database.externalIdentity.findMany(where),
    database.certification.findMany(where),
    database.address.findMany(where),
    database.wishlistItem.findMany(where),
    database.sessionEnding.findMany(where),
  ]);
}

describe('the table', () => {
  it('has a row for every operation, and every operation asks for a token', async () => {
    const documented = await operations();
    expect(documented.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(TABLE).sort());
    for (const { security } of documented) expect(security).toEqual([{ bearer: [] }]);
  });

  it('has no row of its own beside the policy', () => {
    expect(Object.keys(TABLE).sort()).toEqual(Object.keys(POLICY).sort());
  });
});

const cells = Object.entries(TABLE).flatMap(([operation, row]) =>
  CALLERS.map((caller) => ({ operation, caller, status: row.answers[caller], row })),
);

describe('access', () => {
  it.each(cells)('to $operation is answered $status to $caller', async ({ caller, row, status }) => {
    const owner = await known('the owner');
    const { method, path, ...call } = row.request(owner);
    const credentials = await tokenOf(caller, owner.id);
    const before = await belongings(owner.id);
    const answer = await shop.call(method, path, { ...call, ...credentials });
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
    if (!mayTouch(caller, row.answers)) expect(await belongings(owner.id)).toEqual(before);
    else people.delete('the owner');
    if (status < 400) people.delete(caller);
  });
});
