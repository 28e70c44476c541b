import { SessionTokensSchema } from '@doa-market/common/contracts';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGREEMENTS, argon2id, PASSWORD, someEmail } from './support/accounts.ts';
import { type ProviderName, type Social, somebody, startSocial } from './support/social.ts';

const tokensValidator = Compile(SessionTokensSchema);
let social: Social;

beforeAll(async () => {
  social = await startSocial();
});
afterAll(() => social.close());

const signIn = async (name: ProviderName, who: ReturnType<typeof somebody>) =>
  social.complete(name, await social.arrive(name, who));
const membersWith = (email: string | undefined) =>
  [...social.accounts.memberServer.members.values()].filter((it) => it.email === email);

describe('a newcomer', () => {
  it.each(['kakao', 'google'] as const)('whom %s vouches for is asked for agreements first', async (name) => {
    const who = somebody();
    const response = await social.complete(name, await social.arrive(name, who, { redirect: '/events' }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'AGREEMENTS_REQUIRED',
      handle: expect.stringMatching(/^[\w-]{43}$/),
      email: who.email,
      emailCodeRequired: false,
      name: who.name,
      redirect: '/events',
    });
    expect(membersWith(who.email)).toEqual([]);
  });

  it('who agrees is a member without a password, signed in, and known from then on', async () => {
    const who = somebody();
    const handle = await social.newcomer('kakao', who, { redirect: '/events' });
    const response = await social.register(handle);
    expect(response.status).toBe(200);
    const body: unknown = await response.json();
    const { memberId } = tokensValidator.Parse(body);
    expect(body).toMatchObject({ status: 'SIGNED_IN', redirect: '/events' });
    expect(membersWith(who.email)).toMatchObject([
      { memberId, name: '김도아', passwordHash: null, emailVerified: true, agreements: AGREEMENTS },
    ]);
    expect(await (await signIn('kakao', who)).json()).toMatchObject({ status: 'SIGNED_IN', memberId });
  });

  it('is not let in by a password, since there is none', async () => {
    const who = somebody();
    await social.register(await social.newcomer('google', who));
    for (const password of [PASSWORD, 'null', 'undefined']) {
      expect((await social.accounts.login(who.email ?? '', password)).status).toBe(401);
    }
  });

  it('may go by another name than at the provider', async () => {
    const who = somebody();
    await social.register(await social.newcomer('kakao', who), { name: ' 다른 이름 ' });
    expect(membersWith(who.email)).toMatchObject([{ name: '다른 이름' }]);
  });

  it('is asked for a name where the provider tells none, and may try again', async () => {
    const { name: _, ...nameless } = somebody();
    const handle = await social.newcomer('google', nameless);
    const refused = await social.register(handle);
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ errors: [{ field: 'name' }] });
    expect((await social.register(handle, { name: '김도아' })).status).toBe(200);
  });

  it('has a name of the provider taken only as far as it is one', async () => {
    const who = somebody({ name: ` 김\r\n도아\u0000${'x'.repeat(200)}` });
    await social.register(await social.newcomer('google', who));
    const [member] = membersWith(who.email);
    expect(member?.name).toBe(`김도아${'x'.repeat(97)}`);
  });

  it.each([
    ['nothing', []],
    ['half of what is required', [AGREEMENTS[0]]],
    ['a version that is not in force', [{ document: 'TERMS', version: '2020-01-01' }, AGREEMENTS[1]]],
  ])('who agrees to %s is no member, and may try again', async (_what, agreements) => {
    const who = somebody();
    const handle = await social.newcomer('kakao', who);
    expect((await social.register(handle, { agreements })).status).toBe(422);
    expect(membersWith(who.email)).toEqual([]);
    expect((await social.register(handle)).status).toBe(200);
  });

  it('becomes one member, however often it is sent at once', async () => {
    const who = somebody();
    const handle = await social.newcomer('kakao', who);
    const answers = await Promise.all(Array.from({ length: 10 }, () => social.register(handle)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(9);
    expect(membersWith(who.email)).toHaveLength(1);
  });

  it('becomes one member in two tabs', async () => {
    const who = somebody();
    const [one, other] = [await social.newcomer('kakao', who), await social.newcomer('kakao', who)];
    const statuses = (await Promise.all([social.register(one), social.register(other)])).map(
      (it) => it.status,
    );
    expect(statuses).toEqual([200, 200]);
    expect(membersWith(who.email)).toHaveLength(1);
    expect((await signIn('kakao', who)).status).toBe(200);
  });

  it.each([
    ['a handle that is none', () => Promise.resolve('x'.repeat(43))],
    ['the handle of a sign-in', async () => (await social.begin('kakao')).handle],
  ])('is 410 with %s', async (_what, handleOf) => {
    expect((await social.register(await handleOf())).status).toBe(410);
  });

  it('is 410 at another client', async () => {
    const { url, stop } = await social.accounts.start({ AUTH_CLIENTS: 'doa-app:doa-app-development-secret' });
    const handle = await social.newcomer('kakao', somebody());
    const authorization = `Basic ${Buffer.from('doa-app:doa-app-development-secret').toString('base64')}`;
    const response = await social.accounts.post(
      '/api/auth/social/register',
      { handle, agreements: AGREEMENTS },
      { authorization },
      url,
    );
    expect(response.status).toBe(410);
    await stop();
  });

  it('keeps the handle for half an hour, as a digest', async () => {
    const handle = await social.newcomer('kakao', somebody());
    const keys = await social.accounts.redis.keys('social:registration:*');
    const ttls = await Promise.all(keys.map((key) => social.accounts.redis.pttl(key)));
    expect(Math.max(...ttls)).toBeLessThanOrEqual(1_800_000);
    expect(Math.min(...ttls)).toBeGreaterThan(0);
    expect(keys.join()).not.toContain(handle);
  });
});

describe('an address that has an account', () => {
  it.each(['kakao', 'google'] as const)('is not opened to whoever %s says it belongs to', async (name) => {
    const { email, memberId } = await social.accounts.member();
    const who = somebody({ email });
    const response = await signIn(name, who);
    expect(response.status).toBe(409);
    const { code, detail } = (await response.json()) as { code: string; detail: string };
    expect(code).toBe('REQ_4090');
    expect(detail).toContain('Sign in to it');
    expect(social.records.ownerOf(name, who.sub)).toBeUndefined();

    const tokens = tokensValidator.Parse(await (await social.accounts.login(email)).json());
    const completion = await social.arrive(name, who, {}, tokens.accessToken);
    expect((await social.link(name, completion, tokens.accessToken)).status).toBe(200);
    expect(await (await signIn(name, who)).json()).toMatchObject({ status: 'SIGNED_IN', memberId });
  });

  it('is not opened to another provider either', async () => {
    const who = somebody();
    await social.register(await social.newcomer('google', who));
    expect((await signIn('kakao', somebody({ email: who.email ?? '' }))).status).toBe(409);
  });

  it('is free as long as nobody proved it: whoever registered it first has nothing of it', async () => {
    const email = someEmail();
    const squatter = social.accounts.memberServer.add({
      email,
      passwordHash: await argon2id(PASSWORD),
      emailVerified: false,
    });
    const response = await social.register(await social.newcomer('kakao', somebody({ email })));
    expect(response.status).toBe(200);
    const { memberId } = tokensValidator.Parse(await response.json());
    expect(memberId).not.toBe(squatter.memberId);
    expect((await social.accounts.login(email)).status).toBe(401);
  });

  it('that got its account in the meantime is 409', async () => {
    const who = somebody();
    const handle = await social.newcomer('kakao', who);
    await social.accounts.member(who.email);
    expect((await social.register(handle)).status).toBe(409);
    expect(social.records.ownerOf('kakao', who.sub)).toBeUndefined();
  });

  it('that got an account without a password in the meantime is 409, too', async () => {
    const who = somebody();
    const handle = await social.newcomer('kakao', who);
    social.accounts.memberServer.add({ email: who.email ?? '', passwordHash: null });
    expect((await social.register(handle)).status).toBe(409);
    expect(social.records.ownerOf('kakao', who.sub)).toBeUndefined();
  });
});

/** The code in the newest of `count` mails. */
async function codeFor(email: string | undefined, count = 1): Promise<string> {
  const { text } = await social.accounts.mail(email ?? '', count);
  const code = /확인 번호: (\d{8})\n/.exec(text)?.[1];
  if (!code) throw new Error('the mail has no code');
  return code;
}

const wrong = (code: string) => `${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`;

describe('an address that the provider does not vouch for', () => {
  it.each([
    ['kakao', 'that was not proved there', { emailVerified: false }],
    ['google', 'that was not proved there', { emailVerified: false }],
    ['google', 'that it says nothing of', { emailVerified: undefined }],
    ['naver', 'as Naver never does', {}],
  ] as const)('is proved by a code that was sent to it (%s, %s)', async (name, _what, change) => {
    const who = { ...somebody(), ...change } as ReturnType<typeof somebody>;
    const response = await signIn(name, who);
    expect(response.status).toBe(200);
    const body = (await response.json()) as { handle: string };
    expect(body).toMatchObject({ status: 'AGREEMENTS_REQUIRED', emailCodeRequired: true });
    const emailCode = await codeFor(who.email);

    for (const guess of [undefined, wrong(emailCode)]) {
      const refused = await social.register(body.handle, { emailCode: guess });
      expect(refused.status).toBe(422);
      expect(await refused.json()).toMatchObject({ errors: [{ field: 'emailCode' }] });
    }
    expect(membersWith(who.email)).toEqual([]);
    expect((await social.register(body.handle, { emailCode })).status).toBe(200);
    expect(membersWith(who.email)).toMatchObject([{ emailVerified: true, passwordHash: null }]);
    expect(await (await signIn(name, who)).json()).toMatchObject({ status: 'SIGNED_IN' });
  });

  it('is not proved by the code of another address', async () => {
    const [one, other] = [somebody(), somebody()];
    const handle = await social.newcomer('naver', one);
    await social.newcomer('naver', other);
    const emailCode = await codeFor(other.email);
    expect((await social.register(handle, { emailCode })).status).toBe(422);
  });

  it('gives a code five guesses, and the right one is too late then', async () => {
    const who = somebody();
    const handle = await social.newcomer('naver', who);
    const emailCode = await codeFor(who.email);
    const guess = () => social.register(handle, { emailCode: wrong(emailCode) });
    for (let guesses = 0; guesses < 5; guesses += 1) expect((await guess()).status).toBe(422);
    expect((await social.register(handle, { emailCode })).status).toBe(422);

    const again = await social.newcomer('naver', who);
    const newer = await codeFor(who.email, 2);
    expect((await social.register(again, { emailCode: newer })).status).toBe(200);
  });

  it('has a code that is good once, and ended by a newer one', async () => {
    const who = somebody();
    await social.newcomer('naver', who);
    const older = await codeFor(who.email);
    const handle = await social.newcomer('naver', who);
    const newer = await codeFor(who.email, 2);
    if (older !== newer) expect((await social.register(handle, { emailCode: older })).status).toBe(422);
    expect((await social.register(handle, { emailCode: newer })).status).toBe(200);
    const late = await social.newcomer('naver', somebody({ email: who.email ?? '' }));
    expect((await social.register(late, { emailCode: newer })).status).toBe(422);
  });

  it('leaves neither code nor address in Redis, and nothing after half an hour', async () => {
    const who = somebody();
    await social.newcomer('naver', who);
    const emailCode = await codeFor(who.email);
    const { redis } = social.accounts;
    for (const key of await redis.keys('social:email-code:*')) {
      expect(await redis.pttl(key)).toBeGreaterThan(0);
      expect(await redis.pttl(key)).toBeLessThanOrEqual(1_800_000);
      const stored = `${key} ${JSON.stringify(await redis.hgetall(key))}`;
      expect(stored).not.toContain(emailCode);
      expect(stored).not.toContain(who.email);
    }
  });

  it('is not asked to be proved again after an outage, since the code is used up', async () => {
    const who = somebody();
    const handle = await social.newcomer('naver', who);
    const emailCode = await codeFor(who.email);
    social.records.fail('answers 500', /^\/internal\/members$/);
    expect((await social.register(handle, { emailCode })).status).toBe(503);
    social.records.fail('none');
    expect((await social.register(handle, { emailCode })).status).toBe(200);
  });

  it('that has an account is told so by mail alone, and gets no code', async () => {
    const { email } = await social.accounts.member();
    const known = await signIn('naver', somebody({ email }));
    const unknown = await signIn('naver', somebody());
    const visible = async (response: Response) => ({
      status: response.status,
      fields: Object.keys((await response.json()) as object),
    });
    expect(await visible(known)).toEqual(await visible(unknown));
    const { subject, text } = await social.accounts.mail(email);
    expect(subject).toContain('이미 가입된');
    expect(text).not.toMatch(/\d{8}/);
  });

  it.each([
    ['kakao', 'there is none', undefined],
    ['google', 'it is none', 'not an address'],
  ] as const)('cannot be proved where %s tells that %s', async (name, _what, email) => {
    const { email: _, ...addressless } = somebody();
    const response = await signIn(name, { ...addressless, ...(email !== undefined && { email }) });
    expect(response.status).toBe(409);
    expect(((await response.json()) as { detail: string }).detail).toContain('Register');
  });
});

describe('a profile', () => {
  it.each([
    ['kakao', '/v2/user/me'],
    ['naver', '/v1/nid/me'],
  ] as const)('of %s that cannot be had is 502, and known members need none', async (name, path) => {
    const { providers } = social;
    for (const how of ['answers 500', 'answers HTML', 'answers an empty object', 'hangs up'] as const) {
      const completion = await social.arrive(name, somebody());
      providers[name].fail(how, path);
      const response = await social.complete(name, completion);
      providers[name].fail('none');
      expect(response.status).toBe(502);
    }
    const member = await social.accounts.member();
    const tokens = tokensValidator.Parse(await (await social.accounts.login(member.email)).json());
    const who = somebody();
    const completion = await social.arrive(name, who, {}, tokens.accessToken);
    providers[name].fail('answers 500', path);
    expect((await social.link(name, completion, tokens.accessToken)).status).toBe(200);
    expect((await signIn(name, who)).status).toBe(200);
    providers[name].fail('none');
  });

  it('of Kakao that comes late is 504', async () => {
    const completion = await social.arrive('kakao', somebody());
    social.providers.kakao.fail('never answers', '/v2/user/me');
    const response = await social.complete('kakao', completion);
    social.providers.kakao.fail('none');
    expect(response.status).toBe(504);
  });

  it('of somebody else is 502', async () => {
    const { kakao } = social.providers;
    kakao.forgeIdTokens((idToken) => kakao.sign(idToken, { sub: '1' }));
    const response = await signIn('kakao', somebody());
    kakao.forgeIdTokens(undefined);
    expect(response.status).toBe(502);
  });
});

describe('a registration while member-server fails', () => {
  it.each([
    ['refuses to make the member', 'answers 500', /^\/internal\/members$/],
    ['makes the member, and its answer gets lost', 'hangs up afterwards', /^\/internal\/members$/],
  ] as const)('can be done again when it %s', async (_what, how, path) => {
    const who = somebody();
    const handle = await social.newcomer('kakao', who);
    social.records.fail(how, path);
    const refused = await social.register(handle);
    social.records.fail('none');
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);

    expect((await social.register(handle)).status).toBe(200);
    expect(membersWith(who.email)).toHaveLength(1);
    expect(await (await signIn('kakao', who)).json()).toMatchObject({ status: 'SIGNED_IN' });
  });

  it('does not open an account with a password that came up in the meantime', async () => {
    const who = somebody();
    const handle = await social.newcomer('kakao', who);
    social.records.fail('answers 500', /^\/internal\/members$/);
    expect((await social.register(handle)).status).toBe(503);
    social.records.fail('none');
    await social.accounts.member(who.email);
    expect((await social.register(handle)).status).toBe(409);
    expect(social.records.ownerOf('kakao', who.sub)).toBeUndefined();
  });
});
