import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { unauthorized } from '../errors.ts';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** `Authorization: PortOne <secret>`; @throws {PortOneError} 401 */
export function requireSecret(secret: string) {
  const expected = digest(`PortOne ${secret}`);
  return async ({ headers }: FastifyRequest): Promise<void> => {
    if (!timingSafeEqual(digest(headers.authorization ?? ''), expected)) throw unauthorized();
  };
}
