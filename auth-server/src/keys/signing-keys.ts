import { stat } from 'node:fs/promises';
import type { Logger } from '@doa-market/common/logging';
import { type CryptoKey, createLocalJWKSet, importJWK, type JWTVerifyGetKey } from 'jose';
import { type Static, Type } from 'typebox';
import { createKey, createKeyFile, type PrivateKey, readKeyFile } from './key-file.ts';

export const PublicKeySetSchema = Type.Object({
  keys: Type.Array(
    Type.Object({
      kty: Type.Literal('EC'),
      crv: Type.Literal('P-256'),
      x: Type.String(),
      y: Type.String(),
      kid: Type.String(),
      alg: Type.Literal('ES256'),
      use: Type.Literal('sig'),
    }),
  ),
});
export type PublicKeySet = Static<typeof PublicKeySetSchema>;

interface LoadedKey {
  key: PrivateKey;
  privateKey: CryptoKey;
}

interface KeyOptions {
  /** Whether to make a key where there is no file. */
  create: boolean;
  logger: Logger;
  now: () => number;
}

/** Milliseconds between two looks at the file: a rotation is in force everywhere a moment after it was written. */
const POLL = 1_000;

/**
 * The private JWK Set as it is in its file now: the key that is to sign by the clock, and all that are to be published.
 * @throws when the file is missing and must not be made, or is no set of P-256 keys.
 */
export async function loadSigningKeys(path: string, { create, logger, now }: KeyOptions) {
  if (create && !(await readKeyFile(path))) await createKeyFile(path, [await createKey()]);
  let version = await versionOf(path);
  let loaded = await load(path);

  const seconds = () => now() / 1_000;
  const published = () => loaded.filter(({ key }) => (key.retiresAt ?? Number.POSITIVE_INFINITY) > seconds());

  /** A file that is broken later on changes nothing: what signs goes on signing. */
  async function refresh(): Promise<void> {
    const latest = await versionOf(path);
    if (latest === version) return;
    version = latest;
    try {
      loaded = await load(path);
      logger.info({ kids: published().map(({ key }) => key.kid) }, 'the signing keys have changed');
    } catch (error) {
      logger.error({ err: error }, 'the signing keys cannot be read again, those from before go on');
    }
  }
  const polling = setInterval(() => void refresh(), POLL).unref();

  /** The public JWK Set (RFC 7517). */
  const publicKeys = (): PublicKeySet => ({
    keys: published().map(({ key: { kty, crv, x, y, kid } }) => ({
      ...{ kty, crv, x, y, kid },
      alg: 'ES256',
      use: 'sig',
    })),
  });

  let known: { kids: string; getKey: JWTVerifyGetKey } | undefined;
  /** Parsing a key costs, so what was parsed is kept until other keys are published. */
  function keySet(): JWTVerifyGetKey {
    const kids = published()
      .map(({ key }) => key.kid)
      .join();
    if (known?.kids !== kids) known = { kids, getKey: createLocalJWKSet(publicKeys()) };
    return known.getKey;
  }

  return {
    /** Of those whose time has come, the one whose time came last. */
    signing(): { kid: string; privateKey: CryptoKey } {
      const ready = published().filter(({ key }) => startOf(key) <= seconds());
      const [current] = ready.sort((a, b) => startOf(b.key) - startOf(a.key));
      if (!current) throw new Error('no key may sign at this time');
      return { kid: current.key.kid, privateKey: current.privateKey };
    },
    publicKeys,
    /** For verifying one's own tokens: every published key, and no other. */
    getKey: ((header, token) => keySet()(header, token)) satisfies JWTVerifyGetKey,
    close: () => clearInterval(polling),
  };
}
export type SigningKeys = Awaited<ReturnType<typeof loadSigningKeys>>;

const startOf = ({ signsFrom = 0 }: PrivateKey) => signsFrom;

/** Changes whenever the file does; a file that is replaced is another inode. */
async function versionOf(path: string): Promise<string> {
  const file = await stat(path, { bigint: true }).catch(() => undefined);
  return file ? `${file.ino}:${file.mtimeNs}:${file.size}` : 'none';
}

async function load(path: string): Promise<LoadedKey[]> {
  const keys = await readKeyFile(path);
  if (!keys) throw new Error('JWT_KEYS_FILE cannot be read (ENOENT)');
  return Promise.all(
    keys.map(async (key) => {
      const privateKey = await importJWK({ ...key }, 'ES256');
      if (privateKey instanceof Uint8Array) throw new Error('an EC key was expected');
      return { key, privateKey };
    }),
  );
}
