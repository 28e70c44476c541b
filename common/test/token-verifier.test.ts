import { KeyObject, sign } from 'node:crypto';
import { createTokenVerifier, remoteKeySet } from '@doa-market/common/auth';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { CompactSign, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let authority: Authority;
let verify: ReturnType<typeof createTokenVerifier>;
const now = () => Math.floor(Date.now() / 1_000);

const verifierWith = (options: { now?: () => number; capacity?: number } = {}) =>
  createTokenVerifier({
    issuer: authority.issuer,
    audience: ['doa-market'],
    keys: remoteKeySet(authority.url, 1_000).getKey,
    ...options,
  });

beforeAll(async () => {
  authority = await startAuthority();
  verify = verifierWith();
});
afterAll(() => authority.close());

const signed = (payload: string): Promise<string> =>
  new CompactSign(Buffer.from(payload))
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: authority.kid })
    .sign(authority.privateKey);

/** Every one of these gets the same answer: what is wrong with a token is nobody's business. */
const hostile: Record<string, () => string | Promise<string>> = {
  'no token at all': () => '',
  'three empty parts': () => '..',
  'text that is no JWT': () => 'a.b.c',
  'a NUL in it': () => 'a\0.b.c',
  'alg none': () => new UnsecuredJWT({ sub: 'x', role: 'ADMIN' }).setIssuer(authority.issuer).encode(),
  'HS256 with the public key as its secret': async () =>
    new SignJWT({ role: 'ADMIN' })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: authority.kid })
      .sign(new TextEncoder().encode(JSON.stringify(authority.publicKey))),
  "somebody else's key": async () =>
    authority.token('ADMIN', 'x', { key: (await generateKeyPair('ES256')).privateKey }),
  'an unknown kid': () => authority.token('MEMBER', 'x', { header: { kid: 'unknown' } }),
  'a key of its own in the header': () =>
    authority.token('MEMBER', 'x', { header: { kid: 'x', jku: authority.url } }),
  'another typ': () => authority.token('MEMBER', 'x', { header: { typ: 'JWT' } }),
  'no typ': () => authority.token('MEMBER', 'x', { header: { typ: '' } }),
  'another issuer': () => authority.token('MEMBER', 'x', { claims: { iss: 'https://evil.example' } }),
  'another audience': () => authority.token('MEMBER', 'x', { claims: { aud: 'other' } }),
  'an unknown role': () => authority.token('ROOT'),
  'no subject': () => authority.token('MEMBER', 'x', { claims: { sub: undefined } }),
  'no expiry': () => authority.token('MEMBER', 'x', { claims: { exp: undefined } }),
  'an expiry in the past': () => authority.token('MEMBER', 'x', { claims: { exp: now() - 1 } }),
  'an expiry that is text': () => authority.token('MEMBER', 'x', { claims: { exp: '9999999999' } }),
  'a start in the future': () => authority.token('MEMBER', 'x', { claims: { nbf: now() + 60 } }),
  'a signature that was cut': async () => (await authority.token('MEMBER')).slice(0, -4),
  'a signature in another form': async () => {
    const token = await authority.token('MEMBER');
    const [header, claims] = token.split('.');
    const key = KeyObject.from(authority.privateKey);
    return `${header}.${claims}.${sign('sha256', Buffer.from(`${header}.${claims}`), key).toString('base64url')}`;
  },
  'a signature of zeros': async () =>
    `${(await authority.token('MEMBER')).split('.').slice(0, 2).join('.')}.${'A'.repeat(86)}`,
  'a part too many': async () => `${await authority.token('MEMBER')}.x`,
  padding: async () => `${await authority.token('MEMBER')}==`,
  'text around it': async () => ` ${await authority.token('MEMBER')}\n`,
  'an extension that has to be understood': () =>
    authority.token('MEMBER', 'x', { header: { crit: ['b64'], b64: true } }),
  'a header that says more than ours do': () =>
    authority.token('MEMBER', 'x', { header: { jwk: { kty: 'EC' } } }),
  'claims that are no object': () => signed('[]'),
  'claims that are no JSON': () => signed('{'),
  'claims that were changed': async () => {
    const [header, , signature] = (await authority.token('MEMBER')).split('.');
    const claims = Buffer.from(JSON.stringify({ role: 'ADMIN', exp: now() + 60 })).toString('base64url');
    return `${header}.${claims}.${signature}`;
  },
};

describe('the token verifier', () => {
  it.each(Object.entries(hostile))('answers 401 to %s', async (_name, make) => {
    await expect(verify(await make())).rejects.toMatchObject({ status: 401, code: 'AUTH_1002' });
  });

  it('gives the claims of a valid token', async () => {
    const claims = await verify(await authority.token('MEMBER', 'somebody'));
    expect(claims).toMatchObject({ sub: 'somebody', role: 'MEMBER' });
  });

  it('remembers a verified token, and never past its expiry', async () => {
    let time = Date.now();
    const remembering = verifierWith({ now: () => time });
    const token = await authority.token('MEMBER');
    const first = await remembering(token);
    expect(await remembering(token)).toBe(first);
    time += 301_000;
    await expect(remembering(token)).rejects.toMatchObject({ status: 401 });
  });

  it('forgets the oldest token when its memory is full', async () => {
    const small = verifierWith({ capacity: 1 });
    const token = await authority.token('MEMBER');
    const first = await small(token);
    await small(await authority.token('MEMBER'));
    expect(await small(token)).not.toBe(first);
  });

  it('asks for the keys once, however many unknown keys are named', async () => {
    const fresh = verifierWith();
    await fresh(await authority.token('MEMBER'));
    const before = authority.keySetRequests();
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, i) => authority.token('MEMBER', 'x', { header: { kid: `k${i}` } })),
    );
    await Promise.allSettled(tokens.map(fresh));
    expect(authority.keySetRequests() - before).toBeLessThanOrEqual(1);
  });

  it('answers 503 when there has never been a key to verify with', async () => {
    const keyless = createTokenVerifier({
      issuer: authority.issuer,
      audience: ['doa-market'],
      keys: remoteKeySet('http://127.0.0.1:1', 200).getKey,
    });
    await expect(keyless(await authority.token('MEMBER'))).rejects.toMatchObject({ status: 503 });
  });

  it('keeps the keys it knows while auth-server is away', async () => {
    const short = await startAuthority();
    const keySet = remoteKeySet(short.url, 200);
    const surviving = createTokenVerifier({
      issuer: short.issuer,
      audience: ['doa-market'],
      keys: keySet.getKey,
    });
    await surviving(await short.token('MEMBER'));
    const later = await short.token('MEMBER');
    await short.close();
    await expect(surviving(later)).resolves.toMatchObject({ role: 'MEMBER' });
    await expect(keySet.check()).rejects.toThrow();
  });
});
