import { KeyObject, verify } from 'node:crypto';
import { promisify, types } from 'node:util';
import type { JWTVerifyGetKey } from 'jose';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

/** The compact form of RFC 7515 section 7.1, with the 64 bytes of an ES256 signature (RFC 7518 section 3.4). */
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;

/** All that auth-server writes. A field more, such as `crit` or a key of the token's own, and it is not its token. */
const headerValidator = Compile(
  Type.Object(
    { alg: Type.Literal('ES256'), typ: Type.Literal('at+jwt'), kid: Type.String() },
    { additionalProperties: false },
  ),
);

/** It is not signed, or not by one of the keys, or not as access tokens are (RFC 9068). */
export class NotSigned extends Error {
  override readonly name = 'NotSigned';
}

const keyObjects = new WeakMap<object, KeyObject>();

const verifyOnThread = promisify(verify);
/** Signatures that are on their way through the threads, and since when (performance.now()): first come, first served. */
const underWay = new Set<{ since: number }>();

/** Milliseconds that a signature takes now: the threads have as many before it. */
export function signatureBacklog(): number {
  for (const { since } of underWay) return performance.now() - since;
  return 0;
}

/** On a thread of the pool: where a core is free, the event loop is spared 60 us of 70 that it takes. */
async function verifySignature(content: Buffer, key: KeyObject, signature: Buffer): Promise<boolean> {
  const entry = { since: performance.now() };
  underWay.add(entry);
  try {
    return await verifyOnThread('sha256', content, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } finally {
    underWay.delete(entry);
  }
}

/**
 * What a signed token says; whether that is still true is for the caller to find out.
 *
 * Not by way of jose's `jwtVerify`, which is WebCrypto's: that is on another thread as well, and the way there and back
 * costs half as much again as the signature. Where thousands come with new tokens every second, that is what they wait for.
 * @throws {NotSigned} and whatever `keys` throws
 */
export async function readSignedToken(token: string, keys: JWTVerifyGetKey): Promise<unknown> {
  const [, encodedHeader = '', payload = '', signature = ''] = COMPACT.exec(token) ?? [];
  const header = decoded(encodedHeader);
  if (!headerValidator.Check(header)) throw new NotSigned('the header is not that of an access token');
  const key = keyObjectOf(await keys(header, { protected: encodedHeader, payload, signature }));
  const content = Buffer.from(`${encodedHeader}.${payload}`, 'latin1');
  if (!(await verifySignature(content, key, Buffer.from(signature, 'base64url')))) {
    throw new NotSigned('the signature is not that of its key');
  }
  return decoded(payload);
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch (error) {
    throw new NotSigned('a part is no JSON', { cause: error });
  }
}

/** Key sets hand out WebCrypto's keys, and always the same ones. */
function keyObjectOf(key: Awaited<ReturnType<JWTVerifyGetKey>>): KeyObject {
  if (key instanceof KeyObject) return key;
  if (!types.isCryptoKey(key)) throw new NotSigned('the key is of a kind that key sets do not have');
  const known = keyObjects.get(key);
  if (known) return known;
  const made = KeyObject.from(key);
  keyObjects.set(key, made);
  return made;
}
