import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair, importJWK } from 'jose';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

const PrivateKeySchema = Type.Object({
  kty: Type.Literal('EC'),
  crv: Type.Literal('P-256'),
  x: Type.String(),
  y: Type.String(),
  d: Type.String(),
  kid: Type.String({ minLength: 1, maxLength: 100 }),
});
type PrivateKey = Static<typeof PrivateKeySchema>;

/** The first key signs, all of them are published: so a key can be rotated out while its tokens live. */
const KeyFileSchema = Type.Object({ keys: Type.Array(PrivateKeySchema, { minItems: 1, maxItems: 8 }) });
const keyFileValidator = Compile(KeyFileSchema);

export const PublicKeySetSchema = Type.Object({
  keys: Type.Array(
    Type.Object({
      ...Type.Omit(PrivateKeySchema, ['d']).properties,
      alg: Type.Literal('ES256'),
      use: Type.Literal('sig'),
    }),
  ),
});
type PublicKeySet = Static<typeof PublicKeySetSchema>;

export interface SigningKeys {
  kid: string;
  privateKey: CryptoKey;
  /** The public JWK Set (RFC 7517). */
  publicKeys: PublicKeySet;
}

/**
 * Reads the private JWK Set; where there is none, makes one if `create` allows it.
 * @throws when the file is missing and must not be made, or is no set of P-256 keys.
 */
export async function loadSigningKeys(path: string, { create }: { create: boolean }): Promise<SigningKeys> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && create) return undefined;
    throw new Error(`JWT_KEYS_FILE cannot be read (${error.code})`);
  });
  const keys = text === undefined ? await createKeyFile(path) : parseKeyFile(text);
  const [signing] = keys;
  const privateKey = await importJWK({ ...signing }, 'ES256');
  if (privateKey instanceof Uint8Array) throw new Error('an EC key was expected');
  return {
    kid: signing.kid,
    privateKey,
    publicKeys: {
      keys: keys.map(({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' })),
    },
  };
}

function parseKeyFile(text: string): [PrivateKey, ...PrivateKey[]] {
  const [first, ...rest] = keyFileValidator.Parse(JSON.parse(text)).keys;
  if (!first) throw new Error('JWT_KEYS_FILE holds no key');
  return [first, ...rest];
}

async function createKeyFile(path: string): Promise<[PrivateKey]> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const text = JSON.stringify({ keys: [{ ...(await exportJWK(privateKey)), kid: randomUUID() }] });
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
  const [key] = parseKeyFile(text);
  return [key];
}
