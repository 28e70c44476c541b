import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { request } from 'undici';

const KeySetSchema = Type.Object({
  keys: Type.Array(
    Type.Object({
      kty: Type.Literal('EC'),
      crv: Type.Literal('P-256'),
      x: Type.String(),
      y: Type.String(),
      kid: Type.String(),
      alg: Type.Optional(Type.Literal('ES256')),
      use: Type.Optional(Type.Literal('sig')),
    }),
    { minItems: 1, maxItems: 16 },
  ),
});
const keySetValidator = Compile(KeySetSchema);

/** There is nothing to verify with: no key set has ever been fetched. */
export class KeySetUnavailable extends Error {
  override readonly name = 'KeySetUnavailable';
}

/** Milliseconds that a key set is used before it is asked for again. */
export const KEY_SET_MAX_AGE = 300_000;
/** Milliseconds. */
const COOLDOWN = 10_000;
const RETRY_WHEN_EMPTY = 500;

interface KeySetOptions {
  fetchKeys: () => Promise<Static<typeof KeySetSchema>>;
  now?: () => number;
}

/**
 * The keys that auth-server publishes (RFC 7517). Renewed in the background every five minutes; an unknown
 * `kid` asks again, at most every 10 s whether that succeeds or not; an outage keeps the keys that are known.
 */
export function createKeySet({ fetchKeys, now = () => performance.now() }: KeySetOptions) {
  let local: JWTVerifyGetKey | undefined;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  let pending: Promise<void> | undefined;
  let lastFailure: unknown;

  const mayAttempt = () => now() - attemptedAt >= (local ? COOLDOWN : RETRY_WHEN_EMPTY);

  function refresh(): Promise<void> {
    if (pending) return pending;
    if (!mayAttempt()) return Promise.resolve();
    attemptedAt = now();
    pending = fetchKeys()
      .then((keys) => {
        local = createLocalJWKSet(keys as JSONWebKeySet);
        lastFailure = undefined;
      })
      .catch((error: unknown) => {
        lastFailure = error;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  }

  const getKey: JWTVerifyGetKey = async (header, token) => {
    if (!local) await refresh();
    else if (now() - attemptedAt > KEY_SET_MAX_AGE) void refresh();
    if (!local) throw new KeySetUnavailable('no key set', { cause: lastFailure });
    try {
      return await local(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      return await local(header, token);
    }
  };

  return {
    getKey,
    /** For /ready: auth-server answers with a valid key set, which is kept. */
    async check(): Promise<void> {
      local = createLocalJWKSet((await fetchKeys()) as JSONWebKeySet);
    },
  };
}
export type KeySet = ReturnType<typeof createKeySet>;

/** @param timeout milliseconds */
export function remoteKeySet(authServiceUrl: string, timeout: number): KeySet {
  const url = new URL('/.well-known/jwks.json', authServiceUrl);
  return createKeySet({
    async fetchKeys() {
      const response = await request(url, {
        signal: AbortSignal.timeout(timeout),
        headers: { accept: 'application/jwk-set+json, application/json' },
      });
      if (response.statusCode !== 200) {
        await response.body.dump();
        throw new Error(`the key set was answered with ${response.statusCode}`);
      }
      return keySetValidator.Parse(await response.body.json());
    },
  });
}
