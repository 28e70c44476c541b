import { randomUUID } from 'node:crypto';
import { SessionTokensSchema } from '@doa-market/common/contracts';
import { Compile } from 'typebox/compile';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Accounts, startAccounts } from './support/accounts.ts';
import { type PersonRecords, startPersonRecords } from './support/person-records.ts';
import { PORTONE, type PortOne, startPortOne } from './support/portone.ts';

const PUBLIC_URL = 'https://doa.market';
const tokensValidator = Compile(SessionTokensSchema);
let accounts: Accounts;
let records: PersonRecords;
let portOne: PortOne;

beforeAll(async () => {
  records = await startPersonRecords();
  portOne = await startPortOne(PUBLIC_URL);
  accounts = await startAccounts({
    env: {
      PUBLIC_URL,
      MEMBER_SERVICE_URL: records.url,
      PORTONE_API_URL: portOne.url,
      PORTONE_API_SECRET: PORTONE.apiSecret,
      PORTONE_STORE_ID: PORTONE.storeId,
      PORTONE_IDENTITY_CHANNEL_KEY: PORTONE.channelKey,
      REQUEST_TIMEOUT: '500',
    },
  });
  records.inFrontOf(accounts.memberServer);
});
afterAll(async () => {
  await accounts.close();
  await records.close();
  await portOne.close();
});
afterEach(() => {
  portOne.fail('none');
  portOne.change(undefined);
  records.fail('none');
});

interface Started {
  identityVerificationId: string;
  storeId: string;
  channelKey: string;
  sandboxUrl?: string;
}

const somePerson = () => ({ name: `김도아 ${randomUUID()}`, birthDate: '1990-01-02', phone: '01012345678' });

async function signedIn(url = accounts.url) {
  const { email, memberId } = await accounts.member();
  const response = await accounts.login(email);
  const headers = { authorization: `Bearer ${tokensValidator.Parse(await response.json()).accessToken}` };
  return {
    memberId,
    headers,
    startAnswer: () => accounts.post('/api/auth/certification/start', undefined, headers, url),
    async start(): Promise<Started> {
      const answer = await accounts.post('/api/auth/certification/start', undefined, headers, url);
      if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
      return (await answer.json()) as Started;
    },
    complete: (identityVerificationId: string) =>
      accounts.post('/api/auth/certification/complete', { identityVerificationId }, headers, url),
  };
}

/** A member who has just been verified, and has not told us. */
async function verified(person = somePerson()) {
  const member = await signedIn();
  const { identityVerificationId: id } = await member.start();
  await portOne.verify(id, person);
  return { ...member, id, person };
}

describe('a certification', () => {
  it('keeps what PortOne tells of the member, and nothing of what the browser says', async () => {
    const member = await signedIn();
    const started = await member.start();
    expect(started).toEqual({
      identityVerificationId: expect.stringMatching(/^identity-verification-[0-9a-f-]{36}$/),
      storeId: PORTONE.storeId,
      channelKey: PORTONE.channelKey,
    });
    const person = somePerson();
    const page = await portOne.verify(started.identityVerificationId, person);
    expect(page.headers.get('location')).toBe(
      `${PUBLIC_URL}/?identityVerificationId=${started.identityVerificationId}`,
    );
    const response = await member.complete(started.identityVerificationId);
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
    expect(records.certifications.get(member.memberId)).toEqual({
      ...person,
      ci: expect.stringMatching(/^.{88}$/),
      di: expect.stringMatching(/^.{64}$/),
    });
  });

  it('shows in the history of the account', async () => {
    const member = await verified();
    await member.complete(member.id);
    const response = await fetch(`${accounts.url}/api/auth/events`, { headers: member.headers });
    const { data } = (await response.json()) as { data: { type: string }[] };
    expect(data[0]?.type).toBe('CERTIFIED');
  });

  it('is 422 before it is finished, and can be completed then', async () => {
    const member = await signedIn();
    const { identityVerificationId: id } = await member.start();
    const early = await member.complete(id);
    expect(early.status).toBe(422);
    expect(await early.json()).toMatchObject({
      errors: [{ field: 'identityVerificationId', message: 'is not finished' }],
    });
    portOne.change((answer) => ({ ...answer, id, status: 'READY' }));
    await portOne.verify(id, somePerson());
    expect((await member.complete(id)).status).toBe(422);
    portOne.change(undefined);
    expect((await member.complete(id)).status).toBe(204);
  });

  it('is 422 when it failed, and can be passed afterwards', async () => {
    const member = await signedIn();
    const { identityVerificationId: id } = await member.start();
    await portOne.verify(id, somePerson(), 'fail');
    const failed = await member.complete(id);
    expect(failed.status).toBe(422);
    expect(await failed.json()).toMatchObject({ errors: [{ message: 'was not passed' }] });
    expect(records.certifications.has(member.memberId)).toBe(false);
    await portOne.verify(id, somePerson());
    expect((await member.complete(id)).status).toBe(204);
  });

  it('is good once, however many come with it', async () => {
    const member = await verified();
    const answers = await Promise.all(Array.from({ length: 10 }, () => member.complete(member.id)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(9);
    expect((await member.complete(member.id)).status).toBe(410);
  });

  it('of another member is 410 like one that is none, and stays theirs', async () => {
    const owner = await verified();
    const thief = await signedIn();
    const stolen = await thief.complete(owner.id);
    const none = await thief.complete(`identity-verification-${randomUUID()}`);
    expect([stolen.status, none.status]).toEqual([410, 410]);
    expect(records.certifications.has(thief.memberId)).toBe(false);
    expect((await owner.complete(owner.id)).status).toBe(204);
  });

  it('of a person who has an account is 409, and leaves both as they are', async () => {
    const first = await verified();
    await first.complete(first.id);
    const second = await verified(first.person);
    const response = await second.complete(second.id);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'REQ_4090' });
    expect(records.certifications.has(second.memberId)).toBe(false);
    expect(records.certifications.has(first.memberId)).toBe(true);
  });

  it('can be renewed by the same person', async () => {
    const member = await verified();
    await member.complete(member.id);
    const { identityVerificationId: id } = await member.start();
    await portOne.verify(id, { ...member.person, phone: '01087654321' });
    expect((await member.complete(id)).status).toBe(204);
    expect(records.certifications.get(member.memberId)?.phone).toBe('01087654321');
  });

  it('is over after half an hour', async () => {
    const member = await signedIn();
    const { identityVerificationId: id } = await member.start();
    const ttl = await accounts.redis.pttl(`certification:${id}`);
    expect(ttl).toBeGreaterThan(1_700_000);
    expect(ttl).toBeLessThanOrEqual(1_800_000);
    await portOne.verify(id, somePerson());
    await accounts.redis.del(`certification:${id}`);
    expect((await member.complete(id)).status).toBe(410);
  });

  it.each(['hangs up', 'never answers', 'answers 500', 'answers HTML', 'answers an empty object'] as const)(
    'fails fast while PortOne %s, and can be completed afterwards',
    async (how) => {
      const member = await verified();
      portOne.fail(how);
      const startedAt = performance.now();
      const response = await member.complete(member.id);
      portOne.fail('none');
      expect(response.status).toBe(how === 'never answers' ? 504 : 502);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      expect((await member.complete(member.id)).status).toBe(204);
    },
  );

  it.each(['answers 500', 'hangs up', 'hangs up afterwards'] as const)(
    'is 503 while member-server %s, and can be completed afterwards',
    async (how) => {
      const member = await verified();
      records.fail(how, /certification$/);
      const response = await member.complete(member.id);
      records.fail('none');
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await member.complete(member.id)).status).toBe(204);
    },
  );

  const customer = (answer: Record<string, unknown>, change: object) => ({
    ...answer,
    verifiedCustomer: { ...(answer['verifiedCustomer'] as object), ...change },
  });
  it.each([
    ['another id', (answer: Record<string, unknown>) => ({ ...answer, id: 'another' })],
    [
      'another channel',
      (answer: Record<string, unknown>) => ({ ...answer, channel: { type: 'LIVE', key: 'another' } }),
    ],
    ['no CI', (answer: Record<string, unknown>) => customer(answer, { ci: undefined })],
    ['no phone', (answer: Record<string, unknown>) => customer(answer, { phoneNumber: undefined })],
    ['a phone abroad', (answer: Record<string, unknown>) => customer(answer, { phoneNumber: '14155550100' })],
    ['no day of birth', (answer: Record<string, unknown>) => customer(answer, { birthDate: undefined })],
    [
      'a day that is none',
      (answer: Record<string, unknown>) => customer(answer, { birthDate: '1990-02-30' }),
    ],
    ['a status of its own', (answer: Record<string, unknown>) => ({ ...answer, status: 'DONE' })],
  ])('is 502 when PortOne answers with %s', async (_what, change) => {
    const member = await verified();
    portOne.change(change);
    const response = await member.complete(member.id);
    expect(response.status).toBe(502);
    expect(await response.text()).not.toContain(member.person.name);
    expect(records.certifications.has(member.memberId)).toBe(false);
  });

  it('gives a person whose agency tells no DI one of our own, the same every time', async () => {
    portOne.change((answer) => customer(answer, { di: undefined }));
    const member = await verified();
    await member.complete(member.id);
    const first = records.certifications.get(member.memberId)?.di;
    expect(first).toMatch(/^.{44}$/);
    const { identityVerificationId: id } = await member.start();
    await portOne.verify(id, member.person);
    await member.complete(id);
    expect(records.certifications.get(member.memberId)?.di).toBe(first);
  });

  it('is 401 without a session, 403 for a guest, and 429 when a member begins too many', async () => {
    const path = '/api/auth/certification/start';
    const guest = (await (await accounts.post('/api/auth/guest')).json()) as { accessToken: string };
    const as = (authorization: string) => accounts.post(path, undefined, { authorization });
    expect((await as('Bearer none')).status).toBe(401);
    expect((await as(`Bearer ${guest.accessToken}`)).status).toBe(403);
    const member = await signedIn();
    const answers = await Promise.all(Array.from({ length: 12 }, () => member.startAnswer()));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);
  });
});

/** All that production must bring itself. */
const PRODUCTION = {
  NODE_ENV: 'production',
  AUTH_BASIC_KEY: 'doa-web:a-secret-of-production',
  SERVICE_KEYS: 'member-server:a-secret-of-production',
  REFRESH_TOKEN_SECRET: 'the refresh token secret of production',
  MAIL_URL: 'smtp://127.0.0.1:1',
  MAIL_FROM: 'DOA Market <no-reply@doa.market>',
};

describe('production', () => {
  it('has no sandbox: without PortOne nobody can begin', async () => {
    const { url, stop } = await accounts.start({ ...PRODUCTION, PORTONE_API_SECRET: '' });
    const member = await signedIn(url);
    expect((await member.startAnswer()).status).toBe(404);
    expect((await member.complete('any')).status).toBe(404);
    await stop();
  });

  it('takes no verification of a test channel, where nobody is asked who they are', async () => {
    const { url, stop } = await accounts.start(PRODUCTION);
    const member = await signedIn(url);
    const { identityVerificationId: id } = await member.start();
    await portOne.verify(id, somePerson());
    expect((await member.complete(id)).status).toBe(502);
    portOne.change((answer) => ({ ...answer, channel: { type: 'LIVE', key: PORTONE.channelKey } }));
    expect((await member.complete(id)).status).toBe(204);
    await stop();
  });
});

describe('an installation', () => {
  it('with a secret that PortOne does not take certifies nobody', async () => {
    const { url, stop } = await accounts.start({ PORTONE_API_SECRET: 'another secret' });
    const member = await signedIn(url);
    const { identityVerificationId: id } = await member.start();
    await portOne.verify(id, somePerson());
    expect((await member.complete(id)).status).toBe(502);
    await stop();
  });

  it('without PortOne verifies with a sandbox of its own in development', async () => {
    const { url, stop } = await accounts.start({ PORTONE_API_SECRET: '' });
    const member = await signedIn(url);
    const { identityVerificationId: id, sandboxUrl = '' } = await member.start();
    expect(sandboxUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/pages\/identity-verifications\/identity-/);
    const page = `${sandboxUrl}?redirectUrl=${encodeURIComponent(`${PUBLIC_URL}/account`)}`;
    expect(await (await fetch(page)).text()).toContain('<form method="post">');
    const body = new URLSearchParams({ ...somePerson(), result: 'verify' });
    const passed = await fetch(page, { method: 'POST', body, redirect: 'manual' });
    expect(passed.headers.get('location')).toBe(`${PUBLIC_URL}/account?identityVerificationId=${id}`);
    expect((await member.complete(id)).status).toBe(204);

    const elsewhere = await fetch(`${sandboxUrl}?redirectUrl=https://evil.example`);
    expect(elsewhere.status).toBe(400);
    await stop();
  });

  it('does not come up with half of what PortOne needs', async () => {
    await expect(accounts.start({ PORTONE_STORE_ID: '' })).rejects.toThrow('PORTONE_STORE_ID');
  });
});
