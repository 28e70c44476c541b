import { ConfigError } from '../config/index.ts';

export interface EncryptionKey {
  id: string;
  secret: Buffer;
}

export interface KeyRing {
  /** Encrypts; the others only decrypt what they have encrypted. */
  current: EncryptionKey;
  all: readonly EncryptionKey[];
  find: (id: string) => Buffer | undefined;
}

const KEY = '[a-z0-9-]{1,20}:[A-Za-z0-9+/]{43}=';
/** `kid:base64,kid2:base64`: 256-bit keys, the first of which encrypts. */
export const PII_KEYS_PATTERN = `^${KEY}(,${KEY})*$`;

/** @throws {ConfigError} */
export function parseKeyRing(keys: string): KeyRing {
  const all = keys.split(',').map((entry) => {
    const [id = '', secret = ''] = entry.split(':');
    return { id, secret: Buffer.from(secret, 'base64') };
  });
  const byId = new Map(all.map(({ id, secret }) => [id, secret]));
  const [current] = all;
  if (!current || byId.size < all.length) throw new ConfigError(['PII_KEYS has two keys of one name']);
  return { current, all, find: (id) => byId.get(id) };
}
