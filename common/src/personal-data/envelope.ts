import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyRing } from './key-ring.ts';

/** `v1.<key id>.<nonce | ciphertext | tag>`: AES-256-GCM (NIST SP 800-38D). */

const NONCE = 12;
const TAG = 16;
const ENVELOPE = /^v1\.([a-z0-9-]{1,20})\.([A-Za-z0-9_-]+)$/;

/** What every envelope of a key begins with. */
export const envelopePrefix = (keyId: string): string => `v1.${keyId}.`;

/** The place of a value in a database. No part has a `|`, so two places never have one name. */
export const placeOf = (table: string, column: string, rowId: string): string =>
  `${table}|${column}|${rowId}`;

/** @param place what the value is bound to: an envelope does not open anywhere else */
export function seal({ current }: KeyRing, place: string, value: string): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', current.secret, nonce).setAAD(Buffer.from(place));
  const bytes = Buffer.concat([nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return envelopePrefix(current.id) + bytes.toString('base64url');
}

/** An envelope that does not open here: of another key, of another place, or changed. Says nothing of its content. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
}

/** @throws {EnvelopeError} */
export function open(keys: KeyRing, place: string, envelope: string): string {
  const [, keyId = '', body = ''] = ENVELOPE.exec(envelope) ?? [];
  const secret = keys.find(keyId);
  if (!secret) throw new EnvelopeError(`${place}: no key "${keyId}"`);
  const bytes = Buffer.from(body, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, NONCE), {
      authTagLength: TAG,
    });
    decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG));
    return decipher.update(bytes.subarray(NONCE, -TAG), undefined, 'utf8') + decipher.final('utf8');
  } catch (error) {
    throw new EnvelopeError(`${place}: does not decrypt`, { cause: error });
  }
}
