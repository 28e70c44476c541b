import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

/** Seconds since the epoch, as in the claims of tokens. */
const MomentSchema = Type.Integer({ minimum: 0 });

const PrivateKeySchema = Type.Object({
  kty: Type.Literal('EC'),
  crv: Type.Literal('P-256'),
  x: Type.String(),
  y: Type.String(),
  d: Type.String(),
  kid: Type.String({ minLength: 1, maxLength: 100 }),
  /** Published before, so that whoever verifies knows the key by then. Without it the key has always signed. */
  signsFrom: Type.Optional(MomentSchema),
  /** From here on no token of the key is left, and it is published no more. */
  retiresAt: Type.Optional(MomentSchema),
});
export type PrivateKey = Static<typeof PrivateKeySchema>;

/** A private JWK Set (RFC 7517). */
const keyFileValidator = Compile(
  Type.Object({ keys: Type.Array(PrivateKeySchema, { minItems: 1, maxItems: 8 }) }),
);

/** @throws when the file cannot be read, or is no set of P-256 keys. Undefined when there is none. */
export async function readKeyFile(path: string): Promise<PrivateKey[] | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(`JWT_KEYS_FILE cannot be read (${error.code})`);
  });
  return text === undefined ? undefined : keyFileValidator.Parse(JSON.parse(text)).keys;
}

export async function createKey(times: Pick<PrivateKey, 'signsFrom'> = {}): Promise<PrivateKey> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: randomUUID(), ...times };
  return keyFileValidator.Parse({ keys: [jwk] }).keys[0] ?? Promise.reject(new Error('no key was made'));
}

/** Puts the file there unless there is one: of several servers that start at once, all get the same keys. */
export async function createKeyFile(path: string, keys: PrivateKey[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  await writeDurably(draft, keys);
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(draft);
}

/** Replaces what is in the file at once: whoever reads it sees the old keys or the new ones. */
export async function changeKeyFile(
  path: string,
  change: (keys: PrivateKey[]) => Promise<PrivateKey[]>,
): Promise<PrivateKey[]> {
  // The draft is the lock too: a second rotation would undo the first.
  const draft = `${path}.new`;
  await writeDurably(draft, []).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    throw new Error(
      `${draft} is there: another change is under way, or was cut off and left it to be removed`,
    );
  });
  try {
    const keys = await readKeyFile(path);
    if (!keys) throw new Error(`${path} does not exist`);
    const changed = keyFileValidator.Parse({ keys: await change(keys) }).keys;
    const next = `${path}.${randomUUID()}`;
    await writeDurably(next, changed);
    await rename(next, path);
    return changed;
  } finally {
    await unlink(draft);
  }
}

async function writeDurably(path: string, keys: PrivateKey[]): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify({ keys }));
    await file.sync();
  } finally {
    await file.close();
  }
}
