import { createHmac } from 'node:crypto';
import { type CryptoKey, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newAddress } from './support/addresses.ts';
import type { Answer } from './support/client.ts';
import { type Market, openMarket } from './support/market.ts';
import { claimsOf, newKey, type SigningKey, sign } from './support/tokens.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket();
});

afterEach(() => market.services.bff.reset());

afterAll(() => market.close());

type Forge = (key: SigningKey) => Promise<string> | string;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (header: unknown, claims: unknown = claimsOf('ADMIN')) =>
  `${encode(header)}.${encode(claims)}`;
const partsOf = async (key: SigningKey) => (await sign(key, claimsOf('ADMIN'))).split('.');

/** A good token, but for one part. */
async function withPart(key: SigningKey, index: number, part: string): Promise<string> {
  const parts = await partsOf(key);
  parts[index] = part;
  return parts.join('.');
}

/** Signed well, with a header that jose would not write. */
async function withHeader(key: SigningKey, header: Record<string, unknown>): Promise<string> {
  const signed = unsigned({ alg: 'ES256', kid: key.kid, typ: 'at+jwt', ...header });
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(algorithm, key.privateKey, Buffer.from(signed));
  return `${signed}.${Buffer.from(signature).toString('base64url')}`;
}

function present(token: string): Promise<Answer> {
  return market.get('/api/me', { headers: { authorization: `Bearer ${token}`, ...newAddress() } });
}

function expectRefusal(answer: Answer) {
  expect(answer.status).toBe(401);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="doa-market", error="invalid_token"/);
  expect(answer.json).toMatchObject({ status: 401, code: 'AUTH_1002', instance: '/api/me' });
  expect(market.services.bff.seen).toHaveLength(0);
}

const MALFORMED: Record<string, Forge> = {
  'an empty one': () => '',
  'one word': () => 'token',
  'two parts': (key) => unsigned({ alg: 'ES256', kid: key.kid, typ: 'at+jwt' }),
  'four parts': async (key) => `${await sign(key, claimsOf('ADMIN'))}.AAAA`,
  'empty parts': () => '..',
  'five parts, as if encrypted': async (key) => `${await sign(key, claimsOf('ADMIN'))}.AAAA.AAAA`,
  'binary rubbish': () => `${Buffer.alloc(600, 0xff).toString('base64url')}.AA.AA`,
  'a header that is no JSON': (key) => withPart(key, 0, Buffer.from('{').toString('base64url')),
  'a header that is a number': (key) => withPart(key, 0, encode(7)),
  'a header that is a list': (key) => withPart(key, 0, encode([])),
  'claims that are null': (key) => withPart(key, 1, encode(null)),
  'deep nesting': (key) => withPart(key, 1, Buffer.from('['.repeat(2000)).toString('base64url')),
  'a second spelling of a good signature': async (key) => {
    const token = await sign(key, claimsOf('ADMIN'));
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) ?? '') + 1];
  },
  padding: async (key) => `${await sign(key, claimsOf('ADMIN'))}==`,
  'two tokens': async (key) =>
    `${await sign(key, claimsOf('ADMIN'))}, Bearer ${await sign(key, claimsOf('ADMIN'))}`,
  'nine kilobytes': (key) => sign(key, claimsOf('ADMIN', { pad: 'x'.repeat(9_000) })),
};

const UNTRUSTED: Record<string, Forge> = {
  ...Object.fromEntries(
    ['none', 'None', 'NONE', 'nOnE', '', ' none', 'es256', 'ES256 ', null, 256, ['ES256']].flatMap((alg) => [
      [`alg ${JSON.stringify(alg)} without a signature`, () => `${unsigned({ alg, typ: 'at+jwt' })}.`],
      [`alg ${JSON.stringify(alg)} with a good one`, (key: SigningKey) => withHeader(key, { alg })],
    ]),
  ),
  'no alg': (key) => withHeader(key, { alg: undefined }),
  'HMAC keyed with the public key': async (key) => {
    const pem = await exportSPKI((await importJWK(key.jwk, 'ES256', { extractable: true })) as CryptoKey);
    const signed = unsigned({ alg: 'HS256', kid: key.kid, typ: 'at+jwt' });
    return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
  },
  'another curve': async (key) => {
    const { privateKey } = await generateKeyPair('ES384');
    return new SignJWT(claimsOf('ADMIN'))
      .setProtectedHeader({ alg: 'ES384', kid: key.kid, typ: 'at+jwt' })
      .sign(privateKey);
  },
  'the key of somebody else under a known name': async (key) =>
    sign({ ...(await newKey()), kid: key.kid }, claimsOf('ADMIN')),
  'a key that nobody published': async () => sign(await newKey(), claimsOf('ADMIN')),
  'a key of its own in the header': async (key) => {
    const own = await newKey(key.kid);
    return sign(own, claimsOf('ADMIN'), { jwk: own.jwk });
  },
  'an address of keys in the header': async (key) =>
    withHeader({ ...(await newKey()), kid: key.kid }, { jku: `${market.services.bff.url}/jwks.json` }),
  'an address of a certificate in the header': async (key) =>
    withHeader(
      { ...(await newKey()), kid: key.kid },
      { x5u: `${market.services.bff.url}/cert.pem`, x5c: ['AA'] },
    ),
  'critical extensions': (key) => withHeader(key, { crit: ['b64'], b64: false }),
  'the typ of an id token': (key) => sign(key, claimsOf('ADMIN'), { typ: 'JWT' }),
  'no typ': (key) => sign(key, claimsOf('ADMIN'), { typ: undefined }),
  'a typ that is a list': (key) => withHeader(key, { typ: ['at+jwt'] }),
  'changed claims': (key) => withPart(key, 1, encode(claimsOf('ADMIN'))),
};

const KIDS: Record<string, unknown> = {
  'an object': {},
  null: null,
  'a number': 7,
  empty: '',
  'a path': '../../../../dev/null',
  SQL: "' UNION SELECT 'key' --",
  'a NUL': 'a\u0000b',
  'a name of Lua': '__index',
  'six kilobytes': 'k'.repeat(3_000),
};

describe('a hostile token', () => {
  it.each(Object.entries({ ...MALFORMED, ...UNTRUSTED }))('is refused: %s', async (_, forge) => {
    expectRefusal(await present(await forge(market.key)));
  });

  it.each(Object.entries(KIDS))('is refused with a kid that is %s', async (_, kid) => {
    expectRefusal(await present(await withHeader(market.key, { kid })));
  });

  it('is refused with no kid', async () => {
    expectRefusal(await present(await sign(market.key, claimsOf('ADMIN'), { kid: undefined })));
  });

  it('is refused with a kid of 64 KB, as the header that it is in', async () => {
    const answer = await present(await withHeader(market.key, { kid: 'k'.repeat(65_536) }));
    expect([400, 431]).toContain(answer.status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });
});

describe('a signature', () => {
  it.each([...'01'])('is refused at every length, made of %s', async (digit) => {
    const parts = await partsOf(market.key);
    for (const length of [...Array(201).keys(), 1_000, 4_000, 5_900]) {
      parts[2] = Buffer.alloc(length, Number(digit)).toString('base64url');
      expectRefusal(await present(parts.join('.')));
    }
  });

  it('is refused with numbers that no curve has', async () => {
    const order = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
    const numbers = ['0'.repeat(64), `${'0'.repeat(63)}1`, order, 'f'.repeat(64)];
    for (const r of numbers) {
      for (const s of numbers) {
        const signature = Buffer.from(r + s, 'hex').toString('base64url');
        expectRefusal(await present(await withPart(market.key, 2, signature)));
      }
    }
  });

  it('is refused in DER', async () => {
    const der = Buffer.from(`30440220${'11'.repeat(32)}0220${'11'.repeat(32)}`, 'hex');
    expectRefusal(await present(await withPart(market.key, 2, der.toString('base64url'))));
  });
});

/** Always the same numbers, so that what fails once fails again (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('a good token of which bytes were changed', () => {
  it('is refused, whichever and to whatever', async () => {
    const random = seeded(1);
    const token = await sign(market.key, claimsOf('ADMIN'));
    for (let round = 0; round < 1_500; round += 1) {
      const bytes = Buffer.from(token);
      for (let change = 0; change <= random() * 3; change += 1) {
        const printable = 0x21 + Math.floor(random() * 0xde);
        bytes[Math.floor(random() * bytes.length)] = printable === 0x7f ? 0x21 : printable;
      }
      const mutant = bytes.toString('latin1');
      if (mutant !== token) expectRefusal(await present(mutant));
    }
    expect((await present(token)).status).toBe(200);
  });

  it('is refused when it is cut short, wherever', async () => {
    const token = await sign(market.key, claimsOf('ADMIN'));
    for (let length = 0; length < token.length; length += 1) {
      expectRefusal(await present(token.slice(0, length)));
    }
  });
});
