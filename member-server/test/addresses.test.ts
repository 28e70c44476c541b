import { randomUUID } from 'node:crypto';
import {
  type Address,
  AddressListSchema,
  AddressSchema,
  type NewAddress,
} from '@doa-market/common/contracts';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insist } from './support/insist.ts';
import { type Answer, type Call, openShop, type Shop } from './support/shop.ts';

const PATH = '/api/members/me/addresses';
const HOME: NewAddress = {
  label: '집',
  recipient: '김도아',
  phone: '01012345678',
  postcode: '06236',
  roadAddress: '서울특별시 강남구 테헤란로 152',
  detail: '101동 1203호',
};

let shop: Shop;
let memberId: string;
let token: string;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
beforeEach(async () => {
  memberId = await shop.member();
  token = await shop.authority.token('MEMBER', memberId);
});

const send = (method: string, path: string, call: Call = {}) => shop.call(method, path, { token, ...call });
const create = (facts: object | string = HOME, headers: Record<string, string> = {}) =>
  send('POST', PATH, { body: facts, headers });
const addressIn = (answer: Answer): Address => Value.Parse(AddressSchema, answer.body);
const etagOf = (answer: Answer) => answer.headers.get('etag') ?? 'none';
const add = async (facts: Partial<NewAddress> = {}) => {
  const answer = await create({ ...HOME, ...facts });
  return { ...addressIn(answer), etag: etagOf(answer), path: `${PATH}/${addressIn(answer).id}` };
};
const list = async (): Promise<Address[]> =>
  Value.Parse(AddressListSchema, (await send('GET', PATH)).body).data;
const defaults = async () => (await list()).filter(({ isDefault }) => isDefault).map(({ id }) => id);
const patch = (path: string, body: unknown, etag = '*') =>
  send('PATCH', path, { body, headers: { 'if-match': etag } });

describe('an address', () => {
  it('is created, read, changed and removed', async () => {
    const created = await create();
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ ...HOME, isDefault: true });
    const path = created.headers.get('location') ?? '';
    const read = await send('GET', path);
    expect(read.body).toEqual(created.body);
    expect(etagOf(read)).toBe(etagOf(created));
    expect(read.headers.get('cache-control')).toBe('private, no-store');

    const changed = await patch(path, { label: '회사', detail: '' }, etagOf(read));
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ ...HOME, label: '회사', detail: '' });
    expect((await send('DELETE', path)).status).toBe(204);
    expect((await send('GET', path)).status).toBe(404);
    expect((await send('DELETE', path)).status).toBe(404);
  });

  it('loses the blanks around what was typed', async () => {
    expect(await add({ recipient: ' 김도아 ', roadAddress: '  테헤란로 152\u3000' })).toMatchObject({
      recipient: '김도아',
      roadAddress: '테헤란로 152',
    });
  });

  it('is encrypted in the database, and does not open in another row', async () => {
    const [home, work] = [await add(), await add({ recipient: '이몰래', label: '회사' })];
    const [row] = await shop.database.$queryRaw<
      object[]
    >`SELECT * FROM addresses WHERE id = ${home.id}::uuid`;
    for (const secret of [HOME.recipient, HOME.phone, HOME.roadAddress, HOME.label, '1203']) {
      expect(JSON.stringify(row)).not.toContain(secret);
    }
    const { recipient } = await shop.database.address.findUniqueOrThrow({ where: { id: work.id } });
    await shop.database.address.update({ where: { id: home.id }, data: { recipient } });
    expect((await send('GET', home.path)).status).toBe(500);
  });

  it.each<[string, object | string, number]>([
    ['no postcode', { ...HOME, postcode: undefined }, 422],
    ['an old postcode', { ...HOME, postcode: '135-080' }, 422],
    ['a postcode of other digits', { ...HOME, postcode: '０６２３６' }, 422],
    ['a landline number', { ...HOME, phone: '0212345678' }, 422],
    ['a phone number with dashes', { ...HOME, phone: '010-1234-5678' }, 422],
    ['a blank recipient', { ...HOME, recipient: '   ' }, 422],
    ['a recipient of two lines', { ...HOME, recipient: 'a\nb' }, 422],
    ['a NUL', { ...HOME, detail: '\u0000' }, 422],
    ['an endless road', { ...HOME, roadAddress: 'x'.repeat(201) }, 422],
    ['a label of 31', { ...HOME, label: 'x'.repeat(31) }, 422],
    ['somebody else\u2019s id', { ...HOME, memberId: randomUUID() }, 422],
    ['an id of its own', { ...HOME, id: randomUUID() }, 422],
    ['text for a flag', { ...HOME, isDefault: 'true' }, 422],
    ['a list', [HOME], 422],
    ['half a document', '{"label":', 400],
  ])('with %s is refused', async (_name, facts, status) => {
    expect((await create(facts)).status).toBe(status);
    expect(await list()).toEqual([]);
  });

  it.each(['01980000-0000-7000-8000-000000000000', '1', "'", '..%2f..', 'me'])(
    'is not found as %s',
    async (id) => {
      const path = `${PATH}/${id}`;
      const answers = [
        await send('GET', path),
        await patch(path, { label: 'x' }),
        await send('DELETE', path),
      ];
      for (const { status } of answers) expect([404, 422]).toContain(status);
    },
  );

  it('is nothing to another member, who is told the same of it as of one that is not there', async () => {
    const { path, id } = await add();
    token = await shop.authority.token('MEMBER', await shop.member());
    const nowhere = `${PATH}/${randomUUID()}`;
    for (const [own, none] of [
      [await send('GET', path), await send('GET', nowhere)],
      [await patch(path, { label: 'x' }), await patch(nowhere, { label: 'x' })],
      [await send('DELETE', path), await send('DELETE', nowhere)],
    ] as const) {
      expect(own.status).toBe(404);
      expect(own.body).toMatchObject({ detail: (none.body as { detail: string }).detail });
    }
    expect(await shop.database.address.count({ where: { id } })).toBe(1);
  });

  it('is not there for a member who is suspended, has left, or never was', async () => {
    const { path } = await add();
    const gone = async () => {
      expect(await list()).toEqual([]);
      const answers = [await send('GET', path), await create(), await patch(path, { label: 'x' })];
      answers.push(await send('DELETE', path));
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    };
    await shop.database.member.update({ where: { id: memberId }, data: { status: 'SUSPENDED' } });
    await gone();
    token = await shop.authority.token('MEMBER', randomUUID());
    await gone();
  });
});

describe('a change of an address', () => {
  it('needs the ETag that was read', async () => {
    const { path, etag } = await add();
    const blind = await send('PATCH', path, { body: { label: 'x' } });
    expect([blind.status, blind.body]).toMatchObject([428, { code: 'REQ_4280' }]);
    const first = await patch(path, { label: '회사' }, etag);
    const late = await patch(path, { label: '본가' }, etag);
    expect([late.status, late.body]).toMatchObject([412, { code: 'REQ_4120' }]);
    expect((await patch(path, { label: '본가' }, `"77", ${etagOf(first)}`)).status).toBe(200);
    expect((await patch(path, { label: '본가' }, `W/${etagOf(first)}`)).status).toBe(412);
  });

  it('is made by one of 20 that have read the same', async () => {
    const { path, etag } = await add();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => insist(() => patch(path, { label: `${at}` }, etag))),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array(19).fill(412)]);
  });

  it('is refused when it names nothing, or what there is not', async () => {
    const { path } = await add();
    for (const body of [{}, { colour: 'red' }, { id: randomUUID() }, { postcode: '1' }, null, []]) {
      expect((await patch(path, body)).status).toBe(422);
    }
  });

  it('to a removal is not lost: a removal with an old ETag is refused', async () => {
    const { path, etag } = await add();
    await patch(path, { label: '회사' }, etag);
    expect((await send('DELETE', path, { headers: { 'if-match': etag } })).status).toBe(412);
    expect(await list()).toHaveLength(1);
  });
});

describe('a write with an idempotency key', () => {
  const named = (key: string) => ({ 'x-idempotency-key': key });

  it('makes one address of 50 that come at the same time, and answers all of them alike', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => insist(() => create(HOME, named(key)))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map((it) => JSON.stringify([it.body, etagOf(it)]))).size).toBe(1);
    expect(await list()).toHaveLength(1);
  });

  it('is another one for another member, and not for another address', async () => {
    const key = randomUUID();
    await create(HOME, named(key));
    expect((await create({ ...HOME, label: '회사' }, named(key))).status).toBe(422);
    token = await shop.authority.token('MEMBER', await shop.member());
    expect((await create({ ...HOME, label: '회사' }, named(key))).status).toBe(201);
  });

  it('that was refused may be tried again', async () => {
    const key = randomUUID();
    for (let count = 0; count < 20; count += 1) await add();
    expect((await create(HOME, named(key))).status).toBe(409);
    const [first] = await list();
    await send('DELETE', `${PATH}/${first?.id}`);
    expect((await create(HOME, named(key))).status).toBe(201);
  });
});

describe('of the addresses of a member', () => {
  it('there are 20 at most, also when 30 come at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => insist(create)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(10);
    expect(await list()).toHaveLength(20);
    expect(await defaults()).toHaveLength(1);
  });

  it('the first is the default, whatever it says, and then the one that is said to be', async () => {
    const first = await add({ isDefault: false });
    expect(first.isDefault).toBe(true);
    const second = await add();
    expect(second.isDefault).toBe(false);
    const third = await add({ isDefault: true });
    expect(await defaults()).toEqual([third.id]);
    expect((await list()).map(({ id }) => id)).toEqual([third.id, second.id, first.id]);
    await patch(second.path, { isDefault: true });
    expect(await defaults()).toEqual([second.id]);
  });

  it('the one that stops being the default has changed', async () => {
    const first = await add();
    await add({ isDefault: true });
    expect((await patch(first.path, { label: '회사' }, first.etag)).status).toBe(412);
  });

  it('the default is not given up, but handed on', async () => {
    const [first, second] = [await add(), await add()];
    const refused = await patch(first.path, { isDefault: false });
    expect([refused.status, refused.body]).toMatchObject([409, { code: 'REQ_4090' }]);
    expect((await patch(second.path, { isDefault: false })).status).toBe(200);
    await send('DELETE', first.path);
    expect(await defaults()).toEqual([second.id]);
    await send('DELETE', second.path);
    expect(await list()).toEqual([]);
  });

  it('exactly one is the default after any changes at the same time', async () => {
    const all = [await add(), await add(), await add(), await add(), await add()];
    const answers = await Promise.all([
      ...all.slice(1).map(({ path }) => insist(() => patch(path, { isDefault: true }))),
      ...all.slice(0, 2).map(({ path }) => send('DELETE', path)),
      create({ ...HOME, isDefault: true }),
      create({ ...HOME, isDefault: true }),
    ]);
    for (const { status } of answers) expect([200, 201, 204, 404]).toContain(status);
    expect(await defaults()).toHaveLength(1);
    expect(await list()).toHaveLength(5);
  });

  it('the database itself allows one default', async () => {
    await add();
    const { id } = await add();
    const update = shop.database.address.update({ where: { id }, data: { isDefault: true } });
    await expect(update).rejects.toThrow(/[Uu]nique/);
  });
});

describe('an address of an order', () => {
  it('is read by queue-server for whose it is, and for nobody else', async () => {
    const { id } = await add({ label: '회사' });
    const claims = { aud: 'member-server', sid: undefined };
    const service = await shop.authority.token('SERVICE', 'service:queue-server', { claims });
    const read = (owner: string, address: string) =>
      shop.call('GET', `/internal/v1/members/${owner}/addresses/${address}`, { token: service });
    expect(await read(memberId, id)).toMatchObject({ status: 200, body: { ...HOME, id, label: '회사' } });
    expect((await read(await shop.member(), id)).status).toBe(404);
    expect((await read(memberId, randomUUID())).status).toBe(404);
    expect((await read(memberId, 'home')).status).toBe(422);
  });
});
