import { createHmac } from 'node:crypto';

/**
 * What makes two values the same one. Addresses: the case is ignored although a mail server may tell it apart
 * (RFC 5321 section 2.4), because none does; dots and +tags are the provider's business, and kept.
 */
const NORMAL_FORMS = {
  email: (text: string) => text.trim().normalize('NFC').toLowerCase(),
  name: (text: string) => text.trim().replaceAll(/\s+/g, ' ').normalize('NFC').toLowerCase(),
  subject: (text: string) => text,
  ci: (text: string) => text,
  di: (text: string) => text,
} as const;

export type IndexedKind = keyof typeof NORMAL_FORMS;

export const normalEmail = NORMAL_FORMS.email;

/** HMAC-SHA-256 of the normal form, with the kind, so that equal values of two kinds have nothing in common. */
export const createBlindIndex =
  (secret: Buffer) =>
  (kind: IndexedKind, value: string): string =>
    createHmac('sha256', secret)
      .update(`${kind}\0${NORMAL_FORMS[kind](value)}`)
      .digest('base64url');
export type BlindIndex = ReturnType<typeof createBlindIndex>;
