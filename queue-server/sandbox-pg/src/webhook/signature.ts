import { createHmac } from 'node:crypto';

/** Standard Webhooks: one `v1` signature by each secret, so that a receiver may change its own at its leisure. */
export function sign(secrets: readonly string[], id: string, seconds: number, body: string): string {
  return secrets
    .map((secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    .map((key) => createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64'))
    .map((digest) => `v1,${digest}`)
    .join(' ');
}
