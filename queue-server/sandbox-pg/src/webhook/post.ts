import { randomBytes } from 'node:crypto';
import type { WebhookFaults } from '../faults.ts';
import type { Secrets } from './secrets.ts';
import { sign } from './signature.ts';

interface Message {
  id: string;
  body: string;
}

interface Posted {
  status: number;
  body: string;
}

const FORGED = `whsec_${randomBytes(24).toString('base64')}`;
/** Nobody's answer is longer than what we care to read of it. */
const MAX_ANSWER = 10_000;

/** Sends one signed message; its timestamp is the machine's, since that is what a receiver compares it with. */
export function createPost(url: string, secrets: Secrets) {
  /** @throws where there is no answer within `timeout` milliseconds */
  return async function post(
    { id, body }: Message,
    timeout: number,
    { badSignature, age = 0 }: WebhookFaults,
    stopped: AbortSignal,
  ): Promise<Posted> {
    const seconds = Math.floor(Date.now() / 1_000 - age);
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'DOA-Market-Sandbox-PG',
        'webhook-id': id,
        'webhook-timestamp': `${seconds}`,
        'webhook-signature': sign(badSignature ? [FORGED] : secrets.current(), id, seconds, body),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(timeout), stopped]),
    });
    return { status: response.status, body: (await response.text()).slice(0, MAX_ANSWER) };
  };
}
export type Post = ReturnType<typeof createPost>;
