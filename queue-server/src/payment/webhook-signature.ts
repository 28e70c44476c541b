import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Standard Webhooks 1.0 with symmetric keys: HMAC-SHA256 over `id.timestamp.body`, as PortOne signs.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

/** Seconds that a webhook may be old, or ahead of our clock. */
export const TOLERANCE = 300;

/** A header is sent by anybody: longer lists than two keys' worth of signatures are not looked through. */
const MAX_SIGNATURES = 8;
/** Letters that no `.` is among: where the id ended would else be for the sender to say. */
const ID = /^[A-Za-z0-9_-]{1,128}$/;
const SECONDS = /^[0-9]{1,12}$/;
const SIGNATURE = /^v1,([A-Za-z0-9+/]{43}=)$/;

export type WebhookHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Why a webhook is not believed: for the log alone. */
export type Distrust = 'MALFORMED' | 'STALE' | 'FORGED';

/** @param secret `whsec_` and the key in base64 */
const keyOf = (secret: string): Buffer => Buffer.from(secret.slice('whsec_'.length), 'base64');

/** The value of `webhook-signature` for one key: `v1,` and the HMAC in base64. */
export function signWebhook(secret: string, id: string, timestamp: number, body: Buffer | string): string {
  return `v1,${hmac(keyOf(secret), id, String(timestamp), body).toString('base64')}`;
}

function hmac(key: Buffer, id: string, timestamp: string, body: Buffer | string): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}

/**
 * A verifier that knows some secrets, any of which may have signed: while one takes over from another both are known.
 * @param now seconds since the epoch
 */
export function createWebhookVerifier(
  secrets: readonly string[],
  now: () => number = () => Math.floor(Date.now() / 1_000),
) {
  const keys = secrets.map(keyOf);

  /** Every key is tried with every signature, so that the time it takes says nothing of what was close. */
  function isSigned(candidates: Buffer[], id: string, timestamp: string, body: Buffer): boolean {
    let found = false;
    for (const key of keys) {
      const expected = hmac(key, id, timestamp, body);
      for (const candidate of candidates) {
        if (timingSafeEqual(candidate, expected)) found = true;
      }
    }
    return found;
  }

  return function verify(
    headers: WebhookHeaders,
    body: Buffer,
  ): { webhookId: string } | { distrust: Distrust } {
    const id = headers['webhook-id'];
    const timestamp = headers['webhook-timestamp'];
    const signatures = headers['webhook-signature'];
    if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') {
      return { distrust: 'MALFORMED' };
    }
    if (!ID.test(id) || !SECONDS.test(timestamp)) return { distrust: 'MALFORMED' };
    if (Math.abs(now() - Number(timestamp)) > TOLERANCE) return { distrust: 'STALE' };
    const candidates = signatures
      .split(' ', MAX_SIGNATURES)
      .flatMap((it) => SIGNATURE.exec(it)?.[1] ?? [])
      .map((it) => Buffer.from(it, 'base64'));
    return isSigned(candidates, id, timestamp, body) ? { webhookId: id } : { distrust: 'FORGED' };
  };
}
export type WebhookVerifier = ReturnType<typeof createWebhookVerifier>;
