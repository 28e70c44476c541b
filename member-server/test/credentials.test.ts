import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AuthServerCalls,
  asAuthServer,
  memberIdIn,
  newEmail,
  newMember,
  patiently,
} from './support/registration.ts';
import { openShop, type Shop } from './support/shop.ts';

let shop: Shop;
let internal: AuthServerCalls;

beforeAll(async () => {
  shop = await openShop();
  internal = await asAuthServer(shop);
});
afterAll(() => shop.close());

const suspend = (id: string) => shop.database.member.update({ where: { id }, data: { status: 'SUSPENDED' } });
const hashOf = async (id: string) =>
  (await shop.database.member.findUniqueOrThrow({ where: { id } })).passwordHash;

describe('credentials', () => {
  it('are found by address and by member, and are what was registered', async () => {
    const facts = newMember({ emailVerified: false });
    const memberId = memberIdIn(await internal.create(facts));
    const expected = {
      ...{ memberId, role: 'MEMBER', email: facts.email, name: facts.name },
      ...{ passwordHash: facts.passwordHash, emailVerified: false },
    };
    expect((await internal.byEmail(facts.email)).body).toEqual(expected);
    expect((await internal.byId(memberId)).body).toEqual(expected);
  });

  it.each([
    ['in capitals', (email: string) => email.toUpperCase(), 200],
    ['with a dot more', (email: string) => email.replace('-', '.-'), 404],
    ['with a tag', (email: string) => email.replace('@', '+shop@'), 404],
    ['of another domain', (email: string) => `${email}.kr`, 404],
    ['that is no address', () => "' OR 1=1 --", 422],
    ['with a wildcard', () => '%@doa.market', 404],
  ])('take an address %s for what it is', async (_name, change, status) => {
    const email = newEmail();
    await internal.register({ email });
    expect((await internal.byEmail(change(email))).status).toBe(status);
  });

  it('of a suspended member are as unknown as nobody', async () => {
    const email = newEmail();
    const id = await internal.register({ email });
    const identity = { provider: 'google', subject: randomUUID() };
    await internal.put(id, 'identities', identity);
    await suspend(id);
    const answers = await Promise.all([
      internal.byEmail(email),
      internal.byId(id),
      internal.byIdentity(identity.provider, identity.subject),
      internal.put(id, 'password', { expected: '$argon2id$stored', passwordHash: '$argon2id$new' }),
      internal.put(id, 'email-verified', { expected: '$argon2id$stored' }),
      internal.put(id, 'identities', { provider: 'naver', subject: 'x' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(404));
    expect(await hashOf(id)).toBe('$argon2id$stored');
  });
});

describe('a registration', () => {
  it('with an identity links it, or does nothing at all', async () => {
    const identity = { provider: 'kakao', subject: randomUUID() };
    const facts = newMember({ identity });
    const memberId = memberIdIn(await internal.create(facts));
    const found = await internal.byIdentity(identity.provider, identity.subject);
    expect(found.body).toMatchObject({ memberId, email: facts.email });

    const another = newMember({ identity });
    expect(await internal.create(another)).toMatchObject({ status: 409, body: { code: 'REQ_4090' } });
    expect((await internal.byEmail(another.email)).status).toBe(404);
  });

  it('is refused when somebody has proved that the address is theirs', async () => {
    const facts = newMember();
    const id = memberIdIn(await internal.create(facts));
    const answer = await internal.create({ ...facts, email: facts.email.toUpperCase(), name: '남' });
    expect(answer).toMatchObject({ status: 409, body: { code: 'REQ_4090' } });
    expect((await internal.byId(id)).body).toMatchObject({ name: '김도아' });
  });

  it('takes the place of one that nobody has proved', async () => {
    const facts = newMember({ emailVerified: false, passwordHash: '$argon2id$intruder' });
    const first = memberIdIn(await internal.create(facts));
    const second = memberIdIn(
      await internal.create({ ...facts, passwordHash: '$argon2id$owner', agreements: [] }),
    );
    expect(second).not.toBe(first);
    expect((await internal.byId(first)).status).toBe(404);
    expect((await internal.byEmail(facts.email)).body).toMatchObject({ passwordHash: '$argon2id$owner' });
    expect(
      await shop.database.agreementDecision.count({ where: { memberId: { in: [first, second] } } }),
    ).toBe(0);
  });

  it('of 50 at once of one proved address makes one member', async () => {
    const email = newEmail();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => patiently(() => internal.create(newMember({ email })))),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(49).fill(409)]);
    const index = {
      emailIndex: { not: null },
      id: { in: answers.filter((it) => it.status === 201).map(memberIdIn) },
    };
    expect(await shop.database.member.count({ where: index })).toBe(1);
  });

  it('of several at once of one unproved address leaves the last of them', async () => {
    const email = newEmail();
    const facts = newMember({ email, emailVerified: false });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => patiently(() => internal.create(facts))),
    );
    const made = answers.filter(({ status }) => status === 201).map(memberIdIn);
    const left = await shop.database.member.findMany({ where: { id: { in: made } } });
    expect(made.length).toBeGreaterThan(0);
    expect(left).toHaveLength(1);
    expect((await internal.byEmail(email)).body).toMatchObject({ memberId: left[0]?.id });
  });

  it.each([
    ['a role', { role: 'ADMIN' }],
    ['no address', { email: undefined }],
    ['an address of 255 characters', { email: `${'x'.repeat(60)}@${'y'.repeat(191)}.kr` }],
    ['no agreements', { agreements: undefined }],
    ['an agreement to nothing', { agreements: [{ document: 'COOKIES', version: '2026-11-01' }] }],
    ['an empty hash', { passwordHash: '' }],
    ['an empty name', { name: '' }],
  ])('with %s is refused', async (_name, facts) => {
    expect((await internal.create({ ...newMember(), ...facts })).status).toBe(422);
  });
});

describe('the hash of a password', () => {
  const change = (id: string, expected: string | null, passwordHash: string) =>
    internal.put(id, 'password', { expected, passwordHash });

  it('changes from the expected one alone', async () => {
    const id = await internal.register();
    expect((await change(id, '$argon2id$other', '$argon2id$new')).status).toBe(409);
    expect(await hashOf(id)).toBe('$argon2id$stored');
    expect((await change(id, '$argon2id$stored', '$argon2id$new')).status).toBe(204);
    expect(await hashOf(id)).toBe('$argon2id$new');
    expect((await change(randomUUID(), null, '$argon2id$new')).status).toBe(404);
  });

  it('is given to a member without one, once', async () => {
    const id = await internal.register({ passwordHash: null });
    const answers = await Promise.all(['a', 'b', 'c'].map((it) => change(id, null, `$argon2id$${it}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409, 409]);
  });
});

describe('the proof of an address', () => {
  it('belongs to the registration that it was asked for', async () => {
    const id = await internal.register({ emailVerified: false });
    expect((await internal.put(id, 'email-verified', { expected: '$argon2id$other' })).status).toBe(409);
    expect((await internal.byId(id)).body).toMatchObject({ emailVerified: false });
    expect((await internal.put(id, 'email-verified', { expected: '$argon2id$stored' })).status).toBe(204);
    expect((await internal.byId(id)).body).toMatchObject({ emailVerified: true });
  });
});

describe('an identity at a provider of logins', () => {
  it('finds its member, and means nothing at another provider', async () => {
    const id = await internal.register();
    const subject = randomUUID();
    expect((await internal.put(id, 'identities', { provider: 'kakao', subject })).status).toBe(204);
    expect((await internal.put(id, 'identities', { provider: 'kakao', subject })).status).toBe(204);
    expect((await internal.byIdentity('kakao', subject)).body).toMatchObject({ memberId: id });
    expect((await internal.byIdentity('naver', subject)).status).toBe(404);
    expect((await internal.byIdentity('kakao', subject.toUpperCase())).status).toBe(404);
  });

  it('belongs to one member, who has one at each provider', async () => {
    const [id, other] = [await internal.register(), await internal.register()];
    const identity = { provider: 'kakao', subject: randomUUID() };
    await internal.put(id, 'identities', identity);
    expect((await internal.put(other, 'identities', identity)).status).toBe(409);
    expect((await internal.put(id, 'identities', { ...identity, subject: 'second' })).status).toBe(409);
    expect((await internal.byIdentity('kakao', identity.subject)).body).toMatchObject({ memberId: id });
  });

  it('is linked to one of ten members who ask at once', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, () => internal.register()));
    const identity = { provider: 'google', subject: randomUUID() };
    const answers = await Promise.all(
      ids.map((id) => patiently(() => internal.put(id, 'identities', identity))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array(9).fill(409)]);
  });
});

describe('a certification', () => {
  const person = () => ({
    ...{ ci: randomUUID(), di: randomUUID(), name: '김도아' },
    ...{ birthDate: '1990-02-28', phone: '01012345678' },
  });
  const certify = (id: string, body: object) => internal.put(id, 'certification', body);

  it('is seen by its member, without what identifies the person elsewhere', async () => {
    const id = await internal.register();
    expect((await certify(id, person())).status).toBe(204);
    expect((await certify(id, person())).status).toBe(204);
    const token = await shop.authority.token('MEMBER', id);
    const { body } = await shop.call('GET', '/api/members/me', { token });
    expect(body).toMatchObject({
      certification: {
        ...{ name: '김도아', birthDate: '1990-02-28', phone: '01012345678' },
        certifiedAt: expect.any(String),
      },
    });
    expect(JSON.stringify(body)).not.toMatch(/"[cd]i"/);
  });

  it.each(['ci', 'di'])('is refused to a second account of a person, told by %s', async (which) => {
    const [first, second] = [person(), person()];
    await certify(await internal.register(), first);
    const other = await internal.register();
    const answer = await certify(other, { ...second, [which]: first[which as 'ci' | 'di'] });
    expect(answer).toMatchObject({ status: 409, body: { code: 'REQ_4090' } });
    expect(await shop.database.certification.count({ where: { memberId: other } })).toBe(0);
  });

  it.each([
    ['a day that is not', { birthDate: '1990-02-30' }],
    ['a landline', { phone: '0212345678' }],
    ['no CI', { ci: '' }],
  ])('with %s is refused', async (_name, facts) => {
    expect((await certify(await internal.register(), { ...person(), ...facts })).status).toBe(422);
  });
});
