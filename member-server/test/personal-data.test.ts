import { randomBytes, randomUUID } from 'node:crypto';
import { ConfigError, loadConfig } from '@doa-market/common/config';
import { until } from '@doa-market/common/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { createPersonalData } from '../src/personal-data/index.ts';
import { startProcess } from './support/process.ts';
import {
  type AuthServerCalls,
  asAuthServer,
  memberIdIn,
  newEmail,
  newMember,
} from './support/registration.ts';
import { caller, openShop, type Shop } from './support/shop.ts';

let shop: Shop;
let internal: AuthServerCalls;

beforeAll(async () => {
  shop = await openShop();
  internal = await asAuthServer(shop);
});
afterAll(() => shop.close());

const own = async (id: string) => ({ token: await shop.authority.token('MEMBER', id) });
const person = () => ({
  ...{ ci: `ci-${randomUUID()}`, di: `di-${randomUUID()}`, name: '홍길동' },
  ...{ birthDate: '1987-06-05', phone: '01098765432' },
});

/** Every row of every table as text. */
async function everything(): Promise<string> {
  const tables = await shop.database.$queryRaw<{ name: string }[]>`
    SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`;
  const dumps = await Promise.all(
    tables.map(({ name }) =>
      shop.database.$queryRawUnsafe<{ row: string }[]>(`SELECT row_to_json(t)::text AS row FROM ${name} t`),
    ),
  );
  return dumps
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

describe('personal data', () => {
  it('is nowhere in the database as it is', async () => {
    const email = newEmail();
    const identity = { provider: 'kakao', subject: `subject-${randomUUID()}` };
    const certification = person();
    const facts = newMember({ email, name: '선우은숙' });
    const id = memberIdIn(await internal.create(facts, { 'x-idempotency-key': randomUUID() }));
    await internal.put(id, 'identities', identity);
    await internal.put(id, 'certification', certification);
    const changes = { body: { phone: '01012344321' }, headers: { 'if-match': '*' } };
    await shop.call('PATCH', '/api/members/me', { ...(await own(id)), ...changes });
    const address = {
      ...{ label: '어머니댁', recipient: '황보라미', phone: '01077778888', postcode: '06236' },
      ...{ roadAddress: '서울특별시 강남구 테헤란로 152', detail: '가나다동 1203호' },
    };
    const named = { headers: { 'x-idempotency-key': randomUUID() } };
    const created = await shop.call('POST', '/api/members/me/addresses', {
      ...{ ...(await own(id)), ...named, body: address },
    });
    expect(created.status).toBe(201);
    const { postcode, ...lines } = address;

    const stored = await everything();
    expect(stored).toContain(id);
    expect(stored).toContain(postcode);
    const told = [email, '선우은숙', '01012344321', identity.subject];
    for (const secret of [...told, ...Object.values(certification), ...Object.values(lines)]) {
      expect(stored).not.toContain(secret);
      expect(stored).not.toContain(Buffer.from(secret).toString('base64url').slice(0, -2));
    }
  });

  it('of two members with the same name and address lines has nothing in common', async () => {
    const personalData = createPersonalData(shop.config);
    const [first, second] = [randomUUID(), randomUUID()].map(
      (id) => personalData.seal('members', id, { name: '김도아' }).name,
    );
    expect(first).not.toBe(second);
    expect(personalData.index('name', 'x@doa.market')).not.toBe(personalData.index('email', 'x@doa.market'));
  });

  const thefts: [string, string][] = [
    [
      "another member's name",
      'UPDATE members SET name = b.name FROM members b WHERE members.id = $1::uuid AND b.id = $2::text::uuid',
    ],
    [
      'their own address as name',
      'UPDATE members SET name = email WHERE id = $1::uuid AND $2::text IS NOT NULL',
    ],
    [
      'a changed byte',
      "UPDATE members SET name = overlay(name placing 'A' from 30 for 1) WHERE id = $1::uuid AND $2::text IS NOT NULL",
    ],
    ['a part of it', 'UPDATE members SET name = left(name, -4) WHERE id = $1::uuid AND $2::text IS NOT NULL'],
    [
      'hardly anything',
      "UPDATE members SET name = 'v1.dev.AAAA' WHERE id = $1::uuid AND $2::text IS NOT NULL",
    ],
    [
      'an unknown key',
      "UPDATE members SET name = replace(name, 'v1.dev.', 'v1.other.') WHERE id = $1::uuid AND $2::text IS NOT NULL",
    ],
  ];
  it.each(thefts)('does not open when the stored name is replaced by %s', async (_name, statement) => {
    const victim = await internal.register({ name: '비밀이름' });
    const thief = await internal.register();
    await shop.database.$executeRawUnsafe(statement, thief, victim);
    const answer = await shop.call('GET', '/api/members/me', await own(thief));
    expect(answer).toMatchObject({ status: 500, body: { code: 'SYS_5000' } });
    expect(JSON.stringify(answer.body)).not.toMatch(/비밀이름|decrypt|v1\./);
    expect((await shop.call('GET', '/api/members/me', await own(victim))).status).toBe(200);
  });

  it.each([
    ['lower and upper case', 'Doa.Kim@DOA.market', 'doa.kim@doa.market', true],
    [
      'composed and decomposed letters',
      'josé@doa.market'.normalize('NFD'),
      'josé@doa.market'.normalize('NFC'),
      true,
    ],
    ['spaces around it', ' doa@doa.market ', 'doa@doa.market', true],
    ['a dot', 'd.oa@doa.market', 'doa@doa.market', false],
    ['a tag', 'doa+1@doa.market', 'doa@doa.market', false],
    ['a letter that looks the same', 'dоa@doa.market', 'doa@doa.market', false],
    ['a full-width letter', 'ｄoa@doa.market', 'doa@doa.market', false],
  ])('is the same address or not: %s', (_name, one, other, same) => {
    const { index } = createPersonalData(shop.config);
    expect(index('email', one) === index('email', other)).toBe(same);
  });
});

describe('a server with the wrong keys', () => {
  const key = () => randomBytes(32).toString('base64');
  const startWith = async (keys: Record<string, string>) => {
    const app = await buildApp(loadConfig(ConfigSchema, { ...shop.env, ...keys }));
    await app.close();
  };

  it.each([
    ['another key of the same name', () => ({ PII_KEYS: `dev:${key()}` }), /PII_KEYS has another key "dev"/],
    ['a new key alone', () => ({ PII_KEYS: `new:${key()}` }), /PII_KEYS lacks the key "dev"/],
    ['another index key', () => ({ PII_INDEX_KEY: key() }), /PII_INDEX_KEY is not the one/],
    ['no base64', () => ({ PII_KEYS: 'dev:secret' }), /PII_KEYS must match/],
    [
      'a key that is too short',
      () => ({ PII_KEYS: `dev:${randomBytes(16).toString('base64')}` }),
      /PII_KEYS must/,
    ],
    ['two keys of one name', () => ({ PII_KEYS: `dev:${key()},dev:${key()}` }), /PII_KEYS has two keys/],
    ['a short index key', () => ({ PII_INDEX_KEY: 'c2hvcnQ=' }), /PII_INDEX_KEY must match/],
  ])('does not start: %s', async (_name, keys, message) => {
    await expect(startWith(keys())).rejects.toThrow(message);
    await startWith({});
  });

  it('does not start in production without keys of its own', () => {
    const start = () => loadConfig(ConfigSchema, { ...shop.env, NODE_ENV: 'production' });
    expect(start).toThrow(ConfigError);
    expect(start).toThrow(/PII_KEYS is missing[\s\S]*PII_INDEX_KEY is missing/);
  });
});

describe('the log', () => {
  it('of a server at its most talkative holds no personal data', async () => {
    const server = await startProcess({ ...shop.env, LOG_LEVEL: 'trace' });
    onTestFinished(() => server.kill());
    const call = caller(server.url);
    const service = await shop.authority.token('SERVICE', 'service:auth-server', {
      claims: { aud: 'member-server', sid: undefined },
    });
    const admin = await shop.authority.token('ADMIN');
    const facts = newMember({ name: '독고영재', passwordHash: '$argon2id$very-secret' });
    const certification = person();
    const post = (path: string, body: unknown, method = 'POST') =>
      call(method, path, { token: service, body });
    const id = memberIdIn(await post('/internal/members', facts));
    const { token } = await own(id);
    const search = (text: string) =>
      call('GET', `/api/members?search=${encodeURIComponent(text)}`, { token: admin });
    const answers = [
      await post('/internal/members', facts),
      await post('/internal/members', { ...facts, name: '' }),
      await post('/internal/members', { ...facts, passwordHash: '$argon2id$very-secret\0' }),
      await post('/internal/credentials', { email: facts.email }),
      await post(`/internal/members/${id}/certification`, certification, 'PUT'),
      await post(`/internal/members/${id}/certification`, { ...certification, ci: '' }, 'PUT'),
      await call('PATCH', '/api/members/me', {
        token,
        body: { name: '독고영재', phone: '01055556666', x: 1 },
      }),
      await call('PATCH', '/api/members/me', {
        token,
        body: '{"name":"독고영재"',
        headers: { 'if-match': '*' },
      }),
      await search('독고영재'),
      await search(facts.email),
    ];
    await shop.database.$executeRaw`UPDATE members SET name = email WHERE id = ${id}::uuid`;
    answers.push(await call('GET', '/api/members/me', { token }));
    await until(() => server.log().includes('does not decrypt'), 'the last line of the log');

    expect(answers.map(({ status }) => status)).toEqual([
      409, 422, 500, 200, 204, 422, 422, 400, 200, 200, 500,
    ]);
    const secrets = [facts.email, '독고영재', 'very-secret', '01055556666', ...Object.values(certification)];
    for (const secret of secrets) {
      expect(server.log()).not.toContain(secret);
      expect(server.log()).not.toContain(encodeURIComponent(secret));
    }
  });
});
